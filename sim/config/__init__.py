"""Files and words become validated settings, with the place of every value."""
