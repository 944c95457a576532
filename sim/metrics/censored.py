"""Times that the horizon cuts off: they are at least so long, and their mean is not known."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.metrics.answer import AT_LEAST, F8, Answer, Estimate, Refused
from sim.metrics.risk import rank

Lines = list[tuple[str, list[Answer]]]
"""Statistics, each with the answers of some views."""


def cut_off(lines: Lines, values: F8, still: NDArray[np.bool_]) -> Lines:
    """Return statistics of times of which some go on beyond the horizon.

    A mean is refused. A quantile is marked as a lower limit where it would be another one if those
    that go on never ended.

    Parameters
    ----------
    lines : list of (statistic, answers by view)
        Of times that end at the horizon at the latest.
    values : ndarray, shape (n, n_view)
        The times; NaN where there are none.
    still : ndarray of bool, shape (n, n_view)
        Which of them go on.
    """
    cut = still & ~np.isnan(values)
    told = []
    for statistic, answers in lines:
        told.append((statistic, list(answers)))
        for x in np.flatnonzero(cut.any(axis=0)).tolist():
            told[-1][1][x] = _told(statistic, answers[x], values[:, x], cut[:, x])
    return told


def _told(statistic: str, answer: Answer, values: F8, cut: NDArray[np.bool_]) -> Answer:
    if isinstance(answer, Refused):
        return answer
    if statistic == "mean":
        many = f"{np.count_nonzero(cut):,} of {answer.n:,}"
        return Refused(f"{many} were still short at the horizon", None, answer.n)
    endless = np.sort(np.where(cut, math.inf, values))  # NaN come last
    at = rank(answer.n, float(statistic.removeprefix("q")) / 100.0) - 1
    return answer if endless[at] == answer.value else _at_least(answer)


def _at_least(answer: Estimate) -> Estimate:
    note = "more than this: as many are still short at the horizon"
    return answer._replace(note=note, mark=AT_LEAST)
