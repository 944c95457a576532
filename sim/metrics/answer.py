"""Answers to "how much?": an estimate with its interval, or a refusal with its reason."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

F8 = NDArray[np.float64]

CONFIDENCE = 0.95
"""Of every interval of this program."""

FEW = "few"
ALIKE = "alike"
UNSEEN = "unseen"
AT_LEAST = ">"
WIDE = "wide"
REFUSED = "refused"

MARKS = {
    FEW: "too few replications, or too skewed: the interval may hold less often than 95 %",
    ALIKE: "the same in every replication: they do not say how sure it is",
    UNSEEN: "never seen above 0, and how high it could be is not known",
    WIDE: "too few blocks of futures: the interval is that of independent ones, likely too wide",
    AT_LEAST: "more than this: the horizon cuts it off",
    REFUSED: "the replications cannot support a number",
}
"""Cautions in one word, to stand beside a number, and what they mean."""


class Estimate(NamedTuple):
    """A number with its 95 % interval.

    Parameters
    ----------
    value, low, high : float
        Estimate and limits, in the unit of the data.
    n : int
        Replications that it rests on.
    note : str
        A caution for the reader; "" where there is none.
    mark : str
        The caution in one word, to stand beside the number: a key of `MARKS`.
    """

    value: float
    low: float
    high: float
    n: int
    note: str = ""
    mark: str = ""


class Refused(NamedTuple):
    """A number that the replications cannot support.

    Parameters
    ----------
    reason : str
        Why.
    replications_needed : int or None
        How many would do; None where no number can be named.
    n : int
        Replications at hand.
    """

    reason: str
    replications_needed: int | None
    n: int = 0

    @property
    def mark(self) -> str:
        """The refusal in one word."""
        return REFUSED

    @property
    def note(self) -> str:
        """The refusal in one line."""
        if self.replications_needed is None:
            return f"refused: {self.reason}"
        return f"refused: {self.reason}; about {self.replications_needed:,} replications would do"


Answer = Estimate | Refused


@cache
def normal(confidence: float) -> float:
    """Return how many standard errors a two-sided normal interval reaches."""
    return float(special.ndtri(0.5 + confidence / 2.0))
