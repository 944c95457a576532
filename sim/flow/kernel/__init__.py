"""Compiled: the flow model, a section of docs/model.md a file, named as in ``record/``."""
