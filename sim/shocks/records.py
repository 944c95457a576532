"""Hazards as plain records: what the sampling kernels read. Built by ``compile.py``.

Hazards stand in name order (each copy of an ``each_site`` hazard for itself), effects by hazard,
then name. Numbers that may carry a distribution are law numbers: rows of the ``Numbers``, -1 where
absent. Records rather than one array a field: numba's compile time grows with the number of
arrays that a function is given, and there are seventy fields.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.network.arrays import F8, I4
from sim.shocks.kernel.quantile import Laws

_I8, _U8, _F8 = np.int64, np.uint64, np.float64

HAZARD = np.dtype(
    [
        ("stream", _U8),  # random stream of its own draws
        # onset
        ("onset", _I8),  # DATED, POISSON, TRIGGERED, RENEWAL
        ("until_days", _F8),  # onsets are drawn up to here: the horizon, and the notice beyond
        ("day", _F8),  # dated: day before any delay
        ("probability", _F8),  # dated, triggered
        ("delay", _I8),  # law; dated, triggered
        ("parent", _I8),  # triggered: the hazard that triggers it, else -1
        ("at_end", _I8),  # triggered: 1 from the parent's end, 0 from its onset
        ("up", _I8),  # law; renewal
        ("begin", _I8),  # law; renewal
        ("rate_from", _I8),  # Poisson: its rows of rate_day, rate
        ("rate_to", _I8),
        ("most", _F8),  # Poisson: above what its intensity can sum to
        ("max_events", _I8),
        ("comes", _F8),  # chance that it comes at all, 0 where that is not known beforehand
        ("comes_or_later", _F8),  # that it, or one of those drawn after it, comes
        # tension
        ("has_tension", _I8),
        ("tension_stream", _U8),
        ("calm_days", _F8),
        ("tense_days", _F8),
        ("start_tense", _F8),  # probability of a tense start
        ("calm_factor", _F8),  # multipliers of the rate
        ("tense_factor", _F8),
        # common factor
        ("factor_stream", _U8),
        ("loading", _F8),  # sqrt(correlation)
        ("residual", _F8),  # sqrt(1 - correlation)
        ("tied_onset", _I8),  # 1 where it hangs on the factor
        ("tied_duration", _I8),
        ("tied_severity", _I8),
        ("tied_approval", _I8),
        # notice, length, severity, shape
        ("notice", _I8),  # law
        ("called_off", _F8),  # probability
        ("duration", _I8),  # law
        ("chronic_duration", _I8),  # law, -1 without a chronic phase
        ("chronic_severity", _I8),  # law
        ("severity", _I8),  # law, -1 none
        ("ramp_in_days", _F8),
        ("relax_days", _F8),
        ("easing_days", _F8),
        ("table_from", _I8),  # its rows of table_day, table_level
        ("table_to", _I8),
        ("effect_from", _I8),  # its effects
        ("effect_to", _I8),
        ("row_room", _I8),  # most rows, and most points, that one of its shocks writes
        ("point_room", _I8),
    ],
    align=True,
)

EFFECT = np.dtype(
    [
        ("stream", _U8),
        ("kind", _I8),  # kind of its main row (see tape.py)
        ("probability", _F8),  # that it is part of a shock
        ("severity", _I8),  # law, -1: the hazard's, or nothing
        ("quota", _I8),  # law; the severity is then 1 - quota
        ("leakage", _I8),  # law
        ("days", _I8),  # law of extra days: processing or extra transit
        ("control", _I8),  # 1: is announced
        ("n_part", _I8),  # licences to firms: bars nothing itself; so many parts behind it do
        # approval: a part's applicants, 0 to 0 for all else
        ("applicant_from", _I8),  # its rows of `applicant`
        ("applicant_to", _I8),
        ("approval_days", _I8),  # law
        ("refused", _F8),  # probability
        ("reapply_days", _F8),  # infinite: refused for good
        ("granted", _I8),  # law
    ],
    align=True,
)

PROJECT = np.dtype(
    [
        ("stream", _U8),
        ("day", _F8),  # planned start
        ("probability", _F8),  # that it is built
        ("delay", _I8),  # law
    ],
    align=True,
)

PARAMETER = np.dtype(
    [
        ("stream", _U8),
        ("law", _I8),
        ("low", _F8),  # values are kept in [low, high]
        ("high", _F8),
    ],
    align=True,
)


class Numbers(NamedTuple):
    """The laws of all numbers that may be random."""

    fixed: F8  # (n_law,) the value of a law without chance, NaN where it is drawn
    laws: Laws


class Rules(NamedTuple):
    """All rules of chance of a scenario."""

    horizon_days: float
    order: I4  # hazards with parents first
    hazard: NDArray[Any]  # (H,) of HAZARD
    rate_day: F8  # from this day on ...
    rate: F8  # ... so many a day, before the tension's multiplier
    table_day: F8  # days since onset
    table_level: F8  # multiplier of the severity
    effect: NDArray[Any]  # (E,) of EFFECT
    applicant: NDArray[np.uint64]  # random stream of each applicant
    project: NDArray[Any]  # (P,) of PROJECT
    parameter: NDArray[Any]  # (D,) of PARAMETER
