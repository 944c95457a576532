"""``run``, ``sweep``, ``merge``, ``compare``, ``plot``, ``replay``: what takes time."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base import precompile
from sim.base.errors import Fault, UserError
from sim.commands.check import told
from sim.commands.tables import print_notes, print_table
from sim.config.library import NAMED
from sim.policy.joint import stem

if TYPE_CHECKING:
    from sim.results.data import RunData


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
            print(execute.run_shard(study, command=_words("run", args)))
            return
        data = execute.run(study, spawn=True)
    print_run(data)
    print(data.folder or execute.folder_of(study))


def sweep(args: argparse.Namespace) -> None:
    """Run a grid or a design; print its table's path on stdout."""
    if args.design is not None:
        from sim.commands.design import sweep_a_design

        return sweep_a_design(args)
    from sim.config.command_line import expand

    folder, points = _sweep_folder(args.overrides), expand(args.overrides, args.config_dir)
    from sim.run import execute
    from sim.run.case import Study
    from sim.run.compare import comparison_figure
    from sim.sweep.grid import sweep as sweep_studies

    precompile.ready()
    studies = []
    for name, point in zip(_names([p.varied for p in points]), points, strict=True):
        with told(point.composed.where):
            study = Study(point.composed.settings)
            study.hazards  # noqa: B018  all are compiled, hence checked, before the first one runs
        studies.append((name, study))
    print_notes([study.settings for _, study in studies])
    if any(study.settings.run.shard for _, study in studies):
        for name, study in studies:
            print(execute.run_shard(study, folder / name, _words("sweep", args)))
        return
    found, table = sweep_studies(studies, folder, spawn=True)
    runs = dict(zip([name for name, _ in studies], found, strict=True))
    for name, data in runs.items():
        print(f"\n{name}", file=sys.stderr)
        print_run(data)
    comparison_figure(runs, folder / "sweep")
    print(table)


def merge(args: argparse.Namespace) -> None:
    """Join shards and finish their run; print the folder of its results on stdout."""
    from sim.run.merge import merge as merge_shards

    data = merge_shards(_runs(args.runs))
    print_run(data)
    print(data.folder)


def compare(args: argparse.Namespace) -> None:
    """Compare finished runs pair by pair; print the table's path on stdout."""
    if len(args.runs) < 2:
        raise UserError(Fault("RUN", " ".join(args.runs), "name at least two folders of results"))

    from sim.run.compare import compare as compare_runs

    table, rows = compare_runs(_runs(args.runs), args.output)
    columns = ("run", "view", "measure", "statistic", "value", "low", "high", "unit")
    cells = [[row.get(c, "") for c in columns] for row in rows]
    title = (
        f"against {rows[0]['base']}: pair by pair, the same shocks where hazards share a name"
        if rows
        else "no rows"
    )
    print_table(title, columns, cells, sys.stderr)
    print(table)


def plot(args: argparse.Namespace) -> None:
    """Draw figures again; print the files on stdout."""
    from sim.run import reopen

    for folder in _runs(args.runs):
        for file in reopen.plot(folder):
            print(file)


def replay(args: argparse.Namespace) -> None:
    """Play one future again: events on stderr, the folder of log and timeline on stdout."""
    from sim.run import reopen

    (folder,) = _runs([args.run])
    target, events = reopen.replay(folder, args.replication)
    print(reopen.event_text(events), file=sys.stderr)
    print(target)


def print_run(data: RunData) -> None:
    """Print the table of one run, and why it refuses what it refuses."""
    from rich.console import Console

    from sim.tables import gap_table, refusals, run_table

    console = Console(stderr=True, width=None if sys.stderr.isatty() else 140, highlight=False)
    console.print(run_table(data))
    if (gaps := gap_table(data)) is not None:
        console.print(gaps)
    for reason in refusals(data):
        console.print(f"* {reason}")


def _words(command: str, args: argparse.Namespace) -> list[str]:
    """Return the words that a shard was started with, for others to be started alike."""
    folders = [word for folder in args.config_dir for word in ("--config-dir", str(folder))]
    return [command, *args.overrides, *folders]


def _runs(folders: list[str]) -> list[Path]:
    """Return folders of results.

    Raises
    ------
    UserError
        For each that is none.
    """
    faults = [
        Fault("RUN", folder, "is not a folder of results (it holds no config.yaml)")
        for folder in folders
        if not (Path(folder) / "config.yaml").is_file()
    ]
    if faults:
        raise UserError(faults)
    return [Path(folder) for folder in folders]


def _sweep_folder(overrides: list[str]) -> Path:
    """Return where a sweep goes: output.dir, or results/sweep."""
    given = [o.split("=", 1)[1] for o in overrides if o.lstrip("+").startswith("output.dir=")]
    return Path(given[-1].strip("'\"") if given else "results/sweep")


def _names(varied: list[dict[str, str]]) -> list[str]:
    """Return a folder name for each point: its values, and its number where two would be alike."""
    names = [
        "-".join(re.sub(r"[^\w.+-]+", "_", stem(v) if k in ("scenario", *NAMED)
                        else f"{k.split('.')[-1]}_{v}") for k, v in point.items()) or "point"
        for point in varied
    ]  # fmt: skip
    if len(set(names)) == len(names):
        return names
    return [f"{n:03d}-{name}" for n, name in enumerate(names)]
