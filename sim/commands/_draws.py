"""The draws of a scenario that are spread evenly over a block, as a table."""

from __future__ import annotations

from pathlib import Path

from sim.commands._identify import scenario_override
from sim.commands._tables import print_table
from sim.config.command_line import compose
from sim.run.case import Study
from sim.run.settling import settled_study, share_in_words
from sim.shocks.leading import leading

COLUMNS = ("whose", "what it decides", "dimension", "streams")


def print_draws(name: str, overrides: list[str], folders: list[Path]) -> None:
    """Print which draws of a scenario lie on which dimension, on stdout.

    Raises
    ------
    UserError
        If there is no such scenario, or it is not right.
    """
    study = Study(compose([scenario_override(name), *overrides], folders).settings)
    study = settled_study(study, quiet=True)
    rows = [(d.owner, d.what, str(d.dimension), str(d.streams)) for d in leading(study.hazards)]
    size = study.sections.size or 1
    n = study.settings.run.replications
    title = f"{n:,} futures, each drawn alone"
    if size > 1:
        title = f"{n:,} futures, in blocks of {size:,}: each stream a net of its own"
    if study.sections.weighted and study.struck is not None:
        rare = share_in_words(study.struck)
        title += f"\na shock comes in {rare}; half of those that are played have one, weighted"
    print_table(title, COLUMNS, rows)
