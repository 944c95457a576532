"""``hindcast``: episodes of the past, the model beside what happened."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.errors import Fault
from sim.commands._command import Command
from sim.commands._words import refuse

if TYPE_CHECKING:
    from sim.hindcast.replay import Hindcast

MOST = 100_000

HELP = """\
usage: shortfall hindcast [EPISODE ...] [--futures N] [--output DIR]

  shortfall hindcast
  shortfall hindcast ree_magnets_2025 antimony_2024
  shortfall hindcast drc_cobalt_2025 --futures 100 --output results/cobalt

Plays episodes of the past: what struck is told to the model, what followed is the model's, and is
scored against what was reported: median inside the tolerance (hit), fact inside the 90 % band
(covered), CRPS beside that of "no change". Writes a page with every fact and every miss, and a
figure an episode, into a folder, whose path is printed on stdout.

options:
  --futures N       futures an episode is played in (default: 400)
  --output DIR      where to (default: results/hindcast)
  -h, --help        this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take episodes."""
    parser.add_argument("episode", nargs="*")
    parser.add_argument("--futures", type=int, default=400)
    parser.add_argument("--output", "-o", type=Path, default=Path("results") / "hindcast")


def hindcast(args: argparse.Namespace) -> None:
    """Play episodes and print their score; the folder of the page on stdout.

    Raises
    ------
    UserError
        If an episode is unknown, or a fact names what the network lacks.
    """
    if not 1 <= args.futures <= MOST:
        refuse([Fault("--futures", str(args.futures), f"must be from 1 to {MOST:,}")])
    from sim.hindcast.episodes import asked, read_episodes

    known = read_episodes()
    chosen = asked(args.episode, known)
    from sim.base import precompile
    from sim.hindcast import draw, page
    from sim.hindcast.replay import replay
    from sim.results.files import make_folder
    from sim.run.progress import progress

    precompile.ready()
    found = []
    with progress(f"{len(chosen)} episodes", len(chosen) * args.futures) as tick:
        for episode in chosen:
            found.append(replay(episode, args.futures, tick))
    make_folder(args.output / "figures")
    for h in found:
        draw.draw(h, args.output / "figures")
    page.write(found, known, args.output)
    _print(found)
    print(args.output)


def _print(found: Sequence[Hindcast]) -> None:
    from sim.commands._tables import print_table
    from sim.hindcast.goals import by_episode, goals, parts
    from sim.hindcast.score import total

    columns = ("", "facts", "hits", "covered", "CRPS", "of no change")
    each = [(f"{h.episode.name} ({h.episode.half})", by_episode(h)) for h in found]
    whole = [(name, total(rows)) for name, rows in parts(found).items()]
    rows = [
        (name, str(t.n), str(t.hits), str(t.covered))
        + ((t.crps, t.crps_no_change) if t.n else (None, None))
        for name, t in (*each, *whole)
    ]
    print_table("the model beside what was reported", columns, rows, sys.stderr)
    if len(found) > 1:
        told = [(g.what, g.told(g.asked), g.told(g.reached), g.missing or "met")
                for g in goals(found)]  # fmt: skip
        print_table("goals", ("", "asked", "reached", "missed by"), told, sys.stderr)


COMMAND = Command(
    summary="episodes of the past: the model beside what happened, scored",
    help=HELP,
    words=words,
    function=hindcast,
    rank=75,
    simulates=True,
)
