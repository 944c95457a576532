"""The search: the programme's answer played for real, what it teaches, and exchange by exchange."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from sim.advice.candidates import Candidate
from sim.advice.choose_options import Option
from sim.advice.choose_programme import Programme, Set
from sim.advice.trial import Bench
from sim.advice.whose_loss import Yardstick
from sim.base.errors import UserError
from sim.network.arrays import F8

MOST_PASSES = 12
"""Programmes that are solved for one budget at most."""

MOST_ROUNDS = 6
"""Rounds of exchange at most."""

PLAYED_A_ROUND = 12
"""Neighbours that are played in a round of exchange, the most promising ones."""

MOST_NEW_PAIRS = 40
"""Pairs of one answer that are played with it."""

LESS = 1e-9
"""Relative to the loss with nothing done: what counts as an improvement."""


@dataclass
class Table:
    """Where sets of options are played on the futures that choose.

    Parameters
    ----------
    bench : Bench
        Plays networks.
    options : sequence of Option
        What can be bought.
    measure : Yardstick
        By whose loss.
    base : ndarray, shape (half, n)
        What is kept of each future that chooses with nothing done.
    known : Programme
        What was learnt so far.
    reasons : dict
        Why sets do not fit.
    measured : dict
        What is kept of the futures that measure, under sets that were played on them.
    """

    bench: Bench
    options: Sequence[Option]
    measure: Yardstick
    base: F8
    known: Programme
    reasons: dict[Set, str] = field(default_factory=dict)
    measured: dict[Set, F8] = field(default_factory=dict)

    def play(self, sets: Iterable[Set]) -> None:
        """Play sets that were not, and take in what they lose, or that they do not fit."""
        new = [s for s in dict.fromkeys(sets) if s and s not in self.known.played]
        new = [s for s in new if not self.known.barred(s)]
        found = self.bench.tried([(self.things(s), ()) for s in new], self.base.shape[0])
        for one, kept in sorted(zip(new, found, strict=True), key=lambda x: len(x[0])):
            if isinstance(kept, UserError):
                self.reasons[one] = str(kept.faults[0])
            elif kept.shape != self.base.shape:
                self.reasons[one] = "changes who the end users are, so that nothing pairs"
            else:
                self.known.learn(one, self.measure.loss(kept))
                continue
            self.known.bar(one)

    def things(self, chosen: Set) -> list[Candidate]:
        """Return the candidates of a set."""
        return [self.options[j].candidate for j in sorted(chosen)]


@dataclass(frozen=True)
class Found:
    """What a search found for one budget.

    Parameters
    ----------
    budget : float
        US dollars.
    chosen : frozenset of int
        The best set that was played.
    pairs_bound, bound : float
        The programme's bound before any answer was played, and the last one.
    passes : int
        Programmes that were solved.
    ended : str
        Why it stopped.
    """

    budget: float
    chosen: Set
    pairs_bound: float
    bound: float
    passes: int
    ended: str


def search(table: Table, budget: float) -> Found:
    """Return the best set under a budget.

    The programme's answer is played, with the pairs in it that were not, until the programme gives
    a set that was played; then neighbours of the best set (one option more, one less, one for
    another) are played, the most promising first, and if one is better all begins again.
    """
    known, rounds, bounds, ended = table.known, 0, [], ""
    while not ended:
        answer = known.solve(budget)
        bounds.append(answer.bound)
        if len(bounds) >= MOST_PASSES:
            ended = f"after {MOST_PASSES} programmes"
        elif answer.chosen and answer.chosen not in known.played:
            table.play([*_pairs_in(table, answer.chosen), answer.chosen])
        elif not _improved(table, budget):
            ended = "when no exchange that was played lost less"
        elif (rounds := rounds + 1) >= MOST_ROUNDS:
            ended = f"after {MOST_ROUNDS} rounds of exchange"
    return Found(budget, known.best_played(budget), bounds[0], bounds[-1], len(bounds), ended)


def _pairs_in(table: Table, chosen: Set) -> list[Set]:
    """Return the pairs of a set that were not played."""
    pairs = [Set(two) for two in combinations(sorted(chosen), 2)]
    return [p for p in pairs if p not in table.known.played][:MOST_NEW_PAIRS]


def _improved(table: Table, budget: float) -> bool:
    """Play the most promising neighbours of the best set; return whether one loses less."""
    known = table.known
    best = known.best_played(budget)
    new = [s for s in _neighbours(table, best, budget) if s not in known.played]
    new.sort(key=lambda s: (known.value(s), known.price(s), sorted(s)))
    table.play(new[:PLAYED_A_ROUND])
    after = known.best_played(budget)
    return _value(known, after) < _value(known, best) - LESS * known.aim.of(known.base)


def _value(known: Programme, chosen: Set) -> float:
    return known.aim.of(known.played.get(chosen, known.base))


def _neighbours(table: Table, chosen: Set, budget: float) -> Iterator[Set]:
    """Yield the sets under a budget that differ by one option, or by one for another."""
    known = table.known
    others = [j for j in range(len(table.options)) if j not in chosen]
    for less in [None, *sorted(chosen)]:
        rest = chosen - {less}
        for more in [None, *others]:
            found = rest | ({more} if more is not None else set())
            fits = known.price(Set(found)) <= budget and not known.barred(Set(found))
            if found != chosen and fits:
                yield Set(found)
