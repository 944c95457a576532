"""Settings made definite before a run: the size of the blocks that futures are drawn in.

A size is chosen once, from the number of futures, and kept when a run is extended: what lies in
the folder says it.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TypeVar

from sim.base.errors import UserError
from sim.config.settings import Settings
from sim.run.case import Study
from sim.run.plan import PLAN, read_plan
from sim.run.sampling import size_for, whole

S = TypeVar("S", bound=Study)


def settled(settings: Settings, folder: Path | None = None, *, quiet: bool = False) -> Settings:
    """Return the settings with a size of blocks, and whole blocks of futures; says so on stderr.

    Parameters
    ----------
    settings : Settings
        As they were given.
    folder : pathlib.Path, optional
        Of the run; if it holds some of it already, its size is kept.
    quiet : bool, optional
        Whether to say nothing of a number that is rounded up.
    """
    run = settings.run
    if run.sampling == "plain":
        return settings
    size = run.scrambled or _size_in(settings, folder) or size_for(run.replications)
    n, most = whole(run.replications, size), whole(run.max_replications, size)
    update = {"scrambled": size, "replications": n, "max_replications": most}
    changed = settings.model_copy(update={"run": run.model_copy(update=update)})
    if not quiet:
        say_rounded(settings, changed)
    return changed


def say_rounded(given: Settings, changed: Settings) -> None:
    """Say on stderr that a number of futures was rounded up, if it was."""
    before, after = given.run.replications, changed.run.replications
    if after != before:
        print(
            f"run.replications: {before:,} are rounded up to {after:,}, whole blocks of "
            f"{changed.run.scrambled:,} futures that are drawn together "
            "(run.sampling=plain plays any number)",
            file=sys.stderr,
        )


def settled_study(study: S, folder: Path | None = None, *, quiet: bool = False) -> S:
    """Return the study with settled settings; itself where they are."""
    settings = settled(study.settings, folder, quiet=quiet)
    same = settings.run == study.settings.run
    return study if same else dataclasses.replace(study, settings=settings)


def _size_in(settings: Settings, folder: Path | None) -> int | None:
    """Return the size of the blocks that lie in a folder; None where none do."""
    if folder is None or settings.output.overwrite or not (folder / PLAN).exists():
        return None
    try:
        run = read_plan(folder).config.get("run", {})
    except UserError:
        return None  # told when the plan is opened
    size = run.get("scrambled") if isinstance(run, dict) else None
    return size if isinstance(size, int) and size > 0 else None
