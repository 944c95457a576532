"""Figures of several finished runs side by side, as a reader wants them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from sim.base.errors import Fault, UserError
from sim.plots.choice import chosen
from sim.plots.page import drawn_for
from sim.results.data import RunData
from sim.results.files import make_folder
from sim.run.assumed import chances
from sim.run.compare import check_pairs, names_of
from sim.run.comparison import comparison_figures
from sim.run.plots import COMPARED
from sim.run.plotting import Wanted, check_adds_up, check_choice, nothing, saved, users_in
from sim.run.reopen import open_run
from sim.run.sampling import refuse_weights


def draw_compared(folders: Sequence[Path], wanted: Wanted) -> list[Path]:
    """Draw the figures of a comparison into the first run's ``plots``; return the files.

    Raises
    ------
    UserError
        If there are not two runs, or they cannot be compared.
    """
    names = tuple(name for name in wanted.figures if name in COMPARED)
    if len(folders) < 2:
        raise UserError(Fault("figures", names[0], "compares runs: name two or more"))
    runs: dict[str, RunData] = {}
    check_pairs(folders)
    with drawn_for(wanted.page):
        for name, folder in zip(names_of(folders), folders, strict=True):
            study, data = open_run(folder)
            refuse_weights(data.sections, str(folder), "a figure of a comparison")
            users = users_in(study)
            check_choice(wanted.choice, users, data)
            if wanted.measure == "tonnes":
                check_adds_up(wanted.choice, users, data)
            told = chances(study.settings.scenario.hazards, wanted.page.lang)
            data = dataclasses.replace(data, meta={**data.meta, "assumed": told})
            runs[name] = chosen(data, wanted.choice, users)
        target = folders[0] / "plots"
        make_folder(target)
        files: list[Path] = []
        for name, figure in comparison_figures(runs, wanted.measure or "share").items():
            if name in names:
                files += saved(figure, target / f"{name}{wanted.tag}", wanted.formats)
    if not files:
        raise UserError(nothing(wanted))
    return files
