"""``run``, ``sweep``, ``merge``, ``compare``, ``plot``, ``replay``: what takes time."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sim.commands.check import told
from sim.commands.tables import print_notes, print_run

if TYPE_CHECKING:
    pass


def run(args: argparse.Namespace) -> None:
    """Run one scenario; print the folder of its results on stdout."""
    from sim.config.command_line import compose

    composed = compose(args.overrides, args.config_dir)
    from sim.run import execute
    from sim.run.case import Study

    study = Study(composed.settings)
    print_notes([composed.settings])
    with told(composed.where):
        if study.settings.run.shard:
            print(execute.run_shard(study, command=words_of("run", args)))
            return
        data = execute.run(study, spawn=True)
    print_run(data)
    print(data.folder or execute.folder_of(study))


def words_of(command: str, args: argparse.Namespace) -> list[str]:
    """Return the words that a shard was started with, for others to be started alike."""
    folders = [word for folder in args.config_dir for word in ("--config-dir", str(folder))]
    return [command, *args.overrides, *folders]
