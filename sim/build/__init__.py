"""Build a committed network file from source tables: ``python -m sim.build rare_earths``.

Works in a checkout only (``data/`` is not part of the installed package). ``tables`` reads the
CSV files, ``select`` says which sites a row means, ``balance`` fills in unknown trade, ``flows``
walks the chain from users to mines, ``sites``, ``lanes`` and ``extras`` write the parts of the
network, ``emit`` the file; ``chain`` tells the story and ``report`` compares with statistics.
"""
