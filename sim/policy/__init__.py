"""What is laid over a network: policies as rules, outlooks of demand and capacity."""
