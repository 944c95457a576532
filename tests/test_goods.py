"""Goods by region of their buyers: pairs in order, and what is booked of them."""

from __future__ import annotations

import by_hand as hand
import numpy as np
import pytest
from engines import Case
from known import both, compiled_case, stop

from sim.flow.engine import simulate, simulate_measures
from sim.flow.engine_tables import Sets
from sim.flow.goods import goods_of
from sim.flow.play import Play
from sim.flow.record.build import build
from sim.flow.record.goods import makers_of, pairs_of
from sim.metrics.goods import goods_table, least_of, rest_cover_days
from sim.metrics.views import views_of
from sim.shocks.tape import EMPTY_DRAWS

# --- pairs --------------------------------------------------------------------------------------


def two_steps(**other):
    """Ore of two mines -> metal in Germany and Japan -> users in three countries."""
    return hand.network(
        a_mine=hand.mine(100, country="AUS"),
        b_mine=hand.mine(100, country="DEU"),
        c_smelter=hand.refiner(
            60, "metal", {"ore": hand.feed({"a_mine": hand.lane()})}, country="DEU"
        ),
        d_smelter=hand.refiner(
            60, "metal", {"ore": hand.feed({"b_mine": hand.lane()})}, country="JPN"
        ),
        e_user=hand.user(
            30,
            {
                "metal": hand.feed({"c_smelter": hand.lane()}),
                "ore": hand.feed({"a_mine": hand.lane()}),
            },
            country="FRA",
        ),
        f_user=hand.user(40, {"metal": hand.feed({"d_smelter": hand.lane()})}, country="GBR"),
        **other,
    )


def told(mapping):
    """Return pair -> names of its buyers, and maker -> names of its sites."""
    compiled = hand.compiled_of(mapping, 1)
    goods, site = goods_of(compiled), compiled.labels.site
    buyers = {
        pair: [
            site[compiled.chain.feed_site[f]]
            for f in goods.pair_feed[goods.pair_ptr[q] : goods.pair_ptr[q + 1]]
        ]
        for q, pair in enumerate(goods.pair)
    }
    makers = {
        pair: [site[i] for i in goods.maker_site[goods.maker_ptr[m] : goods.maker_ptr[m + 1]]]
        for m, pair in enumerate(goods.maker)
    }
    return goods, buyers, makers


def test_pairs_are_products_in_order_of_making_then_regions_by_name():
    goods, buyers, makers = told(two_steps())
    assert goods.product == ("ore", "metal")
    assert list(buyers.items()) == [
        (("ore", "EU"), ["c_smelter", "e_user"]),
        (("ore", "JPN"), ["d_smelter"]),
        (("metal", "EU"), ["e_user"]),
        (("metal", "ROW"), ["f_user"]),
    ]
    assert list(makers.items()) == [
        (("ore", "EU"), ["b_mine"]),
        (("ore", "ROW"), ["a_mine"]),
        (("metal", "EU"), ["c_smelter"]),
        (("metal", "JPN"), ["d_smelter"]),
    ]
    assert goods.product_ptr.tolist() == [0, 2, 4]


def test_a_feed_that_never_has_a_reference_use_is_in_no_pair():
    idle = {
        "g_idle": hand.refiner(
            9, "metal", {"ore": hand.feed({"b_mine": hand.lane()})}, country="USA"
        ),
        "h_nobody": hand.user(0, {"metal": hand.feed({"c_smelter": hand.lane()})}, country="USA"),
        "r_store": hand.reserve(
            50, {"f_user": None}, "metal", feeds={"metal": hand.feed({"d_smelter": hand.lane()})}
        ),
    }
    goods, buyers, _ = told(two_steps(**idle))
    assert goods.pair == told(two_steps())[0].pair
    assert "USA" not in {region for _, region in buyers}
    assert (goods.pair_of >= 0).sum() == 5


