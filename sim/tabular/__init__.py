"""Tables of sites and lanes, as people keep them, to a network and back."""
