"""Removals: what is taken away, what that does to the end users, pairs and N-1 cover, by hand."""

from __future__ import annotations

import datetime as dt

import by_hand as hand
import numpy as np
import pytest

from sim.advice.n_minus_one import covers, published_covers, rows_of
from sim.advice.outage import Stop, certain_starts, check, play, views_for
from sim.advice.pairs import flow_per_year, pairs_to_try, share_carried
from sim.advice.removals import Removal, removals
from sim.advice.removals_played import Question
from sim.advice.vulnerabilities import explore
from sim.advice.vulnerability_rows import Harm, harm_of, pair_rows, single_rows
from sim.advice.whose_loss import yardstick
from sim.base.errors import UserError
from sim.network.load import read_network

COVER, DAYS, HORIZON = 10.0, 30, 100


def alone() -> hand.Map:
    """One mine, one user who holds ten days; orders are on the way for one."""
    feeds = {"ore": hand.feed({"pit": hand.lane()}, cover_days=COVER)}
    return hand.network(pit=hand.mine(100), user=hand.user(100, feeds))


def stand_ins(**more: hand.Map) -> hand.Map:
    """Two mines that can each feed the user alone, who turns to the other at once."""
    lanes = {"left": hand.lane(0.5), "right": hand.lane(0.5)}
    feeds = {"ore": hand.feed(lanes, cover_days=COVER, rerouting=1.0, perception_days=0)}
    both = {name: hand.mine(100) for name in ("left", "right")}
    return hand.network(**both, user=hand.user(100, feeds), **more)


class Tried:
    """All removals of a network by hand, played."""

    def __init__(self, mapping: hand.Map, severity: float = 1.0, workers: int = 1):
        self.network = read_network(mapping)
        self.compiled = hand.compiled_of(mapping, HORIZON)
        starts = certain_starts(self.network, self.compiled, hand.START)
        self.stop = Stop(severity, DAYS, HORIZON, 1, starts)
        self.measure = yardstick(self.network, self.compiled, [])
        self.views = views_for(self.compiled, self.measure.groups)
        self.singles = removals(self.network, self.compiled)
        self.found = self.play([(r,) for r in self.singles], workers)

    def play(self, sets, workers=1):
        table = play(self.compiled, self.views, sets, self.stop, workers)
        return harm_of(sets, table, self.measure)

    def rows(self):
        rows = single_rows(self.found, self.views, self.compiled, self.measure)
        return {(r["kind"], r["name"]): r for r in rows}

    def named(self, name: str) -> Removal:
        return next(r for r in self.singles if r.name == name)


def test_without_its_only_mine_a_user_is_short_of_all_that_the_cover_does_not_bridge():
    row = Tried(alone()).rows()["site", "pit"]
    assert row["loss"] == pytest.approx(100 * (DAYS - COVER), rel=1e-9)
    assert row["unit"] == "t"
    assert row["time_to_survive_days"] == COVER + 1  # the stock, and a day's worth on the way
    assert row["time_to_recover_days"] == DAYS + 1  # what is made on day 30 arrives a day later
    assert row["worst_period_share"] == pytest.approx(1.0)
    assert row["shortfall_share"] == pytest.approx((DAYS - COVER) / HORIZON)
    assert (row["hardest_hit"], row["carries_share"]) == ("user", 1.0)


def test_half_a_stop_leaves_half_to_ship():
    row = Tried(alone(), severity=0.5).rows()["site", "pit"]
    assert row["loss"] == pytest.approx(50 * DAYS - 100 * COVER, rel=1e-9)


def test_a_stop_that_does_not_end_is_never_recovered_from():
    tried = Tried(alone())
    tried.stop = Stop(1.0, HORIZON, HORIZON, 1, np.zeros(0))
    found = tried.play([(tried.named("pit"),)])
    assert not tried.stop.ends
    assert np.isnan(found.table["time_to_recover_days"]).all()
    assert found.loss[0] == pytest.approx(100 * (HORIZON - 1 - COVER))


def test_removing_a_lane_does_what_removing_its_only_supplier_does():
    rows = Tried(stand_ins()).rows()
    assert rows["lane", "left -> user"]["loss"] == rows["site", "left"]["loss"] == 0.0
    assert ("lane", "pit -> user") in (single := Tried(alone()).rows())
    assert single["lane", "pit -> user"]["loss"] == single["site", "pit"]["loss"]


def test_two_that_stand_in_for_each_other_do_harm_only_together():
    tried = Tried(stand_ins())
    pair = tried.play([(tried.named("left"), tried.named("right"))])
    (row,) = pair_rows(pair, tried.found, tried.views, tried.measure)
    assert (row["loss_a"], row["loss_b"]) == (0.0, 0.0)
    assert row["loss"] == row["interaction"] == pytest.approx(100 * (DAYS - COVER))


