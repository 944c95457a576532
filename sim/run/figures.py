"""Which figures a run gets, and the data that each is drawn from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.results.data import RunData
from sim.results.files import make_folder
from sim.run.case import Study

if TYPE_CHECKING:
    pass


def draw(study: Study, data: RunData, folder: Path) -> list[Path]:
    """Draw a run's figures and its report into ``folder/figures`` and ``folder/report.html``.

    Parameters
    ----------
    study : Study
        For names and reference flows.
    data : RunData
        What it found.
    folder : pathlib.Path
        Of the run.

    Returns
    -------
    list of pathlib.Path
        The files.
    """
    from sim.plots import chain, exceedance, fan, heatmap, style
    from sim.run import report

    target = folder / "figures"
    make_folder(target)
    figures = {"fan": fan.figure(data), "exceedance": exceedance.figure(data)}
    users = users_of(study)
    if len({sector for _, sector in users.values()}) > 1:
        figures["heatmap"] = heatmap.figure(data, users)
    figures["chain_map"] = chain.figure(study.settings.network, study.compiled)
    files = [file for name, fig in figures.items() for file in style.save(fig, target / name)]
    page = folder / "report.html"
    report.write(page, study.settings, data, {n: target / f"{n}.svg" for n in figures})
    return [*files, page]


def users_of(study: Study) -> dict[str, tuple[str, str]]:
    """Return end user -> (region, sector)."""
    labels = study.compiled.labels
    return {
        name: (region, sector)
        for name, region, sector in zip(
            labels.group, labels.group_region, labels.group_sector, strict=True
        )
    }
