"""The statistics that a sweep tells of each view, for all views at once.

The same numbers, to the last bit, as the rows of ``summarize``: fewer of them, and in arrays. A
sweep of a thousand scenarios asks for a million, and one call each would cost more than the
simulation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.metrics import precision
from sim.metrics.answer import Answer, Estimate, Refused
from sim.metrics.loss import shortfall_share, since_shock
from sim.metrics.risk import rank
from sim.metrics.statistics import (
    LEVELS,
    QUANTILES,
    RESERVE_STATISTICS,
    SHARES,
    STATISTICS,
    Column,
    column_of,
    unit_of,
)
from sim.metrics.tails import BEYOND, TAIL, cvar_estimate, hall, quantile_needs, ranks
from sim.network.arrays import F8

_FEW = ("mean", "q50", "q95")
BRIEF: dict[str, tuple[str, ...]] = {
    "shortfall_t": (
        "mean", "q05", "q25", "q50", "q75", "q95", "q99", "P(>0)", "cvar90", "cvar95", "cvar99",
    ),
    "shortfall_share": ("q50", "q95", "q99", "P(>0.01)", "P(>0.05)", "P(>0.1)"),
    "worst_share": _FEW,
    "days_short": _FEW,
    "time_to_survive_days": ("mean", "q05", "q50"),
    "wanted_t": ("mean",),
    "spared_t": ("mean",),
    "destroyed_t": ("mean",),
    "structural_t": ("mean",),
    "disruption_t": ("mean", "q95", "cvar95"),
    "value_lost_usd": ("mean", "q95", "cvar95"),
}  # fmt: skip
"""What is told of each measure, in order; all of it is also in a run's summary."""

LONG = 32_768
"""Longer columns are told one by one: the gain is in many short ones."""


class Told(NamedTuple):
    """One statistic of one measure, for every view.

    Parameters
    ----------
    measure, statistic, unit : str
        What it is.
    value, low, high : ndarray, shape (n_view,)
        The number and its 95 % interval; NaN where it is refused.
    n : ndarray of int, shape (n_view,)
        Replications that it rests on.
    note : list of str
        Caution or reason of refusal; "" where there is none.
    """

    measure: str
    statistic: str
    unit: str
    value: F8
    low: F8
    high: F8
    n: np.ndarray
    note: list[str]


class _Batch(NamedTuple):
    """A measure without NaN: as drawn, and ascending, shape (n_view, n)."""

    raw: F8
    ordered: F8


class _Numbers(NamedTuple):
    """Answers of all views at once, as ``Told`` holds them."""

    value: F8
    low: F8
    high: F8
    n: np.ndarray
    note: list[str]


Answers = Callable[[_Batch], list[Answer] | _Numbers]


def brief(
    table: Mapping[str, F8],
    *,
    first_shock_day: F8 | None = None,
    structural_t: F8 | None = None,
    value_lost_usd: F8 | None = None,
) -> list[Told]:
    """Return the statistics of `BRIEF`, each for all views.

    Parameters
    ----------
    table : mapping of str to ndarray, shape (n, n_view)
        Measures of ``sim.metrics.loss.measure``.
    first_shock_day : ndarray, shape (n,), optional
        For time to survive.
    structural_t, value_lost_usd : ndarray, shape (n, n_view), optional
        As for ``sim.metrics.summary.summarize``.

    Returns
    -------
    list of Told
        By measure and statistic. A view whose end users' value is not known has no value lost.
    """
    measures = dict(table) | {"shortfall_share": shortfall_share(dict(table))}
    if first_shock_day is not None:
        survived = since_shock(table["first_shortage_day"], first_shock_day)
        measures["time_to_survive_days"] = survived
    if structural_t is not None and np.any(structural_t > 0):
        measures |= {
            "structural_t": structural_t,
            "disruption_t": table["shortfall_t"] - structural_t,
        }
    if value_lost_usd is not None and np.isfinite(value_lost_usd).any():
        measures["value_lost_usd"] = value_lost_usd
    told = [_ratio(table)]
    for measure, statistics in BRIEF.items():
        if measure in measures:
            told += _of_measure(measure, statistics, measures[measure])
    return told


def brief_reserves(released_t: F8) -> list[Told]:
    """Return the mean, the chance and the 95 % quantile of what each reserve releases.

    Parameters
    ----------
    released_t : ndarray, shape (n, n_reserve)
        Released from each reserve, in tonnes.
    """
    columns = [column_of(x) for x in released_t.T]
    return [
        _told("released_t", name, [of(column) for column in columns])
        for name, of in RESERVE_STATISTICS.items()
    ]


def _of_measure(measure: str, statistics: Sequence[str], values: F8) -> list[Told]:
    raw = np.ascontiguousarray(values.T)
    absent = np.count_nonzero(np.isnan(raw), axis=1)
    if absent.any():  # given that something happened: each view has its own number
        n = raw.shape[1]
        ordered = zip(np.sort(raw, axis=1), absent.tolist(), strict=True)  # NaN come last
        columns = [Column(n, row[: n - k]) for row, k in ordered]
        return [_told(measure, s, [STATISTICS[measure][s](c) for c in columns]) for s in statistics]
    batch = _Batch(raw, raw if measure == "wanted_t" else np.sort(raw, axis=1))
    return [_told(measure, s, _ANSWERS[s](batch)) for s in statistics]


