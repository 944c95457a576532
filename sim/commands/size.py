"""``size``: how many days of stock keep a region served, how surely."""

from __future__ import annotations

import argparse
import datetime as dt
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.errors import Fault
from sim.commands._command import Command
from sim.commands._words import add_settings, add_yes, refuse, regions_of

if TYPE_CHECKING:
    from sim.advice.size_answer import Size, Wish

REPLICATIONS = 2000
"""Of a search, which plays each future up to seventeen times."""

LESS = "take fewer replications"
"""Where a search takes too long."""

HELP = """\
usage: shortfall size scenario=NAME --reserve GOOD@REGION [--sure 0.95] [key=value ...]

  shortfall size scenario=china_ree_embargo --reserve dytb_metal@JPN --sure 0.95
  shortfall size scenario=china_ree_embargo --reserve dytb_metal@JPN --reserve ndpr_metal@JPN
  shortfall size scenario=./mine.yaml --reserve ore@JPN --allow 0.01 run.replications=4000

For every future the least stock from which on the end users of the region stay served, by
bisection on the same shocks; so what suffices with a surety is a quantile, with its interval: in
days of use, tonnes and dollars. What is sized replaces what the network's own reserve of that good
holds there; where there is none, one is added. Several goods are sized together, by one number of
days of use. The answer is then tried on as many futures that had no say in it. Where no size
helps, it says what would.

options:
  --reserve GOOD@REGION  what is held, for whose buyers; may be given several times
  --sure X          share of the futures in which it is to suffice, between 0 and 1 (default: 0.95)
  --allow X         share of what is wanted that may be missing over the horizon (default: 0)
  --buy-per-year X  days of use that are bought in a year, from nothing on day 0 (default: the
                    reserve is full then)
  --from DATE       when that begins, such as 2027-01-01 (default: on day 0)
  --for CODES       regions whose end users are to stay served (default: those of the goods); of
                    these the judged ones, where the scenario judges some
  --output DIR      where to (default: results/size-SCENARIO)
  --yes             begin also what will take more than an hour (the estimate is told)
  --config-dir DIR  own scenario/, network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text

run.replications is 2000 here unless given.
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take settings, and what is sized."""
    add_settings(parser)
    add_yes(parser)
    parser.add_argument("--reserve", action="append", default=[])
    parser.add_argument("--sure", type=float, default=0.95)
    parser.add_argument("--allow", type=float, default=0.0)
    parser.add_argument("--buy-per-year", type=float, dest="pace")
    parser.add_argument("--from", dest="since", default="")
    parser.add_argument("--for", dest="regions", default="")
    parser.add_argument("--output", "-o", type=Path)


def size(args: argparse.Namespace) -> None:
    """Find how large a reserve must be; print the folder of the tables on stdout.

    Raises
    ------
    UserError
        If a word or a setting is wrong.
    """
    refuse(_faults(args))
    from sim.advice.size_reserve import goods_of

    goods = goods_of(args.reserve)
    from sim.advice.size import find_size
    from sim.advice.size_answer import Wish
    from sim.advice.size_build import Pace
    from sim.base import precompile
    from sim.commands._advice import asked, refuse_shares
    from sim.commands._consent import consent_to_advice
    from sim.run.case import Study, n_workers
    from sim.run.progress import progress

    question = asked(args, REPLICATIONS)
    refuse_shares(question.settings, "size", "shard", "dask")
    pace = None if args.pace is None else Pace(args.pace, _date(args.since))
    wish = Wish(tuple(goods), args.sure, args.allow, regions_of(args.regions), pace)
    folder = question.folder(args.output, "size")
    precompile.ready()
    with question.composed.placing():
        found = find_size(
            Study(question.settings),
            wish,
            folder,
            workers=n_workers(question.settings.run.workers),
            progress=progress,
            agree=consent_to_advice(args.yes, folder, "plays of futures", LESS),
        )
    _print(found, wish)
    print(found.folder)


def _faults(args: argparse.Namespace) -> list[Fault]:
    faults = []
    if not 0 < args.sure < 1:
        told = "must be above 0 and below 1: a share of the futures"
        if args.sure == 1:
            told += "; no number of futures shows what suffices in all that may come"
        faults.append(Fault("--sure", f"{args.sure:g}", told))
    if not 0 <= args.allow < 1:
        faults.append(Fault("--allow", f"{args.allow:g}", "must be from 0 to below 1 (a share)"))
    return [*faults, *_faults_of_pace(args)]


def _faults_of_pace(args: argparse.Namespace) -> Iterator[Fault]:
    if args.pace is not None and not 0 < args.pace < math.inf:
        yield Fault("--buy-per-year", f"{args.pace:g}", "must be above 0 (days of use a year)")
    if args.since and args.pace is None:
        yield Fault("--from", args.since, "needs --buy-per-year: how much is bought from then on")
    if args.since and _date(args.since) is None:
        yield Fault("--from", args.since, "must be a date such as 2027-01-01")


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _print(found: Size, wish: Wish) -> None:
    from sim.advice.size_words import finding, in_days, notes
    from sim.commands._tables import print_columns

    print(f"\n{finding(found, wish)}", file=sys.stderr)
    rows = []
    for row in found.curve:
        ends = [in_days(row[f"days{end}"]) for end in ("", "_low", "_high")]
        tonnes, usd = ([row[f"{s.good}_{unit}"] for s in found.stocks] for unit in ("t", "usd"))
        rows.append([f"{100 * row['surety']:g}", ends[0], f"{ends[1]} to {ends[2]}",
                     *(_amount(t) for t in tonnes), _amount(sum(usd) / 1e6)])  # fmt: skip
    goods = [f"t of {s.good.product}" for s in found.stocks]
    columns = ["sure (%)", "days of use", "95 %", *goods, "million USD"]
    bold = [n for n, row in enumerate(found.curve) if row["surety"] == wish.sure]
    print_columns("", columns, rows, [True] * len(columns), sys.stderr, bold)
    for line in notes(found, wish):
        print(line, file=sys.stderr)


def _amount(value: float) -> str:
    from sim.commands._tables import text

    return text(value) if math.isfinite(value) else ""


COMMAND = Command(
    summary="how many days of stock keep a region served, how surely",
    help=HELP,
    words=words,
    function=size,
    rank=82,
    simulates=True,
    offers="settings",
)
