"""Every sentence about a run, made from its numbers: figures, report and table say the same.

Facts come from ``sim.metrics.findings``; here they get words. A sentence never says more than the
replications carry: who is called hardest hit differs surely from all others or is named together
with them, "more than" is rounded down and true of the chance told, what happened in every
replication is told as that, and less than one per cent as "less than 1 %".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.metrics import findings
from sim.metrics.answer import Estimate
from sim.metrics.findings import ENOUGH, SHORT_SHARE, Hardest, Place
from sim.metrics.goods_findings import moved
from sim.network.arrays import F8
from sim.plots.words import counted, span, the
from sim.results.data import RunData, View

NAMED = 3
"""Places that a headline names; of more it tells the number."""

CHANCES = (
    (0.1, "One chance in ten"),
    (0.05, "One chance in twenty"),
    (0.01, "One chance in a hundred"),
)
SAFE = ((0.01, "99 futures of 100"), (0.05, "19 futures of 20"), (0.1, "nine futures of ten"))

SHORT = f"more than {100 * SHORT_SHARE:g} % short"
"""What is called short, wherever a chance is told."""

UNMOVED = 0.9
"""Share of its normal from which on a stock is said not to have moved."""

LITTLE = 0.01
"""Share below which no tail is told."""


class Headlines:
    """The sentences of a run.

    Parameters
    ----------
    data : RunData
        The run; nothing but its labelled results is read.
    """

    def __init__(self, data: RunData) -> None:
        self._data = data
        self._n = counted(data.n, "future")
        self._over = f"over {span(data)}"

    @cached_property
    def worst(self) -> F8:
        """Each replication's largest share over all places."""
        return findings.worst_shares(self._data)

    @cached_property
    def hardest(self) -> Hardest | None:
        """Who is hit hardest, ties together."""
        return findings.hardest(self._data)

    @property
    def anybody(self) -> bool:
        """Whether somebody is short of anything in any replication."""
        return bool(self.worst.max(initial=0.0) > 0)

    @property
    def main(self) -> str:
        """Who is hit hardest on average, or that nobody is short."""
        if not self.anybody:
            return self.nobody
        if self.hardest is None:
            return f"{self._n}: too few to say who is hit hardest"
        return f"{names(self.hardest)}, {on_average(self.hardest.places)} {self._over}"

    @property
    def all(self) -> list[str]:
        """Return all that is said above the numbers: who, how bad, how likely, and what if."""
        if not self.anybody:
            return [self.nobody, *self.held]
        return [self.main, self.how_bad, self.how_likely, *self.if_it_comes]

    @property
    def nobody(self) -> str:
        """That nobody is short, with the largest chance that so many futures leave open."""
        bound = _chance(np.zeros(self._data.n)).high
        return (
            f"Nobody runs short in any of {self._n} "
            f"(95 % sure: the chance of it is at most {at_most(bound)})"
        )

    @property
    def held(self) -> list[str]:
        """What met the demand of a run in which nobody is short, and how often it was needed."""
        data = self._data
        came = int(np.count_nonzero(~np.isnan(np.asarray(data.first_shock_day))))
        if came == 0:
            return [f"No hazard took effect in any of {self._n}"]
        told = [
            f"A hazard took effect in {came:,} of {self._n}; stocks, other suppliers and spare "
            "capacity held",
            *self._what_held(),
        ]
        for x, name in enumerate(data.reserves):
            opened = int(np.count_nonzero(np.asarray(data.reserve_released_t[:, x]) > 0))
            told.append(f"Reserve {name.replace('_', ' ')} opened in {opened:,}")
        return told

    def _what_held(self) -> list[str]:
        """Return how low the stock came that fell most, and what was still delivered to it."""
        if self._data.goods is None:
            return []
        found = moved(self._data.goods)
        if not found:
            return []
        one = found[0]
        if one.left > UNMOVED:
            return ["In 19 futures of 20 no region's stock of a good fell by as much as a tenth"]
        return [
            f"What held: stocks; that which fell most, {one.view.title}, came down from "
            f"{days_words(one.rest_days)} of use to {days_words(one.least_days)} in the median "
            f"future and {days_words(one.low_days)} in one of twenty, its deliveries over four "
            f"weeks to {share_words(one.delivery)} and {share_words(one.low_delivery)} of normal"
        ]

    @property
    def how_bad(self) -> str:
        """The tail: of the hardest hit, or of whoever it is where they tie."""
        if not self.anybody:
            return self.nobody
        if self.hardest is None:
            return f"{self._n}: too few to say how bad it gets"
        places, share, who = self.hardest.places, self.worst, "somebody"
        if len(places) == 1:
            share = findings.shares(self._data, places[0].column)
            who = name_of(places[0].view)
        return self._certain(share, who) or self._tail(share, who) or self._safe()

    def _certain(self, share: F8, who: str) -> str:
        """Return that somebody is short in every future, with its bound; "" where it is not so."""
        least = findings.tail(share, 1.0)
        if least.above < SHORT_SHARE:
            return ""
        bound = findings.rounded_down(_chance(share, least.above).low)
        return (
            f"In every one of {self._n} {who} is more than {exact(least.above)} short "
            f"{self._over} (95 % sure: in at least {exact(bound)} of all)"
        )

    def _tail(self, share: F8, who: str) -> str:
        """Return the first of `CHANCES` in which it is bad enough to be told, or ""."""
        for probability, words in CHANCES:
            found = findings.tail(share, probability)
            if found.n_beyond < findings.TAIL or found.above < LITTLE:
                continue
            often = found.n_beyond / found.n
            if often > 1.5 * probability:  # many futures alike: that chance, not a round one
                words = f"A chance of {exact(findings.rounded_down(often))}"
            return f"{words}: {who} is more than {exact(found.above)} short {self._over}"
        return ""

    def _safe(self) -> str:
        """Return in how many futures nobody at all is short by more than a little."""
        much = findings.beyond(self.worst, LITTLE)
        for probability, words in SAFE:
            if much <= probability * self._data.n:
                return f"In {words} or more nobody is more than 1 % short {self._over}"
        return f"{self._n}: too few to say how bad it gets"

    @property
    def how_likely(self) -> str:
        """The chance that somebody is short, the joint event over all places."""
        answer = _chance(self.worst)
        what = f"{whom(self._data)} is {SHORT} {self._over}"
        if answer.value == 0:
            return f"In none of {self._n} {what} (95 % sure: chance at most {at_most(answer.high)})"
        if answer.value == 1:
            low = exact(findings.rounded_down(answer.low))
            return f"In every one of {self._n} {what} (95 % sure: chance at least {low})"
        between = f"(95 %: {100 * answer.low:.1f} to {100 * answer.high:.1f})"
        return f"Chance that {what}: {probability_words(answer.value)} {between}"

    @property
    def if_it_comes(self) -> list[str]:
        """For each hazard that may not come: what the run says if it does, and if not."""
        if not self.anybody or self.hardest is None:
            return []
        place = self.hardest.places[0]
        return [
            self._if(hazard, came, place)
            for hazard, came in self._data.came.items()
            if 0 < np.count_nonzero(came) < came.size
        ]

    def _if(self, hazard: str, came: NDArray[np.bool_], place: Place) -> str:
        with_it, without = (
            mean_share(_share_within(self._data, place.column, x)) for x in (came, ~came)
        )
        often = f"{np.count_nonzero(came):,} of {counted(came.size, 'future')}"
        return (
            f"If {quoted(hazard)} comes ({often}), {name_of(place.view)} is {with_it} short on "
            f"average; without it {without}"
        )


