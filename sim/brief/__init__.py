"""Briefings: a page that explores, one that prints, slides; in English, French or Japanese."""
