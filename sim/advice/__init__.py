"""Advice: what breaks worst, and which project or remedy is worth most."""
