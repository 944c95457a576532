"""``choose``: the best portfolio of projects, reserves and policies under a budget."""

from __future__ import annotations

import argparse
import math
import re
import sys
from pathlib import Path
from typing import Any

from sim.base.errors import Fault, nearest
from sim.commands._command import Command
from sim.commands._words import add_settings, add_yes, refuse, regions_of
from sim.run.measured import MEASURED

REPLICATIONS = 1000
"""Of a choice, which plays its scenario some hundred times."""

LESS = "take fewer replications or --candidates"

HELP = """\
usage: shortfall choose scenario=NAME [key=value ...] --budget USD [--for USA,JPN] [--measure M]

  shortfall choose scenario=china_ree_embargo --for USA,JPN --budget 1e9
  shortfall choose scenario=china_ree_embargo --budget 5e8 --measure mean,share --frontier
  shortfall choose scenario=./mine.yaml --budget 2e8 --candidates projects --assume-cost 1e8

The best portfolio under a budget: projects of the network's pipeline (supported: built for sure and
on time), reserves of each product that the regions buy in several sizes (purchase, storage and
interest over the horizon), and policies whose cost is known. One half of the futures chooses, the
other half, which had no say, measures. Single candidates and pairs are played, a mixed-integer
programme takes the best set by them, its answer is played for real, and what it got wrong is
learnt, until no exchange loses less. Told: what is bought, what it avoids with its 95 % interval,
how far a better portfolio could go (the gap), and what the next dollar would buy. Ctrl-C stops it;
the same command goes on where it stopped.

options:
  --budget USD      to spend, such as 1e9
  --for CODES       regions whose end users count, such as USA,JPN (default: the scenario's
                    judged, else all)
  --measure M       what is lowered: mean or cvar95 (default; cvar50 to cvar99), of tonnes
                    (default), share (of what was wanted), value_added or gdp; both as cvar95,share
  --candidates WHAT projects, policies, reserves, remedies, all, or names, with commas
                    (default: all)
  --reserve-days N  sizes of each reserve, days of use, with commas (default: 30,90,180)
  --interest R      a year on a reserve's stock (default: 0.05)
  --assume-cost X   cost in USD of candidates that have none (a reserve: of its largest size), or
                    NAME=X,NAME=X; without it they are listed and left out
  --frontier        smaller budgets too, for the figure of budget against loss
  --output DIR      where to (default: results/choice-SCENARIO)
  --yes             begin also what will take more than an hour (the estimate is told)
  --config-dir DIR  own scenario/, network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text

run.replications is 1000 here unless given.
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take settings, a budget, and what is tried."""
    add_settings(parser)
    add_yes(parser)
    parser.add_argument("--for", dest="regions", default="")
    parser.add_argument("--output", "-o", type=Path)
    parser.add_argument("--budget", default="")
    parser.add_argument("--measure", default="cvar95")
    parser.add_argument("--candidates", default="all")
    parser.add_argument("--reserve-days", default="30,90,180")
    parser.add_argument("--interest", default="0.05")
    parser.add_argument("--assume-cost", default="")
    parser.add_argument("--frontier", action="store_true")


def choose(args: argparse.Namespace) -> None:
    """Choose a portfolio; print the folder of its tables on stdout.

    Raises
    ------
    UserError
        If a word or a setting is wrong.
    """
    wish_of = _wish(args)
    from sim.advice.choose import choose as chosen
    from sim.base import precompile
    from sim.commands._advice import asked, sharing
    from sim.commands._consent import consent_to_advice
    from sim.run.case import n_workers
    from sim.run.progress import progress

    question = asked(args, REPLICATIONS)
    folder = question.folder(args.output, "choice")
    precompile.ready()
    with question.composed.placing(), sharing(folder):
        found = chosen(
            question.settings_with,
            wish_of(),
            folder,
            policies=question.policies,
            workers=n_workers(question.settings.run.workers),
            progress=progress,
            agree=consent_to_advice(args.yes, folder, "replications of all portfolios", LESS),
        )
        _print(found)
        print(found.folder)


