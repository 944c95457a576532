"""``shortfall size``: how many days of stock keep the end users of a region served, how surely."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.advice.cost import Agree
from sim.advice.size_answer import Size, Stock, Wish, price_of
from sim.advice.size_binds import binding
from sim.advice.size_build import built_up
from sim.advice.size_reserve import (
    Good,
    Sizing,
    check_goods,
    reserves_of,
    with_reserves,
)
from sim.advice.size_search import least_sizes, passes
from sim.advice.size_tables import curve_rows, write
from sim.base.errors import Fault, UserError, nearest
from sim.metrics import precision
from sim.metrics.answer import Answer, Estimate
from sim.network.arrays import F8
from sim.results.blocks import Arrays
from sim.results.owner import claim
from sim.run.audit import audit
from sim.run.audit_size import pick, size_of
from sim.run.case import Study
from sim.run.cost import Cost, clock_s, guess_s, sample_of, workers_of
from sim.run.many import in_memory
from sim.run.progress import ShowProgress, silent
from sim.run.settling import say_rounded, settled

CHUNK = 512
"""Replications that are searched together."""
WITHIN = 2.0
"""The largest size that is tried, as a multiple of the horizon: nothing uses more."""
SERVED = 1e-9
"""Share of what is wanted below which nothing is missing."""
FRESH = 1024
"""Futures that test the answer begin at a whole multiple of it, or of a larger block."""


def find_size(
    study: Study,
    wish: Wish,
    folder: Path,
    *,
    workers: int = 1,
    progress: ShowProgress | None = None,
    agree: Agree = lambda cost: None,
) -> Size:
    """Find the size of reserves, write its tables and figure.

    Parameters
    ----------
    study : Study
        The scenario.
    wish : Wish
        What is to be sized.
    folder : pathlib.Path
        For ``size.csv``, ``futures.csv``, ``question.json`` and the figure.
    workers : int, optional
        Threads; changes no bit.
    progress : callable, optional
        As ``sim.run.progress.progress``.
    agree : callable, optional
        Is told what it will take, before anything is written.

    Raises
    ------
    UserError
        If a good or region is not there, or a build-up begins outside the horizon.
    AuditFailure
        If the two engines disagree.
    """
    given, study = study.settings, Study(settled(study.settings, quiet=True))
    check_goods(study, wish.goods)
    who = wish.regions or tuple(sorted({g.region for g in wish.goods}))
    wider, added = with_reserves(study, wish.goods)
    if wish.pace is not None:
        names = [
            wider.compiled.labels.reserve[v] for g in wish.goods for v in reserves_of(wider, g)
        ]
        wider = built_up(wider, names, wish.pace)  # its suppliers give a reserve another number
    by_good = {g: reserves_of(wider, g) for g in wish.goods}
    numbers = tuple(dict.fromkeys(v for found in by_good.values() for v in found))
    sizing = Sizing(wider, numbers, _users(wider, who))
    wider.hazards  # noqa: B018  mistakes show before anything is written
    together = wider.sections
    n, most = wider.settings.run.replications, WITHIN * _horizon(wider)
    agree(cost_of_size(sizing, n))
    say_rounded(given, study.settings)
    claim(folder, "size", "--output")
    found = _searched(sizing, n, most, wish.allow, workers, progress or silent)
    days, harmed = found["days"], int(found["harmed"].sum())
    stocks = tuple(_stock(sizing, g, v, added) for g, v in by_good.items())
    answer = precision.quantile(days, wish.sure, sections=together)
    helpless = np.flatnonzero(np.isinf(days))
    size = Size(
        answer,
        curve_rows(days, wish.sure, stocks, together),
        stocks,
        precision.chance(days == 0, sections=together),
        precision.chance(np.isinf(days), sections=together),
        harmed,
        _fresh(sizing, answer, n, wish.allow, workers),
        binding(sizing, wish.goods, helpless, most, wish.allow + SERVED) if helpless.size else None,
        n,
        who,
        most,
        folder,
    )
    _check(sizing, days)
    write(wider, wish, size, found)
    return size


def cost_of_size(sizing: Sizing, n: int) -> Cost:
    """Return what a search takes at most."""
    study = sizing.study

    def play(count: int) -> object:
        numbers = np.arange(count, dtype=np.int64)
        return sizing.short_share(numbers, np.zeros(count), np.zeros(1, np.uint8))

    plays = n * (passes() + 1)
    seconds = clock_s(plays, guess_s(study), workers_of(study), play, sample_of(study))
    return Cost(seconds, 0.0, plays)


def _horizon(study: Study) -> float:
    return float(study.n_period * study.settings.scenario.step_days)


def _users(study: Study, regions: Sequence[str]) -> NDArray[np.bool_]:
    """Return the end users of some regions: of these the judged ones, where any are."""
    labels = study.compiled.labels
    known = set(labels.group_region)
    faults = [
        Fault("--for", r, f"no end user in such a region{nearest(r, known)}"
              f"; regions: {', '.join(sorted(known))}")
        for r in regions if r not in known
    ]  # fmt: skip
    if faults:
        raise UserError(faults)
    there = np.array([r in regions for r in labels.group_region], np.bool_)
    judged = study.settings.scenario.judged
    if judged is not None:
        both = there & np.isin(np.arange(there.size), study.judged_groups(judged))
        return both if both.any() else there
    return there


def _searched(
    sizing: Sizing, n: int, most: float, allow: float, workers: int, show: ShowProgress
) -> Arrays:
    """Return the least size of every future."""

    def compute(replications: NDArray[np.int64], stop: NDArray[np.uint8]) -> Arrays | None:
        def served(some: NDArray[np.int64], days: F8) -> NDArray[np.bool_]:
            return sizing.short_share(some, days, stop) <= allow + SERVED

        found = least_sizes(served, replications, most)
        return None if stop[0] else found

    sizing.play  # noqa: B018  made once, before threads share it
    with show(f"{n:,} futures", n) as tick:
        return in_memory(compute, n, CHUNK, workers, tick)


def _fresh(sizing: Sizing, answer: Answer, n: int, allow: float, workers: int) -> Answer | None:
    """Return the chance of staying served with the size found, on as many other futures."""
    if not isinstance(answer, Estimate) or math.isinf(answer.value):
        return None
    together = sizing.study.sections
    apart = max(FRESH, together.size or 1)
    first = -(-n // apart) * apart

    def compute(numbers: NDArray[np.int64], stop: NDArray[np.uint8]) -> Arrays | None:
        share = sizing.short_share(first + numbers, np.full(numbers.size, answer.value), stop)
        return None if stop[0] else {"served": share <= allow + SERVED}

    found = in_memory(compute, n, CHUNK, workers, lambda _: None)
    return precision.chance(found["served"], sections=together)


def _stock(sizing: Sizing, good: Good, numbers: Sequence[int], added: Sequence[str]) -> Stock:
    names = tuple(sizing.study.compiled.labels.reserve[v] for v in numbers)
    use = sum(float(sizing.use_t_per_day[sizing.numbers.index(v)]) for v in numbers)
    product = sizing.study.settings.network.products[good.product]
    price, source = price_of(product)
    return Stock(
        good,
        product.title or good.product,
        names,
        any(name in added for name in names),
        use,
        price,
        product.storage_usd_per_t_year,
        source,
    )


def _check(sizing: Sizing, days: F8) -> None:
    """Play some futures at their own size again in the SimPy model.

    Raises
    ------
    AuditFailure
        If a single bit differs.
    """
    run, play = sizing.study.settings.run, sizing.play
    n_lane = play.compiled.chain.lane_feed.size
    audited = size_of(run.audit, days.size, n_lane, play.n_period)
    play = play._replace(n_period=audited.n_period)
    for number in pick(run.seed, days.size, audited.n):
        size = days[number : number + 1]
        tape = sizing.tape(np.array([number], np.int64), np.where(np.isinf(size), 0.0, size))
        audit(play, tape, run.seed)
