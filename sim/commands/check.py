"""``check``: validate scenarios, networks, outlooks and policies, and run nothing."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sim.base.errors import Fault, UserError
from sim.commands._command import Command
from sim.commands._words import add_config_dir

HELP = """\
usage: shortfall check FILE ... [key=value ...]

  shortfall check mine.yaml
  shortfall check scenarios/*.yaml
  shortfall check stock.yaml network=rare_earths

Validates scenarios, networks, outlooks and policies and runs nothing. All mistakes are listed,
each with file, line, key, what was found and what was expected. A policy or outlook is also tried
on a network, where one is named.

options:
  --config-dir DIR  own scenario/, network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take files, and settings to try them with."""
    add_config_dir(parser)
    parser.add_argument("words", nargs="*")


def check(args: argparse.Namespace) -> None:
    """Say of each file that it is right, or all that is wrong; exit code 2 if anything is.

    Raises
    ------
    UserError
        With the mistakes of all files.
    """
    overrides = [a for a in args.words if "=" in a and not Path(a).exists()]
    files = [a for a in args.words if a not in overrides]
    if not files:
        raise UserError(Fault("check", "", "name at least one file"))
    from sim.commands._identify import check_one

    faults: list[Fault | str] = []
    for file in files:
        try:
            verdict = check_one(file, overrides, args.config_dir)
            print(f"{file}: {verdict}", file=sys.stderr)
        except UserError as error:
            faults += error.faults
    if faults:
        raise UserError(faults)


COMMAND = Command(
    summary="validate files",
    help=HELP,
    words=words,
    function=check,
    rank=110,
)