def test_a_refiner_that_only_a_projects_offtake_calls_on_is_in_a_pair():
    new = {
        "g_new": hand.refiner(
            0, "metal", {"ore": hand.feed({"b_mine": hand.lane()})}, country="USA"
        ),
        "i_user": hand.user(
            5,
            {"metal": hand.feed({"c_smelter": hand.lane(), "g_new": hand.lane(0.0)})},
            country="USA",
        ),
    }
    mapping = two_steps(**new)
    mapping["projects"] = {
        "p": {
            "site": "g_new",
            "capacity": 10,
            "start": 5,
            "ramp_days": 0,
            "offtake": {"i_user": {"share": 0.5}},
        }
    }
    _, buyers, _ = told(mapping)
    assert buyers["ore", "USA"] == ["g_new"]


def test_scrap_stands_before_what_is_made_of_it_and_after_what_it_comes_from():
    """Metal is made of ore, and of scrap; scrap of metal: metal and scrap after ore."""
    sites = {
        "a_mine": hand.mine(100),
        "b_smelter": hand.refiner(100, "metal", {"ore": hand.feed({"a_mine": hand.lane()})}),
        "c_collector": hand.refiner(20, "scrap", {"metal": hand.feed({"b_smelter": hand.lane()})}),
        "d_smelter": hand.refiner(100, "metal", {"scrap": hand.feed({"c_collector": hand.lane()})}),
        "e_user": hand.user(
            10,
            {"metal": hand.feed({"b_smelter": hand.lane(0.5), "d_smelter": hand.lane(0.5)})},
        ),
    }
    assert told(hand.network(**sites))[0].product == ("ore", "metal", "scrap")
    recycler = {"a0_bin": hand.mine(9, "scrap"), **sites}  # scrap that a first site yields
    assert told(hand.network(**recycler))[0].product == ("ore", "scrap", "metal")


def test_the_simpy_model_has_the_same_pairs_as_objects():
    compiled = hand.compiled_of(two_steps(), 1)
    targets, tape = hand.tape_of(compiled, [])
    goods = goods_of(compiled)
    world = build(Play(compiled, targets, EMPTY_DRAWS, 1), tape, 0)
    for q, pair in enumerate(pairs_of(goods, world)):
        assert (pair.product, pair.region) == goods.pair[q]
        assert {feed.index for feed in pair.feeds} == set(
            goods.pair_feed[goods.pair_ptr[q] : goods.pair_ptr[q + 1]].tolist()
        )
    names = [[site.name for site in of.sites] for of in makers_of(goods, world)]
    assert names == [["b_mine"], ["a_mine"], ["c_smelter"], ["d_smelter"]]


# --- what is booked, by hand --------------------------------------------------------------------


def one_lane(capacity=10.0, **other):
    """Return a mine of 10 t a day, and a user in Japan with ten days of stock."""
    return hand.network(
        mine=hand.mine(capacity, country="AUS"),
        user=hand.user(10, {"ore": hand.feed({"mine": hand.lane()}, cover_days=10.0)}),
        **other,
    )


def path(told, name, x=0):
    return told.flow.goods[name][:, x, 0]


def test_an_outage_of_five_days_takes_half_of_ten_days_of_stock():
    # Nothing is shipped on days 20 to 24, nothing arrives on 21 to 25; nobody orders it again.
    told = both(one_lane(), {"h": stop("mine", 20, 25)}, 60)
    out = np.isin(np.arange(60), range(20, 25))
    arrived = np.cumsum(np.isin(np.arange(60), range(21, 26)))
    np.testing.assert_allclose(path(told, "cover_days"), 10.0 - arrived, rtol=1e-12)
    np.testing.assert_array_equal(path(told, "unmet_share"), out * 1.0)
    np.testing.assert_allclose(path(told, "capacity_share"), 1.0 - out, atol=1e-12)
    delivery, expected = 1.0, []
    for k in range(60):
        delivery += ((0.0 if out[k] else 1.0) - delivery) / 28.0
        expected.append(delivery)
    np.testing.assert_allclose(path(told, "delivery_share"), expected, rtol=1e-12)
    least = goods_table(least_of(told.flow), 1.0)
    assert least["least_cover_days"].item() == pytest.approx(5.0, rel=1e-12)
    assert least["least_cover_day"].item() == 25.0
    assert least["least_delivery_share"].item() == pytest.approx((27 / 28) ** 5, rel=1e-12)


