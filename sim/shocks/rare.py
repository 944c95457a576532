"""Rare shocks: how likely it is that any comes, where that is known before one is drawn.

The chance of a shock on a date is its probability, that of a Poisson process 1 - exp(-L), L its
intensity summed over all days on which an onset counts. With a tension, with an onset that hangs on
a common factor, and of a renewal it has no closed form: such a hazard comes as it comes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sim.shocks.compiling import Row
from sim.shocks.kernel.shocks import DATED, POISSON, TRIGGERED
from sim.shocks.records import Rules

RARE = 0.25
"""Chance of any shock below which half of the futures get one, weighted."""


def put_chances(rows: Sequence[Row], order: Sequence[int]) -> None:
    """Write into each hazard's row how likely it comes, and it or one that is drawn after it.

    Parameters
    ----------
    rows : sequence of dict
        Fields of the hazards, with ``until_days``.
    order : sequence of int
        In which they are drawn.
    """
    later = 0.0
    for i in reversed(order):
        comes = rows[i]["comes"] = _chance(rows[i])
        later = rows[i]["comes_or_later"] = comes + (1.0 - comes) * later


def _chance(row: Row) -> float:
    """Return the chance that a hazard comes at all; 0 where it is not known, or certain."""
    if row["onset"] == DATED:
        return float(row["probability"]) if row["probability"] < 1.0 else 0.0
    if row["onset"] != POISSON or row["has_tension"] or row["tied_onset"]:
        return 0.0
    ends = [*row["rate_day"][1:], math.inf]
    spans = (
        max(0.0, min(end, row["until_days"]) - max(0.0, begin))
        for begin, end in zip(row["rate_day"], ends, strict=True)
    )
    return -math.expm1(-math.fsum(r * span for r, span in zip(row["rate"], spans, strict=True)))


def any_comes(rules: Rules) -> float | None:
    """Return the chance that any shock comes; None where it is not known, 0 or 1.

    Known where each hazard's own is, or it follows one whose chance is.
    """
    known = all(
        h.comes > 0.0 or (h.onset == TRIGGERED and h.parent >= 0) or _never(rules, h)
        for h in rules.hazard
    )
    if not known:
        return None
    none = math.prod(1.0 - float(h.comes) for h in rules.hazard)
    return 1.0 - none if 0.0 < none < 1.0 else None


def _never(rules: Rules, hazard: Any) -> bool:
    """Return whether a hazard cannot come at all."""
    if hazard.onset == POISSON:
        return not rules.rate[hazard.rate_from : hazard.rate_to].any()
    return bool(hazard.onset == DATED and hazard.probability == 0.0)