def cells(values: Callable[[int], F8], views: Sequence[View], n: int) -> str:
    """Return who is hit hardest of the cells of a table.

    Parameters
    ----------
    values : callable
        Gives a cell's `findings.linear` numbers.
    views : sequence of View
        Their names.
    n : int
        Replications.
    """
    if n < ENOUGH:
        return f"{counted(n, 'future')}: too few to say who is hit hardest"
    found = findings.rank(values, views, range(len(views)))
    return (
        f"{counted(n, 'future')}: too few to say who is hit hardest"
        if found is None
        else f"{names(found)}, {on_average(found.places)}"
    )


def _chance(share: F8, above: float = SHORT_SHARE) -> Estimate:
    answer = findings.chance(share, above)
    assert isinstance(answer, Estimate)  # a run has a replication
    return answer


def _share_within(data: RunData, column: int, chosen: NDArray[np.bool_]) -> float:
    """Return mean shortfall over mean wanted of some of the first replications."""
    short, wanted = (
        float(np.sum(np.asarray(data.table[m][: chosen.size, column])[chosen]))
        for m in ("shortfall_t", "wanted_t")
    )
    return short / wanted if wanted > 0 else 0.0


def whom(data: RunData) -> str:
    """Return what "somebody" means in a run."""
    return (
        "at least one region"
        if findings.kind_of_places(data) == "region"
        else "at least one group of end users"
    )


def names(found: Hardest) -> str:
    """Return the hardest hit by name, ties together and called so."""
    told = [name_of(p.view) for p in found.places]
    n = len(told)
    if n == 1:
        return f"Hardest hit: {told[0]}"
    if n == found.n_place > NAMED:
        return f"All {n} are hit alike"
    if n > NAMED + 1:
        told = [*told[:NAMED], f"{n - NAMED} more"]
    return f"Hardest hit ({n} that cannot be told apart): {'; '.join(told)}"


def name_of(view: View) -> str:
    """Return a place's name inside a sentence."""
    return the(view.name) if view.kind == "region" else view.title


def quoted(text: str) -> str:
    """Return a title in quotation marks."""
    return f"\N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}"


def on_average(places: Sequence[Place]) -> str:
    """Return the mean shares of those named, as one or as a range."""
    high, low = mean_share(places[0].share), mean_share(places[-1].share)
    return f"{high} short on average" if high == low else f"{low} to {high} short on average"


def mean_share(share: float) -> str:
    """Return a mean share: two digits, below one per cent only that it is."""
    value = 100 * share
    if value < 1:
        return "less than 1 %" if value > 0 else "not at all"
    return f"{value:.0f} %" if value >= 10 else f"{value:.1f} %"


def probability_words(share: float) -> str:
    """Return a chance: below one per cent, or above 99, only that it is."""
    if share < 0.01 or share > 0.99:
        return "less than 1 %" if share < 0.01 else "more than 99 %"
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"


def days_words(days: float) -> str:
    """Return a number of days: whole, from ten on; below, to a tenth."""
    return f"{days:.0f} days" if days >= 10 else f"{days:.1f} days"


def share_words(share: float) -> str:
    """Return a share in whole per cent."""
    return f"{100 * share:.0f} %"


def exact(share: float) -> str:
    """Return a share that is rounded already."""
    return f"{100 * share:.4g} %"


def at_most(share: float) -> str:
    """Return an upper bound, rounded up."""
    value = 100 * share
    return f"{np.ceil(value):.0f} %" if value >= 10 else f"{np.ceil(10 * value) / 10:.1f} %"
