"""Hazards, distributions, sampling: from rules to tapes."""
