"""Reference flows: what each site makes and each lane carries when nothing is wrong.

Section 1b of docs/model.md in plain loops, sums in the same order; a period's demand path,
capacity path and project progress decide. End users need their demand, suppliers make the sum of
their lanes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.network.arrays import END_USER, F8, RESERVE, Chain, CompiledNetwork


class References(NamedTuple):
    """Reference quantities of one period, tonnes per period."""

    capacity: F8  # (S,)
    out: F8  # (S,)
    use: F8  # (F,)
    share: F8  # (L,) share of the feed's purchases, offtakes in
    lane: F8  # (L,)


def references(chain: Chain, k: int = 0, project_start_days: F8 | None = None) -> References:
    """Return the references of period `k`.

    Parameters
    ----------
    chain : Chain
        The network's arrays.
    k : int
        Period.
    project_start_days : ndarray of float64, shape (P,), optional
        Realised starts; inf: never. Default: no project starts.
    """
    n = len(chain.project_site)
    start = np.full(n, np.inf) if project_start_days is None else project_start_days
    gain = np.array(
        [progress(chain.step_days, k, start[p], chain.project_ramp_days[p]) for p in range(n)]
    )
    capacity, share = _capacity(chain, k, gain), _share(chain, gain)
    out, use = np.zeros(len(chain.kind)), np.zeros(len(chain.feed_site))
    lane = np.zeros(len(chain.share))
    for i in range(len(chain.kind) - 1, -1, -1):
        if chain.kind[i] == END_USER:
            out[i] = chain.demand[i] * _at(chain, chain.demand_path[i], k)
        elif chain.kind[i] != RESERVE:
            for l in range(chain.out_ptr[i], chain.out_ptr[i + 1]):
                out[i] += lane[l]
        for f in range(chain.feed_ptr[i], chain.feed_ptr[i + 1]):
            use[f] = out[i] * chain.coefficient[f]
            for l in chain.lane_of[chain.lane_ptr[f] : chain.lane_ptr[f + 1]]:
                lane[l] = share[l] * use[f]
    return References(capacity, out, use, share, lane)


def progress(step_days: float, k: int, start_days: float, ramp_days: float) -> float:
    """Return the mean progress (0 to 1) over period `k` of a project that rises linearly."""
    t0, t1 = k * step_days, (k + 1) * step_days
    if t1 <= start_days:
        return 0.0
    if t0 >= start_days + ramp_days:
        return 1.0
    return (_area(t1 - start_days, ramp_days) - _area(t0 - start_days, ramp_days)) / step_days


def _area(t: float, ramp_days: float) -> float:
    """Integral of a linear rise over `ramp_days` and the plateau of 1 after it, from 0 to t."""
    if t <= 0:
        return 0.0
    if t < ramp_days:
        return t * t / (2 * ramp_days)
    return ramp_days / 2 + (t - ramp_days)


def _at(chain: Chain, row: int, k: int) -> float:
    return 1.0 if row < 0 else float(chain.path[row, k])


def _capacity(chain: Chain, k: int, gain: F8) -> F8:
    capacity = np.array(
        [chain.capacity[i] * _at(chain, chain.capacity_path[i], k) for i in range(len(chain.kind))],
        np.float64,
    )
    for p, site in enumerate(chain.project_site):
        capacity[site] += chain.project_capacity[p] * gain[p]
    return capacity


def _share(chain: Chain, gain: F8) -> F8:
    """Offtakes take their part of a feed first; its other shares shrink in proportion."""
    lane, feed = np.zeros(len(chain.share)), np.zeros(len(chain.feed_site))
    for p in range(len(chain.project_site)):
        for o in range(chain.offtake_ptr[p], chain.offtake_ptr[p + 1]):
            part = chain.offtake_share[o] * gain[p]
            lane[chain.offtake_lane[o]] += part
            feed[chain.lane_feed[chain.offtake_lane[o]]] += part
    return chain.share * (1 - feed[chain.lane_feed]) + lane


def stage_shares(compiled: CompiledNetwork) -> dict[tuple[str, str], float]:
    """Return each country's share of the reference output of each product that is made.

    Returns
    -------
    dict
        (product, country) -> share, for mines and refiners; empty for a product with no output.
    """
    labels, chain = compiled.labels, compiled.chain
    made: dict[tuple[str, str], float] = {}
    total: dict[str, float] = {}
    for i, out in enumerate(compiled.reference_out):
        if chain.kind[i] in (END_USER, RESERVE):
            continue
        product, country = labels.site_product[i], labels.site_country[i]
        made[product, country] = made.get((product, country), 0.0) + float(out)
        total[product] = total.get(product, 0.0) + float(out)
    return {key: t / total[key[0]] for key, t in sorted(made.items()) if total[key[0]] > 0}
