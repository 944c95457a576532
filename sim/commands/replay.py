"""``replay``: play one future again, step by step."""

from __future__ import annotations

import argparse
import sys

from sim.commands.tables import runs_of


def replay(args: argparse.Namespace) -> None:
    """Play one future again: events on stderr, the folder of log and timeline on stdout."""
    from sim.run import reopen

    (folder,) = runs_of([args.run])
    target, events = reopen.replay(folder, args.replication)
    print(reopen.event_text(events), file=sys.stderr)
    print(target)
