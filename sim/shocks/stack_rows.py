"""Rows of hazards, effects, projects and parameters, put together as ``Rules``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.network.arrays import F8, I4
from sim.shocks.compiling import Row
from sim.shocks.copies import Copy, parents_first
from sim.shocks.kernel.quantile import quantile
from sim.shocks.rare import put_chances
from sim.shocks.records import EFFECT, HAZARD, PARAMETER, PROJECT, Numbers, Rules

RARE = 1e-6
"""A notice longer than its 1 - RARE quantile may be missed where its onset is past the horizon."""


def records(rows: Sequence[Row], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return one record a row, of the fields that `dtype` has."""
    names = dtype.names or ()
    out = np.array([tuple(row[name] for name in names) for row in rows], dtype)
    return out.view(np.recarray)  # fields by attribute, uncompiled too


def ragged(lists: Sequence[Any], kind: Any) -> tuple[I4, NDArray[Any]]:
    """Return CSR offsets and the lists end to end."""
    ptr = np.concatenate([[0], np.cumsum([len(x) for x in lists])]).astype(np.int32)
    return ptr, np.array([v for x in lists for v in x], kind)


def stack(
    copies: list[Copy],
    hazards: list[Row],
    effects: list[list[Row]],
    projects: list[Row],
    parameters: list[Row],
    numbers: Numbers,
    horizon_days: float,
) -> Rules:
    """Return the rules that the kernels read.

    Parameters
    ----------
    copies : list of Copy
        In name order.
    hazards, effects : list of Row, list of list of Row
        One entry a copy.
    projects, parameters : list of Row
        In the order of the tape.
    numbers : Numbers
        The laws.
    horizon_days : float
        End of the simulated time.

    Returns
    -------
    Rules
        Records and the lists that they point into.
    """
    rate_ptr, rate_day = ragged([row["rate_day"] for row in hazards], float)
    table_ptr, table_day = ragged([row["table_day"] for row in hazards], float)
    effect_ptr, flat = ragged(effects, object)
    applicant_ptr, applicants = ragged([row["applicants"] for row in flat], np.uint64)
    for i, row in enumerate(flat):
        row["applicant_from"], row["applicant_to"] = applicant_ptr[i], applicant_ptr[i + 1]
    number = {c.name: i for i, c in enumerate(copies)}
    until = horizon_days + _reach(copies, hazards, numbers)
    for i, (copy, row) in enumerate(zip(copies, hazards, strict=True)):
        row["parent"] = number[copy.parent] if copy.parent else -1
        row["until_days"] = until[i]
        factor = max(row["calm_factor"], row["tense_factor"])
        row["most"] = max(row["rate"], default=0.0) * factor * until[i] * (1.0 + RARE)
        for name, ptr in (("rate", rate_ptr), ("table", table_ptr), ("effect", effect_ptr)):
            row[f"{name}_from"], row[f"{name}_to"] = ptr[i], ptr[i + 1]
        row["row_room"], row["point_room"] = _room(effects[i], len(row["table_day"]))
    put_chances(hazards, parents_first(copies))
    return Rules(
        float(horizon_days),
        np.array(parents_first(copies), np.int32),
        records(hazards, HAZARD),
        rate_day,
        ragged([row["rate"] for row in hazards], float)[1],
        table_day,
        ragged([row["table_level"] for row in hazards], float)[1],
        records(list(flat), EFFECT),
        applicants,
        records(projects, PROJECT),
        records(parameters, PARAMETER),
    )


MOST_POINTS = 6
"""Of a course without a table: begin, ramp, end, relaxed, end of the chronic phase, eased."""


def _room(effects: Sequence[Row], n_table: int) -> tuple[int, int]:
    """Return the most rows and points that one shock writes: course, extra days, announcement.

    Each approval adds two points to a part's course, which has no other row.
    """
    course = max(MOST_POINTS, n_table)
    rows = [1 if row["applicants"] else 3 for row in effects]
    points = [
        course + 2 * len(row["applicants"]) if row["applicants"] else 2 * course + 2
        for row in effects
    ]
    return sum(rows), sum(points)


def _reach(copies: list[Copy], rows: list[Row], numbers: Numbers) -> F8:
    """Return how far past the horizon each hazard's onsets matter: notices reach back over it."""
    reach = [max(0.0, float(quantile(numbers.laws, row["notice"], 1.0 - RARE))) for row in rows]
    number = {c.name: i for i, c in enumerate(copies)}
    for i in reversed(parents_first(copies)):
        parent = copies[i].parent
        if parent is not None:  # a parent past the horizon may have a child announced before it
            reach[number[parent]] = max(reach[number[parent]], reach[i])
    return np.array(reach)
