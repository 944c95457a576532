"""Answers to prices: known answers by hand, laws, and the door (docs/model.md, 7c)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import ban, feed, flat, lane, mine, network, outage, user
from price_case import Prices, prices, two_regions

from sim.base.errors import UserError
from sim.config.settings import load_settings
from sim.flow.record import rules
from sim.metrics.dear import gives_up
from sim.metrics.loss import measure
from sim.network.load import read_network
from sim.run.case import Study
from sim.shocks import tape as on

EACH = ("demand", "thrift", "supply", "allocation")
SOON = flat(on.ANNOUNCED, [("pit", "ben")], 0, 400, 1.0)


def with_value_added(share: float = 0.5, of_input: float = 0.1) -> dict:
    """Return two regions whose good hangs on ore: it makes of_input / share of its price."""
    chain = two_regions(30.0)
    chain["products"]["good"]["dependence"] = {
        "share": share,
        "value_of_input_share": of_input,
        "elasticity": 0.1,
        "elasticity_later": 0.5,
    }
    for name in ("anna", "ben"):
        chain["sites"][name]["value_added_usd_per_year"] = 1e6
    return chain


def of_user(told: Prices, book: str, name: str) -> np.ndarray:
    return getattr(told.flow, book)[:, told.groups.index(name), 0]


# --- by hand ------------------------------------------------------------------------------------


def test_demand_gives_way_to_the_price_of_the_good_by_the_share_of_its_input():
    # Ore is 0.1 / 0.5 = 20 % of the good's price; of a gap to what the price leaves of demand a day
    # closes 1 / 180; the day after reads the price of the day before.
    told = prices(
        with_value_added(), [ban("pit", "ben", 0, 60, 0.8)], 50,
        responses=["demand"], answers=(1.5, 2.0, 0.5, 0.5),
    )  # fmt: skip
    price, left = told.of("ore", "JPN"), 1.0
    for k in range(50):
        assert of_user(told, "want", "ben")[k] == pytest.approx(100 * left, rel=1e-12)
        assert of_user(told, "destroyed", "ben")[k] == pytest.approx(100 * (1 - left), abs=1e-9)
        left += ((1 + 0.2 * (price[k] - 1)) ** -1.5 - left) / 180
    assert left < 0.97
    assert (of_user(told, "want", "anna") == 100.0).all()


def test_what_price_destroys_is_no_shortfall():
    rows = [ban("pit", "ben", 0, 60, 0.8)]
    bare = prices(with_value_added(), rows, 60)
    told = prices(with_value_added(), rows, 60, responses=["demand"])
    short, before = (of_user(p, "shortfall", "ben").sum() for p in (told, bare))
    destroyed = of_user(told, "destroyed", "ben").sum()
    assert destroyed > 0.0
    assert short < before
    together = of_user(told, "want", "ben") + of_user(told, "destroyed", "ben")
    np.testing.assert_allclose(together, 100.0, rtol=1e-12)


def test_an_input_worth_no_more_than_the_good_and_none_where_no_value_added_is_stated():
    rows = [ban("pit", "ben", 0, 60, 0.8)]
    whole = prices(with_value_added(0.01, 0.5), rows, 3, responses=["demand"])
    price = whole.of("ore", "JPN")[0]
    assert of_user(whole, "want", "ben")[1] == pytest.approx(100 * (1 + (1 / price - 1) / 180))
    silent = prices(two_regions(30.0), rows, 60, responses=["demand"])
    assert (silent.flow.destroyed == 0.0).all()


def test_a_dear_input_makes_its_user_learn_before_it_lacks_and_the_faster_the_dearer():
    # The limit of 40 % is learnt in 40 days; v times as fast. A period's mean acts a day later.
    chain = two_regions(30.0)
    chain["sites"]["ben"]["substitution"] = {"limit": 0.4, "delay_days": 0.0, "days": 40.0}
    told = prices(chain, [SOON], 4, responses=["thrift"], answers=(1.0, 1.3, 0.5, 0.5))
    price = told.of("ore", "JPN")
    assert 1.3 < price[0] < 3.0
    assert (told.flow.shortfall == 0.0).all()
    first = 0.01 * price[0]
    spared = of_user(told, "spared", "ben")
    assert spared[:2].tolist() == [0.0, 0.0]
    assert spared[2] == pytest.approx(100 * first / 2, rel=1e-12)
    assert spared[3] == pytest.approx(100 * (first + 0.01 * price[1] / 2), rel=1e-12)
    cheap = prices(chain, [SOON], 4, responses=["thrift"], answers=(1.0, 9.0, 0.5, 0.5))
    assert (cheap.flow.spared == 0.0).all()


def test_thrift_runs_its_delay_down_by_the_price_and_three_at_most():
    # 9 days of delay; the price is above 3, so that each day counts for three: the third is enough
    chain = two_regions(90.0)
    chain["sites"]["ben"]["substitution"] = {"limit": 0.4, "delay_days": 9.0, "days": 40.0}
    told = prices(chain, [SOON], 6, responses=["thrift"], credibility=1.0, elasticity=0.5)
    assert told.of("ore", "JPN")[0] > 3.0
    spared = of_user(told, "spared", "ben")
    assert (spared[:4] == 0.0).all()  # days 1, 2 and 3 are dear; the mean of day 3 acts on day 4
    assert spared[4] == pytest.approx(100 * 0.4 / 40 * 3 / 2, rel=1e-12)


def test_idle_capacity_works_for_a_price_and_a_by_product_for_none():
    # 100 of 200 run, 40 are slack, and the run rate climbs by 0.2 a day. Demand doubles.
    for tags, answers in (([], True), (["byproduct"], False)):
        chain = network(
            pit=mine(200.0, slack=0.2, ramp_days=1000.0, tags=tags),
            ben=user(100.0, {"ore": feed({"pit": lane()}, cover_days=3.0)}),
        )
        rows = [
            flat(on.DEMAND, ["ben"], 0, 60, 1.0),
            flat(on.ANNOUNCED, [("pit", "ben")], 3, 60, 1.0),
        ]
        told = prices(chain, rows, 12, responses=["supply"])
        trace, price = told.flow.trace, told.of("ore", "JPN")
        awake = np.minimum(1.0, (np.concatenate([[1.0], price[:-1]]) - 1.0) / 0.5)
        can = trace.run_rate[:, 0, 0] + 40.0 * (awake if answers else 0.0)
        np.testing.assert_allclose(trace.shipped[:, 0, 0], np.minimum(200.0, can), rtol=1e-12)
        assert awake[0] == 0.0 < awake[3] < 0.1 < awake[4]


def test_who_pays_more_is_served_better_of_what_is_scarce():
    rows = [SOON, outage("pit", 1, 30, 0.6)]
    told = prices(two_regions(), rows, 3, responses=["allocation"])
    dear = told.of("ore", "JPN")[0]
    assert told.of("ore", "CHN")[0] == 1.0
    weight, shipped = dear**0.5, told.flow.trace.shipped[1, :, 0]
    assert weight > 1.1
    np.testing.assert_allclose(shipped, [80 / (1 + weight), 80 * weight / (1 + weight)], rtol=1e-9)


def test_equal_prices_share_alike():
    rows = [outage("pit", 0, 30, 0.6)]
    told, bare = (prices(two_regions(), rows, 20, responses=r) for r in (["allocation"], []))
    assert told.of("ore", "JPN")[-1] > 1.2
    assert np.array_equal(told.flow.trace.shipped, bare.flow.trace.shipped)


# --- laws ---------------------------------------------------------------------------------------


def test_nothing_answers_without_a_shock():
    told, bare = (prices(with_value_added(), [], 40, responses=r) for r in (EACH, ()))
    for name in ("want", "shortfall", "spared", "destroyed"):
        assert np.array_equal(getattr(told.flow, name), getattr(bare.flow, name))
    assert np.array_equal(told.flow.trace.shipped, bare.flow.trace.shipped)


def test_the_more_elastic_the_less_is_wanted():
    rows = [ban("pit", "ben", 0, 200, 0.8)]
    wanted = [
        prices(
            with_value_added(), rows, 200, responses=["demand"], answers=(eta, 2.0, 0.5, 0.5)
        ).flow.want.sum()
        for eta in (0.0, 0.3, 1.0, 2.0)
    ]
    assert wanted == sorted(wanted, reverse=True)
    assert wanted[0] == 2 * 200 * 100.0 > wanted[-1]
    dear = np.linspace(0.0, 24.0, 200)
    for less, more in ((0.0, 0.5), (0.5, 1.0), (1.0, 2.0)):
        assert all(rules.demand_left(d, more) <= rules.demand_left(d, less) for d in dear)
    assert rules.demand_left(0.0, 1.0) == 1.0


# --- the door -----------------------------------------------------------------------------------


def study(**changes: object) -> Study:
    given = {f"scenario.{key}": value for key, value in changes.items()}
    return Study(load_settings("china_gallium_germanium_2023", changes=given))


def test_no_answer_without_a_price_to_answer_to():
    with pytest.raises(UserError, match="responses need price: respond, and price is report"):
        study(responses=["demand"])
    with pytest.raises(UserError, match="goes with value_added: none"):
        study(price="respond", value_added="none")
    assert study(price="respond", value_added="none", responses=["thrift"]).market.responses
    with pytest.raises(UserError, match=r"responses"):
        study(price="respond", responses=["mines"])
    assert study().market.responses == frozenset()


def test_a_number_beyond_its_bounds_is_told():
    chain = two_regions()
    chain["responses"] = {"thrift_price": 0.5}
    with pytest.raises(UserError, match="must be 1 or more at its median"):
        read_network(chain)


def test_a_study_draws_and_plays_its_answers_and_leaves_all_other_draws_alone():
    numbers, go = np.arange(600, dtype=np.int64), np.zeros(1, np.uint8)
    told, bare = study(price="respond"), study()
    tape, plain = told.tape(numbers), bare.tape(numbers)
    assert plain.response.size == 0
    for name in tape._fields:
        if name != "response":
            assert np.array_equal(getattr(tape, name), getattr(plain, name), equal_nan=True), name
    np.testing.assert_allclose(np.median(tape.response, axis=1), [1.0, 2.13, 0.56, 0.5], rtol=0.1)
    few = told.tape(numbers[:24])
    short = measure(told.flow(few), told.views, told.settings.scenario.step_days)["shortfall_t"]
    np.testing.assert_allclose(told.shortfalls(few, go), short, rtol=1e-12)
    assert not np.array_equal(short, bare.shortfalls(bare.tape(numbers[:24]), go))
    assert told.compute(numbers[:24], go)["m.destroyed_t"].max() > 0.0


def test_a_table_of_what_price_destroys_is_shown_where_it_destroys_something():
    def summary(value: float) -> SimpleNamespace:
        row = {"measure": "destroyed_t", "statistic": "mean", "value": value}
        return SimpleNamespace(summary=[row])

    assert gives_up(summary(0.1))
    assert not gives_up(summary(0.0))
