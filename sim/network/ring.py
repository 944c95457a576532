"""Who depends on whom, and the rings that must not be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.base.errors import Fault
from sim.network.dictionary import Network
from sim.network.validate import Say


def edges(network: Network) -> dict[str, list[str]]:
    """Return, for each site, the known sites it depends on: suppliers and reserves."""
    before: dict[str, list[str]] = {name: [] for name in network.sites}
    makers = {name for name, site in network.sites.items() if site.kind in ("mine", "refiner")}
    for name, site in network.sites.items():
        for feed in site.feeds.values():
            before[name] += [s for s in feed.lanes if s in makers]
        for buyer in site.serves:
            if buyer in before:
                before[buyer].append(name)
    return before


def check_ring(network: Network, say: Say) -> Iterator[Fault]:
    """Yield one fault per ring, naming its sites."""
    before = edges(network)
    left = _undone(before)
    while left:
        ring = _ring(before, left)
        first = ring.index(min(ring))
        shown_ring = [*ring[first:], *ring[: first + 1]]
        yield say(
            ("sites", min(ring)),
            " -> ".join(shown_ring),
            "a site must not depend on itself through its suppliers: break the ring",
        )
        before = {n: [s for s in b if s not in ring] for n, b in before.items() if n not in ring}
        left = _undone(before)


def _undone(before: dict[str, list[str]]) -> set[str]:
    """Return the sites that stand on a ring or behind one."""
    left = {n: set(b) for n, b in before.items()}
    while ready := [n for n, b in left.items() if not b & left.keys()]:
        for n in ready:
            del left[n]
    return set(left)


def _ring(before: dict[str, list[str]], left: Iterable[str]) -> list[str]:
    """Return one ring, suppliers first: walk upstream until a site comes again."""
    left = set(left)
    walk = [min(left)]
    while True:
        above = min(s for s in before[walk[-1]] if s in left)
        if above in walk:
            return walk[walk.index(above) :][::-1]
        walk.append(above)
