"""The price index: known answers by hand, and the laws that it keeps (docs/model.md, 7b)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from by_hand import ban, feed, flat, lane, mine, network, outage, refiner, user
from price_case import prices, two_regions

from sim.base.errors import UserError
from sim.flow.news import news_of
from sim.flow.record.price import Good, Priced, Seen, reprice
from sim.network.load import read_network
from sim.shocks import tape as on

# --- by hand ------------------------------------------------------------------------------------


def test_a_stop_of_the_mine_by_hand():
    # Use 100 t a day, 10 days of cover and a day on the way: normal 100 x 11 = 1100. Day 0: 100 are
    # ordered, none is shipped; 99 t count as missed: B = 0.99 / 28. Position 1000: the gap to 95 %
    # of normal is 45. left = 1 - (0.99 / 28 x 36500 + 45) / (36500 + 1100), price = left ^ -1/e
    # with e = 1 + 1 / 1460. All regions are open: they share one price.
    told = prices(two_regions(), [outage("pit", 0, 30)], 2)
    left = 1.0 - (0.99 / 28 * 36500 + 45) / 37600
    assert told.of("ore", "JPN")[0] == pytest.approx(left ** (-1 / (1 + 1 / 1460)), rel=1e-12)
    # Day 1: B = 0.99 x (1 - (27/28)^2), position 900, gap 145
    left = 1.0 - (0.99 * (1 - (27 / 28) ** 2) * 36500 + 145) / 37600
    assert told.of("ore", "JPN")[1] == pytest.approx(left ** (-1 / (1 + 2 / 1460)), rel=1e-12)
    assert np.array_equal(told.of("ore", "JPN"), told.of("ore", "CHN"))


def test_a_control_is_believed_by_its_credibility_and_prices_only_who_is_cut_off():
    # China bars 80 % of what goes to Japan: 0.5 x 0.8 = 40 % is thought lost, more than the 0.79/28
    # that missed. Gap 950 x .. : position 1000 + 20. China is whole: its price stays 1.
    told = prices(two_regions(), [ban("pit", "ben", 0, 30, 0.8)], 1)
    left = 1.0 - (0.5 * 0.8 * 36500 + (0.95 * 1100 - 1020)) / 37600
    assert told.of("ore", "JPN")[0] == pytest.approx(left ** (-1 / (1 + 1 / 1460)), rel=1e-12)
    assert (told.of("ore", "CHN") == 1.0).all()
    # home is China (it alone makes ore), so that outside is Japan
    assert np.array_equal(told.of("ore", "outside"), told.of("ore", "JPN"))


def test_an_announcement_moves_the_price_before_the_goods_stop_and_is_taken_for_whole():
    soon = flat(on.ANNOUNCED, [("pit", "ben")], 0, 20, 1.0)
    told = prices(two_regions(), [soon], 1)
    left = 1.0 - 0.5 * 36500 / 37600
    assert told.of("ore", "JPN")[0] == pytest.approx(left ** (-1 / (1 + 1 / 1460)), rel=1e-12)
    assert told.of("ore", "CHN")[0] == 1.0


def test_an_announced_control_of_known_severity_counts_by_it():
    def one_shock(tape):  # the announcement and the control are one shock and one effect
        same = np.zeros(2, np.int32)
        return tape._replace(row_shock=same, row_effect=same)

    rows = [flat(on.ANNOUNCED, [("pit", "ben")], 0, 20, 1.0), ban("pit", "ben", 20, 40, 0.1)]
    told = prices(two_regions(), rows, 1, change=one_shock)
    left = 1.0 - 0.5 * 0.1 * 36500 / 37600
    assert told.of("ore", "JPN")[0] == pytest.approx(left ** (-1 / (1 + 1 / 1460)), rel=1e-12)


def test_news_of_rows_are_told_by_announcements_alone():
    told = []

    def look(tape):
        told.append(news_of(tape).tolist())
        return tape

    rows = [flat(on.ANNOUNCED, [("pit", "ben")], 0, 20, 1.0), ban("pit", "ben", 20, 40, 0.3)]
    prices(two_regions(), rows, 1, change=look)
    assert told == [[1.0, 0.0]]  # of two shocks: what is announced never comes


def test_a_control_on_all_cuts_all_off_alike():
    rows = [flat(on.LANE_CAP, [("pit", "anna"), ("pit", "ben")], 0, 30, 0.5)]
    told = prices(two_regions(), rows, 5)
    assert np.array_equal(told.of("ore", "CHN"), told.of("ore", "JPN"))
    assert told.of("ore", "CHN")[0] > 1.2


def test_a_price_falls_fast_where_open_and_slowly_where_cut_off():
    # No stock to fill up again: the gap is small. Lifted after 10 days, Japan is open.
    told = prices(two_regions(0.0), [ban("pit", "ben", 0, 10, 0.2)], 200, credibility=1.0)
    price = told.of("ore", "JPN")
    assert price[9] > 1.2
    assert price[-1] < 1.03
    # Mild again on the day 10, but never lifted: it falls with fall_days
    mild = [ban("pit", "ben", 0, 10, 0.9), ban("pit", "ben", 10, 400, 0.01)]
    slow = prices(two_regions(0.0), mild, 200, fall_days=1000.0).of("ore", "JPN")
    assert (np.diff(slow[60:]) < 0).all()
    over = slow - 1
    assert over[150] / over[149] == pytest.approx(1 - 1 / 1000, rel=1e-9)


def test_dear_inputs_make_dear_products_by_their_share():
    # Metal of 100 USD/t is made of 0.5 t ore of 120 USD/t: its share is 0.6. The ore's control does
    # not touch the metal's lanes, whose price is cost alone.
    chain = network(
        pit=mine(50.0),
        works=refiner(
            100.0, "metal", {"ore": feed({"pit": lane()}, coefficient=0.5)}, country="JPN"
        ),
        ben=user(100.0, {"metal": feed({"works": lane()})}, country="JPN"),
    )
    chain["products"]["ore"]["value_usd_per_t"] = 120.0
    chain["products"]["metal"]["value_usd_per_t"] = 100.0
    soon = flat(on.ANNOUNCED, [("pit", "works")], 0, 20, 1.0)
    told = prices(chain, [soon], 3)
    ore, metal = told.of("ore", "JPN"), told.of("metal", "JPN")
    assert ore[0] > 1.4
    np.testing.assert_allclose(metal, 1 + 0.6 * (ore - 1), rtol=1e-12)
    of_half = prices(chain, [soon], 3, input_share=0.5).of("metal", "JPN")
    np.testing.assert_allclose(of_half, 1 + 0.3 * (ore - 1), rtol=1e-12)
    most = prices(chain, [soon], 3, input_share=9.0).of("metal", "JPN")
    np.testing.assert_allclose(most, 1 + 0.95 * (ore - 1), rtol=1e-12)


def test_an_input_of_no_known_value_is_six_tenths_and_two_share_nine_tenths():
    chain = network(
        pit=mine(100.0),
        well=mine(100.0, "gas"),
        works=refiner(
            100.0, "metal", {"ore": feed({"pit": lane()}), "gas": feed({"well": lane()})}
        ),
        ben=user(100.0, {"metal": feed({"works": lane()})}),
    )
    market = prices(chain, [], 1).market
    assert sorted(market.input_share.tolist()) == pytest.approx([0.0, 0.45, 0.45])


def test_the_bill_is_what_the_index_adds_to_what_is_used():
    told = prices(two_regions(), [ban("pit", "ben", 0, 30, 0.8)], 3)
    price = told.of("ore", "JPN")
    np.testing.assert_allclose(told.bill("ben"), 100.0 * 50.0 * (price - 1))
    assert (told.bill("anna") == 0.0).all()


def test_who_runs_out_pays_for_what_is_left():
    told = prices(two_regions(1.0), [ban("pit", "ben", 0, 30, 0.8)], 6)
    np.testing.assert_allclose(told.bill("ben")[5], 20.0 * 50.0 * (told.of("ore", "JPN")[5] - 1))


# --- laws ---------------------------------------------------------------------------------------


def test_nothing_moves_without_a_shock():
    told = prices(two_regions(), [], 60, step_days=7)
    assert (told.flow.price == 1.0).all()
    assert (told.flow.bill == 0.0).all()


def test_a_ban_on_one_leaves_all_others_alone_while_they_are_served_in_full():
    told = prices(two_regions(30.0), [ban("pit", "ben", 5, 200)], 100)
    assert (told.of("ore", "CHN") == 1.0).all()
    assert told.of("ore", "JPN").max() > 2.0


def test_sixty_days_after_the_last_lack_an_open_price_has_lost_most_of_its_rise():
    calm = Seen(100.0, 1100.0, 1100.0, 100.0, 100.0, 0.0, is_open=True, passed=0.0)
    left = {}
    for is_open in (True, False):
        one = Good("ore", [Priced(None, price=3.0)], 1.0, 0.5, 730.0, 1.0)
        for _ in range(60):
            reprice(one, [calm._replace(is_open=is_open)], 1.0)
        left[is_open] = (one.pairs[0].price - 1.0) / 2.0
    assert left[True] < 0.37
    assert left[False] == pytest.approx((1 - 1 / 730) ** 60)


def test_all_tonnes_doubled_give_the_same_bits():
    chain = two_regions(12.0)
    double = two_regions(12.0)
    double["sites"]["pit"]["capacity"] *= 2
    for name in ("anna", "ben"):
        double["sites"][name]["demand"] *= 2
    rows = [ban("pit", "ben", 3, 40, 0.7), outage("pit", 10, 20, 0.4)]
    one, two = (prices(c, rows, 60).flow.price for c in (chain, double))
    assert np.array_equal(one, two)
    assert one.max() > 1.5


def test_cohorts_of_one_end_user_give_the_price_of_the_whole():
    chain = two_regions(12.0)
    split = two_regions(12.0)
    split["sites"]["ben"]["cohorts"] = 4
    split["sites"]["ben"]["feeds"]["ore"]["cover_days"] = {"values": [12.0]}
    parts = [("pit", f"ben#{x}") for x in range(1, 5)]
    one = prices(chain, [ban("pit", "ben", 3, 40, 0.7)], 60)
    four = prices(split, [flat(on.LANE_CAP, parts, 3, 40, 0.7)], 60)
    np.testing.assert_allclose(four.of("ore", "JPN"), one.of("ore", "JPN"), rtol=1e-12)
    assert len(four.market.goods.pair_feed) == 5


def seen(rng: np.random.Generator, n: int = 4) -> list[Seen]:
    out = []
    for _ in range(n):
        use = float(rng.uniform(0.0, 100.0)) * float(rng.random() < 0.9)
        normal = use * float(rng.uniform(5, 200))
        out.append(
            Seen(
                use=use,
                stock=normal * float(rng.uniform(0.2, 1.3)),
                normal=normal,
                ordered=use * float(rng.uniform(0.5, 1.5)),
                shipped=use * float(rng.uniform(0.0, 1.2)),
                threatened=use * float(rng.choice([0.0, rng.random()])),
                is_open=bool(rng.random() < 0.5),
                passed=float(rng.choice([0.0, rng.exponential(1.0)])),
            )
        )
    return out


def good(rng: np.random.Generator, n: int = 4) -> Good:
    pairs = [
        Priced(None, *(float(x) for x in rng.uniform(0, 0.5, 2)), 1.0 + float(rng.exponential(1.0)))
        for _ in range(n)
    ]
    numbers = (float(rng.uniform(0.3, 2)), float(rng.random()), float(rng.uniform(60, 2000)), 1.0)
    return Good("ore", pairs, *numbers, {True: 100.0, False: 0.0})


def prices_of(seed: int, now: list[Seen]) -> list[float]:
    one = good(np.random.default_rng(seed))
    reprice(one, now, 7.0)
    return [pair.price for pair in one.pairs]


@pytest.mark.parametrize(
    ("field", "by", "sign"),
    [
        ("shipped", 1.3, -1), ("stock", 1.2, -1), ("ordered", 1.5, 1), ("threatened", 1.4, 1),
        ("passed", 1.5, 1),
    ],
)  # fmt: skip
def test_more_scarcity_never_lowers_a_price(field, by, sign):
    moved = 0
    for seed in range(300):
        now = seen(np.random.default_rng(1000 + seed))
        x = seed % 4
        more = [*now]
        more[x] = now[x]._replace(**{field: getattr(now[x], field) * by})
        before, after = prices_of(seed, now), prices_of(seed, more)
        assert all(sign * (b - a) >= 0 for a, b in zip(before, after, strict=True)), seed
        moved += before != after
    assert moved > 10


def test_prices_lie_between_1_and_25_whatever_is_seen():
    for seed in range(500):
        rng = np.random.default_rng(seed)
        one = good(rng)
        for _ in range(5):
            now = [
                s._replace(threatened=s.threatened * 50, passed=s.passed * 50) for s in seen(rng)
            ]
            reprice(one, now, float(rng.choice([1, 7, 400])))
            assert all(1.0 <= p.price <= 25.0 and math.isfinite(p.price) for p in one.pairs)


def test_regions_of_one_pool_have_the_same_target():
    rng = np.random.default_rng(5)
    for _ in range(50):
        one, now = good(rng), seen(rng)
        for pair in one.pairs:
            pair.price = 1.0
        reprice(one, [s._replace(passed=0.0) for s in now], 7.0)
        for is_open in (True, False):
            of_pool = {p.price for p, s in zip(one.pairs, now, strict=True) if s.is_open == is_open}
            assert len(of_pool) <= 1


# --- mistakes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "key"),
    [
        ({"elasticity": 0.0}, "elasticity"),
        ({"elasticity": -1.0}, "elasticity"),
        ({"credibility": 1.5}, "credibility"),
        ({"fall_days": 0.0}, "fall_days"),
        ({"input_share": -0.1}, "input_share"),
        ({"elasticty": 1.0}, "elasticity"),
    ],
)
def test_numbers_of_a_price_are_checked_at_the_door(price, key):
    chain = two_regions()
    for place in (chain, chain["products"]["ore"]):
        place["price"] = price
        with pytest.raises(UserError, match=key):
            read_network(chain)
        del place["price"]


def test_a_price_of_an_end_user_of_its_own_is_refused_with_the_way_on():
    chain = two_regions()
    chain["sites"]["ben"]["price"] = {"demand_elasticity": -0.3}
    with pytest.raises(UserError, match="scenario's key price"):
        read_network(chain)
