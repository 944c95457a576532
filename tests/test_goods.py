"""Goods by region of their buyers: pairs in order, and what is booked of them."""

from __future__ import annotations

import by_hand as hand

from sim.flow.goods import goods_of
from sim.flow.play import Play
from sim.flow.record.build import build
from sim.flow.record.goods import makers_of, pairs_of
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
