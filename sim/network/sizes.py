"""Numbers so large or small that sums and quotients of them are no longer numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.base.errors import Fault
from sim.network.validate import Path, shown

LARGEST = 1e20
"""Far above any tonnage, day or price; products of a dozen such numbers are still numbers."""

SMALLEST = 1e-30
"""Below any share that rounding leaves over; quotients by it stay numbers."""

GROUPS = ("network", "scenario", "demand", "supply", "policy")


def out_of_range(data: Any, groups: tuple[str, ...] = GROUPS) -> list[Fault]:
    """Return a fault for each number of some groups that is beyond what can be computed with.

    Parameters
    ----------
    data : mapping
        Plain settings.
    groups : tuple of str
        Keys of `data` that are looked at.
    """
    expected = f"must be 0, or from {SMALLEST:g} to {LARGEST:g} in size"
    return [
        Fault(".".join(map(str, path)), shown(value), expected)
        for group in groups
        for path, value in _numbers(data.get(group), (group,))
        if not (value == 0 or SMALLEST <= abs(value) <= LARGEST) and abs(value) < float("inf")
    ]


def _numbers(value: Any, path: Path) -> Iterator[tuple[Path, float]]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value == value:  # NaN and infinity are told by the schema
            yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _numbers(inner, (*path, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _numbers(inner, (*path, n))
