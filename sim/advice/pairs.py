"""Pairs of removals: which to try, and what the two do together beyond what each does alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from sim.advice.removals import Removal
from sim.network.arrays import F8, CompiledNetwork

MOST_PAIRS = 2000
"""Pairs that are played at most."""

PAIRED_KINDS = ("site", "country", "exports", "route")
"""Kinds that are paired; lanes and trades are too many, and their sum is one of these."""


def pairs_to_try(
    compiled: CompiledNetwork,
    singles: Sequence[Removal],
    loss: F8,
    most: int = MOST_PAIRS,
) -> tuple[list[tuple[int, int]], bool]:
    """Return which pairs of single removals to play, and whether these are all of them.

    All pairs where they are few enough. Else those of the candidates that do most harm alone and
    those that carry most, in turn: two suppliers that can stand in for each other do no harm alone,
    and would be missed if one looked at harm only. Pairs of which one holds the other are left out.

    Parameters
    ----------
    compiled : CompiledNetwork
        The network.
    singles : sequence of Removal
        All single removals.
    loss : ndarray, shape (n_single,)
        Harm that each does alone.
    most : int, optional
        Pairs at most.

    Returns
    -------
    list of (int, int)
        Places in `singles`, ascending.
    bool
        True where no pair of the kinds that are paired was left out for want of room.
    """
    pool = [x for x, r in enumerate(singles) if r.kind in PAIRED_KINDS]
    whole = _count(len(pool)) <= most
    if not whole:
        pool = _promising(compiled, singles, loss, pool, most)
    prints = {x: singles[x].footprint(compiled) for x in pool}
    return [
        (a, b)
        for a, b in combinations(sorted(pool), 2)
        if not (prints[a] <= prints[b] or prints[b] <= prints[a])
    ], whole


def pairs_at_most(singles: Sequence[Removal], most: int = MOST_PAIRS) -> int:
    """Return how many pairs `pairs_to_try` gives at most."""
    return min(most, _count(sum(r.kind in PAIRED_KINDS for r in singles)))


def _count(n: int) -> int:
    """Return the pairs of `n` things."""
    return n * (n - 1) // 2


def _promising(
    compiled: CompiledNetwork, singles: Sequence[Removal], loss: F8, pool: list[int], most: int
) -> list[int]:
    """Return as many of the pool as `most` pairs allow, by harm and by flow in turn."""
    size = int((1 + (1 + 8 * most) ** 0.5) / 2)
    carried = {x: share_carried(compiled, singles[x]) for x in pool}
    by_harm = sorted(pool, key=lambda x: (-loss[x], x))
    by_flow = sorted(pool, key=lambda x: (-carried[x], x))
    turns = dict.fromkeys(x for both in zip(by_harm, by_flow, strict=True) for x in both)
    return list(turns)[:size]


def share_carried(compiled: CompiledNetwork, removal: Removal) -> float:
    """Return the largest share of a product's reference trade that a removal carries."""
    labels, chain = compiled.labels, compiled.chain
    made: dict[str, float] = {}
    total: dict[str, float] = {}
    lost = removal.footprint(compiled)
    for l, flow in enumerate(compiled.reference_lane.tolist()):
        product = labels.site_product[chain.supplier[l]]
        total[product] = total.get(product, 0.0) + flow
        if l in lost:
            made[product] = made.get(product, 0.0) + flow
    return max((t / total[p] for p, t in made.items() if total[p] > 0), default=0.0)


def flow_per_year(compiled: CompiledNetwork, removal: Removal) -> float:
    """Return what a removal carries in the reference flow, t/year."""
    flow = sum(float(compiled.reference_lane[l]) for l in sorted(removal.footprint(compiled)))
    return flow / compiled.chain.step_days * 365.0