def test_a_pair_that_does_harm_only_together_is_tried_although_others_do_more_alone():
    poor = {"ore": hand.feed({"small": hand.lane(0.8), "tiny": hand.lane(0.2)}, cover_days=0.0)}
    mines = {name: hand.mine(5, country="BRA") for name in ("small", "tiny")}
    mapping = stand_ins(**mines, weak=hand.user(5, poor))
    mapping["sites"]["left"]["country"] = "AUS"
    tried = Tried(mapping)
    places, whole = pairs_to_try(tried.compiled, tried.singles, tried.found.loss, most=6)
    names = [{tried.singles[a].name, tried.singles[b].name} for a, b in places]
    assert not whole
    assert {"left", "right"} in names


def test_all_pairs_are_tried_where_they_are_few_and_none_that_holds_its_partner():
    mapping = stand_ins()
    tried = Tried(mapping)
    places, whole = pairs_to_try(tried.compiled, tried.singles, tried.found.loss)
    assert whole
    prints = [r.footprint(tried.compiled) for r in tried.singles]
    assert places
    assert all(not prints[a] <= prints[b] and not prints[b] <= prints[a] for a, b in places)
    assert any(r.name == "CHN ore" for r in tried.singles)  # holds left and right: in no pair
    kept = {tried.singles[x].name for pair in places for x in pair}
    assert "CHN ore" not in kept


def test_each_thing_is_listed_once_and_nothing_that_carries_nothing():
    mapping = stand_ins(idle=hand.mine(10))
    mapping["products"]["ore"]["stage"] = "mining"
    tried = Tried(mapping)
    kinds = {(r.kind, r.name) for r in tried.singles}
    assert kinds == {
        ("site", "left"), ("site", "right"), ("country", "CHN ore"), ("exports", "CHN ore"),
        ("lane", "left -> user"), ("lane", "right -> user"),
    }  # fmt: skip  # the stage is the product again, the trade to Japan the exports


def test_by_products_stop_with_their_host_and_a_route_with_its_lanes():
    mapping = stand_ins()
    for name in ("left", "right"):
        mapping["sites"][name]["tags"] = ["host:hill"]
        mapping["sites"]["user"]["feeds"]["ore"]["lanes"][name]["routes"] = ["strait"]
    mapping["sites"]["right"]["country"] = "AUS"
    tried = Tried(mapping)
    rows = tried.rows()
    full = pytest.approx(100 * (DAYS - COVER))
    assert rows["host", "hill"]["loss"] == full
    assert rows["route", "strait"]["loss"] == full
    assert flow_per_year(tried.compiled, tried.named("hill")) == pytest.approx(36_500)
    assert share_carried(tried.compiled, tried.named("left")) == pytest.approx(0.5)


def test_results_do_not_depend_on_threads_or_on_what_is_beside_them():
    mapping = stand_ins(**{f"mine_{n}": hand.mine(1) for n in range(80)})
    lanes = {f"mine_{n}": hand.lane(1 / 80) for n in range(80)}
    mapping["sites"]["other"] = hand.user(80, {"ore": hand.feed(lanes, cover_days=2.0)})
    one, two = Tried(mapping), Tried(mapping, workers=3)
    for name, values in one.found.table.items():
        assert np.array_equal(values, two.found.table[name], equal_nan=True), name
    last = one.play([(one.singles[-1],)])
    assert last.loss[0] == one.found.loss[-1]


def test_both_engines_agree_on_removals_and_pairs():
    tried = Tried(stand_ins())
    check(tried.compiled, [(), *((r,) for r in tried.singles), tuple(tried.singles[:2])],
          tried.stop)  # fmt: skip


def test_what_growth_makes_short_is_not_held_against_a_removal():
    mapping = alone()
    mapping["sites"]["pit"]["capacity"] = 110
    mapping["sites"]["user"]["demand_path"] = {"rate_per_year": 3.0}  # grows past the mine
    tried = Tried(mapping)
    assert tried.play([()]).loss[0] == 0.0
    assert tried.rows()["site", "pit"]["loss"] > 0


def test_only_projects_that_are_certain_stand_in():
    lanes = {"pit": hand.lane(), "later": hand.lane(0.0)}
    feeds = {"ore": hand.feed(lanes, cover_days=0.0)}
    losses = {}
    for chance in (1.0, 0.9):
        project = {"site": "later", "capacity": 100, "start": 0, "probability": chance,
                   "offtake": {"user": {"share": 0.5}}}  # fmt: skip
        mapping = hand.network({"dig": project}, pit=hand.mine(100), later=hand.mine(0),
                               user=hand.user(100, feeds))  # fmt: skip
        losses[chance] = Tried(mapping).rows()["site", "pit"]["loss"]
    assert losses[0.9] == pytest.approx(100 * DAYS)
    assert losses[1.0] == pytest.approx(50 * DAYS)


