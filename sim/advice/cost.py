"""What advice will take, before it is begun: from counts, and from a few plays where it is much."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sim.advice import outage
from sim.advice.candidates import Candidate
from sim.advice.pairs import pairs_at_most
from sim.advice.removals import Removal
from sim.metrics.views import Views
from sim.network.arrays import CompiledNetwork
from sim.run.audit_size import COMPILED_S, SIMPY_S, Size, size_of
from sim.run.case import Study
from sim.run.cost import (
    Cost,
    clock_s,
    guess_s,
    refuse_full_memory,
    sample_of,
    workers_of,
)

Agree = Callable[[Cost], None]
"""Is told what the work will take, and raises where it is not to be begun."""


def plays_alone(candidates: Sequence[Candidate]) -> int:
    """Return how often the futures are played for nothing done and each candidate alone."""
    return 1 + sum(2 if c.without else 1 for c in candidates)


def plays_together(n_candidate: int, steps: int, n: int) -> int:
    """Return the replications that a combination plays at most: half of them choose each step."""
    steps = min(steps, n_candidate)
    return sum((n_candidate - step) * (n // 2) + n for step in range(1, steps))


def cost_of_ranking(
    study: Study, candidates: Sequence[Candidate], steps: int, kept: int = 1
) -> Cost:
    """Return what a ranking takes at most; blocks that are finished already make it less.

    `kept` is how many measures of every view are held.

    Raises
    ------
    UserError
        If the losses of all candidates do not fit into memory.
    """
    run, n_view = study.settings.run, kept * len(study.views)
    n, alone = run.replications, plays_alone(candidates)
    held = 8.0 * n_view * n * (alone + len(candidates) / 2 * (steps > 1))
    refuse_full_memory(
        held, "run.replications", n, f"losses of {len(candidates)} candidates",
        "fewer replications, or fewer --candidates",
    )  # fmt: skip

    def play(count: int) -> object:
        tape = study.tape(np.arange(count, dtype=np.int64))
        return study.shortfalls(tape, np.zeros(1, np.uint8))

    plays = n * alone + plays_together(len(candidates), steps, n)
    seconds = clock_s(plays, guess_s(study), workers_of(study), play, sample_of(study))
    n_lane = study.compiled.chain.lane_feed.size
    audited = size_of(run.audit, n, n_lane, study.n_period)
    audit_s = 2 * audited.n * audited.n_period * n_lane * SIMPY_S
    return Cost(seconds + audit_s, plays * 8.0 * (n_view + 1), plays)


def cost_of_removals(
    compiled: CompiledNetwork,
    views: Views,
    things: Sequence[Removal],
    stop: outage.Stop,
    *,
    pairs: bool,
    audited: Size,
    workers: int,
) -> Cost:
    """Return what removals, one future each, take at most, and pairs of them where asked for.

    Raises
    ------
    UserError
        If the table of what they do does not fit into memory.
    """
    n = len(things) + (pairs_at_most(things) if pairs else 0)
    table, less = 8.0 * len(outage.MEASURES) * n * len(views), ", or no --pairs" if pairs else ""
    refuse_full_memory(
        table, "removals", n, "what they do to each end user", f"a network of fewer sites{less}"
    )

    def play(count: int) -> object:
        return outage.play(compiled, views, [(x,) for x in things[:count]], stop)

    size = _lane_periods(compiled, stop.n_period)
    seconds = clock_s(n, COMPILED_S * size, workers, play)
    audit_s = audited.n * audited.n_period * compiled.chain.lane_feed.size * SIMPY_S
    return Cost(seconds + audit_s, 0.0, n)


def _lane_periods(compiled: CompiledNetwork, n_period: int) -> int:
    return n_period * compiled.chain.lane_feed.size
