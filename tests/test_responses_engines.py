"""Answers to prices in both engines on random networks, and what they leave alone."""

from __future__ import annotations

import numpy as np
import pytest
from engines import Case, first_difference

from sim.flow.engine import simulate

SIZES = (4, 8, 12, 20, 30)
EACH = ("demand", "thrift", "supply", "allocation")
ALL_OR_ONE = (EACH, *((name,) for name in EACH), EACH)


def case_of(seed: int, responses: tuple[str, ...] | None = None) -> Case:
    who = ALL_OR_ONE[seed % 6] if responses is None else responses
    size = SIZES[seed % 5]
    many = 1 + seed % 3
    return Case(seed, n_period=40, size=size, replications=many, prices=True, responses=who)


@pytest.mark.parametrize("chunk", range(6))
def test_engines_agree_to_the_last_bit_where_the_chain_answers_to_prices(chunk):
    for seed in range(20 * chunk, 20 * (chunk + 1)):
        case = case_of(seed)
        assert first_difference(case.fast(), case.record()) == "", seed


def test_random_cases_reach_every_answer():
    """Agreement on answers that change nothing would prove nothing."""
    changed = dict.fromkeys(EACH, 0)
    for seed in range(24):
        for name in EACH:
            case = case_of(seed, (name,))
            bare = simulate(
                case.play._replace(market=case.market._replace(responses=frozenset())),
                case.tape,
                trace=True,
            )
            flow = case.fast()
            changed[name] += first_difference(bare, flow) != ""
            assert name == "demand" or (flow.destroyed == 0.0).all()
    assert all(count >= 3 for count in changed.values()), changed


def test_answers_hang_on_no_batch():
    for seed in range(12):
        case = case_of(seed, EACH)
        one, other = case.fast(), case.fast(batch=1)
        assert first_difference(one, other) == "", seed
        assert np.array_equal(one.destroyed, other.destroyed)
