"""Figures of a finished run as a reader wants them: chosen, for a page, with numbers and words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.errors import Fault, UserError, nearest
from sim.plots.choice import Choice, chosen
from sim.plots.page import REPORT, Page, drawn_for, lang
from sim.plots.words import facts_until
from sim.results.data import RunData
from sim.results.files import make_folder, write_text
from sim.results.write import write_rows
from sim.run.assumed import chances
from sim.run.case import Study
from sim.run.reopen import open_run
from sim.words.say import say

if TYPE_CHECKING:
    from sim.plots.picture import Picture

FIGURES = {
    "fan": "shortfall over time, by region; two panels where futures part",
    "exceedance": "chance of a shortfall larger than x",
    "goods": "stocks, deliveries, orders and capacity over time",
    "heatmap": "regions by sectors or goods",
    "loss": "value added lost, by region and sector",
    "price_fan": "the price index over time",
    "chain_map": "who makes what when nothing is wrong",
    "flow_map": "flows between countries and chokepoints on a map of the world",
}
"""What can be drawn of a run, and what it shows."""

MEASURES = {
    "share": ("fan", "exceedance", "heatmap"),
    "price": ("price_fan",),
    "value_added": ("loss",),
    "stock": ("goods",),
}
"""Which figures show a measure."""


@dataclass(frozen=True)
class Wanted:
    """What a reader asks for.

    Parameters
    ----------
    figures : tuple of str
        Names of ``FIGURES``; empty: all that the run has.
    choice : Choice
        The part of the run.
    page : Page
        What it is drawn for.
    formats : tuple of str
        "svg", "png", "pdf".
    tag : str
        What the files' names end with, so that two wishes do not write over one another.
    """

    figures: tuple[str, ...] = ()
    choice: Choice = field(default_factory=Choice)
    page: Page = REPORT
    formats: tuple[str, ...] = ("png", "svg")
    tag: str = ""


def draw_wanted(folder: Path, wanted: Wanted) -> list[Path]:
    """Draw what is wanted of a run into ``folder/plots``; return the files.

    Beside each figure lie its numbers (CSV) and its words (text): headline, caption, description.

    Raises
    ------
    UserError
        If the run has no such region, sector or good, or nothing to draw of what is asked for.
    """
    study, data = open_run(folder, whole=True)
    users = users_in(study)
    choice, moved = _goods_that_move(wanted, study)
    _check(choice, users, data)
    told = chances(study.settings.scenario.hazards, wanted.page.lang)
    data = dataclasses.replace(data, meta={**data.meta, "assumed": told})
    part = chosen(data, choice, users)
    target = folder / "plots"
    make_folder(target)
    files: list[Path] = []
    with drawn_for(wanted.page):
        for name, draw in drawings(study, part, users, choice, moved).items():
            if wanted.figures and name not in wanted.figures:
                continue
            figure = draw()
            if figure is not None:
                files += saved(figure, target / f"{name}{wanted.tag}", wanted.formats)
    if not files:
        asked = ", ".join(wanted.figures) or "all"
        raise UserError(Fault("figures", asked, "this run has nothing of the kind to draw"))
    return files


def saved(figure: Picture, path: Path, formats: Sequence[str]) -> list[Path]:
    """Save a figure with its numbers and words beside it; return the files."""
    from sim.plots import style

    files = style.save(figure, path, formats)
    rows = [dict(row) for row in figure.rows]
    if rows:
        files.append(path.with_name(f"{path.name}.csv"))
        write_rows(files[-1], rows)
    files.append(path.with_name(f"{path.name}.txt"))
    write_text(files[-1], words_of(figure))
    return files


def words_of(figure: Picture) -> str:
    """Return headline, caption and description of a figure, as plain text."""
    stop = say("figure.stop", lang())
    parts = (("Headline", figure.title), ("Caption", figure.subtitle + stop + figure.caption),
             ("Alternative text", figure.words))  # fmt: skip
    return "\n\n".join(f"{head}\n{' '.join(text.split())}" for head, text in parts) + "\n"


def users_in(study: Study) -> dict[str, tuple[str, str, str]]:
    """Return end user -> (region, sector, good)."""
    labels = study.compiled.labels
    columns = (labels.group, labels.group_region, labels.group_sector, labels.group_product)
    return {name: (r, s, g) for name, r, s, g in zip(*columns, strict=True)}


def drawings(
    study: Study,
    data: RunData,
    users: Mapping[str, tuple[str, str, str]],
    choice: Choice,
    moved: Sequence[str] = (),
) -> dict[str, Callable[[], Any]]:
    """Return how each figure that a run may have is drawn, by name; `moved` is on the map."""
    from sim.plots import chain, exceedance, fan, flow_map, goods, heatmap, loss, price_fan
    from sim.run.figures import users_of

    kept = {user: kind for user, kind in users_of(study).items() if choice.has(*users[user])}
    as_of = study.settings.scenario.as_of
    facts = facts_until(as_of, lang())
    several = len({kind for _, kind in kept.values()}) > 1
    whole = dataclasses.replace(data, meta={**data.meta, "places": ""})
    return {
        "fan": lambda: fan.figure(data),
        "exceedance": lambda: exceedance.figure(data),
        "goods": lambda: goods.figure(whole),
        "heatmap": lambda: heatmap.figure(data, kept) if several else None,
        "loss": lambda: loss.figure(whole, kept),
        "price_fan": lambda: price_fan.figure(whole) if price_fan.moves(whole) else None,
        "chain_map": lambda: chain.figure(study.settings.network, study.compiled, facts),
        "flow_map": lambda: flow_map.figure(study.settings.network, study.compiled, moved, facts),
    }


def _goods_that_move(wanted: Wanted, study: Study) -> tuple[Choice, tuple[str, ...]]:
    """Return the choice of end users, and the goods on the map of flows.

    Asked for alone, the map shows any good of the chain; beside other figures, what the end users
    buy who are chosen by their goods.
    """
    from sim.plots.flows import bought_for, goods_that_flow

    choice = wanted.choice
    if wanted.figures != ("flow_map",):
        return choice, tuple(bought_for(study.compiled, choice.goods))
    known = goods_that_flow(study.compiled)
    ends = {good for _, _, good in users_in(study).values()}
    faults = unknown("goods", [good for good in choice.goods if good not in ends], known)
    if faults:
        raise UserError(faults)
    moved = [good for good in choice.goods if good in known]
    moved += bought_for(study.compiled, [good for good in choice.goods if good not in known])
    return dataclasses.replace(choice, goods=()), tuple(moved)


def _check(choice: Choice, users: Mapping[str, tuple[str, str, str]], data: RunData) -> None:
    """Refuse names that the run does not have, with the nearest one that it has."""
    faults = []
    for at, (key, names) in enumerate(
        (("regions", choice.regions), ("sectors", choice.sectors), ("goods", choice.goods))
    ):
        known = sorted({of[at] for of in users.values()} - {""})
        faults += unknown(key, names, known)
    end = data.start.toordinal() + data.n_period * data.step_days
    for key, day in (("from", choice.first), ("to", choice.last)):
        if day is not None and not data.start.toordinal() <= day.toordinal() <= end:
            last = data.start.fromordinal(end - 1)
            faults.append(Fault(key, str(day), f"the run is from {data.start} to {last}"))
    if not faults and not any(choice.has(*of) for of in users.values()):
        told = ", ".join((*choice.regions, *choice.sectors, *choice.goods))
        faults.append(Fault("regions, sectors, goods", told, "no end user is of all of these"))
    if faults:
        raise UserError(faults)


def unknown(key: str, names: Iterable[str], known: Sequence[str]) -> list[Fault]:
    """Return a fault for each name that is not known, with what is."""
    return [
        Fault(key, name, f"must be of {', '.join(known)}{nearest(name, known)}")
        for name in names
        if name not in known
    ]
