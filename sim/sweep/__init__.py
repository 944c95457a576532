"""Sweeps over a design: thousands of scenarios, one table, each row a set of changed settings."""
