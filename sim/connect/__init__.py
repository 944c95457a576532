"""What other programmes of sensitivity and scenario discovery are given of a study."""
