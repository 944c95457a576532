"""Which figures a run gets, and the data that each is drawn from."""

from __future__ import annotations

from pathlib import Path

from sim.plots.words import facts_until
from sim.results.data import RunData
from sim.results.files import make_folder
from sim.run.case import Study


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
    from sim.plots import chain, exceedance, fan, goods, heatmap, loss, price_fan, style
    from sim.run import report

    target = folder / "figures"
    make_folder(target)
    figures = {"fan": fan.figure(data), "exceedance": exceedance.figure(data)}
    moves = goods.figure(data)
    if moves is not None:
        figures["goods"] = moves
    users = users_of(study)
    if len({sector for _, sector in users.values()}) > 1:
        figures["heatmap"] = heatmap.figure(data, users)
    lost = loss.figure(data, users)
    if lost is not None:
        figures["loss"] = lost
    if price_fan.moves(data):
        figures["price_fan"] = price_fan.figure(data)
    figures["chain_map"] = chain.figure(
        study.settings.network, study.compiled, facts_until(study.settings.scenario.as_of)
    )
    files = [file for name, fig in figures.items() for file in style.save(fig, target / name)]
    page = folder / "report.html"
    report.write(page, study.settings, data, {n: target / f"{n}.svg" for n in figures})
    return [*files, page]


def users_of(study: Study) -> dict[str, tuple[str, str]]:
    """Return end user -> (region, sector); its good, where sectors would add up several."""
    labels = study.compiled.labels
    one = len(set(labels.group_value_usd_per_t)) == 1
    kinds = labels.group_sector if one else labels.group_product
    return {
        name: (region, kind)
        for name, region, kind in zip(labels.group, labels.group_region, kinds, strict=True)
    }