def _told(measure: str, statistic: str, answers: Sequence[Answer] | _Numbers) -> Told:
    numbers = answers if isinstance(answers, _Numbers) else _numbers(answers)
    return Told(measure, statistic, unit_of(measure, statistic), *numbers)


def _numbers(answers: Sequence[Answer]) -> _Numbers:
    none = (math.nan,) * 3
    value, low, high = np.array([none if isinstance(a, Refused) else a[:3] for a in answers]).T
    return _Numbers(value, low, high, np.array([a.n for a in answers]), [a.note for a in answers])


def _ratio(table: Mapping[str, F8]) -> Told:
    """Return mean shortfall / mean wanted of each view."""
    short, wanted = (np.ascontiguousarray(table[m].T) for m in ("shortfall_t", "wanted_t"))
    n = short.shape[1]
    if n < 2 or n > LONG:
        answers = [precision.ratio(x, y) for x, y in zip(short, wanted, strict=True)]
        return _told("shortfall_share", "ratio", answers)
    below = wanted.sum(axis=1) / n
    asked = np.where(below == 0.0, 1.0, below)
    value = (short.sum(axis=1) / n) / asked
    off = (short - value[:, None] * wanted) / asked[:, None]
    error = _of_rows(off)
    half = (error.high - error.low) / 2.0
    nothing = below == 0.0
    value, low, high = (np.where(nothing, np.nan, x) for x in (value, value - half, value + half))
    refusal = precision.NOTHING_WANTED.note
    notes = [refusal if x else e for x, e in zip(nothing.tolist(), error.note, strict=True)]
    return _told("shortfall_share", "ratio", _Numbers(value, low, high, error.n, notes))


def _means(batch: _Batch) -> list[Answer] | _Numbers:
    n = batch.ordered.shape[1]
    if n < 2 or n > LONG:
        return [precision.mean(row) for row in batch.ordered]
    return _of_rows(batch.ordered)


def _of_rows(x: F8) -> _Numbers:
    """Return the mean of each row, of two numbers or more."""
    n = x.shape[1]
    centre = x.sum(axis=1) / n
    off = x - centre[:, None]
    square = off * off
    second = square.sum(axis=1) / n
    square *= off
    third = square.sum(axis=1) / n
    same = np.all(x == x[:, :1], axis=1)
    half = np.where(same, 0.0, precision.half_width(second, n))
    value = np.where(same, x[:, 0], centre)
    notes = [
        precision.all_alike(n) if alike else precision.skewed(m2, m3, n)
        for alike, m2, m3 in zip(*_lists(same, second, third), strict=True)
    ]
    return _Numbers(value, value - half, value + half, np.full(x.shape[0], n), notes)


def _quantiles(level: float) -> Answers:
    def answers(batch: _Batch) -> list[Answer] | _Numbers:
        n_view, n = batch.ordered.shape
        limits = ranks(n, level) if n else None
        if limits is None:
            reason = f"{n} replications hold no 95 % interval for a {100 * level:g} % quantile"
            return [Refused(reason, quantile_needs(level), n)] * n_view
        value, low, high = (batch.ordered[:, k - 1] for k in (rank(n, level), *limits))
        return _Numbers(value, low, high, np.full(n_view, n), [""] * n_view)

    return answers


def _chances(x: float) -> Answers:
    def answers(batch: _Batch) -> list[Answer]:
        n = batch.ordered.shape[1]
        count = np.count_nonzero(batch.ordered > x, axis=1)
        return [precision.probability(c, n) for c in count.tolist()]

    return answers


def _cvars(level: float) -> Answers:
    def answers(batch: _Batch) -> list[Answer]:
        x = batch.ordered
        n = x.shape[1]
        k = rank(n, level) if n else 0
        if n - k < TAIL:
            return [cvar_estimate(row, level) for row in x]
        excess = x[:, k:] - x[:, k - 1 : k]
        z = excess / (1.0 - level)
        first = z.sum(axis=1) / n
        sums = (
            np.count_nonzero(excess, axis=1),
            x[:, k - 1],
            excess.sum(axis=1),
            first,
            (z * z).sum(axis=1),
            ((z - first[:, None]) ** 3).sum(axis=1),
        )
        out: list[Answer] = []
        for v, (beyond, cut, over, mean, *powers) in enumerate(zip(*_lists(*sums), strict=True)):
            if beyond < BEYOND:
                out.append(cvar_estimate(x[v], level))
                continue
            value = cut + over / n / (1.0 - level)
            low, high = hall(value, mean, powers[0], powers[1], n - k, n)
            out.append(Estimate(value, max(low, float(x[v, 0])), high, n))
        return out

    return answers


def _lists(*arrays: F8) -> list[list[Any]]:
    return [a.tolist() for a in arrays]


_ANSWERS: dict[str, Answers] = {
    "mean": _means,
    **{f"q{round(100 * q):02d}": _quantiles(q) for q in QUANTILES},
    **{f"cvar{round(100 * p):02d}": _cvars(p) for p in LEVELS},
    **{f"P(>{x:g})": _chances(x) for x in (0.0, *SHARES)},
}
"""A statistic of all views at once, by name."""
