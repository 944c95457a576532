"""Words of a comparison of runs, by measure."""

from __future__ import annotations

from dataclasses import dataclass

from sim.plots.measure import SHARE, TONNES, VALUE
from sim.plots.page import lang
from sim.plots.words import the
from sim.words.numbers import decimals, digits
from sim.words.say import say

WHAT = {SHARE: "compare.shortfall", TONNES: "compare.shortfall", VALUE: "compare.value"}
LESS = {SHARE: "compare.share_less", TONNES: "compare.tonnes_less", VALUE: "compare.value_less"}
MORE = {SHARE: "compare.share_more", TONNES: "compare.tonnes_more", VALUE: "compare.value_more"}
CHANCES = {SHARE: "compare.chances", TONNES: "compare.chances", VALUE: "compare.chances_value"}
MEAN = {SHARE: "compare.mean_share", TONNES: "compare.mean_tonnes", VALUE: "compare.mean_value"}


@dataclass(frozen=True)
class Against:
    """By what runs are compared.

    Parameters
    ----------
    word : str
        Of ``sim.plots.measure``.
    unit : str
        For people; of a share none is asked for.
    """

    word: str = SHARE
    unit: str = ""

    @property
    def what(self) -> str:
        """What is compared."""
        return say(WHAT[self.word], lang())

    @property
    def of(self) -> str:
        """The unit in full."""
        return say("compare.percent", lang()) if self.word == SHARE else self.unit

    @property
    def axis(self) -> str:
        """The label of the axis."""
        return say("compare.axis", lang(), what=self.what, unit=self.of)

    @property
    def mean(self) -> str:
        """What a table of means holds."""
        return say(MEAN[self.word], lang(), unit=self.unit)

    @property
    def differs(self) -> str:
        """The label of the axis of differences."""
        if self.word == SHARE:
            return say("compare.points_axis", lang())
        return say("compare.less_axis", lang(), unit=self.unit)

    @property
    def chances(self) -> str:
        """What chances are told of."""
        return say(CHANCES[self.word], lang())

    def sentence(self, run: str, place: str, difference: float, base: str) -> str:
        """Return how far a run differs from the base in a place."""
        keys = LESS if difference < 0 else MORE
        told = points(difference)
        if self.word != SHARE:
            told = say("measure.amount", lang(), value=digits(abs(difference), lang()),
                       unit=self.unit)  # fmt: skip
        named = the(place, lang=lang())
        return say(keys[self.word], lang(), run=run, place=named, points=told, base=base)


def points(difference: float) -> str:
    """Return the size of a difference of percentages."""
    size = abs(difference)
    if size < 0.1:
        return say("compare.under_tenth", lang())
    return decimals(size, 0 if size >= 10 else 1, lang())
