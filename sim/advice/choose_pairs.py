"""Which pairs of options to play: those that stand in one chain, and those that save the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from sim.advice.choose_options import Option
from sim.advice.choose_programme import Programme, Set
from sim.network.dictionary import Network

MOST_PAIRS = 240
"""Pairs that are played at most."""

MOST_STEPS = 3
"""Lanes between the sites of two options that count as standing in one chain."""


def pairs_to_play(
    network: Network, options: Sequence[Option], known: Programme, budget: float, most: int
) -> tuple[list[Set], int]:
    """Return the pairs to play, and how many could be bought together in all.

    All of them where they are few enough. Else half are pairs of one chain, nearest first: a mine
    and the plant that it feeds may be useless alone. The other half are the pairs that save most in
    the same futures, and so save less together: by the mean of the smaller of the two gains.

    Parameters
    ----------
    network : Network
        The scenario's, for who sells to whom.
    options : sequence of Option
        All options.
    known : Programme
        With the gain of each option alone.
    budget : float
        Pairs beyond it are not played.
    most : int
        Pairs at most.
    """
    pairs = [
        Set(two)
        for two in combinations(range(len(options)), 2)
        if known.price(Set(two)) <= budget and not known.barred(Set(two)) and _fit(known, two)
    ]
    if len(pairs) <= most:
        return pairs, len(pairs)
    steps = _steps_between(network, options)
    near = sorted(
        (p for p in pairs if p in steps), key=lambda p: (steps[p], -_larger(known, p), sorted(p))
    )
    first = near[: most // 2]
    rest = sorted(set(pairs) - set(first), key=lambda p: (-_overlap(known, p), sorted(p)))
    return sorted([*first, *rest[: most - len(first)]], key=sorted), len(pairs)


def _fit(known: Programme, two: Sequence[int]) -> bool:
    """Whether both could be played alone."""
    return all(Set({j}) in known.played for j in two)


def _gain(known: Programme, j: int) -> np.ndarray:
    return known.base - known.played[Set({j})]


def _larger(known: Programme, pair: Set) -> float:
    return max(float(_gain(known, j).mean()) for j in pair)


def _overlap(known: Programme, pair: Set) -> float:
    """Return how much both of a pair save in the same futures."""
    one, other = (np.maximum(_gain(known, j), 0.0) for j in sorted(pair))
    return float(np.minimum(one, other).mean())


def _steps_between(network: Network, options: Sequence[Option]) -> dict[Set, int]:
    """Return the lanes from one option's sites to the other's, or to a buyer that both supply."""
    buyers = _buyers(network)
    reach = [_reach(buyers, _sites(network, option)) for option in options]
    own = [_sites(network, option) for option in options]
    found: dict[Set, int] = {}
    for j, k in combinations(range(len(options)), 2):
        direct = [reach[a][s] for a, b in ((j, k), (k, j)) for s in own[b] if s in reach[a]]
        shared = [reach[j][s] + reach[k][s] for s in reach[j].keys() & reach[k].keys()]
        if steps := [s for s in (*direct, *shared) if s <= MOST_STEPS]:
            found[Set((j, k))] = min(steps)
    return found


def _sites(network: Network, option: Option) -> set[str]:
    """Return the sites that an option changes; of a new reserve, those that it serves."""
    overlay = option.candidate.overlay
    projects = {network.projects[p].site for p in overlay.get("projects", {})}
    new = overlay.get("sites", {})
    served = {b for site in new.values() for b in site.get("serves", {})}
    return projects | served | set(new)


def _buyers(network: Network) -> dict[str, set[str]]:
    """Return supplier -> the sites that may buy from it."""
    found: dict[str, set[str]] = {}
    for name, site in network.sites.items():
        for feed in site.feeds.values():
            for supplier in feed.lanes:
                found.setdefault(supplier, set()).add(name)
    return found


def _reach(buyers: Mapping[str, set[str]], start: set[str]) -> dict[str, int]:
    """Return site -> lanes to it from the nearest of some sites."""
    steps, edge = dict.fromkeys(sorted(start), 0), set(start)
    for step in range(1, MOST_STEPS + 1):
        edge = {b for s in edge for b in buyers.get(s, ())} - steps.keys()
        steps |= dict.fromkeys(sorted(edge), step)
    return steps
