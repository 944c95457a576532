"""``merge``: join the shards of a run and finish it."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.base.errors import Fault
from sim.commands._command import Command
from sim.commands._words import refuse

HELP = """\
usage: shortfall merge DIR [DIR ...]

  shortfall merge results/china_ree_embargo
  shortfall merge results/shard-1 results/shard-2 results/shard-3
  shortfall merge results/part-*

Joins the shards of a run (run.shard=1/8 ... 8/8) and finishes it: audit, summary, figures. DIR is
the folder that all shards shared, or those of each; the first one gets the whole. Shards of
different runs are refused, and missing blocks are named with the command that computes them.
Shards of `sweep`, `rank-projects`, `choose` and `vulnerabilities` are joined by the same command
without run.shard.

options:
  -h, --help  this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take folders."""
    parser.add_argument("runs", nargs="+")


def faults_of_tables(folder: Path) -> list[Fault]:
    """Return what is wrong with a folder of tables, whose shards are joined otherwise."""
    mark = folder / ".shortfall"
    if not ((folder / "pieces").is_dir() or mark.is_file()):
        return []
    told = (
        "holds no run but tables of another command; that command without run.shard joins its "
        "shards and makes the tables"
    )
    return [Fault("merge", str(folder), told)]


def merge(args: argparse.Namespace) -> None:
    """Join shards and finish their run; print the folder of its results on stdout."""
    from sim.commands._folders import runs_of
    from sim.commands._run_table import print_run
    from sim.run.merge import merge as merge_shards

    for folder in args.runs:
        refuse(faults_of_tables(Path(folder)))
    data = merge_shards(runs_of(args.runs))
    print_run(data)
    print(data.folder)


COMMAND = Command(
    summary="the shards of a run, computed apart",
    help=HELP,
    words=words,
    function=merge,
    rank=30,
)
