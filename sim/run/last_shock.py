"""Which shock a first shortage follows: the last one before it that reaches those who run short.

The clock of ``time_to_survive_days`` starts with the first shock of any hazard, which may long have
been in force, or may lie elsewhere. This counts from the shock that came last and that acts on
something upstream of the users who are short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.network.arrays import F8, I4
from sim.results.data import RunData
from sim.run.case import CHUNK, Study
from sim.run.idle import lasting_rows
from sim.shocks.tape import AVAILABILITY, DEMAND, OUTPUT, Tape

Mask = NDArray[np.bool_]
FUTURES = 2_000
"""Futures that are looked at, from the first."""
LEAST_FUTURES = 5
"""Futures with a shortage below which nothing is said."""


class Follows(NamedTuple):
    """What the first shortages of a view follow."""

    view: str
    hazard: str  # the one that most of them follow
    n: int  # futures in which it is that one
    n_short: int  # futures with a shortage that a shock came before
    median_days: float  # from its onset to the first shortage, where it is that one


def last_shock_notes(study: Study, data: RunData) -> list[str]:
    """Return a sentence for each region that runs short: after which hazard, and how long after.

    Parameters
    ----------
    study : Study
        What was run.
    data : RunData
        What it found.
    """
    n = min(data.n, FUTURES)
    of = "futures" if n == data.n else f"of the first {n:,} futures"
    found = following(study, data, data.columns("region"), n)
    return [
        f"first shortage in {f.view}: in {f.n:,} of {f.n_short:,} {of} with a shock before it, the "
        f"last one that reaches it was {f.hazard}, {f.median_days:,.0f} days before (median)"
        for f in found
        if f is not None
    ]


def follows(study: Study, data: RunData, x: int, n: int) -> Follows | None:
    """Return what the first shortages of view `x` follow in the first `n` futures.

    None where fewer than ``LEAST_FUTURES`` of them follow a shock.
    """
    return following(study, data, [x], n)[0]


def following(study: Study, data: RunData, views: Sequence[int], n: int) -> list[Follows | None]:
    """Return the same for several views; the futures are drawn again once for all of them."""
    reach = [reaching(study, x) for x in views]
    first = [np.asarray(data.table["first_shortage_day"][:n, x], dtype=float) for x in views]
    found: list[list[tuple[str, float]]] = [[] for _ in views]
    for at in range(0, n, CHUNK):
        part = slice(at, min(at + CHUNK, n))
        if all(np.isnan(days[part]).all() for days in first):
            continue
        tape = study.tape(np.arange(part.start, part.stop, dtype=np.int64))
        rows = lasting_rows(tape, float(study.n_period * study.settings.scenario.step_days))
        for x, days in enumerate(first):
            found[x] += _last_before(study, tape, rows[reach[x][tape.row_effect[rows]]], days[part])
    return [_most(data.views[x].name, pairs) for x, pairs in zip(views, found, strict=True)]


def _most(view: str, found: Sequence[tuple[str, float]]) -> Follows | None:
    """Return the hazard that most follow, of pairs of hazard and days; None of too few."""
    if len(found) < LEAST_FUTURES:
        return None
    hazard, count = Counter(name for name, _ in found).most_common(1)[0]
    days = [day for name, day in found if name == hazard]
    return Follows(view, hazard, count, len(found), float(np.median(days)))


def _last_before(study: Study, tape: Tape, rows: I4, first: F8) -> list[tuple[str, float]]:
    """Return hazard and days since its onset, of each future that a shock came before.

    `rows` are those that reach the short ones; a future without a shortage has NaN for its day.
    """
    step = float(study.settings.scenario.step_days)
    until = (np.floor(first / step) + 1) * step  # a shortage is booked by period
    shocks = np.unique(tape.row_shock[rows])
    owner = np.searchsorted(tape.shock_ptr, shocks, side="right") - 1
    before = tape.onset_days[shocks] < until[owner]
    last = np.full(first.size, -1)
    np.maximum.at(last, owner[before], shocks[before])  # they stand in the order of their onset
    return [
        (
            study.hazards.hazard_of[tape.shock_hazard[m]],
            max(0.0, float(first[r] - tape.onset_days[m])),
        )
        for r, m in enumerate(last)
        if m >= 0
    ]


def reaching(study: Study, x: int) -> Mask:
    """Return, for each effect, whether it acts on anything upstream of the users of view `x`."""
    chain, targets = study.compiled.chain, study.hazards.targets
    sites, lanes = upstream(study, study.views.groups(x))
    users = np.isin(chain.group, study.views.groups(x))
    by_kind = {AVAILABILITY: sites, OUTPUT: sites, DEMAND: users}
    kinds = study.hazards.rules.effect["kind"]
    return np.array(
        [
            by_kind.get(int(kind), lanes)[targets.index[targets.ptr[e] : targets.ptr[e + 1]]].any()
            for e, kind in enumerate(kinds)
        ],
        np.bool_,
    )


def upstream(study: Study, groups: I4) -> tuple[Mask, Mask]:
    """Return the sites and the lanes from which goods come to some groups of users."""
    chain, carries = study.compiled.chain, study.compiled.reference_lane > 0
    carries[chain.offtake_lane] = True
    buyer = chain.feed_site[chain.lane_feed]
    sites = np.isin(chain.group, groups)
    lanes = np.zeros(buyer.size, np.bool_)
    while True:
        more = carries & sites[buyer] & ~lanes
        if not more.any():
            return sites, lanes
        lanes |= more
        sites[chain.supplier[more]] = True
