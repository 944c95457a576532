"""A file is a command, which it declares; those that begin with an underscore help them."""
