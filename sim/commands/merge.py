"""``merge``: join the shards of a run and finish it."""

from __future__ import annotations

import argparse

from sim.commands.tables import print_run, runs_of


def merge(args: argparse.Namespace) -> None:
    """Join shards and finish their run; print the folder of its results on stdout."""
    from sim.run.merge import merge as merge_shards

    data = merge_shards(runs_of(args.runs))
    print_run(data)
    print(data.folder)
