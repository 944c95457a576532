"""How the futures of a run are drawn: each by itself, or in blocks, and of what size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.base.sections import INDEPENDENT, Sections
from sim.config.settings import Run

BLOCKS = 16
"""Blocks that a run has at least: fewer say too little of how sure its numbers are."""

LARGEST = 2**12
"""Futures of a block at most: from there on there are more of them."""

SMALL = 16
"""Blocks of at most so many may be made smaller, so that small counts need no rounding."""


def size_for(n: int) -> int:
    """Return how many of n futures are drawn together: 1 where there are too few to matter.

    The largest power of two that leaves 16 blocks; half or a quarter of it where that, and not it,
    makes whole blocks of them.

    Examples
    --------
    >>> [size_for(n) for n in (20, 50, 100, 400, 1000, 10_000)]
    [1, 2, 4, 16, 32, 512]
    """
    size = 1
    while 2 * size * BLOCKS <= n and size < LARGEST:
        size *= 2
    few = size if size <= SMALL else 0
    return next((s for s in (few, few // 2, few // 4) if s > 1 and n % s == 0), size)


def sections_of(run: Run) -> Sections:
    """Return how futures belong together under some settings."""
    if run.sampling == "plain":
        return INDEPENDENT
    size = run.scrambled or size_for(run.replications)
    return Sections(size) if size > 1 else INDEPENDENT


def sections_in(config: Mapping[str, Any]) -> Sections:
    """Return how the futures of a finished run belong together, by its ``config.yaml``."""
    run = config.get("run")
    if not isinstance(run, dict) or run.get("sampling") != "sobol":
        return INDEPENDENT
    size = run.get("scrambled")
    return Sections(size) if isinstance(size, int) and size > 1 else INDEPENDENT


def whole(n: int, size: int | None) -> int:
    """Return n rounded up to whole blocks."""
    return n if size is None else -(-n // size) * size
