"""What portfolios avoid, on the futures that had no say in the choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.advice.avoided import half_of
from sim.advice.choose_options import Option
from sim.advice.choose_programme import Aim, Set
from sim.advice.choose_search import Found, Table
from sim.base.sections import INDEPENDENT, Sections
from sim.metrics import precision
from sim.metrics.answer import Answer, Refused
from sim.metrics.compare import cvar_difference
from sim.network.arrays import F8


@dataclass(frozen=True)
class Point:
    """The answer at one budget.

    Parameters
    ----------
    budget, spent : float
        US dollars.
    chosen : frozenset of int
        Options.
    avoided : Estimate or Refused
        What it avoids, on the half that measures.
    value_usd : Estimate or Refused
        The same in US dollars, on the mean.
    loss, loss_none : float
        Loss with it and with nothing done, on the half that measures.
    said, said_none : float
        The same on the half that chose.
    bound, pairs_bound : float
        No portfolio loses less on the half that chose, by what the programme knows: at the end, and
        by single options and pairs alone.
    gap : float
        What the bound avoids beyond the portfolio, on the same futures, as a share of the former.
    passes : int
        Programmes that were solved.
    ended : str
        Why the search stopped.
    """

    budget: float
    spent: float
    chosen: Set
    avoided: Answer
    value_usd: Answer
    loss: float
    loss_none: float
    said: float
    said_none: float
    bound: float
    pairs_bound: float
    gap: float
    passes: int
    ended: str


@dataclass(frozen=True)
class Item:
    """What one thing that is bought adds to all others, on the half that measures.

    Parameters
    ----------
    option : Option
        What is bought.
    last : Estimate or Refused
        Loss without it less loss with it, everything else bought.
    alone : float
        What it avoids alone, on the half that chose.
    """

    option: Option
    last: Answer
    alone: float


@dataclass(frozen=True)
class Next:
    """What more money would buy best.

    Parameters
    ----------
    point : Point
        The answer at a larger budget, which lowers the loss most for each further dollar spent.
    extra_usd : float
        What it costs beyond the answer.
    more : Estimate or Refused
        What it avoids beyond the answer, on the half that measures.
    """

    point: Point
    extra_usd: float
    more: Answer


def difference(without: F8, with_it: F8, aim: Aim, sections: Sections = INDEPENDENT) -> Answer:
    """Return what lowers one loss to the other, future by future, with its interval."""
    if not aim.level:
        return precision.mean(without - with_it, sections=sections)
    return cvar_difference(without, with_it, aim.level, sections=sections)


def points_of(
    table: Table, found: Sequence[Found], sets: Mapping[float, Set], n: int, aim: Aim
) -> list[Point]:
    """Return the answer at each budget.

    Parameters
    ----------
    table : Table
        What was played.
    found : sequence of Found
        What the search found at each budget.
    sets : mapping of float to frozenset of int
        Budget -> the best set that was played in any search and fits it.
    n : int
        Futures; the second half measures.
    aim : Aim
        What is lowered.
    """
    kept = measured(table, [Set(), *sets.values()], n)
    return [_point(table, one, sets[one.budget], kept, aim) for one in found]


def _point(table: Table, found: Found, chosen: Set, kept: Mapping[Set, F8], aim: Aim) -> Point:
    known, measure = table.known, table.measure
    none, after = (measure.loss(kept[s]) for s in (Set(), chosen))
    said, said_none = (aim.of(known.played.get(s, known.base)) for s in (chosen, Set()))
    bound = min(found.bound, said)
    could = said_none - bound
    worth = measure.value(kept[Set()]), measure.value(kept[chosen])
    value: Answer = Refused("an end user's value is not known", None, none.size)
    if not np.isnan(worth[0]).any():
        value = precision.mean(worth[0] - worth[1], sections=measure.sections)
    return Point(
        found.budget, known.price(chosen), chosen,
        difference(none, after, aim, measure.sections), value,
        aim.of(after), aim.of(none), said, said_none, bound, found.pairs_bound,
        (said - bound) / could if could > 0 else 0.0, found.passes, found.ended,
    )  # fmt: skip


def next_of(table: Table, point: Point, points: Sequence[Point], n: int, aim: Aim) -> Next | None:
    """Return what more money would buy best; None where no larger budget that was tried buys more.

    Parameters
    ----------
    table : Table
        What was played.
    point : Point
        The answer.
    points : sequence of Point
        The answers at all budgets.
    n : int
        Futures.
    aim : Aim
        What is lowered.
    """
    better = [p for p in points if p.spent > point.spent and p.said < point.said]
    if not better:
        return None
    best = max(better, key=lambda p: (point.said - p.said) / (p.spent - point.spent))
    kept = measured(table, [point.chosen, best.chosen], n)
    now, then = (table.measure.loss(kept[p.chosen]) for p in (point, best))
    return Next(best, best.spent - point.spent, difference(now, then, aim, table.measure.sections))


def items_of(table: Table, chosen: Set, n: int, aim: Aim) -> list[Item]:
    """Return what is bought, the one that adds most first."""
    kept = measured(table, [chosen, *(chosen - {j} for j in chosen)], n)
    loss = {s: table.measure.loss(rows) for s, rows in kept.items()}
    none, together = aim.of(table.known.base), table.measure.sections
    items = [
        Item(table.options[j], difference(loss[chosen - {j}], loss[chosen], aim, together),
             none - aim.of(table.known.played[Set({j})]))
        for j in sorted(chosen)
    ]  # fmt: skip
    gains = {id(i): aim.of(loss[chosen - {j}]) - aim.of(loss[chosen])
             for i, j in zip(items, sorted(chosen), strict=True)}  # fmt: skip
    return sorted(items, key=lambda i: (-gains[id(i)], i.option.name))


def measured(table: Table, sets: Sequence[Set], n: int) -> dict[Set, F8]:
    """Return what is kept of the second half of n futures under each of some sets.

    Raises
    ------
    UserError
        If a set does not fit; the best one was played, and so do its parts.
    """
    new = [s for s in dict.fromkeys(sets) if s not in table.measured]
    found = table.bench.tried([(table.things(s), ()) for s in new], n)
    for one, rows in zip(new, found, strict=True):
        if isinstance(rows, Exception):
            raise rows
        table.measured[one] = rows[half_of(n, table.measure.sections) :]
    return {one: table.measured[one] for one in sets}
