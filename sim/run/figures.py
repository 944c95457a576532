"""Which figures a run gets, and the data that each is drawn from."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from sim.plots.words import facts_until
from sim.results.data import RunData
from sim.results.files import make_folder
from sim.run.case import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
    make_folder(folder / "figures")
    names = {name for name in FIGURES if drawn(name, study, data, folder / "figures")}
    return report_of(study, data, folder, names)


def drawn(name: str, study: Study, data: RunData, target: Path) -> bool:
    """Draw a figure of ``FIGURES`` into a folder; return whether the run gets it."""
    from sim.plots import style

    figure = FIGURES[name](study, data)
    if figure is not None:
        style.save(figure, target / name)
    return figure is not None


def report_of(study: Study, data: RunData, folder: Path, names: Collection[str]) -> list[Path]:
    """Write the report of figures that are drawn; return all files, in the order of ``FIGURES``."""
    from sim.run import report

    target = folder / "figures"
    kept = [name for name in FIGURES if name in names]
    page = folder / "report.html"
    report.write(page, study.settings, data, {name: target / f"{name}.svg" for name in kept})
    return [*(target / f"{name}.{e}" for name in kept for e in ("png", "svg")), page]


def _fan(_: Study, data: RunData) -> Figure | None:
    from sim.plots import fan

    return fan.figure(data)


def _exceedance(_: Study, data: RunData) -> Figure | None:
    from sim.plots import exceedance

    return exceedance.figure(data)


def _goods(_: Study, data: RunData) -> Figure | None:
    from sim.plots import goods

    return goods.figure(data)


def _heatmap(study: Study, data: RunData) -> Figure | None:
    from sim.plots import heatmap

    users = users_of(study)
    several = len({sector for _, sector in users.values()}) > 1
    return heatmap.figure(data, users) if several else None


def _loss(study: Study, data: RunData) -> Figure | None:
    from sim.plots import loss

    return loss.figure(data, users_of(study))


def _price_fan(_: Study, data: RunData) -> Figure | None:
    from sim.plots import price_fan

    return price_fan.figure(data) if price_fan.moves(data) else None


def _chain_map(study: Study, _: RunData) -> Figure | None:
    from sim.plots import chain

    until = facts_until(study.settings.scenario.as_of)
    return chain.figure(study.settings.network, study.compiled, until)


FIGURES: dict[str, Callable[[Study, RunData], Figure | None]] = {
    "fan": _fan,
    "exceedance": _exceedance,
    "goods": _goods,
    "heatmap": _heatmap,
    "loss": _loss,
    "price_fan": _price_fan,
    "chain_map": _chain_map,
}
"""The figures of a run by name, in the order of the report; None: it does not get this one."""


def users_of(study: Study) -> dict[str, tuple[str, str]]:
    """Return end user -> (region, sector); its good, where sectors would add up several."""
    labels = study.compiled.labels
    one = len(set(labels.group_value_usd_per_t)) == 1
    kinds = labels.group_sector if one else labels.group_product
    return {
        name: (region, kind)
        for name, region, kind in zip(labels.group, labels.group_region, kinds, strict=True)
    }
