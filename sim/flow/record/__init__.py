"""The model of record in SimPy, written to be read: one section of docs/model.md a file."""
