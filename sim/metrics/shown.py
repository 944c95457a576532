"""How a statistic of a measure is shown to people: its label, unit and digits, by the register."""

from __future__ import annotations

from typing import NamedTuple

from sim.flow.kernel.measures import MEASURES, OTHERS
from sim.metrics.statistics import unit_of

PERCENT = ("share", "probability")
"""Units that people read in %."""

BILLIONS = "bn USD"
"""What people read US dollars in."""

_BY_NAME = {one.name: one for one in (*MEASURES, *OTHERS)}


class Column(NamedTuple):
    """A column of a table of results.

    Parameters
    ----------
    words : str
        Its header, in which ``{label}``, ``{Label}`` (with a capital) and ``{unit}`` stand for
        those of the measure.
    measure, statistic : str
        As in ``summary.csv``.
    """

    words: str
    measure: str
    statistic: str

    @property
    def label(self) -> str:
        """What people call the measure."""
        return _BY_NAME[self.measure].label

    @property
    def unit(self) -> str:
        """What the number is shown in."""
        unit = unit_of(self.measure, self.statistic)
        return "%" if unit in PERCENT else BILLIONS if unit == "USD" else unit

    @property
    def scale(self) -> float:
        """What a number of the summary is multiplied by to be shown."""
        return {"%": 100.0, BILLIONS: 1e-9}.get(self.unit, 1.0)

    @property
    def decimals(self) -> int:
        """Decimals of a shown number, at most."""
        return _BY_NAME[self.measure].decimals

    def head(self, label: str = "") -> str:
        """Return the header, with the label as it is or as given: broken into lines, say."""
        label = label or self.label
        return self.words.format(label=label, Label=label[:1].upper() + label[1:], unit=self.unit)
