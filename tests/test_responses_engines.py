"""Answers to prices in both engines on random networks, and what they leave alone."""

from __future__ import annotations

import numpy as np
import pytest
from engines import Case, first_difference

from sim.flow.engine import simulate

SIZES = (4, 8, 12, 20, 30)
EACH = ("demand", "thrift", "supply", "allocation", "projects")
ALL_OR_ONE = (EACH, *((name,) for name in EACH), EACH)


def case_of(seed: int, responses: tuple[str, ...] | None = None) -> Case:
    who = ALL_OR_ONE[seed % len(ALL_OR_ONE)] if responses is None else responses
    size = SIZES[seed % 5]
    many = 1 + seed % 3
    return Case(
        seed,
        n_period=40,
        size=size,
        replications=many,
        prices=True,
        responses=who,
        change=with_prospects if "projects" in who else lambda *_plain: None,
    )


def with_prospects(network: dict, _hazards: dict, _parameters: dict) -> None:
    """Make projects doubtful, late and quick to follow a price; every other has a floor."""
    makers = [n for n, s in sorted(network["sites"].items()) if s["kind"] in ("mine", "refiner")]
    for n, site in enumerate(makers):
        network["projects"][f"more_{site}"] = {
            "site": site, "capacity": 50.0, "start": 20.0 * n, "probability": 0.2 * (n % 3),
            "delay_days": {"min": 0.0, "max": 200.0}, "lead_days": {"min": 0.0, "max": 60.0},
        }  # fmt: skip
        product = network["products"][network["sites"][site]["product"]]
        product.setdefault("value_usd_per_t", 10.0)
        if n % 2:
            network["projects"][f"more_{site}"]["price_floor"] = {
                "usd_per_t": (1.0 + 0.4 * n) * (product["value_usd_per_t"] or 1.0),
                "since": "2025-02-01", "until": "2025-08-01",
            }  # fmt: skip


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
