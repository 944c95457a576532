"""Figures and the report: each drawn from a run in memory, none keeps state."""
