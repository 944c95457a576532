"""``shortfall choose``: the best portfolio of projects, reserves and policies under a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from sim.advice import elsewhere
from sim.advice.avoided import half_of
from sim.advice.choose_answer import Choice, Wish
from sim.advice.choose_cost import cost_of_choice
from sim.advice.choose_files import write
from sim.advice.choose_measured import items_of, next_of, points_of
from sim.advice.choose_options import LeftOut, Option, options_of
from sim.advice.choose_pairs import MOST_PAIRS, pairs_to_play
from sim.advice.choose_programme import Programme, Set
from sim.advice.choose_search import Found, Table, search
from sim.advice.cost import Agree
from sim.advice.kept import kept_by
from sim.advice.opening import Opened, opened
from sim.advice.trial import Bench, SettingsWith
from sim.base.errors import Fault, UserError
from sim.run.progress import ShowProgress, silent

BEYOND = (1.25, 1.5, 2.0)
"""Budgets, by the one asked for, that say what the next dollar would buy."""

BELOW = (0.125, 0.25, 0.5, 0.75)
"""More budgets of a frontier."""


def choose(
    settings_with: SettingsWith,
    wish: Wish,
    folder: Path,
    *,
    policies: Mapping[str, str] | None = None,
    workers: int = 1,
    progress: ShowProgress | None = None,
    agree: Agree = lambda cost: None,
) -> Choice:
    """Return the best portfolio under a budget; write its tables and figure.

    The first half of the futures chooses, the second half measures.

    Parameters
    ----------
    settings_with : callable
        Settings of the scenario with more policies than it has.
    wish : Wish
        What to choose, for whom.
    folder : pathlib.Path
        For the tables, the figure, and finished blocks in ``work/``, which the same question asked
        again reuses.
    policies : mapping of str to str, optional
        Name -> title of the policies to try.
    workers : int, optional
        Threads; changes no bit.
    progress : callable, optional
        As ``sim.run.progress.progress``.
    agree : callable, optional
        Is told what it will take, before anything is written.

    Raises
    ------
    UserError
        If a region or candidate is not there, nothing has a cost, or the budget buys nothing.
    AuditFailure
        If the two engines disagree.
    KeyboardInterrupt
        On Ctrl-C; finished blocks are kept.
    """
    bench = Bench(settings_with, folder, workers, measure=wish.measure)
    start = opened(bench, wish.regions)
    start.study.hazards  # noqa: B018  mistakes show before anything is written
    options, left = _options(bench, start, wish, policies or {})
    agree(cost_of_choice(start.study, len(options), _budgets(wish), MOST_PAIRS))
    run = start.study.settings.run
    with kept_by(run.shard, run.dask, elsewhere.block, workers) as bench.kept:
        bench.begin("choose")
        choice = _chosen(bench, start, options, left, wish, progress or silent)
    write(start.study, wish, choice)
    return choice


def _chosen(
    bench: Bench,
    start: Opened,
    options: list[Option],
    left: list[LeftOut],
    wish: Wish,
    show: ShowProgress,
) -> Choice:
    """Return the answer, searched and measured."""
    measure, n = start.measure, start.study.settings.run.replications
    table, found, pairs = _searched(bench, start, options, wish, show)
    sets = {f.budget: table.known.best_played(f.budget) for f in found}
    chosen = sets[wish.budget]
    plays = {Set(), *sets.values(), *(chosen - {j} for j in chosen)}
    with show("measured on the other half", n * len(plays)) as bench.tick:
        points = points_of(table, found, sets, n, wish.aim)
        items = items_of(table, chosen, n, wish.aim)
        point = next(p for p in points if p.budget == wish.budget)
        following = next_of(table, point, points, n, wish.aim)
    bench.kept.end()
    _audit(bench, table, chosen, n)
    return Choice(
        point, items, points, following, options, left, table, measure, n, *pairs, bench.folder
    )


def _options(
    bench: Bench, start: Opened, wish: Wish, policies: Mapping[str, str]
) -> tuple[list[Option], list[LeftOut]]:
    """Return what can be bought for the largest budget looked at, and all else with its reason."""
    options, left = options_of(
        bench, start.study, start.places, wish.candidates, wish.sizes_days, policies, wish.prices
    )
    cheapest = options[0]
    if cheapest.cost_usd > wish.budget:
        told = f"buys nothing: the cheapest candidate, {cheapest.name}, costs"
        raise UserError(
            Fault("--budget", f"{wish.budget:,.0f}", f"{told} {cheapest.cost_usd:,.0f}")
        )
    most = max(_budgets(wish))
    dear = [LeftOut(o.candidate, "costs more than twice the budget") for o in options
            if o.cost_usd > most]  # fmt: skip
    return [o for o in options if o.cost_usd <= most], [*left, *dear]


def _budgets(wish: Wish) -> list[float]:
    """Return the budgets that are looked at, ascending."""
    factors = [*(BELOW if wish.frontier else ()), 1.0, *BEYOND]
    return [wish.budget * factor for factor in factors]


def _searched(
    bench: Bench, start: Opened, options: Sequence[Option], wish: Wish, show: ShowProgress
) -> tuple[Table, list[Found], tuple[int, int]]:
    """Return what was played on the half that chooses, the answers, and how many pairs."""
    study, measure = start.study, start.measure
    half = half_of(study.settings.run.replications, measure.sections)
    with show(f"{len(options)} candidates", half * (1 + len(options))) as bench.tick:
        base = bench.shortfalls(study, half)
        cost = np.array([o.cost_usd for o in options])
        known = Programme(measure.loss(base), cost, _rivals(options), wish.aim)
        table = Table(bench, options, measure, base, known)
        table.play(Set({j}) for j in range(len(options)))
    most = max(_budgets(wish))
    pairs, n_all = pairs_to_play(study.settings.network, options, known, most, MOST_PAIRS)
    with show(f"{len(pairs)} pairs", half * len(pairs)) as bench.tick:
        table.play(pairs)
    budgets = _budgets(wish)
    first = [wish.budget, *(b for b in budgets if b != wish.budget)]
    with show("portfolios", half * 20 * len(budgets)) as bench.tick:
        found = [search(table, budget) for budget in first]
    return table, sorted(found, key=lambda f: f.budget), (len(pairs), n_all)


def _rivals(options: Sequence[Option]) -> list[list[int]]:
    """Return the options that exclude each other: the sizes of each reserve."""
    sets: dict[str, list[int]] = {}
    for j, option in enumerate(options):
        sets.setdefault(option.rival, []).append(j)
    return [rivals for rivals in sets.values() if len(rivals) > 1]


def _audit(bench: Bench, table: Table, chosen: Set, n: int) -> None:
    """Play some replications of the base and of the answer again in the SimPy model."""
    bench.tick = lambda _: None
    bench.check(bench.study([]), n)
    bench.check(bench.study(table.things(chosen)), n)
