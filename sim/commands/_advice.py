"""What the commands that advise on a scenario begin with, and how a share of their work ends."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sim.base.errors import Fault, UserError
from sim.commands._policies import with_policies
from sim.commands._titles import titles
from sim.commands._typed import settings_of
from sim.config.command_line import compose
from sim.config.library import Library


class Asked(NamedTuple):
    """What was typed of a scenario.

    Parameters
    ----------
    composed : Composed
        Its settings, and where each stands.
    words : list of str
        Settings as they were typed, with the command's own number of futures.
    config_dir : list of pathlib.Path
        Own folders.
    """

    composed: Any
    words: list[str]
    config_dir: list[Path]

    @property
    def settings(self) -> Any:
        """The settings."""
        return self.composed.settings

    def settings_with(self, policies: Sequence[str]) -> Any:
        """Return the settings with more policies than those in force."""
        if not policies:
            return self.settings
        words = with_policies(self.words, self.settings, policies)
        return compose(words, self.config_dir).settings

    @property
    def policies(self) -> dict[str, str]:
        """Name -> title of every policy that can be found."""
        return dict(titles(Library(tuple(self.config_dir)), "policy"))

    def folder(self, given: Path | None, prefix: str) -> Path:
        """Return where the tables go: as given, else results/PREFIX-SCENARIO."""
        return given or Path("results") / f"{prefix}-{self.settings.scenario.name}"


def asked(args: argparse.Namespace, replications: int) -> Asked:
    """Return what was typed; a number of futures that is not given is `replications`.

    Raises
    ------
    UserError
        If a setting is wrong.
    """
    words = settings_of(args)
    if not any(w.lstrip("+").startswith("run.replications=") for w in words):
        words = [f"run.replications={replications}", *words]
    return Asked(compose(words, args.config_dir), words, args.config_dir)


def refuse_shares(settings: Any, command: str, *keys: str) -> None:
    """Refuse settings of shared work that a command has no use for.

    Raises
    ------
    UserError
        Naming each.
    """
    run = settings.run
    told = f"`shortfall {command}` works on this machine only; leave it out"
    faults = [Fault(f"run.{key}", value, told) for key in keys if (value := getattr(run, key))]
    if faults:
        raise UserError(faults)


@contextmanager
def sharing(folder: Path) -> Iterator[None]:
    """Say where a shard has ended, and print the folder, in place of what the whole would say."""
    from sim.advice.kept import Waiting

    try:
        yield
    except Waiting as end:
        told = (
            f"{end.missing:,} blocks of the other shards are missing. Once they are there, the same"
            " command makes its share of what comes next; without run.shard it makes all that is"
            " left, and the tables"
            if end.missing
            else "so are all others; the same command without run.shard makes the tables"
        )
        print(f"shard {end.shard}: its blocks are ready; {told}", file=sys.stderr)
        print(folder)
