"""Decades: named paths of demand and of capacity, laid over a network as multipliers."""
