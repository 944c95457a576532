"""Policies as rules: what they pick in a network, and the plain changes that they come to."""
