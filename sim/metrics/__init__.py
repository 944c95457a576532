"""Losses, risk measures, intervals and comparisons."""