def test_capacity_used_is_output_by_capacity_of_the_makers_region():
    told = both(one_lane(40.0), {}, 10)
    assert told.flow.goods["capacity_share"].shape == (10, 1, 1)
    np.testing.assert_allclose(path(told, "capacity_share"), 0.25, rtol=1e-12)


def test_orders_placed_again_count_as_orders():
    """b cannot make more, so of the half that a misses and that is asked again nothing comes."""
    chain = hand.network(
        a=hand.mine(5),
        b=hand.mine(5),
        user=hand.user(
            10,
            {
                "ore": hand.feed(
                    {"a": hand.lane(0.5), "b": hand.lane(0.5)},
                    cover_days=30.0,
                    rerouting=1.0,
                    perception_days=1.0,
                )
            },
        ),
    )
    told = both(chain, {"h": stop("a", 5, 9)}, 12)
    # day 5: 10 asked, 5 come. Day 6: a is not trusted, so 5 are asked again: 15, and 5 come.
    # Day 7: b shipped half of the 10 that it was asked for, so M = 3/4: 17.5, and 5 come.
    np.testing.assert_allclose(path(told, "unmet_share")[4:8], [0, 1 / 2, 2 / 3, 5 / 7])


def test_a_reserve_counts_in_its_own_days_until_it_is_released():
    """Thirty tonnes serve ten a day: three days, given when less than five days are left."""
    store = {"store": hand.reserve(30, {"user": None}, trigger_days=5.0)}
    told = both(one_lane(**store), {"h": stop("mine", 20, 29)}, 60)
    days, released = path(told, "reserve_days"), told.released("store")
    np.testing.assert_allclose(days, 3.0 - np.cumsum(released) / 10.0, atol=1e-12)
    assert released.sum() == pytest.approx(30.0) and days[-1] == pytest.approx(0.0)
    cover = path(told, "cover_days")
    assert cover.min() == pytest.approx(4.0)  # 10 - 9 days + 3 from the reserve
    assert least_of(told.flow).reserve_days.item() == pytest.approx(0.0)


def test_at_rest_nothing_moves_and_the_least_stock_is_that_of_day_0():
    case = compiled_case(two_steps(), {}, 30, step_days=7)
    least = least_of(case.fast(case.tape([0], 1), trace=True))
    table = goods_table(least, 7.0)
    assert (table["least_cover_day"] == 0.0).all()
    np.testing.assert_allclose(table["least_delivery_share"], 1.0, rtol=1e-9)


def test_rest_cover_is_what_the_first_period_books_where_nothing_is_drawn():
    case = compiled_case(one_lane(), {}, 2)
    goods = goods_of(case.compiled)
    assert rest_cover_days(case.compiled, goods) == pytest.approx([10.0])


# --- engines, and what leaves all else as it is ---------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_the_least_kept_on_the_way_is_that_of_the_paths_of_the_simpy_model(seed):
    case = Case(seed, n_period=40, size=16, replications=3)
    views = views_of(case.compiled.labels)
    own = simulate_measures(case.play, case.tape, Sets(views.ptr, views.group))
    for flow in (case.record(trace=False), case.fast(trace=False), case.fast(trace=True)):
        least = least_of(flow)
        np.testing.assert_array_equal(least.goods, own.goods)
        np.testing.assert_array_equal(least.reserve_days, own.reserve_days)


@pytest.mark.parametrize("seed", range(3))
def test_booking_goods_changes_no_other_bit(seed):
    case = Case(seed, n_period=30, size=16)
    bare = simulate(case.play._replace(goods=None), case.tape)
    told = case.fast(trace=False)
    assert bare.goods is None
    for name in ("want", "shortfall", "spared", "destroyed", "stopped", "released"):
        np.testing.assert_array_equal(getattr(bare, name), getattr(told, name))


@pytest.mark.parametrize("seed", range(4))
def test_laws_of_goods_on_random_networks(seed):
    goods = Case(seed, n_period=40, size=16, replications=3).fast(trace=False).goods
    assert all((values >= 0.0).all() for values in goods.values())
    assert (goods["unmet_share"] <= 1.0).all()
    assert all(np.isfinite(v).all() for n, v in goods.items() if not n.endswith("_days"))
