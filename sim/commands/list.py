"""``shortfall list``: names and titles, read without validating."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sim.base.errors import Fault, UserError, nearest
from sim.commands._command import Command
from sim.commands._words import add_config_dir

if TYPE_CHECKING:
    pass

KINDS = {
    "scenarios": "scenario",
    "networks": "network",
    "demand": "demand",
    "supply": "supply",
    "policies": "policy",
    "hazards": "hazard",
}

HELP = """\
usage: shortfall list [scenarios|networks|demand|supply|policies|hazards]

  shortfall list
  shortfall list scenarios
  shortfall list demand

Names and titles; without a word, of everything but hazards.

options:
  --config-dir DIR  own scenario/, network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take what is listed."""
    add_config_dir(parser)
    parser.add_argument("what", nargs="?")


def catalog(args: argparse.Namespace) -> None:
    """Print names and titles on stdout."""
    from sim.commands._titles import hazards, titles
    from sim.config.library import Library

    library = Library(tuple(args.config_dir))
    if args.what is not None and args.what not in KINDS:
        known = f"; one of {', '.join(KINDS)}"
        raise UserError(
            Fault("list", args.what, "no such list" + (nearest(args.what, KINDS) or known))
        )
    for word in [args.what] if args.what else [k for k in KINDS if k != "hazards"]:
        entries = hazards(library) if word == "hazards" else titles(library, KINDS[word])
        print(f"{word}:" if not args.what else "", end="\n" if not args.what else "")
        width = max((len(name) for name, _ in entries), default=0)
        for name, title in entries:
            print(f"  {name:<{width}}  {title}".rstrip())


COMMAND = Command(
    summary="scenarios, networks, outlooks of demand and supply, policies, hazards",
    help=HELP,
    words=words,
    function=catalog,
    rank=90,
    offers=" ".join(KINDS),
)
