"""Other simulators on chains that both sides can express: ``python -m benchmarks.peers``.

``ours`` runs a chain in the compiled engine, ``chains`` holds the chains as networks of ours,
``with_supplynetpy``, ``with_stockpyl``, ``with_simpy`` and ``with_salabim`` tell them again in the
other libraries' own words; ``__main__`` compares outputs where both define them, times both in
one run and writes the table and the figure.
"""
