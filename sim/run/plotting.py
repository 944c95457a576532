"""Figures of a finished run as a reader wants them: chosen, for a page, with numbers and words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.errors import Fault, UserError, nearest
from sim.metrics import findings
from sim.plots.choice import CHOICE, PLACES, Choice, chosen
from sim.plots.page import REPORT, Page, drawn_for, lang
from sim.plots.words import facts_until
from sim.results.data import RunData
from sim.results.files import make_folder, write_text
from sim.results.write import write_rows
from sim.run.assumed import chances
from sim.run.case import Study
from sim.run.plots import ALONG, HONOURS, OF_A_RUN
from sim.run.reopen import open_run
from sim.words.say import say

if TYPE_CHECKING:
    from sim.plots.picture import Picture


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
    measure : str
        Of ``MEASURES``; empty: what each figure shows of itself.
    replication : int or None
        The future of the timeline.
    given : frozenset of str
        Words that choose a part or a measure.
    """

    figures: tuple[str, ...] = ()
    choice: Choice = field(default_factory=Choice)
    page: Page = REPORT
    formats: tuple[str, ...] = ("png", "svg")
    tag: str = ""
    measure: str = ""
    replication: int | None = None
    given: frozenset[str] = frozenset()


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
    check_choice(choice, users, data)
    told = chances(study.settings.scenario.hazards, wanted.page.lang)
    data = dataclasses.replace(data, meta={**data.meta, "assumed": told})
    part = chosen(data, choice, users)
    if wanted.measure == "tonnes":
        check_adds_up(choice, users, data)
    target = folder / "plots"
    make_folder(target)
    files: list[Path] = []
    names = drawn_of(wanted)
    with drawn_for(wanted.page):
        for name, draw in drawings(study, part, users, choice, moved, wanted).items():
            figure = draw() if name in names else None
            if figure is not None:
                files += saved(figure, target / f"{name}{wanted.tag}", wanted.formats)
    if not files:
        raise UserError(nothing(wanted))
    return files


def drawn_of(wanted: Wanted) -> tuple[str, ...]:
    """Return the figures that are named, or else those that honour all that is wanted."""
    if wanted.figures:
        return wanted.figures
    return tuple(name for name in OF_A_RUN if wanted.given <= HONOURS[name])


def nothing(wanted: Wanted) -> Fault:
    """Return that there is nothing to draw of what is wanted."""
    asked = ", ".join(wanted.figures) or "all"
    told = f" by measure={wanted.measure}" if wanted.measure else ""
    return Fault("figures", asked, f"this run has nothing of the kind to draw{told}")


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
    moved: Sequence[str],
    wanted: Wanted,
) -> dict[str, Callable[[], Any]]:
    """Return how each figure that a run may have is drawn, by name; `moved` is on the map."""
    from sim.plots import chain, exceedance, fan, flow_map, goods, heatmap, loss, price_fan
    from sim.plots.measure import PRICE, SHARE
    from sim.run.figures import users_of
    from sim.run.timeline import replayed

    kept = {user: kind for user, kind in users_of(study).items() if choice.has(*users[user])}
    facts = facts_until(study.settings.scenario.as_of, lang())
    several = len({kind for _, kind in kept.values()}) > 1
    along = dataclasses.replace(choice, goods=tuple(moved) if wanted.choice.goods else ())
    whole = dataclasses.replace(data, meta={**data.meta, PLACES: "", CHOICE: along})
    measure = wanted.measure or SHARE
    counted = whole if measure == PRICE else data
    return {
        "fan": lambda: fan.figure(data),
        "exceedance": lambda: exceedance.figure_of(counted, measure),
        "goods": lambda: goods.figure(whole),
        "heatmap": lambda: heatmap.figure(data, kept, measure) if several else None,
        "loss": lambda: loss.figure(whole, kept),
        "price_fan": lambda: price_fan.figure(whole) if price_fan.moves(whole) else None,
        "chain_map": lambda: chain.figure(study.settings.network, study.compiled, facts),
        "flow_map": lambda: flow_map.figure(study.settings.network, study.compiled, moved, facts),
        "timeline": lambda: replayed(study, data, wanted.replication, choice.regions),
    }


def _goods_that_move(wanted: Wanted, study: Study) -> tuple[Choice, tuple[str, ...]]:
    """Return the choice of end users, and the goods along the chain.

    Where all that is drawn is of the chain, any of its goods may be named; beside other figures
    what end users make, and of the chain then what these buy is drawn.
    """
    from sim.plots.flows import bought_for, goods_that_flow

    choice = wanted.choice
    price = wanted.measure == "price"
    names = drawn_of(wanted)
    if not all(name in ALONG or (price and name == "exceedance") for name in names):
        return choice, tuple(bought_for(study.compiled, choice.goods))
    known = goods_that_flow(study.compiled)
    ends = {good for _, _, good in users_in(study).values()}
    faults = unknown("goods", [good for good in choice.goods if good not in ends], known)
    if faults:
        raise UserError(faults)
    moved = [good for good in choice.goods if good in known]
    moved += bought_for(study.compiled, [good for good in choice.goods if good not in known])
    return dataclasses.replace(choice, goods=()), tuple(moved)


def check_adds_up(choice: Choice, users: Mapping[str, tuple[str, str, str]], data: RunData) -> None:
    """Refuse tonnes of end users whose goods do not add up."""
    goods = sorted({good for of in users.values() for good in of[2:] if choice.has(*of)})
    if len(goods) > 1 and not findings.adds_up(data):
        told = f"tonnes of different goods do not add up; choose goods= of one: {', '.join(goods)}"
        raise UserError(Fault("measure", "tonnes", told))


def check_choice(choice: Choice, users: Mapping[str, tuple[str, str, str]], data: RunData) -> None:
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
