"""``vulnerabilities``: what breaks a network worst."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.errors import Fault, nearest
from sim.commands._command import Command
from sim.commands._words import (
    add_advice,
    add_config_dir,
    add_yes,
    faults_of_advice,
    refuse,
    regions_of,
)

if TYPE_CHECKING:
    from sim.config.settings import Run

LONGEST = 36_500

SHARED = ("shard", "dask", "workers")
"""Settings of `run` that say who computes it."""

HELP = """\
usage: shortfall vulnerabilities NETWORK [--for JPN,USA] [--days N] [--pairs] [run.shard=i/n]

  shortfall vulnerabilities rare_earths
  shortfall vulnerabilities rare_earths --for JPN,USA --days 180 --pairs
  shortfall vulnerabilities ./mine.yaml --severity 0.5 --output results/half

Removes every site, operation, country's stage, export, lane and route one at a time and says who
runs short, by how much, when it is first felt and when it is over; and the N-1 cover of every
product, beside what has been published. No chance in it: one future each. Tables and figures
go to a folder, whose path is printed on stdout.

options:
  --for CODES       regions whose end users count, such as JPN,USA (default: all)
  --days N          how long a stop lasts (default: 365)
  --horizon N       how long to watch, days (default: 1095); a stop as long never ends
  --severity X      share that stops, above 0, at most 1 (default: 1)
  --pairs           also two things at a time
  --policy NAME     lay a policy over the network first
  --top N           rows printed and drawn (default: 15)
  --output DIR      where to (default: results/vulnerabilities-NETWORK)
  --yes             begin also what will take more than an hour (the estimate is told)
  --config-dir DIR  own network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text

