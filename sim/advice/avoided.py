"""What a candidate is worth: loss without it less loss with it, future by future."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sim.advice.candidates import Candidate
from sim.metrics import precision
from sim.metrics.answer import CONFIDENCE, Answer, Estimate, Refused
from sim.metrics.compare import cvar_difference
from sim.metrics.risk import cvar
from sim.metrics.sections import INDEPENDENT, Sections
from sim.network.arrays import F8

LEVEL = 0.95
"""Of the CVaR."""


class Worth(NamedTuple):
    """How much less is lost; positive is good.

    Parameters
    ----------
    mean : Estimate or Refused
        Mean avoided loss.
    cvar : Estimate or Refused
        CVaR at 95 % without, less that with.
    helps, harms : Estimate or Refused
        P(less is lost), P(more is lost).
    """

    mean: Answer
    cvar: Answer
    helps: Answer
    harms: Answer


def worth(
    without: F8, with_it: F8, *, tail: bool = True, sections: Sections = INDEPENDENT
) -> Worth:
    """Return what lowers one loss to the other, pair by pair.

    Parameters
    ----------
    without, with_it : ndarray, shape (n,)
        Losses of the same replications.
    tail : bool, optional
        Whether to work out the CVaR's interval, which takes a bootstrap.
    sections : Sections, optional
        How replications belong together.

    Raises
    ------
    ValueError
        If they do not pair up.
    """
    if without.shape != with_it.shape:
        raise ValueError(f"losses of shapes {without.shape} and {with_it.shape} do not pair up")
    n = without.size
    not_asked = Refused("not asked", None, n)
    return Worth(
        precision.mean(without - with_it, sections=sections),
        cvar_difference(without, with_it, LEVEL, sections=sections) if tail else not_asked,
        precision.chance(with_it < without, sections=sections),
        precision.chance(with_it > without, sections=sections),
    )


def gain(without: F8, with_it: F8, by: str) -> float:
    """Return the avoided mean or CVaR, without interval: what a search compares."""
    if by == "mean":
        return float(np.mean(without - with_it))
    return cvar(without, LEVEL) - cvar(with_it, LEVEL)


def sure(without: F8, with_it: F8, n_tried: int, sections: Sections = INDEPENDENT) -> bool:
    """Whether a mean gain is above 0 with 95 % confidence in all of `n_tried` together.

    Bonferroni: each interval at a confidence of 1 - 0.05 / n_tried.
    """
    confidence = 1.0 - (1.0 - CONFIDENCE) / max(1, n_tried)
    answer = precision.mean(without - with_it, confidence, sections=sections)
    return isinstance(answer, Estimate) and answer.low > 0


def half_of(n: int, sections: Sections) -> int:
    """Return how many of n futures choose: about half, in whole blocks of those drawn together."""
    size = sections.size or 1
    return n // size // 2 * size or n // 2


def cells(name: str, answer: Answer, unit: str = "") -> dict[str, Any]:
    """Return an answer as three columns: value, low, high; NaN where it is refused."""
    value, low, high = (math.nan,) * 3 if isinstance(answer, Refused) else answer[:3]
    end = f"_{unit}" if unit else ""
    return {f"{name}{end}": value, f"{name}_low{end}": low, f"{name}_high{end}": high}


def scaled(answer: Answer, by: float) -> Answer:
    """Return an estimate in another unit; refused where the factor is not known."""
    if isinstance(answer, Refused):
        return answer
    if math.isnan(by) or math.isinf(by):
        return Refused("the size or cost is not known", None, answer.n)
    return Estimate(answer.value * by, answer.low * by, answer.high * by, answer.n, answer.note)


def per(candidate: Candidate) -> tuple[float, float]:
    """Return one over a candidate's size in t, and over its cost in US dollars."""
    return 1.0 / (candidate.size_t or math.nan), 1.0 / (candidate.cost_usd or math.nan)
