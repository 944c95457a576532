"""Fields of ``Rules`` one by one, put together as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.network.arrays import F8, I4
from sim.rng import stream_id
from sim.shocks.copies import Copy, parents_first
from sim.shocks.desk import Row
from sim.shocks.distributions import Laws
from sim.shocks.quantile import quantile

RARE = 1e-6
"""A notice longer than its 1 - RARE quantile may be missed where its onset is past the horizon."""

HAZARD: dict[str, Any] = {
    "stream": np.uint64,
    "onset": np.int32,
    "day": float,
    "probability": float,
    "delay": np.int32,
    "at_end": np.int32,
    "up": np.int32,
    "begin": np.int32,
    "calm_factor": float,
    "tense_factor": float,
    "max_events": np.int64,
    "notice": np.int32,
    "called_off": float,
    "duration": np.int32,
    "chronic_duration": np.int32,
    "chronic_severity": np.int32,
    "severity": np.int32,
    "ramp_in_days": float,
    "relax_days": float,
    "easing_days": float,
    "loading": float,
    "residual": float,
}
EFFECT: dict[str, Any] = {
    "effect_stream": np.uint64,
    "effect_kind": np.int32,
    "effect_probability": float,
    "effect_severity": np.int32,
    "effect_quota": np.int32,
    "effect_leakage": np.int32,
    "effect_days": np.int32,
    "effect_control": np.int32,
}
TENSION: dict[str, Any] = {
    "tension_stream": np.uint64,
    "calm_days": float,
    "tense_days": float,
    "start_tense": float,
}
PROJECT: dict[str, Any] = {
    "project_stream": np.uint64,
    "project_day": float,
    "project_probability": float,
    "project_delay": np.int32,
}
PARAMETER: dict[str, Any] = {
    "parameter_stream": np.uint64,
    "parameter_law": np.int32,
    "parameter_low": float,
    "parameter_high": float,
}


def stack(rows: Sequence[Row], kinds: dict[str, Any]) -> dict[str, Any]:
    """Return one array a field from one row a thing."""
    return {name: np.array([row[name] for row in rows], kind) for name, kind in kinds.items()}


def ragged(lists: Sequence[Any], kind: Any) -> tuple[I4, NDArray[Any]]:
    """Return CSR offsets and the lists end to end."""
    ptr = np.concatenate([[0], np.cumsum([len(x) for x in lists])]).astype(np.int32)
    return ptr, np.array([v for x in lists for v in x], kind)


def hazard_fields(
    copies: list[Copy], rows: list[Row], effects: list[list[Row]], tensions: list[str]
) -> dict[str, Any]:
    """Return the fields of ``Rules`` with one entry a hazard."""
    number = {c.name: i for i, c in enumerate(copies)}
    links = [c.hazard.copula for c in copies]
    factors = sorted({link.factor for link in links if link})
    fields = stack(rows, HAZARD)
    fields["order"] = np.array(parents_first(copies), np.int32)
    fields["parent"] = np.array([number[c.parent] if c.parent else -1 for c in copies], np.int32)
    fields["tension"] = np.array(
        [tensions.index(c.hazard.tension.name) if c.hazard.tension else -1 for c in copies],
        np.int32,
    )
    fields["factor"] = np.array([factors.index(x.factor) if x else -1 for x in links], np.int32)
    fields["factor_stream"] = np.array([stream_id(f"factor:{f}") for f in factors], np.uint64)
    fields["tied"] = np.array([row["tied"] for row in rows], np.int32).reshape(-1, 3)
    fields["rate_ptr"], fields["rate_day"] = ragged([row["rate_day"] for row in rows], float)
    _, fields["rate"] = ragged([row["rate"] for row in rows], float)
    fields["table_ptr"], fields["table_day"] = ragged([row["table_day"] for row in rows], float)
    _, fields["table_level"] = ragged([row["table_level"] for row in rows], float)
    fields["effect_ptr"], _ = ragged(effects, object)
    return fields


def until(copies: list[Copy], rows: list[Row], laws: Laws, horizon_days: float) -> dict[str, F8]:
    """Return how far each hazard's onsets are drawn: notices reach back across the horizon."""
    reach = np.array([max(0.0, float(quantile(laws, row["notice"], 1.0 - RARE))) for row in rows])
    number = {c.name: i for i, c in enumerate(copies)}
    for i in reversed(parents_first(copies)):
        parent = copies[i].parent
        if parent is not None:  # a parent past the horizon may have a child announced before it
            reach[number[parent]] = max(reach[number[parent]], reach[i])
    return {"until_days": horizon_days + reach}
