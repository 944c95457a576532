"""Words that several commands take, and what their help says of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from sim.base.errors import Fault, UserError

SETTINGS = """
Any setting may be given as key=value:
  scenario=NAME or scenario=./file.yaml; network=, demand=, supply= and policy= likewise
  policy=[a,b]   several policies at once (quote it in the shell), named a+b
  scenario=[a,b] likewise, on one network; what they say differently (start, network) must be given
  policy.rules.NAME.stock_days=120   a number of the policy's rule
  run.replications=1000   run.seed=7   run.workers=2   run.engine=simpy
  run.precision=0.01      go on until the mean shortfall is known to +- 1 %
  run.precision={measure: cvar95, region: USA, within: 0.02}   or another number of a region
  run.sampling=plain      draw each future by itself, not in evenly spread blocks
  run.shard=2/8           the second of eight shares of the work; then merge
  run.dask=local          or a Dask scheduler's address
  experiment=FILE         settings kept in a file, as overrides.yaml of a results folder
  output.dir=FOLDER   output.figures=false   output.overwrite=true
  network.sites.NAME.capacity=60000   scenario.hazards.NAME.severity.mean=0.8
  ~scenario.hazards.NAME   leaves a hazard out
Quote text with commas or brackets: "scenario.title='a, b'".

options:
  --yes             begin also what will take more than an hour (the estimate is told)
  --config-dir DIR  own scenario/, network/, policy/ folders and so on, looked into first
  -h, --help        this text
"""
"""The end of a help text, of commands that take settings."""


def add_config_dir(parser: argparse.ArgumentParser) -> None:
    """Take own folders of scenarios, networks and policies."""
    parser.add_argument("--config-dir", "-cd", action="append", default=[], type=Path)


def add_yes(parser: argparse.ArgumentParser) -> None:
    """Take consent to what takes more than an hour."""
    parser.add_argument("--yes", "-y", action="store_true")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Take settings as key=value."""
    add_config_dir(parser)
    parser.add_argument("overrides", nargs="*")


def add_advice(parser: argparse.ArgumentParser) -> None:
    """Take what the commands that advise have in common; `faults_of_advice` checks it."""
    parser.add_argument("--for", dest="regions", default="")
    parser.add_argument("--output", "-o", type=Path)
    parser.add_argument("--top", type=int, default=15)


def faults_of_advice(args: argparse.Namespace) -> list[Fault]:
    """Return what is wrong with the words that the commands that advise have in common."""
    if 1 <= args.top <= 60:
        return []
    return [Fault("--top", str(args.top), "must be from 1 to 60 (rows)")]


def regions_of(codes: str) -> tuple[str, ...]:
    """Return the codes of ``--for``, each once; short ones in capitals, as they are kept."""
    words = [word.strip() for word in codes.split(",") if word.strip()]
    return tuple(dict.fromkeys(w.upper() if len(w) <= 3 else w for w in words))


def refuse(faults: Sequence[Fault]) -> None:
    """Raise what was found wrong, if anything was."""
    if faults:
        raise UserError(faults)


def typed(command: str, args: argparse.Namespace) -> list[str]:
    """Return the words that a command was started with, for others to be started alike."""
    folders = [word for folder in args.config_dir for word in ("--config-dir", str(folder))]
    return [command, *args.overrides, *folders]