def test_tonnes_of_unlike_goods_are_weighed_by_value_or_else_by_share():
    feeds = {"ore": hand.feed({"pit": hand.lane()}, cover_days=COVER)}
    mapping = hand.network(pit=hand.mine(130), user=hand.user(100, feeds),
                           smith=hand.user(30, feeds, country="USA"))  # fmt: skip
    mapping["sites"]["smith"]["product"] = "tool"
    mapping["products"]["tool"] = {"title": "tool", "unit": "t tools"}
    tried = Tried(mapping)
    lost = (DAYS - COVER) / 365  # of a year, the same for both
    assert tried.measure.unit == "share of demand"
    assert tried.rows()["site", "pit"]["loss"] == pytest.approx(lost)
    mapping["products"]["tool"]["value_usd_per_t"] = 7.0
    mapping["products"]["good"]["value_usd_per_t"] = 2.0
    tried = Tried(mapping)
    assert tried.measure.unit == "USD"
    assert tried.rows()["site", "pit"]["loss"] == pytest.approx((DAYS - COVER) * (200 + 210))


def test_only_the_regions_that_are_asked_for_count():
    feeds = {"ore": hand.feed({"pit": hand.lane()}, cover_days=COVER)}
    mapping = hand.network(pit=hand.mine(130), user=hand.user(100, feeds),
                           smith=hand.user(30, feeds, country="USA"))  # fmt: skip
    network, compiled = read_network(mapping), hand.compiled_of(mapping, HORIZON)
    usa = yardstick(network, compiled, ["USA"])
    shortfall = np.array([[5.0, 3.0]])
    place = compiled.labels.group.index("smith")
    assert usa.loss(shortfall)[0] == shortfall[0, place]
    with pytest.raises(UserError, match="did you mean 'USA'"):
        yardstick(network, compiled, ["USAA"])


# --- N-1 ---------------------------------------------------------------------------------------


def two_stages() -> hand.Map:
    """China mines 60 and refines all 100; Australia mines 40; China uses 50, Japan 50."""
    ore = {"ore": hand.feed({"china": hand.lane(0.6), "outback": hand.lane(0.4)}, coefficient=2.0)}
    metal = {"metal": hand.feed({"works": hand.lane()})}
    return hand.network(
        china=hand.mine(130), outback=hand.mine(100, country="AUS"),
        works=hand.refiner(100, "metal", ore),
        home=hand.user(50, metal, country="CHN"), abroad=hand.user(50, metal),
    )  # fmt: skip


def test_n_minus_one_is_what_the_others_make_over_what_is_needed():
    mapping = two_stages()
    found = {c.product: c for c in covers(read_network(mapping), hand.compiled_of(mapping, 5))}
    ore, metal = found["ore"], found["metal"]
    assert (ore.country, ore.supplier_share) == ("CHN", pytest.approx(0.6))
    assert ore.cover_share == pytest.approx(80 / 200)
    assert ore.cover_capacity_share == pytest.approx(100 / 200)
    # Japan buys metal only, and there are 100 t of ore a day in it: the supplier's own need is out
    assert ore.rest_share == pytest.approx(80 / 100)
    assert ore.rest_capacity_share == pytest.approx(1.0)
    assert (metal.country, metal.cover_share, metal.rest_share) == ("CHN", 0.0, 0.0)
    assert metal.outside_use_t == pytest.approx(50 * 365)
    assert "good" not in found


def test_published_covers_stand_beside_ours_or_are_said_to_be_missing():
    published = published_covers()
    assert all(
        c.source in published.sources and c.low <= c.high for c in published.products.values()
    )
    assert {"gallium", "germanium", "antimony", "tungsten"} <= set(published.missing)
    assert "nickel_class1" not in published.products  # what is published is of all refined nickel
    assert not any("quot" in s.citation or "reported at" in s.citation
                   for s in published.sources.values())  # fmt: skip
    mapping = two_stages()
    rows = rows_of(covers(read_network(mapping), hand.compiled_of(mapping, 5)), published)
    assert all(r["published_low"] is None and r["published_source"] == "" for r in rows)


# --- the whole -----------------------------------------------------------------------------------


def test_a_whole_exploration_writes_the_same_bytes_with_any_number_of_threads(tmp_path):
    asked = Question("by_hand", days=DAYS, horizon_days=HORIZON, step_days=1,
                     start=dt.date(2025, 1, 1))  # fmt: skip
    network = read_network(stand_ins())
    for folder, workers in (("one", 1), ("two", 2)):
        found = explore(network, asked, tmp_path / folder, pairs=True, workers=workers)
    assert found.all_pairs
    names = ["vulnerabilities.csv", "by_user.csv", "pairs.csv", "n_minus_1.csv", "question.json",
             "figures/vulnerabilities.png", "figures/n_minus_1.png"]  # fmt: skip
    for name in names:
        first = (tmp_path / "one" / name).read_bytes()
        assert first == (tmp_path / "two" / name).read_bytes(), name
    assert found.pairs[0]["interaction"] == pytest.approx(100 * (DAYS - COVER))


def test_removals_that_do_the_same_harm_share_a_rank():
    loss = np.array([1.0, 3.0, 0.1 + 0.2, 3.0, 0.3, 0.0, 0.0])
    found = Harm([()] * loss.size, {}, loss)
    assert found.ranks() == [1, 1, 3, 4, 4, 6, 6]
    assert [loss[x] for x in found.order()] == sorted(loss, reverse=True)
    assert Harm([], {}, np.zeros(0)).ranks() == []
