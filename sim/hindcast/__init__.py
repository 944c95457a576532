"""Episodes of the past played again, scored against what was reported of them."""
