"""Build committed network files from source tables: ``python -m sim.build rare_earths``, ``--all``.

Works in a checkout only (``data/`` is not part of the installed package). ``tables`` reads the
CSV files, ``compose`` joins those of several chains (``follow`` takes sectors out whose place
plants take), ``checks`` refuses slips, ``select`` says which sites a row means, ``balance`` fills
in unknown trade, ``flows`` walks the chain from users to mines, ``sites``, ``lanes`` and
``extras`` write the parts of the network, ``emit`` the file; ``chain`` tells the story, ``report``
compares with statistics and ``shares`` writes the page of it.
"""
