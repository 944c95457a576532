"""``replay``: play one future again, step by step."""

from __future__ import annotations

import argparse
import sys

from sim.commands._command import Command

HELP = """\
usage: shortfall replay RUN --replication N

  shortfall replay results/china_ree_embargo --replication 17
  shortfall replay results/china_ree_embargo -r 0
  shortfall replay results/a -r 9999

Plays one future of a finished run again in the readable SimPy model, prints what happened and
draws its timeline. Both engines are compared on it, bit for bit.

options:
  -r, --replication N  number of the future, from 0
  -h, --help           this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take a folder and the number of a future."""
    parser.add_argument("run")
    parser.add_argument("--replication", "-r", type=int, required=True)


def replay(args: argparse.Namespace) -> None:
    """Play one future again: events on stderr, the folder of log and timeline on stdout."""
    from sim.commands._folders import runs_of
    from sim.run import reopen

    (folder,) = runs_of([args.run])
    target, events = reopen.replay(folder, args.replication)
    print(reopen.event_text(events), file=sys.stderr)
    print(target)


COMMAND = Command(
    summary="one future of a run, step by step: event log and timeline",
    help=HELP,
    words=words,
    function=replay,
    rank=60,
    simulates=True,
)
