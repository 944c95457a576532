"""The best combination, step by step: chosen on one half of the futures, measured on the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.advice.avoided import cells, gain, half_of, scaled, worth
from sim.advice.candidates import Candidate
from sim.advice.trial import Bench
from sim.advice.whose_loss import Yardstick
from sim.base.errors import UserError
from sim.metrics.answer import Answer, Refused
from sim.network.arrays import F8

Row = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One step of the combination.

    Parameters
    ----------
    candidate : Candidate
        What was added.
    gain : Estimate or Refused
        What it avoids beyond the steps before, on futures that had no say in the choice.
    total : Estimate or Refused
        What all steps so far avoid together, on the same futures.
    value_usd : Estimate or Refused
        The step's gain in US dollars.
    taken : bool
        False for the last one tried, whose gain could not be told from nothing.
    """

    candidate: Candidate
    gain: Answer
    total: Answer
    value_usd: Answer
    taken: bool


def greedy(
    bench: Bench,
    candidates: Sequence[Candidate],
    alone: dict[str, F8],
    base: F8,
    measure: Yardstick,
    steps: int,
    by: str = "mean",
) -> list[Step]:
    """Return the steps: at each, the candidate that lowers the loss most beside those taken.

    The first half of the replications (in whole blocks of those drawn together) chooses, the rest
    measures: the best of many on the
    same futures would look better than it is. It ends after `steps`, with the candidates, or at the
    first step whose 95 % interval holds zero; that step is the last one returned.

    Parameters
    ----------
    bench : Bench
        Scenario and finished blocks.
    candidates : sequence of Candidate
        What may be taken.
    alone : dict of ndarray
        Shortfalls (n, n_group) of each candidate alone, by name.
    base : ndarray, shape (n, n_group)
        Shortfalls with nothing done.
    measure : Yardstick
        By whose loss.
    steps : int
        At most.
    by : {"mean", "cvar"}, optional
        What is lowered.
    """
    n = base.shape[0]
    half = half_of(n, measure.sections)
    taken: list[Candidate] = []
    found: list[Step] = []
    current = base
    while len(taken) < steps:
        best = _best(bench, candidates, taken, alone, current[:half], measure, by)
        if best is None:
            return found
        after = alone[best.name] if not taken else bench.shortfalls(bench.study([*taken, best]), n)
        step = _step(best, base[half:], current[half:], after[half:], measure, by)
        found.append(step)
        if not step.taken:
            return found
        taken, current = [*taken, best], after
    return found


def _best(
    bench: Bench,
    candidates: Sequence[Candidate],
    taken: Sequence[Candidate],
    alone: dict[str, F8],
    current: F8,
    measure: Yardstick,
    by: str,
) -> Candidate | None:
    """Return the candidate with the largest gain on the futures that choose, if any is left."""
    half, before = current.shape[0], measure.loss(current)
    left = sorted((c for c in candidates if c not in taken), key=lambda c: c.name)
    found: Sequence[F8 | UserError] = (
        bench.tried((([*taken, c], ()) for c in left), half)
        if taken else [alone[c.name][:half] for c in left]
    )  # fmt: skip
    gains = [
        -np.inf if isinstance(after, UserError) else gain(before, measure.loss(after), by)
        for after in found
    ]  # what does not fit beside what was taken gains nothing
    best = max(range(len(left)), key=gains.__getitem__, default=None)
    return None if best is None or gains[best] == -np.inf else left[best]


def _step(
    candidate: Candidate, base: F8, before: F8, after: F8, measure: Yardstick, by: str
) -> Step:
    """Return what a step is worth on the futures that measure."""
    together = measure.sections
    told = worth(measure.loss(before), measure.loss(after), sections=together)
    whole = worth(measure.loss(base), measure.loss(after), sections=together)
    gained, total = (told.mean, whole.mean) if by == "mean" else (told.cvar, whole.cvar)
    value = measure.value(before)
    usd: Answer = Refused("an end user's value is not known", None, before.shape[0])
    if not np.isnan(value).any():
        usd = worth(value, measure.value(after), tail=False, sections=together).mean
    taken = not isinstance(gained, Refused) and gained.low > 0
    return Step(candidate, gained, total, usd, taken)


def greedy_rows(steps: Sequence[Step], measure: Yardstick, by: str) -> list[Row]:
    """Return one row a step."""
    rows = []
    for number, step in enumerate(steps, 1):
        c = step.candidate
        rows.append({
            "step": number, "name": c.name, "kind": c.kind, "title": c.title,
            "taken": "yes" if step.taken else "no", "lowers": by, "unit": measure.unit,
            **cells("gain", step.gain), **cells("together", step.total),
            **cells("gain_value", step.value_usd, "usd"),
            "cost_usd": c.cost_usd,
            **cells("value_per_usd", scaled(step.value_usd, 1.0 / c.cost_usd)),
            "n": step.gain.n, "mark": step.gain.mark, "note": step.gain.note,
        })  # fmt: skip
    return rows