def _wish(args: argparse.Namespace) -> Any:
    """Return what makes the question, once every word is checked."""
    faults: list[Fault] = []
    budget = _number("--budget", args.budget, faults, "above 0 (US dollars, such as 1e9)")
    interest = _number("--interest", args.interest, faults, "from 0 to 1 (a year)", 0.0, 1.0)
    sizes = [
        _number("--reserve-days", word, faults, "above 0 and at most 3650 (days)", most=3650)
        for word in args.reserve_days.split(",")
    ]
    assumed = _assumed(args.assume_cost, faults)
    level, measure = _measure(args.measure, faults)
    refuse(faults)

    def made() -> Any:
        from sim.advice.choose_answer import Wish
        from sim.advice.choose_options import Prices
        from sim.advice.choose_programme import Aim

        return Wish(
            budget, regions_of(args.regions), measure, Aim(level), args.candidates,
            tuple(sorted(set(sizes))), Prices(interest, assumed), args.frontier,
        )  # fmt: skip

    return made


def _number(
    option: str, word: str, faults: list[Fault], wanted: str, least: float | None = None,
    most: float = math.inf,
) -> float:  # fmt: skip
    """Return a number above 0 (or `least` and more); note what is wrong with it."""
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    fits = value > 0 if least is None else value >= least
    if not (fits and value <= most and math.isfinite(value)):
        faults.append(Fault(option, word, f"must be a number {wanted}"))
    return value


def _assumed(text: str, faults: list[Fault]) -> dict[str, float]:
    """Return name -> cost; "" for all candidates without one."""
    found = {}
    for word in (w.strip() for w in text.split(",") if w.strip()):
        name, _, value = word.rpartition("=")
        found[name] = _number("--assume-cost", value, faults, "above 0 (US dollars), or NAME=USD")
    return found


def _measure(text: str, faults: list[Fault]) -> tuple[float, str]:
    """Return the level of the CVaR (0: mean), and what is judged by."""
    levels, judged = [], []
    for word in (w.strip() for w in text.split(",")):
        if word == "mean":
            levels.append(0.0)
        elif found := re.fullmatch(r"cvar([5-9]\d)", word):
            levels.append(int(found[1]) / 100)
        elif word in MEASURED:
            judged.append(word)
        else:
            known = ["mean", "cvar95", *MEASURED]
            told = f"is none of {', '.join(known)}{nearest(word, known)}"
            faults.append(Fault("--measure", word, told))
    if len(levels) > 1 or len(judged) > 1:
        faults.append(Fault("--measure", text, "takes one statistic and one measure at most"))
    return (levels or [0.95])[0], (judged or ["tonnes"])[0]


def _print(found: Any) -> None:
    from sim.advice.choose_words import dollars, sentences, statistic
    from sim.commands._tables import print_table, text

    unit, by = found.measure.shown
    rows = []
    for item in found.items:
        low, high = getattr(item.last, "low", math.nan), getattr(item.last, "high", math.nan)
        limits = "" if math.isnan(low) else f"{text(low * by)} to {text(high * by)}"
        value = getattr(item.last, "value", math.nan)
        rows.append((
            item.option.name, item.option.candidate.title,
            dollars(item.option.cost_usd) + (" (assumed)" if item.option.assumed else ""),
            item.alone * by, value * by, f"{limits} {item.last.mark}".strip(),
        ))  # fmt: skip
    columns = ("bought", "what", "cost", f"avoids alone ({unit})", "beside the others", "95 %")
    print_table(f"\n{statistic(found)}, {found.measure.who}", columns, rows, sys.stderr)
    for sentence in sentences(found):
        print(sentence, file=sys.stderr)


COMMAND = Command(
    summary="the best portfolio of projects, reserves and policies under a budget",
    help=HELP,
    words=words,
    function=choose,
    rank=81,
    simulates=True,
    offers="settings",
)
