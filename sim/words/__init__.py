"""Words that people read, one table a language: sentences, places, names of goods, numbers."""
