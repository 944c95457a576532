"""Settings made definite before a run: the size of blocks, and whether rare shocks are weighted.

A size is chosen once, from the number of futures, and kept when a run is extended: what lies in
the folder says it. Whether half of the futures are given a shock follows from the scenario and the
size, so that it stays as it is too.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TypeVar

from sim.base.errors import Fault, UserError
from sim.config.settings import Settings
from sim.run.case import Study
from sim.run.plan import PLAN, read_plan
from sim.run.sampling import LEAST_STRATA, pays, refuse_strata, size_for, whole

S = TypeVar("S", bound=Study)


def settled(settings: Settings, folder: Path | None = None, *, quiet: bool = False) -> Settings:
    """Return the settings with a size of blocks, and whole blocks of futures; says so on stderr.

    Futures are equally likely: `settled_study` alone gives half of them a rare shock.

    Parameters
    ----------
    settings : Settings
        As they were given.
    folder : pathlib.Path, optional
        Of the run; if it holds some of it already, its size is kept.
    quiet : bool, optional
        Whether to say nothing of a number that is rounded up.
    """
    refuse_strata(settings.run)
    return _in_blocks(settings, folder, quiet=quiet)


def _in_blocks(settings: Settings, folder: Path | None, *, quiet: bool) -> Settings:
    """Return the settings with a size of blocks, and whole blocks of futures."""
    run = settings.run
    if run.sampling == "plain":
        return settings
    size = run.scrambled or _size_in(settings, folder) or size_for(run.replications)
    n, most = whole(run.replications, size), whole(run.max_replications, size)
    changed = _with_run(settings, {"scrambled": size, "replications": n, "max_replications": most})
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
    """Return the study with settled settings; itself where they are.

    Raises
    ------
    UserError
        If rare shocks are to be weighted where the chance of one is not known beforehand.
    """
    settings = _in_blocks(study.settings, folder, quiet=quiet)
    strata = _strata(settings, study)
    settings = _with_run(settings, {"strata": strata})
    if strata == "always" and study.settings.run.strata != strata and not quiet:
        say_weighted(study)
    same = settings.run == study.settings.run
    return study if same else dataclasses.replace(study, settings=settings)


def _strata(settings: Settings, study: Study) -> str:
    """Return "always" where half of the futures are given a shock, else "never"."""
    run = settings.run
    if run.strata == "never" or run.sampling == "plain":
        return "never"
    if run.strata == "auto":
        return "always" if pays(run, study.struck) else "never"
    if study.struck is None:
        expected = (
            "needs a scenario in which each shock has a known chance below 1, or follows one: a "
            "probability, or a rate without a tension and a common factor of its onset"
        )
        raise UserError(Fault("run.strata", "always", expected))
    if (run.scrambled or 1) < LEAST_STRATA:
        expected = f"needs run.scrambled of {LEAST_STRATA} or more, so {LEAST_STRATA * 16} futures"
        raise UserError(Fault("run.strata", "always", expected))
    return "always"


def say_weighted(study: Study) -> None:
    """Say on stderr that half of the futures are given a shock, and how rare one is."""
    if study.struck is not None:
        print(
            f"a shock comes in {share_in_words(study.struck)}; half of those that are played have "
            "one, each with its weight (run.strata=never plays equally likely futures)",
            file=sys.stderr,
        )


def share_in_words(share: float) -> str:
    """Return a small chance in words.

    Examples
    --------
    >>> share_in_words(0.0198), share_in_words(0.22)
    ('one future in 51', '22 % of futures')
    """
    return f"one future in {1.0 / share:,.0f}" if share < 0.1 else f"{100 * share:.3g} % of futures"


def _with_run(settings: Settings, update: dict[str, object]) -> Settings:
    """Return the settings with some of those of the run changed."""
    return settings.model_copy(update={"run": settings.run.model_copy(update=update)})


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