run.shard=2/8 computes a share of the blocks; without it the same command makes the rest and the
tables. run.dask=local or a scheduler's address, and run.workers=N, as for `shortfall run`.
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take a network, and what stops for how long."""
    parser.add_argument("network")
    parser.add_argument("overrides", nargs="*")
    add_config_dir(parser)
    add_advice(parser)
    add_yes(parser)
    parser.add_argument("--policy", default="none")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--horizon", type=int, default=1095)
    parser.add_argument("--severity", type=float, default=1.0)
    parser.add_argument("--pairs", action="store_true")


def vulnerabilities(args: argparse.Namespace) -> None:
    """Remove everything of a network one at a time; print the folder of the tables on stdout.

    Raises
    ------
    UserError
        If a word is wrong, or the network is.
    """
    refuse(_stop_faults(args) + faults_of_advice(args))
    run = _run_of(args.overrides)
    from sim.commands._identify import network_of
    from sim.config.library import Library

    library = Library(tuple(args.config_dir))
    policy = None if args.policy == "none" else library.read("policy", args.policy)
    part = library.read("network", args.network)
    network, notes = network_of(part, policy)
    for note in notes if policy else ():
        print(f"note: {note}", file=sys.stderr)
    from sim.advice.removals_played import Question
    from sim.advice.vulnerabilities import explore
    from sim.base import precompile
    from sim.commands._advice import sharing
    from sim.commands._consent import consent_to_advice
    from sim.run.case import n_workers
    from sim.run.progress import progress

    asked = Question(
        part.name, policy.name if policy else "none", regions_of(args.regions), args.days,
        args.horizon, args.severity,
    )  # fmt: skip
    folder = args.output or Path("results") / f"vulnerabilities-{part.name}"
    less = "take a shorter --horizon" + (" or no --pairs" if args.pairs else "")
    precompile.ready()
    with sharing(folder):
        found = explore(
            network,
            asked,
            folder,
            pairs=args.pairs,
            workers=n_workers(run.workers),
            top=args.top,
            shard=run.shard,
            dask=run.dask,
            progress=lambda title, n: progress(title, n, title),
            agree=consent_to_advice(args.yes, folder, "removals", less),
        )
        _print_vulnerabilities(found, args.top)
        print(found.folder)


def _run_of(words: Sequence[str]) -> Run:
    """Return the settings of how it is computed.

    Raises
    ------
    UserError
        If one is wrong, or of something else.
    """
    from sim.config.settings import Run
    from sim.network.validate import validate

    known = [f"run.{key}" for key in SHARED]
    pairs = [word.partition("=")[::2] for word in words]
    refuse([
        Fault(key, value, f"is no setting here{nearest(key, known)}; {', '.join(known)} are")
        for key, value in pairs if key not in known
    ])  # fmt: skip
    data = {key.removeprefix("run."): int(value) if value.isdecimal() else value
            for key, value in pairs}  # fmt: skip
    return validate(Run, data, "run")


def _print_vulnerabilities(found: Any, top: int) -> None:
    from sim.commands._tables import print_table

    _print_singles(found, top)
    if found.pairs:
        _print_pairs(found, top)
    rows = [
        (c["product"], c["country"], 100 * c["cover_share"], 100 * c["rest_share"],
         100 * c["rest_capacity_share"], _published(c)) for c in found.covers
    ]  # fmt: skip
    columns = ("product", "without", "of all demand", "of demand elsewhere", "at full capacity",
               "published")  # fmt: skip
    title = "N-1 cover: % of demand met without the largest supplier country"
    print_table(title, columns, rows, sys.stderr)


def _print_singles(found: Any, top: int) -> None:
    from sim.commands._tables import print_table

    columns = ("rank", "kind", "removed", f"loss ({found.measure.unit})", "% of want",
               "first short (days)", "over (days)", "hardest hit", "% there")  # fmt: skip
    rows = [
        (str(r["rank"]), r["kind"], r["name"], float(r["loss"]), 100 * r["shortfall_share"],
         *_days(r), r["hardest_hit"], 100 * r["hardest_hit_share"])
        for r in found.singles[:top] if r["loss"] > 0
    ]  # fmt: skip
    harmless = sum(r["loss"] <= 0 for r in found.singles)
    title = (
        f"\none thing removed at a time: {len(found.singles)} tried, {harmless} do no harm to "
        f"{found.measure.who}"
    )
    print_table(title, columns, rows, sys.stderr)


def _print_pairs(found: Any, top: int) -> None:
    from sim.commands._tables import print_table

    columns = ("removed together", f"loss ({found.measure.unit})", "beyond the two alone",
               "% of want", "first short (days)", "over (days)")  # fmt: skip
    rows = [
        (f"{r['name_a']} + {r['name_b']}", float(r["loss"]), float(r["interaction"]),
         100 * r["shortfall_share"], *_days(r)) for r in _telling_pairs(found.pairs, top)
    ]  # fmt: skip
    tried = "all pairs" if found.all_pairs else "pairs of the worst and the largest"
    title = f"{tried}: {len(found.pairs)} tried; those that add most to the two alone"
    print_table(title, columns, rows, sys.stderr)


def _telling_pairs(pairs: Sequence[dict[str, Any]], top: int) -> list[dict[str, Any]]:
    """Return the pairs that do most harm beyond the sum of the two alone."""
    ranked = sorted(pairs, key=lambda r: (-r["interaction"], r["rank"]))
    return [r for r in ranked[:top] if r["interaction"] > 0]


def _days(row: dict[str, Any]) -> tuple[Any, Any]:
    """Return when a removal is felt and when it is over, in words where it is not."""
    survive, recover = float(row["time_to_survive_days"]), float(row["time_to_recover_days"])
    return (None if math.isnan(survive) else survive,
            "not over" if math.isnan(recover) else recover)  # fmt: skip


def _published(row: dict[str, Any]) -> str:
    if row["published_low"] is None:
        return ""
    low, high = 100 * row["published_low"], 100 * row["published_high"]
    return (
        f"{low:.0f}"
        if low == high
        else f"under {high:.0f}"
        if low == 0
        else f"{low:.0f}-{high:.0f}"
    )


def _stop_faults(args: argparse.Namespace) -> list[Fault]:
    faults = []
    if not 0 < args.severity <= 1:
        faults.append(Fault("--severity", f"{args.severity:g}", "must be above 0 and at most 1"))
    for name, value in (("--days", args.days), ("--horizon", args.horizon)):
        if not 1 <= value <= LONGEST:
            faults.append(Fault(name, str(value), f"must be from 1 to {LONGEST} (days)"))
    return faults


COMMAND = Command(
    summary="what breaks a network worst: one thing removed at a time",
    help=HELP,
    words=words,
    function=vulnerabilities,
    rank=70,
    simulates=True,
)
