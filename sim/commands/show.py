"""``show``: what a scenario, network, outlook, policy or hazard holds, with sources."""

from __future__ import annotations

import argparse

from sim.commands._command import Command
from sim.commands._typed import refuse_group, settings_of
from sim.commands._words import add_settings

HELP = """\
usage: shortfall show NAME [key=value ...] [--yaml | --draws]

  shortfall show rare_earths
  shortfall show us_japan_framework network=rare_earths
  shortfall show ./mine.yaml policy=none --yaml > resolved.yaml

Prints a scenario, network, outlook (demand, supply), policy or hazard as it is after validation:
every number with its unit and source. With network=NAME it also prints what a policy or outlook
comes to there, and which of its rules find nothing to do. A name of two groups is told apart as
demand/flat and supply/flat. --yaml prints all settings of a scenario, resolved, as YAML; --draws
(show china_ree_embargo --draws)
what of it is left to chance, and where each draw lies among those of a block (docs/chance.md).

options:
  --yaml            the whole resolved configuration as YAML
  --draws           the draws of a scenario that are spread evenly, and their dimensions
  --config-dir DIR  own scenario/, network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take a name, and settings."""
    parser.add_argument("name")
    parser.add_argument("--yaml", action="store_true")
    parser.add_argument("--draws", action="store_true")
    add_settings(parser)


def show(args: argparse.Namespace) -> None:
    """Print one thing, resolved and validated, on stdout.

    Raises
    ------
    UserError
        If there is no such thing, or it is not right.
    """
    refuse_group(args.name)
    if args.draws:
        from sim.commands._draws import print_draws

        print_draws(args.name, settings_of(args), args.config_dir)
        return
    from sim.commands._describe import describe

    describe(args.name, settings_of(args), args.config_dir, as_yaml=args.yaml)


COMMAND = Command(
    summary="what one of them holds, with units and sources",
    help=HELP,
    words=words,
    function=show,
    rank=100,
    offers="names",
)
