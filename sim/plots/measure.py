"""By what a figure measures a loss: share of what was wanted, tonnes, value added, price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from sim.metrics import findings, precision
from sim.metrics.answer import Estimate
from sim.metrics.dear import dearest
from sim.network.arrays import F8
from sim.plots.choice import choice_of
from sim.plots.page import lang
from sim.plots.phrases import NAMED, name_of
from sim.plots.words import ordered_regions, span
from sim.results.data import RunData, View
from sim.words.numbers import digits
from sim.words.say import say

SHARE, TONNES, VALUE, PRICE = "share", "tonnes", "value_added", "price"

Unit = tuple[float, str]
"""What one is of the tables' unit, and the key of its name."""


class Measure(NamedTuple):
    """A measure of the losses over the horizon.

    Parameters
    ----------
    column : str
        Of the run's tables.
    units : tuple of (float, str)
        What people read it in, small ones first.
    axis, what, most, heat : str
        Keys of its words: label of an axis, what the chance is of, headline, and the heat map's.
    csv : str
        Its unit in tables.
    """

    column: str
    units: tuple[Unit, ...]
    axis: str
    what: str
    most: str
    heat: str
    csv: str


MEASURES = {
    TONNES: Measure("shortfall_t", ((1.0, "measure.t"), (1e3, "measure.kt")),
                    "measure.tonnes_axis", "measure.tonnes_what", "measure.tonnes_most",
                    "measure.tonnes_heat", "t over the horizon"),
    VALUE: Measure("value_added_lost_usd", ((1e6, "measure.million"), (1e9, "measure.billion")),
                   "measure.value_axis", "measure.value_what", "measure.value_most",
                   "measure.value_heat", "USD over the horizon"),
    PRICE: Measure("price_index_peak", ((1.0, "measure.times"),), "measure.price_axis",
                   "measure.price_what", "measure.price_most", "", "times the price before"),
}  # fmt: skip
"""By word; a share has its own words, for headlines are about shares."""

LARGE_YEN = 1e8
"""Japanese counts large amounts of money in hundreds of millions."""


class Quantity(NamedTuple):
    """A measure of a run, in a unit that suits its size.

    Parameters
    ----------
    measure : Measure
        Which.
    views : tuple of View
        Of whom.
    raw : callable
        View's position -> its values in the tables' unit, one a replication.
    scale : float
        One of the unit, in the tables'.
    unit : str
        For people.
    """

    measure: Measure
    views: tuple[View, ...]
    raw: Callable[[int], F8]
    scale: float
    unit: str

    def values(self, x: int) -> F8:
        """Return the values of a view in the unit."""
        return self.raw(x) / self.scale

    @property
    def axis(self) -> str:
        """The label of an axis."""
        return say(self.measure.axis, lang(), unit=self.unit)

    def amount(self, value: float) -> str:
        """Return an amount in the unit, for people."""
        return say("measure.amount", lang(), value=digits(value, lang()), unit=self.unit)


def quantity(data: RunData, word: str) -> Quantity:
    """Return what a run has of a measure, those first who have most of it.

    Parameters
    ----------
    data : RunData
        The run, or a part of it (``sim.plots.choice``).
    word : str
        Of `MEASURES`.
    """
    measure = MEASURES[word]
    views = views_of(data, word)
    columns = [_column(data, word, view) for view in views]
    table = data.table if word != PRICE or data.prices is None else data.prices.table

    def raw(x: int) -> F8:
        return np.asarray(table[measure.column][:, columns[x]], float)

    scale, unit = unit_for((float(np.quantile(raw(x), 0.95)) for x in range(len(views))), word)
    return Quantity(measure, views, raw, scale, unit)


def views_of(data: RunData, word: str) -> tuple[View, ...]:
    """Return whom a measure of a run is told of."""
    if word == PRICE:
        wanted = choice_of(data).goods
        return tuple(view for view in dearest(data) if not wanted
                     or view.name.partition("/")[0] in wanted)  # fmt: skip
    kind = "region" if word == VALUE and not data.meta.get("places") else ""
    columns = data.columns(kind or findings.kind_of_places(data))
    found = {data.views[x].name: data.views[x] for x in columns}
    order = ordered_regions([*found]) if kind or _regions(data, columns) else [*found]
    return tuple(found[name] for name in order)


def _regions(data: RunData, columns: Sequence[int]) -> bool:
    return all(data.views[x].kind == "region" for x in columns)


def _column(data: RunData, word: str, view: View) -> int:
    if word == PRICE:
        assert data.prices is not None
        return data.prices.views.index(view)
    return data.index(view.kind, view.name)


def unit_for(amounts: Iterable[float], word: str) -> tuple[float, str]:
    """Return the unit that suits the largest of some amounts, and its name."""
    most = max((abs(a) for a in amounts), default=0.0)
    if word == VALUE and lang() == "ja":
        return LARGE_YEN, say("measure.billion", lang())
    units = MEASURES[word].units
    scale, name = next((u for u in reversed(units) if most >= u[0]), units[0])
    return scale, say(name, lang())


def most(data: RunData, found: Quantity) -> str:
    """Return who has most of a measure, ties together, with the mean and its interval."""
    views, of = found.views, lang()
    ranked = None
    if data.n >= findings.ENOUGH and views:
        ranked = findings.rank(found.values, views, range(len(views)), data.sections)
    if ranked is None:
        return say("headline.too_few_who", of, futures=say("count.futures", of, n=data.n))
    places = ranked.places
    told = [name_of(p.view, of) for p in places[: NAMED if len(places) > NAMED + 1 else None]]
    if len(told) < len(places):
        told.append(say("headline.more", of, n=len(places) - len(told)))
    names = say("headline.list", of).join(told)
    over = say("time.over", of, span=span(data, of))
    low, high = digits(places[-1].share, of), found.amount(places[0].share)
    if len(places) > 1:
        names = say("measure.alike", of, names=names, n=len(places))
        mean = high if low == digits(places[0].share, of) else say(
            "measure.range", of, low=low, high=high)  # fmt: skip
        return say(found.measure.most, of, names=names, mean=mean, over=over)
    sentence = say(found.measure.most, of, names=names, mean=high, over=over)
    answer = precision.mean(found.values(places[0].column), sections=data.sections)
    if not isinstance(answer, Estimate):
        return sentence
    limits = {"low": digits(answer.low, of), "high": digits(answer.high, of)}
    return say("measure.interval", of, told=sentence, **limits)
