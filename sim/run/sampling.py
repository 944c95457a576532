"""How the futures of a run are drawn: each by itself, or in blocks, and of what size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.base.errors import Fault, UserError
from sim.base.sections import INDEPENDENT, Sections
from sim.config.settings import Run
from sim.shocks.rare import RARE

BLOCKS = 16
"""Blocks that a run has at least: fewer say too little of how sure its numbers are."""

LARGEST = 2**12
"""Futures of a block at most: from there on there are more of them."""

SMALL = 16
"""Blocks of at most so many may be made smaller, so that small counts need no rounding."""


LEAST_STRATA = 32
"""Futures of a block at least, half of which are given a shock."""


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


def sections_of(run: Run, struck: float | None = None) -> Sections:
    """Return how futures belong together under some settings.

    Parameters
    ----------
    run : Run
        The settings.
    struck : float, optional
        Chance that any shock comes, where it is known; only asked for where strata are on.
    """
    if run.sampling == "plain":
        return INDEPENDENT
    size = run.scrambled or size_for(run.replications)
    if size == 1:
        return INDEPENDENT
    return Sections(size, struck if run.strata == "always" else None)


def refuse_weights(sections: Sections, whose: str, what: str) -> None:
    """Refuse what takes futures for equally likely where they are not.

    Raises
    ------
    UserError
        If they are weighted.
    """
    if sections.weighted:
        told = f"{what} needs equally likely futures, and half of {whose} were given a rare shock"
        raise UserError(Fault("run.strata", "always", f"{told}; run with run.strata=never"))


def refuse_strata(run: Run) -> None:
    """Refuse ``run.strata=always`` where every future must be equally likely.

    Raises
    ------
    UserError
        If it is on.
    """
    if run.strata == "always":
        expected = "is for run and for a sweep of runs; all else plays equally likely futures: "
        raise UserError(Fault("run.strata", "always", f"{expected}leave it out"))


def pays(run: Run, struck: float | None) -> bool:
    """Return whether half of the futures are to be given a shock: one is rare, and blocks large."""
    if run.sampling == "plain" or struck is None:
        return False
    return struck < RARE and (run.scrambled or size_for(run.replications)) >= LEAST_STRATA


def sections_in(config: Mapping[str, Any], manifest: Mapping[str, Any]) -> Sections:
    """Return how the futures of a finished run belong together, by what its folder says."""
    run = config.get("run")
    if not isinstance(run, dict) or run.get("sampling") != "sobol":
        return INDEPENDENT
    size = run.get("scrambled")
    if not isinstance(size, int) or size <= 1:
        return INDEPENDENT
    return Sections(size, float(manifest["struck"]) if run.get("strata") == "always" else None)


def whole(n: int, size: int | None) -> int:
    """Return n rounded up to whole blocks."""
    return n if size is None else -(-n // size) * size
