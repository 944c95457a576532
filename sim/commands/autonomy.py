"""``autonomy``: what each region could have without a country, by year."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.errors import Fault, UserError
from sim.commands._command import Command
from sim.commands._words import add_config_dir

if TYPE_CHECKING:
    from sim.advice.autonomy import Autonomy

MOST_YEARS = 40

HELP = """\
usage: shortfall autonomy NETWORK --without CHN [--years 2027..2035] [--policy NAME]

  shortfall autonomy rare_earths --without CHN
  shortfall autonomy rare_earths --without CHN --years 2027..2035 --policy us_japan_framework
  shortfall autonomy ./mine.yaml --without CHN --years 2030

Says which share of its wants each region could have at best without a country, neither buying from
it nor selling to it, and which stage binds, year by year: with the projects that are certain, and
with the whole pipeline on its planned days. Steady flows at capacity, no stocks, no chance. A table
and a figure go to a folder, whose path is printed on stdout.

options:
  --without CODE    country, or bloc of the network
  --years A..B      first and last year (default: 2027..2035)
  --policy NAME     lay a policy over the network first
  --output DIR      where to (default: results/autonomy-NETWORK)
  --config-dir DIR  own network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take a network, who is left out, and years."""
    parser.add_argument("network")
    add_config_dir(parser)
    parser.add_argument("--without", required=True)
    parser.add_argument("--years", default="2027..2035")
    parser.add_argument("--policy", default="none")
    parser.add_argument("--output", "-o", type=Path)


def autonomy(args: argparse.Namespace) -> None:
    """Work out what can be served without a country; print the folder of the table on stdout.

    Raises
    ------
    UserError
        If a word is wrong, or the network is.
    """
    years = years_of(args.years)
    from sim.advice.autonomy import Question, find_autonomy
    from sim.commands._identify import network_of
    from sim.config.library import Library

    library = Library(tuple(args.config_dir))
    policy = None if args.policy == "none" else library.read("policy", args.policy)
    part = library.read("network", args.network)
    network, notes = network_of(part, policy)
    for note in notes if policy else ():
        print(f"note: {note}", file=sys.stderr)
    code = args.without.upper() if len(args.without) <= 3 else args.without
    asked = Question(part.name, policy.name if policy else "none", code, years)
    folder = args.output or Path("results") / f"autonomy-{part.name}"
    found = find_autonomy(network, asked, folder)
    _print(found, code)
    print(found.folder)


def years_of(text: str) -> tuple[int, int]:
    """Return the first and the last year of A..B, or of one year.

    Raises
    ------
    UserError
        If it is neither, or too many.
    """
    match = re.fullmatch(r"(\d{4})(?:\.\.(\d{4}))?", text.strip())
    if match is None:
        raise UserError(Fault("--years", text, "must be a year or two, such as 2027..2035"))
    first, last = int(match[1]), int(match[2] or match[1])
    if not (1900 <= first <= last and last - first < MOST_YEARS):
        told = f"must go from an earlier year to a later one, {MOST_YEARS} at most"
        raise UserError(Fault("--years", text, told))
    return first, last


def _print(found: Autonomy, without: str) -> None:
    from sim.advice.autonomy import finding
    from sim.commands._tables import print_table

    years = sorted({r["year"] for r in found.rows})
    print(f"\n{finding(found.rows, without)}", file=sys.stderr)
    for pipeline in ("certain", "planned"):
        cells = {(r["region"], r["year"]): r for r in found.rows if r["pipeline"] == pipeline}
        regions = sorted({region for region, _ in cells})
        last = years[-1]
        rows = [
            (region, *(100 * cells[region, y]["share"] for y in years),
             cells[region, years[0]]["binds"], cells[region, last]["binds"])
            for region in regions
        ]  # fmt: skip
        columns = ("region", *map(str, years), f"binds in {years[0]}", f"binds in {last}")
        title = f"share served at best (%), projects: {pipeline}"
        print_table(title, columns, rows, sys.stderr)


COMMAND = Command(
    summary="what each region could have without a country, and the stage that binds, by year",
    help=HELP,
    words=words,
    function=autonomy,
    rank=84,
    offers="names",
)
