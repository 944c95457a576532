"""Each kind of rule, worked out by hand on a small network."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pytest
from policy_case import START, act, after, data, ground, many, mine, user

from sim.base.errors import UserError
from sim.network.compile import compile_network
from sim.network.dictionary import Network
from sim.policy.flows import embodied, flows_of
from sim.policy.whole_chain import chain_warnings, unusable


def test_flows_by_name_are_those_of_the_compiled_network():
    network = Network.model_validate(data())
    compiled = compile_network(network, start=START, n_period=1, step_days=365)
    out = flows_of(network).out
    for name, t in zip(compiled.labels.site, compiled.reference_out, strict=True):
        assert t == pytest.approx(out[name], rel=1e-12)
    assert (out["works_chn"], out["mine_chn"], out["mine_aus"]) == (480, 384, 116)


def test_embodied_use_counts_the_whole_chain_whoever_makes_it():
    network = Network.model_validate(data())
    assert embodied(network, {"makers_jpn": 100.0}) == {"ore": 100.0, "metal": 100.0}


# --- reserves -----------------------------------------------------------------------------------

STOCK = {"kind": "reserve", "goods": {"product": "metal"}, "regions": ["JPN", "EU"],
         "stock_days": 60, "trigger_days": 20, "activation_days": 30}  # fmt: skip


def test_a_reserve_stands_in_each_region_for_those_who_buy_there():
    network = after(act(**STOCK))
    japan, europe = (network.sites[f"p_r_metal_{r}"] for r in ("jpn", "eu"))
    assert (japan.country, japan.stock_days, japan.max_rate) == ("JPN", 60, 100)
    assert japan.serves == {"makers_jpn": None}
    assert europe.serves == {"makers_eu": None}
    assert network.sources["p_r"].confidence == "low"


def test_what_is_held_already_counts_towards_the_days():
    held = {"kind": "reserve", "product": "metal", "country": "JPN", "stock": 10.0,
            "serves": {"makers_jpn": None}}  # fmt: skip
    on = ground(old=held)
    network = after(act(on, **STOCK), on)
    assert network.sites["p_r_metal_jpn"].stock_days == pytest.approx(60 - 10 * 365 / 100)
    assert "p_r_metal_jpn" not in act(on, **STOCK | {"stock_days": 36}).changes["sites"]
    network = after(act(on, **STOCK, counts="nothing"), on)
    assert network.sites["p_r_metal_jpn"].stock_days == 60


def test_of_two_policies_that_count_each_other_the_longest_reserve_wins_in_any_order():
    rules = [("a", STOCK | {"stock_days": 60}), ("b", STOCK | {"stock_days": 180})]
    for order in itertools.permutations(rules):
        sites = after(many(list(order))).sites
        assert sites["b_metal_jpn"].stock_days == 180
        assert "a_metal_jpn" not in sites


def test_two_reserves_that_count_nothing_add():
    rules = [("a", STOCK | {"counts": "nothing"}), ("b", STOCK | {"counts": "nothing"})]
    sites = after(many(rules)).sites
    assert sites["a_metal_jpn"].stock_days + sites["b_metal_jpn"].stock_days == 120


def test_a_shared_reserve_is_one_and_splits_by_quota_or_by_lack():
    shared = act(**STOCK, shared="by_quota", quotas={"JPN": 0.75, "EU": 0.25})
    pool = after(shared).sites["p_r_metal_pool"]
    assert pool.serves == {"makers_jpn": 0.75, "makers_eu": 0.25}
    assert pool.max_rate == 200
    by_use = after(act(**STOCK, shared="by_quota")).sites["p_r_metal_pool"]
    assert by_use.serves == {"makers_jpn": 0.5, "makers_eu": 0.5}
    by_lack = after(act(**STOCK, shared="by_lack")).sites["p_r_metal_pool"]
    assert set(by_lack.serves.values()) == {None}


def test_a_trigger_above_the_normal_cover_is_lowered_and_told():
    expanded = act(**STOCK | {"trigger_days": 90})
    assert after(expanded).sites["p_r_metal_jpn"].trigger_days == 33.5
    assert any("released below 33.5 days" in note for note in expanded.notes)


# --- projects -----------------------------------------------------------------------------------


def test_a_project_becomes_surer_earlier_and_quicker():
    expanded = act(kind="projects", pick={"country": "AUS"}, failure_removed=0.3, earlier_days=100,
                   delay_factor=0.5, ramp_factor=0.5)  # fmt: skip
    dig = after(expanded).projects["dig"]
    assert dig.probability == pytest.approx(1 - 0.5 * 0.7)
    assert dig.start == dt.date(2027, 1, 1) - dt.timedelta(days=100)
    assert (dig.delay_days.mode, dig.delay_days.max) == (50, 200)
    assert dig.ramp_days == 100


def test_odds_of_two_policies_multiply_and_no_start_is_moved_before_help_begins():
    rules = [
        ("a", {"kind": "projects", "failure_removed": 0.3, "since": "2026-10-01",
               "earlier_days": 300}),
        ("b", {"kind": "projects", "failure_removed": 0.2}),
    ]  # fmt: skip
    for order in itertools.permutations(rules):
        dig = after(many(list(order))).projects["dig"]
        assert dig.probability == pytest.approx(1 - 0.5 * 0.7 * 0.8)
        assert dig.start == dt.date(2026, 10, 1)


def test_a_project_planned_before_help_begins_is_left_alone():
    expanded = act(kind="projects", failure_removed=0.3, since="2027-06-01")
    assert expanded.changes == {}
    assert "no project" in expanded.notes[0]


# --- capacity -----------------------------------------------------------------------------------

METAL = {"kind": "add_capacity", "goods": {"stage": "metal"}, "regions": ["EU"],
         "share_of_use": 0.4, "by": "2028-01-01"}  # fmt: skip


def test_a_region_without_a_plant_gets_one_that_buys_where_most_is_to_spare():
    network = after(act(**METAL))
    plant, project = network.sites["p_r_metal_eu"], network.projects["p_r_metal_eu"]
    assert (plant.kind, plant.country, plant.capacity) == ("refiner", "EU", 0)
    assert project.capacity == pytest.approx(40)
    assert {b: o.share for b, o in project.offtake.items()} == {"makers_eu": pytest.approx(0.4)}
    spare = {"mine_chn": 800 - 384, "mine_aus": 300 + 0.5 * 50 - 116}
    for name, lane in plant.feeds["ore"].lanes.items():
        assert lane.share == pytest.approx(spare[name] / sum(spare.values()))
    assert plant.feeds["ore"].coefficient == 1
    assert network.sites["makers_eu"].feeds["metal"].lanes["p_r_metal_eu"].share == 0


def test_capacity_that_stands_counts_and_grows_where_it_stands():
    network = after(act(**METAL | {"regions": ["JPN"], "share_of_use": 2.0, "counts": "nothing"}))
    assert network.projects["p_r_metal_jpn"].site == "works_jpn"
    there = act(**METAL | {"regions": ["JPN"], "share_of_use": 2.0})
    assert there.changes == {}
    assert "already" in there.notes[0]


def test_scrap_needs_no_feed_and_only_recycling_counts_towards_it():
    network = after(act(**METAL | {"regions": ["JPN"], "feedstock": "scrap"}))
    plant = network.sites["p_r_metal_jpn"]
    assert (plant.kind, plant.feeds) == ("mine", {})
    assert "recycling" in plant.tags
    assert network.projects["p_r_metal_jpn"].capacity == pytest.approx(40)


def test_what_no_buyer_can_take_is_told():
    expanded = act(kind="add_capacity", goods={"stage": "mining"}, regions=["JPN"],
                   share_of_use=0.5, by="2028-01-01")  # fmt: skip
    project = after(expanded).projects["p_r_ore_jpn"]
    assert project.capacity == 50
    assert project.offtake["works_jpn"].share == pytest.approx(0.65)
    assert any("buyers take 13 of 50" in note for note in expanded.notes)


def test_no_feed_takes_more_than_its_share_in_contracts_of_two_policies_in_any_order():
    rules = [("a", METAL | {"share_of_use": 0.5}), ("b", METAL | {"counts": "nothing"})]
    networks = [after(many(list(order))) for order in itertools.permutations(rules)]
    assert networks[0] == networks[1]
    sold = sum(p.offtake["makers_eu"].share for n, p in networks[0].projects.items() if n != "dig")
    assert sold == pytest.approx(0.65)


def test_what_is_built_begins_after_the_first_period_however_late_a_scenario_starts():
    late = dt.date(2040, 1, 1)
    network = act(ground().__class__(ground().network, late), **METAL).changes
    assert network["projects"]["p_r_metal_eu"]["start"] == "2040-01-08"


# --- contracts with others ----------------------------------------------------------------------

CAP = {"kind": "diversify", "regions": ["EU"], "at_most": 0.65, "by": "2028-01-01"}


def test_contracts_with_others_leave_the_largest_country_its_cap():
    network = after(act(**CAP))
    project = network.projects["p_r_works_jpn"]
    assert project.offtake["makers_eu"].share == pytest.approx(0.35)
    assert project.capacity == pytest.approx(35)
    assert set(network.projects) == {"dig", "p_r_works_jpn"}  # mine_aus can feed it


def test_the_stage_before_grows_by_what_it_would_lack():
    on = ground({}, mine_aus=mine("AUS", 120))
    network = after(act(on, **CAP), on)
    # at full ramp works_chn makes 445 and works_jpn 55: mine_aus must dig 0.2 x 445 + 55 = 144
    assert network.projects["p_r_for_mine_aus"].capacity == pytest.approx(144 - 120)
    bare = act(on, **CAP, upstream="as_is").changes["projects"]
    assert set(bare) == {"p_r_works_jpn"}


def test_a_feed_at_home_or_below_the_cap_is_left_alone():
    assert act(**CAP | {"regions": ["CHN"]}).changes == {}
    metal = {"goods": {"product": "metal"}, "regions": ["JPN"]}
    assert act(**CAP | metal | {"at_most": 0.8}).changes == {}
    assert act(**CAP | metal | {"at_most": 0.79}).changes != {}


def test_new_contracts_go_only_to_those_that_the_rule_names():
    ore = {"goods": {"product": "ore"}, "regions": ["JPN"]}
    assert "p_r_mine_chn" in act(**CAP | ore).changes["projects"]
    expanded = act(**CAP | ore, buys_from={"outside": ["CHN"]})
    assert expanded.changes == {}
    assert "nobody but AUS" in expanded.notes[0]


def test_a_buyer_with_nobody_else_to_turn_to_is_told():
    on = ground(works_jpn=mine("CHN", 200) | {"product": "metal"})
    expanded = act(on, **CAP)
    assert expanded.changes == {}
    assert "nobody but CHN" in expanded.notes[0]


# --- reactions ----------------------------------------------------------------------------------


def test_reserves_act_sooner_those_of_other_policies_too():
    rules = [("z", {"kind": "activation", "factor": 0.5, "at_most_days": 20}), ("a", STOCK)]
    for order in itertools.permutations(rules):
        assert after(many(list(order))).sites["a_metal_jpn"].activation_days == 15
    assert after(many([("z", {"kind": "activation", "at_most_days": 10}), ("a", STOCK)])).sites[
        "a_metal_eu"].activation_days == 10  # fmt: skip


def test_buyers_react_sooner_and_qualify_faster():
    network = after(act(kind="sourcing", pick={"region": "EU"}, suppliers={"country": "JPN"},
                        rerouting_at_least=0.5, perception_at_most_days=7,
                        qualification_factor=0.5, spot_at_least=1.0))  # fmt: skip
    feed = network.sites["makers_eu"].feeds["metal"]
    assert (feed.rerouting, feed.perception_days) == (0.5, 7)
    lane = feed.lanes["works_jpn"]
    assert (lane.qualification_days, lane.spot) == (182.5, 1.0)
    assert feed.lanes["works_chn"].spot == 0
    assert network.sites["makers_jpn"] == ground().network.sites["makers_jpn"]


def test_friends_come_right_after_home_and_share_a_class_in_any_order():
    works_first = data()["sites"]["works_jpn"] | {"priority": ["home", "EU"]}
    on = ground(works_jpn=works_first)
    keys = {"kind": "priority", "pick": {"site": "works_jpn"}}
    rules = [("a", keys | {"first": ["USA"]}), ("b", keys | {"first": ["KOR"]})]
    for order in itertools.permutations(rules):
        network = after(many(list(order), on), on)
        assert network.sites["works_jpn"].priority == ["home", ["KOR", "USA"], "EU"]


def test_substitution_grows_and_comes_sooner_where_there_is_any():
    learnt = {"substitution": {"limit": 0.2, "delay_days": 100, "days": 400}}
    on = ground(makers_eu=user("EU", 100, {"works_chn": {"share": 1}}, **learnt))
    keys = {"kind": "substitution", "limit_factor": 1.5, "delay_factor": 0.5, "days_factor": 0.5}
    network = after(act(on, **keys), on)
    now = network.sites["makers_eu"].substitution
    assert (now.limit, now.delay_days, now.days) == (pytest.approx(0.3), 50, 200)
    assert network.sites["makers_jpn"].substitution is None
    told = after(act(on, kind="substitution", limit_at_least=0.1), on)
    assert told.sites["makers_jpn"].substitution.limit == 0.1


def test_a_floor_under_stocks_raises_each_cohort_below_it():
    spread = data()["sites"]["makers_eu"]
    spread["feeds"]["metal"]["cover_days"] = {"min": 10, "max": 60}
    on = ground(makers_eu=spread)
    network = after(act(on, kind="cover", pick={"kind": "end_user"}, at_least_days=31), on)
    assert network.sites["makers_jpn"].feeds["metal"].cover_days == 31
    days = network.sites["makers_eu"].feeds["metal"].cover_days
    assert days.values == pytest.approx([31, 31, 35, 45, 55])
    compiled = compile_network(network, start=START, n_period=1, step_days=7)
    cover = compiled.chain.cover[np.array(compiled.labels.feed_product) == "metal"] * 7
    assert cover.min() == pytest.approx(31)


# --- words --------------------------------------------------------------------------------------


def test_a_rule_for_another_mineral_finds_nothing_and_says_so():
    expanded = act(**STOCK | {"goods": {"mineral": "cobalt"}})
    assert expanded.changes == {}
    assert expanded.notes == ["policy.rules.p_r: nobody here makes these goods"]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (STOCK | {"regions": ["JAPAN"]}, "regions: JAPAN, must be a region, bloc or country"),
        (STOCK | {"goods": {"product": "metl"}}, "goods.product: metl, .* did you mean 'metal'"),
        (STOCK | {"goods": {"mineral": "litium"}}, "did you mean 'lithium'"),
        (STOCK | {"goods": {"stage": "refinning"}}, "did you mean 'refining'"),
        (STOCK | {"serves": {"sector": "motrs"}}, "serves.sector: motrs, .* did you mean 'motors'"),
        ({"kind": "projects", "pick": {"country": "AUSS"}}, "pick.country: AUSS, .* 'AUS'"),
        ({"kind": "projects", "project": "digg"}, "did you mean 'dig'"),
        ({"kind": "priority", "pick": {}, "first": ["UAS"]}, "first: UAS"),
    ],
)
def test_a_word_that_no_network_knows_is_an_error_with_the_nearest(keys, words):
    with pytest.raises(UserError, match=words):
        act(**keys)


def test_a_word_of_another_shipped_network_is_no_error():
    assert act(kind="projects", pick={"site": "mountain_pass_light"}).changes == {}
    assert act(kind="projects", pick={"sector": "traction_motors"}).changes == {}


# --- the whole chain ----------------------------------------------------------------------------


def test_a_mine_that_only_china_could_feed_on_is_warned_of():
    plain = Network.model_validate(data())
    assert chain_warnings(plain) == []  # works_jpn has 180 t to spare for the 50 of the project
    more = data()
    more["projects"]["dig"]["capacity"] = 200
    (found,) = unusable(Network.model_validate(more))
    assert (found.product, found.added, found.spare) == ("ore", 200, 180)
    assert "next stage there could take 180 more (dig)" in chain_warnings(
        Network.model_validate(more))[0]  # fmt: skip


def test_a_plant_added_with_the_mine_takes_the_warning_away():
    more = data()
    more["projects"]["dig"]["capacity"] = 200
    more["projects"]["melt"] = {"site": "works_jpn", "capacity": 50, "start": "2028-01-01"}
    assert unusable(Network.model_validate(more)) == []


def test_a_mine_in_china_is_no_matter():
    more = data()
    more["projects"]["dig"] |= {"capacity": 5000, "site": "mine_chn"}
    assert unusable(Network.model_validate(more)) == []
