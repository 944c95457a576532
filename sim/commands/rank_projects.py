"""``rank-projects``: which project or remedy is worth most."""

from __future__ import annotations

import argparse
import math
import sys
from typing import Any

from sim.base.errors import Fault, nearest
from sim.commands._command import Command
from sim.commands._words import (
    add_advice,
    add_settings,
    add_yes,
    faults_of_advice,
    refuse,
    regions_of,
)
from sim.run.measured import faults_of_measure

REPLICATIONS = 1000
"""Of a ranking, which plays its scenario a hundred times and more."""

LESS = "take fewer replications, --candidates or --greedy steps"
"""Where a ranking takes too long."""

HELP = """\
usage: shortfall rank-projects scenario=NAME [key=value ...] [--for USA,JPN] [--measure M]

  shortfall rank-projects scenario=china_ree_embargo --for USA,JPN
  shortfall rank-projects scenario=china_ree_embargo --candidates projects run.replications=4000
  shortfall rank-projects scenario=./mine.yaml --greedy 5 --by cvar --output results/advice

Values every project of the network's pipeline and every remedy (policies; a reserve of each
product that the regions buy) by the shortfall it avoids, future by future on the same shocks, with
95 % intervals, per tonne of capacity and, where a cost is known, per dollar. A project's value is
that of support (built for sure and on time) against the pipeline at its own odds; beside it stands
its value against not having it at all. Then the best combination, step by step. Ctrl-C stops it;
the same command goes on where it stopped.

options:
  --for CODES       regions whose end users count, such as USA,JPN (default: the scenario's
                    judged, else all)
  --candidates WHAT projects, remedies, policies, reserves, all, or names, with commas
                    (default: all)
  --greedy K        steps of the combination; 0 for none (default: 3)
  --measure M       judge by tonnes (default), share (of what was wanted), value_added or gdp; the
                    last two are not a forecast of GDP, and need a network that states value added
  --by mean|cvar    what the combination lowers: mean or CVaR at 95 % (default: mean)
  --reserve-days N  size of the reserves that are tried, days of use (default: 90)
  --top N           rows printed and drawn (default: 15)
  --output DIR      where to (default: results/ranking-SCENARIO)
  --yes             begin also what will take more than an hour (the estimate is told)
  --config-dir DIR  own scenario/, network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text

run.replications is 1000 here unless given.
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take settings, and what is tried."""
    add_settings(parser)
    add_advice(parser)
    add_yes(parser)
    parser.add_argument("--candidates", default="all")
    parser.add_argument("--greedy", type=int, default=3)
    parser.add_argument("--by", default="mean")
    parser.add_argument("--measure", default="tonnes")
    parser.add_argument("--reserve-days", type=float, default=90.0)


def rank_projects(args: argparse.Namespace) -> None:
    """Rank projects and remedies; print the folder of the tables on stdout.

    Raises
    ------
    UserError
        If a word or a setting is wrong.
    """
    refuse(_rank_faults(args))
    from sim.advice.rank_projects import Wish, advise
    from sim.base import precompile
    from sim.commands._advice import asked, sharing
    from sim.commands._consent import consent_to_advice
    from sim.run.case import n_workers
    from sim.run.progress import progress

    question = asked(args, REPLICATIONS)
    wish = Wish(regions_of(args.regions), args.candidates, args.greedy, args.by,
                args.reserve_days, args.top, args.measure)  # fmt: skip
    folder = question.folder(args.output, "ranking")
    precompile.ready()
    with question.composed.placing(), sharing(folder):
        found = advise(
            question.settings_with,
            wish,
            folder,
            policies=question.policies,
            workers=n_workers(question.settings.run.workers),
            progress=progress,
            agree=consent_to_advice(args.yes, folder, "replications of all candidates", LESS),
        )
        _print_ranking(found, args.top)
        if found.steps:
            _print_combination(found, args.by)
        print(found.folder)


def _print_ranking(found: Any, top: int) -> None:
    from sim.commands._tables import print_table

    unit, by = found.measure.shown
    rows = [
        (f"{r['rank']}{'' if r['above_next'] == 'yes' else ' ='}", r["name"], r["kind"],
         *_interval(r, "avoided_mean", by, r["mark"]), *_interval(r, "avoided_cvar95", by),
         r["sure"],
         r["against_none_mean"] * by if r["kind"] == "project" else None,
         _known(r["avoided_per_t"]), _known(r["value_per_usd"]))
        for r in found.rows[:top] if r["rank"] != ""
    ]  # fmt: skip
    per_t = "per t" if by == 1.0 else f"{found.measure.unit}, per t"
    columns = ("rank", "candidate", "kind", f"avoids, mean ({unit})", "95 %", "CVaR 95", "95 % ",
               "sure of all", "against none", per_t, "USD per USD")  # fmt: skip
    title = (
        f"\navoided loss of {found.measure.who}, each alone, {found.n:,} futures; with nothing "
        f"done {found.base_mean * by:,.4g} {unit} (CVaR {found.base_cvar * by:,.4g})"
    )
    print_table(title, columns, rows, sys.stderr)
    if any("=" in rank for rank, *_ in rows):
        print("= : these futures do not tell it apart from the next one", file=sys.stderr)
    if found.measure.says:
        print(f"* {found.measure.says}", file=sys.stderr)
    for row in found.rows:
        if row["rank"] == "":
            print(f"* {row['name']}: {row['note']}", file=sys.stderr)


def _print_combination(found: Any, by: str) -> None:
    from sim.commands._tables import print_table

    unit, scale = found.measure.shown
    rows = [
        (str(s["step"]), s["name"], *_interval(s, "gain", scale, s["mark"]),
         *_interval(s, "together", scale),
         s["taken"])
        for s in found.steps
    ]  # fmt: skip
    columns = ("step", "candidate", f"gain ({unit})", "95 %", "together", "95 % ",
               "taken")  # fmt: skip
    title = f"combination by {by}: chosen on half of the futures, measured on the other"
    print_table(title, columns, rows, sys.stderr)


def _interval(row: dict[str, Any], name: str, by: float, mark: str = "") -> tuple[float, str]:
    """Return a number times `by` and its interval, with the mark in the cell."""
    from sim.commands._tables import text

    value, low, high = (by * row[key] for key in (name, f"{name}_low", f"{name}_high"))
    if math.isnan(low):
        return value, ""
    return value, f"{text(float(low))} to {text(float(high))} {mark}".rstrip()


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _rank_faults(args: argparse.Namespace) -> list[Fault]:
    faults = faults_of_advice(args) + faults_of_measure(args.measure)
    if args.by not in ("mean", "cvar"):
        faults.append(
            Fault("--by", args.by, "must be mean or cvar" + nearest(args.by, ("mean", "cvar")))
        )
    if not 0 <= args.greedy <= 50:
        faults.append(Fault("--greedy", str(args.greedy), "must be from 0 to 50 (steps)"))
    if not 0 < args.reserve_days <= 3650:
        faults.append(
            Fault(
                "--reserve-days",
                f"{args.reserve_days:g}",
                "must be above 0 and at most 3650 (days)",
            )
        )
    return faults


COMMAND = Command(
    summary="which project or remedy is worth most, on the same shocks",
    help=HELP,
    words=words,
    function=rank_projects,
    rank=80,
    simulates=True,
    offers="settings",
)
