"""Rows: one number a line, as summary and comparison tables hold them."""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.metrics.answer import Answer, Refused


class Row(NamedTuple):
    """One number of the summary.

    Parameters
    ----------
    kind, view : str
        What it is about: ("region", "JPN"), ("reserve", "japan_stockpile"), ...
    measure : str
        A key of ``sim.flow.kernel.measures.UNITS``.
    statistic : str
        "mean", "sd", "q05" .. "q99", "var95", "cvar95", "ratio", "P(>0)", "P(=0)",
        "P(>0.05)".
    value, low, high : float
        The number and its 95 % interval; NaN where it is refused.
    unit : str
        Of the number.
    n : int
        Replications that it rests on.
    mark : str
        Caution in one word, to stand beside the number (``sim.metrics.answer``); "" where there is
        none.
    note : str
        Caution or reason of refusal; "" where there is none.
    """

    kind: str
    view: str
    measure: str
    statistic: str
    value: float
    low: float
    high: float
    unit: str
    n: int
    mark: str
    note: str

    @classmethod
    def of(
        cls,
        kind: str,
        view: str,
        measure: str,
        statistic: str,
        answer: Answer,
        unit: str,
        note: str = "",
    ) -> Row:
        """Return the row of an answer; `note` is added to the answer's own."""
        notes = "; ".join(x for x in (answer.note, note) if x)
        value, low, high = (math.nan,) * 3 if isinstance(answer, Refused) else answer[:3]
        numbers = value, low, high, unit, answer.n
        return cls(kind, view, measure, statistic, *numbers, answer.mark, notes)
