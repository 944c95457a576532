"""Both engines: the SimPy model of record and the compiled kernel."""
