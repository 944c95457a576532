"""``game``: packets of controls against portfolios; what changes where the controller answers."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import Any

from sim.base.errors import Fault
from sim.commands._command import Command
from sim.commands._words import add_settings, add_yes, refuse, regions_of
from sim.run.measured import faults_of_measure

REPLICATIONS = 200
"""Of a game, which plays each packet against each portfolio."""

LESS = "take fewer replications, --packets or --portfolios"

HELP = """\
usage: shortfall game scenario=NAME [key=value ...] [--for USA,JPN] [--portfolios P] [--packets P]

  shortfall game scenario=china_ree_controls_2025_10 --for USA,JPN
  shortfall game scenario=china_ree_embargo --for JPN --portfolios lynas_heavy,caremag_plant
  shortfall game scenario=./mine.yaml --portfolios dig+smelt,results/choice-mine --own-weight 0.5

Research. A country chooses which of a scenario's export controls to use, others choose what to
build or hold; every packet is played against every portfolio on the same futures. The payoff is
what the regions lose less what the controller's own exporters lose in sales abroad, both in US
dollars. Told: value and mixed strategies of the game on this difference, taken as zero-sum, and of
the game on the loss alone; and what each portfolio saves if the controls stay as they are, and if
the controller answers with the packet that is then best for it.

options:
  --for CODES       regions whose end users count, such as USA,JPN (default: all)
  --packets P       hazards of the scenario that control exports, joined by +, packets between
                    commas (default: each alone, and all together); none is always one
  --portfolios P    projects, policies, names joined by +, or folders of `shortfall choose`,
                    between commas; a reserve as reserve_jpn_dytb_oxide_90d (default: projects)
  --controller C    country, where exports of several are controlled
  --measure M       value_added (default), gdp, or tonnes at the value of the goods
  --own-weight W    what a dollar of lost sales is to the controller, in dollars of the others'
                    loss (default: 1)
  --output DIR      where to (default: results/game-SCENARIO)
  --yes             begin also what will take more than an hour (the estimate is told)
  --config-dir DIR  own scenario/, network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text

run.replications is 200 here unless given.
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take settings and the moves."""
    add_settings(parser)
    add_yes(parser)
    parser.add_argument("--for", dest="regions", default="")
    parser.add_argument("--output", "-o", type=Path)
    parser.add_argument("--packets", default="")
    parser.add_argument("--portfolios", default="projects")
    parser.add_argument("--controller", default="")
    parser.add_argument("--measure", default="value_added")
    parser.add_argument("--own-weight", type=float, default=1.0)


def game(args: argparse.Namespace) -> None:
    """Play a game; print the folder of its tables on stdout.

    Raises
    ------
    UserError
        If a word or a setting is wrong.
    """
    refuse(_faults(args))
    from sim.advice.game import Wish, play_game
    from sim.base import precompile
    from sim.commands._advice import asked, refuse_shares
    from sim.commands._consent import consent_to_advice
    from sim.run.case import n_workers
    from sim.run.progress import progress

    question = asked(args, REPLICATIONS)
    refuse_shares(question.settings, "game", "shard", "dask")
    wish = Wish(regions_of(args.regions), args.controller.upper(), args.packets, args.portfolios,
                args.measure, args.own_weight)  # fmt: skip
    folder = question.folder(args.output, "game")
    precompile.ready()
    with question.composed.placing():
        found = play_game(
            question.settings_with,
            wish,
            folder,
            policies=question.policies,
            workers=n_workers(question.settings.run.workers),
            progress=progress,
            agree=consent_to_advice(args.yes, folder, "plays of futures", LESS),
        )
    _print(found)
    print(found.folder)


def _faults(args: argparse.Namespace) -> list[Fault]:
    faults = faults_of_measure(args.measure)
    if args.measure == "share":
        faults.append(Fault("--measure", "share", "is no sum of dollars; take value_added"))
    if not (0.0 <= args.own_weight <= 1e6 and math.isfinite(args.own_weight)):
        told = "must be from 0 to 1e6 (dollars of the others' loss)"
        faults.append(Fault("--own-weight", f"{args.own_weight:g}", told))
    return faults


def _print(found: Any) -> None:
    from sim.advice.game_words import sentences
    from sim.commands._tables import print_table

    rows = [
        (str(r["rank_if_it_answers"]), r["portfolio"], r["saves_if_it_answers_usd"] / 1e6,
         str(r["rank_if_it_stays"]), r["saves_if_it_stays_usd"] / 1e6, r["packet_after"])
        for r in found.rows
    ]  # fmt: skip
    columns = ("rank", "portfolio", "saves if it answers (million USD)", "rank if it stays",
               "saves if it stays", "answer")  # fmt: skip
    print_table(f"\nwhat saves {found.measure.who}", columns, rows, sys.stderr)
    for sentence in sentences(found):
        print(sentence, file=sys.stderr)


COMMAND = Command(
    summary="research: packets of controls against portfolios, where the controller answers",
    help=HELP,
    words=words,
    function=game,
    rank=86,
    simulates=True,
    offers="settings",
)
