"""Where no size of a reserve helps: what would, found by trying it on the same futures."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.advice.size_reserve import Good, Sizing, bought, reserves_of, with_reserves
from sim.shocks.tape import without_shocks

TRIED = 256
"""Futures that are looked at, from the first that no size helps."""


FULL = "being full on day 0"
BOTH = "opening at once and no limit to its release"
WAYS: dict[str, dict[str, Any]] = {
    "opening at once": {"at_once": True},
    "no limit to its release": {"unlimited": True},
    FULL: {"full": True},
    BOTH: {"at_once": True, "unlimited": True},
}
"""What is changed of the reserve itself, in words and as fields of ``Sizing``."""


@dataclass(frozen=True)
class Bind:
    """Something that would help where no size does.

    Parameters
    ----------
    what : str
        In words.
    cured : int
        Futures that it would keep served, with the largest size.
    n : int
        Futures that were looked at.
    """

    what: str
    cured: int
    n: int


@dataclass(frozen=True)
class Binding:
    """What binds where no size helps.

    Parameters
    ----------
    cures : list of Bind
        What would help, most first; what cures none is left out.
    at_rest : int
        Futures that are short without any shock: capacity lags behind demand.
    n : int
        Futures that were looked at.
    """

    cures: list[Bind]
    at_rest: int
    n: int


def binding(
    sizing: Sizing,
    goods: Sequence[Good],
    helpless: NDArray[np.int64],
    most: float,
    allow: float,
) -> Binding:
    """Return what would keep those futures served that no size of the reserve does.

    Tried one by one, each beside the largest size: the reserve opens at once; it releases without
    limit; both; it is full on day 0, where it is to be built up; as large a stock of each other
    good that the same regions buy; all of it.

    Parameters
    ----------
    sizing : Sizing
        Of the goods.
    goods : sequence of Good
        What is sized.
    helpless : ndarray
        Numbers of the replications that no size helps.
    most : float
        Largest size, days.
    allow : float
        Share of what is wanted that may be missing.
    """
    some, stop = helpless[:TRIED], np.zeros(1, np.uint8)
    builds = bool(sizing.study.compiled.chain.reserve_buys[list(sizing.numbers)].any())
    wide, others = _wider(sizing, goods)
    ways: list[tuple[str, Sizing]] = [
        (told, dataclasses.replace(wide, **how))
        for told, how in WAYS.items()
        if builds or told != FULL
    ]
    for good, number in others.items():
        with_it = dataclasses.replace(wide, numbers=(*wide.numbers, number))
        ways.append((f"as large a stock of {good.product} for {good.region}", with_it))
    every = dataclasses.replace(wide, numbers=(*wide.numbers, *others.values()),
                                full=builds, **WAYS[BOTH])  # fmt: skip
    ways.append(("all of these together", every))
    cures = []
    for told, way in ways:
        short = way.short_share(some, np.full(some.size, most), stop)
        cures.append(Bind(told, int((short <= allow).sum()), some.size))
    none = np.zeros(some.size)
    at_rest = sizing.short_share(some, none, stop, change=without_shocks)
    ordered = sorted((c for c in cures if c.cured), key=lambda c: -c.cured)
    return Binding(ordered, int((at_rest > allow).sum()), some.size)


def _wider(sizing: Sizing, goods: Sequence[Good]) -> tuple[Sizing, dict[Good, int]]:
    """Return the same with a reserve of every other good of the regions, and their numbers.

    Those that are added hold nothing of their own, unless they are asked to.
    """
    study = sizing.study
    regions = {g.region for g in goods}
    pairs = [Good(product, region) for product, places in sorted(bought(study).items())
             for region in sorted(places & regions)]  # fmt: skip
    others = [g for g in pairs if g not in goods]
    names = [study.compiled.labels.reserve[v] for v in sizing.numbers]
    wider, _ = with_reserves(study, others, days=0.0)
    known = wider.compiled.labels.reserve
    numbers = {g: reserves_of(wider, g)[0] for g in others}
    own = tuple(known.index(name) for name in names)
    return dataclasses.replace(sizing, study=wider, numbers=own), numbers
