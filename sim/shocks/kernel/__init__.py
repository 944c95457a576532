"""Compiled: chance, from hazards' rules to shocks and rows."""
