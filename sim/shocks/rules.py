"""Hazards as plain arrays: what the sampling kernels read. Built by ``compile.py``.

H hazards (copies of ``each_site`` hazards counted one by one, in name order), E effects (by
hazard, then name), T tensions, C common factors, P projects, D parameter draws. Numbers that may
carry a distribution are law numbers: rows of the ``Laws`` beside these rules, -1 where absent.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.network.arrays import F8, I4

U8 = NDArray[np.uint64]


class Rules(NamedTuple):
    """All rules of chance of a scenario (see the module's note on order)."""

    horizon_days: float
    fixed: F8  # (n_law,) the value of a law without chance, NaN where it is drawn
    # hazards: onset
    stream: U8  # (H,) random stream of its own draws
    onset: I4  # (H,) DATED, POISSON, TRIGGERED, RENEWAL
    order: I4  # (H,) hazards with parents first
    until_days: F8  # (H,) onsets are drawn up to here: the horizon, and the notice beyond it
    day: F8  # (H,) dated: day before any delay
    probability: F8  # (H,) dated, triggered
    delay: I4  # (H,) law
    parent: I4  # (H,) triggered: the hazard that triggers it, else -1
    at_end: I4  # (H,) triggered: 1 from the parent's end, 0 from its onset
    up: I4  # (H,) law, renewal
    begin: I4  # (H,) law, renewal
    rate_ptr: I4  # (H+1,) CSR into rate_day, rate
    rate_day: F8  # from this day on ...
    rate: F8  # ... so many a day, before the tension's multiplier
    tension: I4  # (H,) -1 none
    calm_factor: F8  # (H,) multiplier of the rate
    tense_factor: F8  # (H,)
    max_events: NDArray[np.int64]  # (H,)
    # hazards: notice, length, severity
    notice: I4  # (H,) law
    called_off: F8  # (H,) probability
    duration: I4  # (H,) law
    chronic_duration: I4  # (H,) law, -1 without a chronic phase
    chronic_severity: I4  # (H,) law
    severity: I4  # (H,) law, -1 none
    ramp_in_days: F8  # (H,)
    relax_days: F8  # (H,)
    easing_days: F8  # (H,)
    table_ptr: I4  # (H+1,) CSR into table_day, table_level
    table_day: F8  # days since onset
    table_level: F8  # multiplier of the severity
    # hazards: common factor
    factor: I4  # (H,) -1 none
    loading: F8  # (H,) sqrt(correlation)
    residual: F8  # (H,) sqrt(1 - correlation)
    tied: I4  # (H, 3) 1 where onset, duration, severity hang on the factor
    # effects
    effect_ptr: I4  # (H+1,)
    effect_stream: U8  # (E,)
    effect_kind: I4  # (E,) kind of its main row (see tape.py)
    effect_probability: F8  # (E,)
    effect_severity: I4  # (E,) law, -1: the hazard's, or nothing
    effect_quota: I4  # (E,) law; severity is then 1 - quota
    effect_leakage: I4  # (E,) law
    effect_days: I4  # (E,) law of extra days: processing or extra transit
    effect_control: I4  # (E,) 1: is announced
    # tensions, factors, projects, parameters
    tension_stream: U8  # (T,)
    calm_days: F8  # (T,)
    tense_days: F8  # (T,)
    start_tense: F8  # (T,) probability of a tense start
    factor_stream: U8  # (C,)
    project_stream: U8  # (P,)
    project_day: F8  # (P,) planned
    project_probability: F8  # (P,)
    project_delay: I4  # (P,) law
    parameter_stream: U8  # (D,)
    parameter_law: I4  # (D,)
    parameter_low: F8  # (D,) values are kept in [low, high]
    parameter_high: F8  # (D,)
