"""``plot``: draw figures and the report again."""

from __future__ import annotations

import argparse

from sim.commands._command import Command

HELP = """\
usage: shortfall plot RUN ...

  shortfall plot results/china_ree_embargo
  shortfall plot results/a results/b
  shortfall plot results/sweep/*

Draws the figures and the report of finished runs again. RUN is a folder of results.

options:
  -h, --help  this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take folders."""
    parser.add_argument("runs", nargs="+")


def plot(args: argparse.Namespace) -> None:
    """Draw figures again; print the files on stdout."""
    from sim.commands._folders import runs_of
    from sim.run import reopen

    for folder in runs_of(args.runs):
        for file in reopen.plot(folder):
            print(file)


COMMAND = Command(
    summary="draw the figures of a finished run again",
    help=HELP,
    words=words,
    function=plot,
    rank=50,
)
