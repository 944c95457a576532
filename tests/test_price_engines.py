"""Prices in both engines on random networks, and what they leave alone."""

from __future__ import annotations

import numpy as np
import pytest
from engines import Case, first_difference

from sim.config.settings import load_settings
from sim.flow.engine import simulate, simulate_measures
from sim.flow.engine_tables import Sets
from sim.metrics.prices import tally_prices
from sim.run.case import Study

SIZES = (4, 8, 12, 20, 30)


def case_of(seed: int) -> Case:
    return Case(seed, n_period=40, size=SIZES[seed % 5], replications=1 + seed % 3, prices=True)


@pytest.mark.parametrize("chunk", range(6))
def test_engines_agree_to_the_last_bit_with_prices(chunk):
    for seed in range(20 * chunk, 20 * (chunk + 1)):
        case = case_of(seed)
        assert first_difference(case.fast(), case.record()) == "", seed


def test_prices_change_no_tonne_and_do_not_hang_on_traces_or_batches():
    for seed in range(25):
        case = case_of(seed)
        priced, alone = case.fast(), case.fast(trace=False, batch=1)
        bare = simulate(case.play._replace(market=None), case.tape, trace=True)
        assert bare.price is None
        for name in ("want", "shortfall", "spared", "destroyed", "released"):
            assert np.array_equal(getattr(priced, name), getattr(bare, name)), (seed, name)
            assert np.array_equal(getattr(priced, name), getattr(alone, name)), (seed, name)
        assert np.array_equal(priced.price, alone.price)
        assert np.array_equal(priced.bill, alone.bill)
        for name in ("stock", "position", "ordered", "shipped", "arrived", "run_rate"):
            assert np.array_equal(getattr(priced.trace, name), getattr(bare.trace, name))


def test_what_is_kept_of_prices_is_what_their_paths_tell():
    for seed in range(12):
        case = case_of(seed)
        n = len(case.compiled.labels.group)
        every = Sets(np.array([0, n], np.int32), np.arange(n, dtype=np.int32))
        kept = simulate_measures(case.play, case.tape, every).price
        assert np.array_equal(kept, tally_prices(case.fast().price))


def test_random_cases_reach_all_that_moves_a_price():
    """Agreement on prices that never move would prove nothing."""
    seen = dict.fromkeys(("short", "cut", "news", "passed", "outside", "apart"), 0)
    for seed in range(40):
        case = case_of(seed)
        flow, goods = case.fast(), case.market.goods
        price = flow.price[:, : len(goods.pair)]
        spans = zip(goods.product_ptr[:-1], goods.product_ptr[1:], strict=True)
        seen["apart"] += any((np.ptp(price[:, a:b], axis=1) > 0.01).any() for a, b in spans)
        seen["short"] += (flow.trace.shipped < flow.trace.ordered * 0.9).any()
        seen["news"] += 5 in case.tape.row_kind
        seen["cut"] += 1 in case.tape.row_kind
        seen["passed"] += bool((case.market.input_share > 0).any())
        seen["outside"] += bool((flow.price[:, len(goods.pair) :] > 1.01).any())
    assert all(count >= 3 for count in seen.values()), seen


def study(**changes: object) -> Study:
    given = {f"scenario.{key}": value for key, value in changes.items()}
    return Study(load_settings("china_gallium_germanium_2023", changes=given))


def test_a_scenario_without_prices_gives_the_same_tonnes_and_none_of_the_measures():
    numbers, go = np.arange(40, dtype=np.int64), np.zeros(1, np.uint8)
    told, bare = (study(price=how).compute(numbers, go) for how in ("report", "none"))
    assert {name for name in told if name.startswith("price.")} == {
        "price.price_index_mean", "price.price_index_peak", "price.price_days_above_2",
    }  # fmt: skip
    assert not any(name.startswith("price.") for name in bare)
    assert np.isnan(bare["m.bill_usd"]).all()
    assert told["m.bill_usd"].max() > 0
    for name, values in bare.items():
        if name != "m.bill_usd":
            assert np.array_equal(values, told[name], equal_nan=True), name


def test_draws_of_a_product_are_its_own():
    one = study()
    tape = one.tape(np.arange(2000, dtype=np.int64))
    number = one.market.goods.product.index("gallium_refined")
    drawn = tape.price.reshape(-1, 4, 2000)[number]
    np.testing.assert_allclose(np.median(drawn, axis=1), [0.9, 0.35, 750.0, 1.0], rtol=0.05)
    assert drawn[1].max() <= 1.0
    assert np.log(drawn[0]).std() == pytest.approx(np.log(1.5), rel=0.06)
    fewer = study(network="gallium") if one.settings.scenario.network != "gallium" else one
    again = fewer.tape(np.arange(2000, dtype=np.int64)).price.reshape(-1, 4, 2000)
    assert np.array_equal(again[fewer.market.goods.product.index("gallium_refined")], drawn)
