"""What a choice will take, before it is begun."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.advice.choose_search import PLAYED_A_ROUND
from sim.run.case import Study
from sim.run.cost import Cost, clock_s, guess_s, refuse_full_memory, sample_of, workers_of

SETS_A_BUDGET = 3 * PLAYED_A_ROUND
"""Portfolios that are played for one budget, as a guess: some answers, and rounds of exchange."""

BOUGHT = 10
"""Things in a portfolio, as a guess."""


def cost_of_choice(study: Study, n_option: int, budgets: Sequence[float], most_pairs: int) -> Cost:
    """Return what a choice takes, about; blocks that are finished already make it less.

    Raises
    ------
    UserError
        If the losses of all portfolios do not fit into memory.
    """
    n = study.settings.run.replications
    pairs = min(most_pairs, n_option * (n_option - 1) // 2)
    sets = 1 + n_option + pairs + SETS_A_BUDGET * len(budgets)
    refuse_full_memory(
        8.0 * sets * n, "run.replications", n, f"losses of about {sets} portfolios",
        "fewer replications, or fewer --candidates",
    )  # fmt: skip

    def play(count: int) -> object:
        tape = study.tape(np.arange(count, dtype=np.int64))
        return study.shortfalls(tape, np.zeros(1, np.uint8))

    plays = sets * (n // 2) + n * (len(budgets) + BOUGHT)
    seconds = clock_s(plays, guess_s(study), workers_of(study), play, sample_of(study))
    return Cost(seconds, plays * 8.0 * (len(study.views) + 1), plays)
