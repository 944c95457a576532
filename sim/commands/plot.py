"""``plot``: draw figures and the report again."""

from __future__ import annotations

import argparse

from sim.commands.tables import runs_of


def plot(args: argparse.Namespace) -> None:
    """Draw figures again; print the files on stdout."""
    from sim.run import reopen

    for folder in runs_of(args.runs):
        for file in reopen.plot(folder):
            print(file)
