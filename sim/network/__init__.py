"""Networks: dictionary, loading, checks, compiled arrays."""
