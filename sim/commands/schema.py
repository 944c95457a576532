"""``schema``: the JSON Schema of a kind of file, for editors and other programs."""

from __future__ import annotations

import argparse

from sim.base.errors import Fault, UserError, nearest
from sim.commands._command import Command

KINDS = ("scenario", "network", "policy", "demand", "supply", "settings")

HELP = """\
usage: shortfall schema scenario|network|policy|demand|supply|settings

  shortfall schema network > network.json
  shortfall schema scenario > scenario.json
  shortfall schema settings > settings.json

Prints the JSON Schema (draft 2020-12) of a kind of file, made from the classes that check it.
Editors check and complete while you type where the first line of a file says
# yaml-language-server: $schema=network.json
What a schema cannot say (names that must exist, shares that must sum to 1) is checked by
shortfall check FILE. The same as a page: docs/keys.md.

options:
  -h, --help        this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take the kind of file."""
    parser.add_argument("kind")


def schema(args: argparse.Namespace) -> None:
    """Print a JSON Schema on stdout.

    Raises
    ------
    UserError
        If there is no such kind of file.
    """
    if args.kind not in KINDS:
        hint = nearest(args.kind, KINDS) or f"; one of {', '.join(KINDS)}"
        raise UserError(Fault("schema", args.kind, f"no such kind of file{hint}"))
    import json

    from sim.config.keys import json_schema

    print(json.dumps(json_schema(args.kind), indent=1, ensure_ascii=False))


COMMAND = Command(
    summary="the JSON Schema of a kind of file",
    help=HELP,
    words=words,
    function=schema,
    rank=115,
    offers=" ".join(KINDS),
)
