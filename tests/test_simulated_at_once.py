"""Trajectories and what they are judged by, of one simulation: the same bits as of two."""

from __future__ import annotations

import numpy as np
import pytest
from engines import Case

from sim.flow.engine import simulate, simulate_both, simulate_measures
from sim.flow.engine_tables import Sets


@pytest.mark.parametrize("seed", [3, 4])
def test_both_at_once_are_the_same_bits_as_each_alone(seed):
    case = Case(seed, n_period=30, size=12, replications=19)
    n = len(case.play.compiled.labels.group)
    sets = Sets(np.array([0, 1, n], np.int32), np.arange(n, dtype=np.int32))
    flow, judged = simulate_both(case.play, case.tape, sets)
    alone, judged_alone = (
        simulate(case.play, case.tape),
        simulate_measures(case.play, case.tape, sets),
    )
    assert np.array_equal(flow.shortfall, alone.shortfall) and alone.shortfall.any()
    assert np.array_equal(flow.want, alone.want) and np.array_equal(flow.released, alone.released)
    assert np.array_equal(judged.sums, judged_alone.sums)
    assert np.array_equal(judged.tally, judged_alone.tally)
