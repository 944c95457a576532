"""Two runs that share no chance: differences of independent samples."""

from __future__ import annotations

import math
from typing import Any

from sim.metrics import precision
from sim.metrics.answer import FEW, Answer, Estimate, Refused
from sim.metrics.rows import Row
from sim.metrics.sections import INDEPENDENT, Sections
from sim.network.arrays import F8

NOTE = "independent: the runs share no hazard's name"


def compare_independent(
    base: F8,
    run: F8,
    measure: str = "shortfall_t",
    unit: str = "t",
    sections: tuple[Sections, Sections] = (INDEPENDENT, INDEPENDENT),
) -> list[dict[str, Any]]:
    """Return how a run compares with a base whose shocks are not its own; run - base.

    Parameters
    ----------
    base, run : ndarray, shape (n_base,) and (n_run,)
        Losses; nothing pairs.
    measure, unit : str, optional
        What they are.
    sections : (Sections, Sections), optional
        How replications of the base and of the run belong together.

    Returns
    -------
    list of dict
        measure, statistic, value, low, high, unit, n, note, as ``sim.metrics.compare.compare``.
        Only "mean_difference" and "cvar95_difference": chances of one against the other are of
        pairs.
    """
    means, cvars = [], []
    for losses, how in zip((run, base), sections[::-1], strict=True):
        means.append(precision.mean(losses, sections=how))
        cvars.append(precision.cvar(losses, 0.95, sections=how))
    answers = {"mean_difference": difference(*means), "cvar95_difference": difference(*cvars)}
    rows = [Row.of("", "", measure, name, a, unit, NOTE) for name, a in answers.items()]
    return [{k: v for k, v in r._asdict().items() if k not in ("kind", "view")} for r in rows]


def difference(a: Answer, b: Answer) -> Answer:
    """Return A - B of two independent samples, from the interval of each.

    Each limit lies as far off as the two distances towards it come to, squared and added [1]_, so
    that skewed intervals stay skewed.

    References
    ----------
    .. [1] Zou and Donner (2008), Statistics in Medicine 27(10), 1693-1702.

    Examples
    --------
    >>> difference(Estimate(5.0, 2.0, 9.0, 100), Estimate(1.0, 1.0, 1.0, 100))[:3]
    (4.0, 1.0, 8.0)
    """
    if isinstance(a, Refused):
        return a
    if isinstance(b, Refused):
        return b
    value = a.value - b.value
    low = value - math.hypot(a.value - a.low, b.high - b.value)
    high = value + math.hypot(a.high - a.value, b.value - b.low)
    few = next((x for x in (a, b) if x.mark == FEW), None)
    note, mark = (few.note, few.mark) if few else ("", "")
    return Estimate(value, low, high, min(a.n, b.n), note, mark)
