"""Compiled: what a replication's trajectory is measured by."""
