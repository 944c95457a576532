"""Hydra, kept in one place: which files are chosen, and the grammar of overrides and sweeps.

Scenarios, networks and policies are data: Hydra never reads a file of ours or of the user's but
the list of groups. It asks ``DataSource``, which gives it plain data that ``sim.config.library``
has checked, and nothing is ever instantiated. When composing, Hydra decides which files are meant
and ``sim.config.compose`` merges their contents, because a network of a hundred sites takes
OmegaConf about a second per composition. Overrides in plain words need no Hydra
(``plain_words.py``), so it is imported only where it is needed.
"""
