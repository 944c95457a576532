"""The tape: all that chance decided, for a block of replications. Both engines replay it.

A shock is one realised disruption. It acts through rows: a row is a piecewise linear course in
time of one number (a severity, extra days, a held share, a change of demand) on the targets of
one effect. Points are (day, value), days ascending; equal days make a jump; the value is 0
before the first and after the last point.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.network.arrays import F8, I4

AVAILABILITY, LANE_CAP, EXTRA_DAYS, HOLD, DEMAND, ANNOUNCED, OUTPUT = 0, 1, 2, 3, 4, 5, 6
ROW_KINDS = ("availability", "lane_cap", "extra_days", "hold", "demand", "announced", "output")
"""What a row's value means, and what its effect's targets are.

======== ============ ======================================= =========
code     name         value                                   targets
======== ============ ======================================= =========
0        availability severity 0..1: share of capacity lost   sites
1        lane_cap     severity 0..1: share of flow barred     lanes
2        extra_days   days added to the transit               lanes
3        hold         share of arrivals that waits            lanes
4        demand       relative change, above -1               sites
5        announced    1 while announced, not yet effective    lanes
6        output       severity 0..1: share of output lost     sites
======== ============ ======================================= =========
"""


class Targets(NamedTuple):
    """What each effect acts upon: CSR over effects; sites or lanes by the kind of row."""

    ptr: I4  # (E+1,)
    index: I4  # type: ignore[assignment]  # ascending within an effect


NO_PRICES = np.zeros((0, 0))


class Tape(NamedTuple):
    """The realised chance of n replications."""

    replication: NDArray[np.int64]  # (n,) numbers of the replications
    shock_ptr: I4  # (n+1,) shocks of replication j: ascending onset, then hazard number
    shock_hazard: I4  # (m,) number of the hazard
    announce_days: F8  # (m,) <= onset
    onset_days: F8  # (m,)
    end_days: F8  # (m,) end of the last row, easing included
    called_off: NDArray[np.bool_]  # (m,) announced, never effective
    row_ptr: I4  # (n+1,) rows of replication j, in the order of its shocks, effects and kinds
    row_shock: I4  # (q,) index into the shocks of this block
    row_effect: I4  # (q,) effect, whose targets it acts on
    row_kind: I4  # (q,) one of the codes above
    point_ptr: I4  # (q+1,)
    point_day: F8
    point_value: F8
    project_start_days: F8  # (P, n) realised start; inf: never
    parameter: F8  # (D, n) drawn multipliers or values, one row a draw
    price: F8 = NO_PRICES  # (len(PRICE_NUMBERS) x G, n) of each product's price; or none
    response: F8 = NO_PRICES  # (len(RESPONSE_NUMBERS), n) of the answers to prices; or none
    prospect: F8 = NO_PRICES  # (1 + 2 P, n) of projects that answer to prices; or none


class Draws(NamedTuple):
    """Where the rows of ``Tape.parameter`` go (D draws, each with its targets)."""

    key: I4  # (D,) one of PARAMETERS
    ptr: I4  # (D+1,) CSR into index
    index: I4  # type: ignore[assignment]  # sites, feeds or reserves (number in V) by the key


LOSS_KEYS = (
    "dependence",
    "value_of_input_share",
    "elasticity",
    "elasticity_later",
    "buffer_days",
    "recapture",
    "network_share",
)
"""Parameters of value added (docs/model.md, section 10): no flow depends on them."""

PARAMETERS = (
    "capacity",
    "demand",
    "cover_days",
    "slack",
    "rerouting",
    "perception_days",
    "stock",
    "activation_days",
    "substitution_limit",
    "home_weight",
    "precaution",
    "ramp_days",
    *LOSS_KEYS,
)
"""Keys a parameter may name; capacity, demand, cover_days and stock are multiplied, others set."""

EMPTY_DRAWS = Draws(np.zeros(0, np.int32), np.zeros(1, np.int32), np.zeros(0, np.int32))


def quiet_tape(
    n: int, n_project: int = 0, parameter: F8 | None = None, project_start_days: F8 | None = None
) -> Tape:
    """Return a tape of `n` replications without any shock (projects never start by default)."""
    i4 = np.zeros(0, np.int32)
    f8 = np.zeros(0)
    ptr = np.zeros(n + 1, np.int32)
    start = np.full((n_project, n), np.inf) if project_start_days is None else project_start_days
    return Tape(
        np.arange(n, dtype=np.int64),
        ptr,
        i4,
        f8,
        f8,
        f8,
        np.zeros(0, np.bool_),
        ptr,
        i4,
        i4,
        i4,
        np.zeros(1, np.int32),
        f8,
        f8,
        start,
        np.zeros((0, n)) if parameter is None else parameter,
    )


def first_shock_days(tape: Tape) -> NDArray[np.float64]:
    """Return the day of each replication's first shock that takes effect; NaN where none does."""
    days = np.full(tape.replication.size, np.nan)
    effective = np.flatnonzero(~tape.called_off)
    owner = np.searchsorted(tape.shock_ptr, effective, side="right") - 1
    owners, first = np.unique(owner, return_index=True)  # shocks stand in the order of their onset
    days[owners] = tape.onset_days[effective[first]]
    return days


def without_shocks(tape: Tape) -> Tape:
    """Return the same replications with projects and parameters as drawn and no shock."""
    none_i, none_f = np.zeros(0, np.int32), np.zeros(0)
    zero = np.zeros(tape.replication.size + 1, np.int32)
    return tape._replace(
        shock_ptr=zero,
        shock_hazard=none_i,
        announce_days=none_f,
        onset_days=none_f,
        end_days=none_f,
        called_off=np.zeros(0, np.bool_),
        row_ptr=zero,
        row_shock=none_i,
        row_effect=none_i,
        row_kind=none_i,
        point_ptr=np.zeros(1, np.int32),
        point_day=none_f,
        point_value=none_f,
    )
