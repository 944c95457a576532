"""When is it bad: a box found on half of the futures, measured on the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.advice.avoided import half_of
from sim.base.sections import INDEPENDENT, Sections
from sim.metrics import precision
from sim.metrics.answer import Answer
from sim.metrics.part import share_where
from sim.metrics.prim import Box, find_box
from sim.network.arrays import F8

LEAST_BAD = 20
"""Bad futures in the half that finds the box below which none is looked for."""


@dataclass(frozen=True)
class Bad:
    """Which futures are bad.

    Parameters
    ----------
    limit : float
        Loss above which one is.
    share : float
        Of the futures.
    """

    limit: float
    share: float

    @classmethod
    def above(cls, loss: F8, level: float) -> Bad:
        """Return the futures whose loss is above its quantile; 0 where that is lower."""
        limit = max(0.0, float(np.quantile(loss, level, method="inverted_cdf")))
        return cls(limit, float((loss > limit).mean()))


@dataclass(frozen=True)
class Found:
    """The box, and how it does on the half that had no say in it.

    Parameters
    ----------
    limits : dict of (float, float)
        Input -> lowest and highest; -inf and inf where open. Empty: no box.
    bad : Bad
        What it tells.
    coverage, density, mass : Estimate or Refused or None
        Share of the bad futures inside; share of those inside that are bad; share inside.
    why_none : str
        Why there is no box.
    """

    limits: dict[str, tuple[float, float]]
    bad: Bad
    coverage: Answer | None = None
    density: Answer | None = None
    mass: Answer | None = None
    why_none: str = ""

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of ``boxes.csv``: a limit each, with how the whole box does."""
        numbers: dict[str, Any] = {}
        for name in ("coverage", "density", "mass"):
            answer = getattr(self, name)
            three = answer[:3] if answer is not None and len(answer) > 3 else (np.nan,) * 3
            numbers |= dict(zip((name, f"{name}_low", f"{name}_high"), three, strict=True))
        return [
            {"input": name, "lowest": low, "highest": high, **numbers, "bad_above": self.bad.limit,
             "share_bad": self.bad.share}
            for name, (low, high) in self.limits.items()
        ]  # fmt: skip


def boxes_of(
    inputs: Mapping[str, F8], loss: F8, bad: Bad, sections: Sections = INDEPENDENT
) -> Found:
    """Return the box of inputs in which futures are bad.

    Parameters
    ----------
    inputs : mapping of str to ndarray, shape (n,)
        Among which limits are looked for; NaN means never, and counts as later than any day.
    loss : ndarray, shape (n,)
        Of each future.
    bad : Bad
        Which are bad.
    sections : Sections, optional
        How futures belong together; halves are whole blocks of them.
    """
    x = np.stack([np.where(np.isnan(v), np.inf, v) for v in inputs.values()], axis=1)
    is_bad = loss > bad.limit
    half = half_of(loss.size, sections)
    if is_bad[:half].sum() < LEAST_BAD:
        told = f"{int(is_bad[:half].sum())} bad futures in the half that would find it"
        return Found({}, bad, why_none=f"{told}; {LEAST_BAD} at least")
    box = find_box(x[:half], is_bad[:half])
    if box is None or not box.restricted:
        return Found({}, bad, why_none="no limit of any input tells them apart beyond chance")
    return _measured(box, list(inputs), x[half:], is_bad[half:], bad, sections)


def _measured(
    box: Box, names: list[str], x: F8, is_bad: NDArray[np.bool_], bad: Bad, sections: Sections
) -> Found:
    inside = box.holds(x)
    limits = {names[j]: (float(box.low[j]), float(box.high[j])) for j in box.restricted}
    return Found(
        limits,
        bad,
        share_where(is_bad, inside, sections),
        share_where(inside, is_bad, sections),
        precision.chance(inside, sections=sections),
    )
