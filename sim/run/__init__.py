"""Blocks, workers, resume, progress, audit."""
