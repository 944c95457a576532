"""The mixed-integer programme: which set of options loses least under a budget, by what is known.

What is known of a future's loss is a sum over sets of options that were played: a single option
gives its own gain, a pair what the two do beyond their own gains, and any larger set what it does
beyond all of its parts that were played. So the programme is exact for each set that was played,
and for any other as far as options act singly and in pairs that were played.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, identity

from sim.base.hushed import hushed
from sim.metrics.risk import cvar
from sim.network.arrays import F8

MOST_NODES = 5000
"""Of the branch-and-bound tree; a limit of time would make the answer depend on the machine."""

GAP = 1e-4
"""Relative gap at which the programme is taken as solved."""

THRIFT = 1e-6
"""Share of the loss with nothing done that spending the whole budget may be worth: of two equal
sets the cheaper one is taken."""

Set = frozenset[int]


@dataclass(frozen=True)
class Aim:
    """What is lowered.

    Parameters
    ----------
    level : float
        Of the CVaR; 0: the mean.
    """

    level: float

    @property
    def name(self) -> str:
        """The statistic in a word."""
        return f"cvar{100 * self.level:g}" if self.level else "mean"

    def of(self, loss: F8) -> float:
        """Return the statistic of a loss."""
        return cvar(loss, self.level) if self.level else float(loss.mean())


class Solution(NamedTuple):
    """What the programme says.

    Parameters
    ----------
    chosen : frozenset of int
        Options.
    bound : float
        No set under the budget loses less, by what is known.
    solved : bool
        False where the tree's limit came first: the bound still holds, another set may be better.
    """

    chosen: Set
    bound: float
    solved: bool


@dataclass
class Programme:
    """What is known of the options, and the programme on it.

    Parameters
    ----------
    base : ndarray, shape (n,)
        Loss of each future that chooses with nothing done.
    cost : ndarray, shape (n_option,)
        Of each option.
    rivals : sequence of sequence of int
        Options of which one at most can be taken.
    aim : Aim
        What is lowered.
    """

    base: F8
    cost: F8
    rivals: Sequence[Sequence[int]]
    aim: Aim
    played: dict[Set, F8] = field(default_factory=dict)
    _terms: dict[Set, F8] = field(default_factory=dict)
    _barred: set[Set] = field(default_factory=set)

    @property
    def scale(self) -> float:
        """Loss that counts as 1 in the programme: solvers take numbers about 1 best."""
        return float(self.base.max()) or 1.0

    def learn(self, chosen: Set, loss: F8) -> None:
        """Take in what a set that was played loses; what larger sets add is worked out anew."""
        self.played[chosen] = loss
        for one in sorted((s for s in self.played if chosen <= s), key=len):
            self._terms.pop(one, None)
            self._terms[one] = self.foreseen(one) - self.played[one]

    def bar(self, chosen: Set) -> None:
        """Take in that the options of a set do not fit together."""
        self._barred.add(chosen)

    def barred(self, chosen: Set) -> bool:
        """Whether a set holds options that do not fit together, or exclude each other."""
        return any(b <= chosen for b in self._barred) or any(
            len(chosen.intersection(rival)) > 1 for rival in self.rivals
        )

    def foreseen(self, chosen: Set) -> F8:
        """Return the loss of each future by what is known."""
        loss = self.base.copy()
        for part, gain in self._terms.items():
            if part <= chosen:
                loss -= gain
        return loss

    def value(self, chosen: Set) -> float:
        """Return the statistic of a set by what is known; no loss is below 0."""
        return self.aim.of(np.maximum(self.foreseen(chosen), 0.0))

    def price(self, chosen: Set) -> float:
        """Return what a set costs."""
        return float(sum(self.cost[j] for j in sorted(chosen)))

    def best_played(self, budget: float) -> Set:
        """Return the set that loses least of those that were played and cost no more."""
        fits = [s for s in [Set(), *self.played] if self.price(s) <= budget]
        worth = {s: self.aim.of(self.played.get(s, self.base)) for s in fits}
        return min(fits, key=lambda s: (worth[s], self.price(s), sorted(s)))

    def solve(self, budget: float) -> Solution:
        """Return the set that loses least by what is known.

        The CVaR is that of Rockafellar and Uryasev: the least over a of
        a + E(loss - a)+ / (1 - level); a and what is above it are not below 0, as no loss is.
        """
        useful = [j for j in range(self.cost.size) if self.cost[j] <= budget]
        if not useful:
            return Solution(Set(), self.aim.of(self.base), True)
        terms = [t for t, gain in self._terms.items() if t <= set(useful) and gain.any()]
        columns = {t: x for x, t in enumerate([*(Set({j}) for j in useful),
                                               *(t for t in terms if len(t) > 1)])}  # fmt: skip
        with hushed():
            found = milp(
                **_arrays(self, budget, useful, columns),
                options={"mip_rel_gap": GAP, "node_limit": MOST_NODES},
            )
        if found.x is None:  # the tree's limit came before any set
            return Solution(self.best_played(budget), 0.0, False)
        chosen = Set(j for x, j in enumerate(useful) if found.x[x] > 0.5)
        bound = float(found.mip_dual_bound) * self.scale - THRIFT * self.aim.of(self.base)
        return Solution(chosen, max(0.0, bound), found.status == 0)


def _arrays(
    known: Programme, budget: float, useful: Sequence[int], columns: dict[Set, int]
) -> dict[str, object]:
    """Return the programme as `scipy.optimize.milp` takes it.

    Variables: options (whole), then larger sets, then the threshold of the CVaR, then what each
    future loses above it.
    """
    n, m, level = len(columns), known.base.size, known.aim.level
    width = n + 1 + m
    gains = np.zeros((m, n))
    for part, x in columns.items():
        if part in known._terms:
            gains[:, x] = known._terms[part] / known.scale
    lower, upper = np.zeros(width), np.full(width, np.inf)
    upper[:n] = 1.0
    upper[n] = np.inf if level else 0.0
    price = np.zeros(width)
    spent = known.cost[useful] / budget
    price[: len(useful)] = THRIFT * known.aim.of(known.base) / known.scale * spent
    price[n] = 1.0 if level else 0.0
    price[n + 1 :] = 1.0 / ((1.0 - level) * m)
    whole = np.zeros(width)
    whole[: len(useful)] = 1
    futures = hstack([csr_array(gains), csr_array(np.ones((m, 1))), identity(m)]).tocsr()
    return {
        "c": price,
        "integrality": whole,
        "bounds": Bounds(lower, upper),
        "constraints": [
            LinearConstraint(futures, known.base / known.scale, np.inf),
            *_rules(known, budget, useful, columns, width),
        ],
    }


def _rules(
    known: Programme, budget: float, useful: Sequence[int], columns: dict[Set, int], width: int
) -> list[LinearConstraint]:
    """Return the rules: budget, what excludes each other, sets that count once all parts do."""
    place = {j: x for x, j in enumerate(useful)}
    rows: list[tuple[dict[int, float], float, float]] = [
        ({x: float(known.cost[j] / budget) for j, x in place.items()}, 0.0, 1.0)
    ]
    for rival in known.rivals:
        if len(here := [j for j in rival if j in place]) > 1:
            rows.append(({place[j]: 1.0 for j in here}, 0.0, 1.0))
    for barred in sorted(known._barred, key=sorted):
        if barred <= set(useful):
            rows.append(({place[j]: 1.0 for j in barred}, 0.0, len(barred) - 1.0))
    for part, y in columns.items():
        if len(part) > 1:
            rows += [({y: 1.0, place[j]: -1.0}, -np.inf, 0.0) for j in sorted(part)]
            all_of = {y: 1.0, **{place[j]: -1.0 for j in part}}
            rows.append((all_of, 1.0 - len(part), np.inf))
    at = [(r, x, v) for r, (row, _, _) in enumerate(rows) for x, v in row.items()]
    r, x, v = (np.array(c) for c in zip(*at, strict=True))
    table = csr_array((v, (r.astype(int), x.astype(int))), shape=(len(rows), width))
    return [LinearConstraint(table, [row[1] for row in rows], [row[2] for row in rows])]
