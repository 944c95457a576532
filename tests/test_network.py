"""Networks: reading, checking, cohorts, canonical order, arrays, references."""

from __future__ import annotations

import copy
import datetime as dt
import math
import tracemalloc

import numpy as np
import pytest
import yaml
from dice import Dice
from random_networks import START, compiled_network, random_network
from scipy import stats

from sim.base.errors import UserError
from sim.base.yaml_files import read_yaml
from sim.network.arrays import END_USER, MINE, REFINER, RESERVE, Chain
from sim.network.checks import check_network, warnings_of
from sim.network.cohorts import quantile_of, split_cohorts
from sim.network.compile import compile_network
from sim.network.describe import describe, share_table
from sim.network.dictionary import Path
from sim.network.distribution import Distribution
from sim.network.growth import period_means
from sim.network.load import read_network
from sim.network.references import progress, references, stage_shares

SMALL = """
title: small
blocs: {friends: [USA, EU]}
sources: {book: {citation: a book, confidence: low}}
products:
  ore: {title: Ore}
  acid: {title: Acid}
  metal: {title: Metal}
  car: {title: Car, value_usd_per_t: 7}
sites:
  pit: {kind: mine, product: ore, country: CHN, capacity: 1000}
  well: {kind: mine, product: acid, country: USA, capacity: 1000, ramp_days: 70}
  works:
    kind: refiner
    product: metal
    country: CHN
    capacity: 400
    priority: [home, [JPN, friends]]
    feeds:
      ore: {coefficient: 2, cover_days: 14, lanes: {pit: {share: 1, transit_days: 14.5}}}
      acid: {coefficient: 0.5, adjustment_days: 0, perception_days: 0, lanes: {well: {share: 1}}}
  plant:
    kind: refiner
    product: metal
    country: USA
    capacity: 100
    feeds:
      ore: {coefficient: 2, lanes: {pit: {share: 1}}}
  user:
    kind: end_user
    product: car
    country: JPN
    demand: 365
    feeds:
      metal:
        cover_days: 30
        lanes:
          works: {share: 0.75, transit_days: 7, routes: [suez]}
          plant: {share: 0.25, transit_days: 7.0001}
"""


def small(**changes):
    """The small network as data, with values put at dotted paths (None deletes)."""
    data = yaml.safe_load(SMALL)
    for path, value in changes.items():
        *way, last = path.split("__")
        here = data
        for key in way:
            here = here[key]
        if value is None:
            del here[last]
        else:
            here[last] = value
    return data


def build(data, n_period=4, step_days=7, start=START):
    return compile_network(read_network(data), start=start, n_period=n_period, step_days=step_days)


def faults(data):
    with pytest.raises(UserError) as caught:
        read_network(data)
    return [str(f) for f in caught.value.faults]


def at(compiled, name):
    return compiled.labels.site.index(name)


def lane(compiled, supplier, buyer):
    c, site = compiled.chain, compiled.labels.site
    return next(n for n in range(len(c.share)) if site[c.supplier[n]] == supplier
                and site[c.feed_site[c.lane_feed[n]]] == buyer)  # fmt: skip


RESERVE_SITE = {"kind": "reserve", "product": "metal", "country": "JPN", "serves": {"user": None},
                "stock_days": 30, "trigger_days": 14}  # fmt: skip


# ---- reading


def write(tmp_path, text):
    path = tmp_path / "net.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_and_its_data_give_the_same_network(tmp_path):
    assert read_network(write(tmp_path, SMALL)) == read_network(small())


def test_all_faults_of_the_schema_come_at_once_with_line_and_nearest_name(tmp_path):
    text = SMALL.replace("capacity: 400", "capacity: -400").replace("country: JPN", "contry: JPN")
    text = text.replace("transit_days: 7,", "transit_days: soon,")
    found = faults(write(tmp_path, text))
    line = 1 + text.splitlines().index("    capacity: -400")
    said = f"net.yaml:{line}  network.sites.works.capacity: -400, must be 0 or more (t/year)"
    assert any(said in f for f in found)
    assert any("sites.user.contry: no such setting; did you mean 'country'?" in f for f in found)
    assert any("sites.user.country: must be given" in f for f in found)
    assert any("lanes.works.transit_days: 'soon', must be a number (days)" in f for f in found)
    assert len(found) == 4


def test_faults_between_parts_carry_their_line(tmp_path):
    text = SMALL.replace("pit: {share: 1, tr", "pitt: {share: 1, tr")
    line = 1 + next(n for n, row in enumerate(text.splitlines()) if "pitt" in row)
    (found,) = faults(write(tmp_path, text))
    assert f"net.yaml:{line}  network.sites.works.feeds.ore.lanes.pitt: no such site" in found
    assert "did you mean 'pit'" in found


LAUGHS = "a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]\n" + "".join(
    f"{n}: &{n} [{', '.join([f'*{m}'] * 9)}]\n" for n, m in zip("bcdefg", "abcdef", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: NO", "quote it ('NO')"),
        ("on: 1", "quote it ('on')"),
        ("a: 012", "YAML reads this as 10"),
        ("a: 12:30", "YAML reads this as 750"),
        ("a: 1\na: 2", "stands twice, first in line 1"),
        ("a: [", "cannot be read"),
        ("- a", "must be a mapping"),
        ("", "the file is empty"),
        ("# only this", "the file is empty"),
        ("a: !!python/object/apply:os.system [ls]", "the tag"),
        ("a: &x [*x]", "must not hold itself"),
        ("a: 2025-02-30", "a: 2025-02-30, is no date (day is out of range for month)"),
        ("b: 1\na: 2025-13-01", "net.yaml:2  a: 2025-13-01, is no date"),
        ("a: 2025-12-01 10:00:00", "without a time"),
        ("a: " + "1" * 5000, "more than 40 digits"),
        ("a: 0x_", "is no number"),
        ("a: 190:20:30.15", "YAML reads this as 685230.15"),
        ("a: !!timestamp x", "the tag"),
        ('a: "\\e[31m"', "control character U+001B"),
        ("a: 1\nb: 'open\nc: 2\nd: 3", "net.yaml:2  (YAML): cannot be read: the quote"),
        ("b: 'open\nc: 'two'\nd: 3", "net.yaml:1  (YAML): cannot be read: the quote"),
        ("b: [1, 2\nc: 2\nd: 3", "net.yaml:1  (YAML): cannot be read: the bracket"),
        (LAUGHS, "aliases stand for more than 50,000"),
        ("a: " + "[" * 100_000, "nested deeper"),
    ],
)
def test_yaml_that_hides_something_is_refused(tmp_path, text, said):
    with pytest.raises(UserError, match=r"net\.yaml") as caught:
        read_yaml(write(tmp_path, text))
    assert said in str(caught.value)


def test_words_that_are_quoted_or_plainly_true_pass():
    data = read_yaml("x.yaml", "a: 'NO'\nb: true\nc: '012'\n'on': 0\nd: 0.5\ne: 0").data
    assert data == {"a": "NO", "b": True, "c": "012", "on": 0, "d": 0.5, "e": 0}


def test_a_bomb_of_aliases_is_refused_before_it_grows():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    tracemalloc.start()
    with pytest.raises(UserError, match="aliases stand for more than 50,000 values"):
        read_yaml("x.yaml", "\n".join(lines))
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()


def test_a_missing_or_binary_file_is_told_in_one_line(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        read_network(tmp_path / "none.yaml")
    (tmp_path / "bin.yaml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(UserError, match="UTF-8"):
        read_network(tmp_path / "bin.yaml")
    with pytest.raises(UserError, match="is a folder"):
        read_network(tmp_path)


def test_true_is_not_taken_for_a_number():
    assert "network.sites.pit.capacity: True, must be a number" in faults(
        small(sites__pit__capacity=True))[0]  # fmt: skip


# ---- checks


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        ({"sites__pit__product": "orre"}, "sites.pit.product", "did you mean 'ore'"),
        ({"sites__pit__country": "CHI"}, "sites.pit.country", "ISO 3166"),
        ({"sites__pit__region": "Asia"}, "sites.pit.region", "must be one of CHN"),
        ({"sites__pit__demand": 3}, "sites.pit.demand", "no such setting"),
        ({"sites__user__capacity": 3}, "sites.user.capacity", "no such setting"),
        ({"sites__works__stock": 3}, "sites.works.stock", "no such setting"),
        ({"sites__pit__capacity": None}, "sites.pit.capacity", "must be given"),
        ({"sites__user__demand": None}, "sites.user.demand", "must be given"),
        ({"sites__user__feeds": {}}, "sites.user.feeds", "at least one feed"),
        ({"sites__plant__feeds__ore__lanes": {}}, "plant.feeds.ore.lanes", "at least one lane"),
        ({"sites__plant__feeds__ore__lanes__pit__share": 0.9}, "plant.feeds.ore.lanes", "0.9"),
        ({"sites__plant__feeds__ore__lanes__well": {}}, "lanes.well", "makes acid"),
        ({"sites__plant__feeds__ore__lanes__user": {}}, "lanes.user", "only mines and refiners"),
        ({"sites__plant__feeds__ore__cover_days": -1}, "ore.cover_days", "0 or more"),
        ({"sites__plant__feeds__orr": {"lanes": {"pit": {"share": 1}}}}, "feeds.orr", "'ore'"),
        ({"sites__works__priority": ["hme"]}, "priority.0", "did you mean 'home'"),
        ({"sites__pit__sources": {"capacity": "bok"}}, "sources.capacity", "'book'"),
        ({"sites__pit__capacity_path": {}}, "capacity_path", "rate_per_year or points"),
        ({"sites__pit__capacity_path": {"points": [[9, 1], [2, 1]]}}, "points", "order of time"),
        ({"sites__pit__capacity_path": {"points": [[9, 1], [START, 1]]}}, "points", "all dates"),
        ({"sites__user__price": {"demand_elasticity": -0.3}}, "sites.user", "scenario's key price"),
        ({"price": {"elasticity": 0}}, "price.elasticity", "0.05 or more"),
        ({"sites__r": {**RESERVE_SITE, "stock": 1}}, "sites.r.stock", "not both"),
        ({"sites__r": {**RESERVE_SITE, "stock_days": None}}, "sites.r.stock", "needs stock"),
        ({"sites__r": {**RESERVE_SITE, "serves": {"usr": None}}}, "serves.usr", "'user'"),
        ({"sites__r": {**RESERVE_SITE, "serves": {"works": None}}}, "serves.works", "no feed of"),
        ({"sites__r": {**RESERVE_SITE, "serves": {"pit": None}}}, "serves.pit", "kind mine"),
        ({"sites__r": {**RESERVE_SITE, "serves": {}}}, "sites.r.serves", "at least one"),
        ({"sites__r": {**RESERVE_SITE, "serves": {"user": 1.5}}}, "sites.r.serves", "at most 1"),
        ({"projects": {"p": {"site": "pt", "capacity": 1, "start": 0}}}, "p.site", "'pit'"),
        ({"projects": {"p": {"site": "user", "capacity": 1, "start": 0}}}, "p.site", "end_user"),
        ({"projects": {"p": {"site": "pit", "capacity": 1, "start": 0,
                             "offtake": {"user": {"share": 1}}}}}, "offtake.user", "no feed of"),
        ({"projects": {"p": {"site": "well", "capacity": 1, "start": 0,
                             "offtake": {"use": {"share": 1}}}}}, "offtake.use", "'user'"),
        ({"sites__a#1": {"kind": "mine", "product": "ore", "country": "CHN", "capacity": 1}},
         "sites.a#1", "'#'"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_by_key_and_expectation(changes, key, said):
    found = faults(small(**changes))
    assert len(found) == 1, found
    assert key in found[0]
    assert said in found[0]


def test_offtakes_of_a_feed_above_one_are_refused():
    data = small()
    for n in "pq":
        data["projects"] = {
            **data.get("projects", {}),
            n: {"site": "works", "capacity": 1, "start": 0, "offtake": {"user": {"share": 0.6}}},
        }
    assert "1.2" in faults(data)[0]
    assert "at most 1" in faults(data)[0]


def test_offtake_needs_its_lane():
    data = small(sites__new={"kind": "mine", "product": "ore", "country": "AUS", "capacity": 0})
    data["projects"] = {"p": {"site": "new", "capacity": 9, "start": 0,
                              "offtake": {"works": {"share": 0.5}}}}  # fmt: skip
    assert "add sites.works.feeds.ore.lanes.new" in faults(data)[0]


def test_a_ring_is_told_by_its_sites_and_those_behind_it_are_not():
    data = small()
    data["products"]["scrap"] = {"title": "Scrap"}
    data["sites"]["works"]["feeds"]["scrap"] = {"lanes": {"yard": {"share": 1}}}
    data["sites"]["yard"] = {
        "kind": "refiner",
        "product": "scrap",
        "country": "CHN",
        "capacity": 9e9,
        "feeds": {"metal": {"lanes": {"works": {"share": 1}}}},
    }
    found = faults(data)
    assert len(found) == 1
    assert "works -> yard -> works" in found[0]
    assert "user" not in found[0]


def test_mistakes_of_several_kinds_come_together():
    data = small(sites__pit__product="orre", sites__well__country="XXX",
                 sites__user__feeds__metal__lanes__works__share=0.5)  # fmt: skip
    assert len(faults(data)) >= 3


def test_a_reference_flow_above_capacity_names_site_flow_and_capacity():
    network = read_network(small(sites__works__capacity=200, sites__pit__capacity=100))
    with pytest.raises(UserError) as caught:
        compile_network(network, start=START, n_period=1, step_days=7)
    assert [f.key for f in caught.value.faults] == [
        "network.sites.pit.capacity", "network.sites.works.capacity"]  # fmt: skip
    text = str(caught.value)
    assert "200, must be at least the reference flow of the first period, 273.75 (t/year)" in text


def test_a_reference_flow_equal_to_capacity_passes():
    compiled = build(small(sites__works__capacity=273.75, sites__plant__capacity=91.25,
                           sites__pit__capacity=730))  # fmt: skip
    assert compiled.reference_out[at(compiled, "pit")] == pytest.approx(14.0)


def test_no_horizon_and_a_broken_period_are_refused_together():
    with pytest.raises(UserError) as caught:
        compile_network(read_network(small()), start=START, n_period=0, step_days=0)
    assert len(caught.value.faults) == 2


def test_a_site_that_nobody_buys_from_is_a_warning_only():
    spare = {"kind": "mine", "product": "ore", "country": "AUS", "capacity": 5}
    network = read_network(small(sites__spare=spare))
    assert check_network(network) == []
    assert warnings_of(network) == ["network.sites.spare: nobody buys from this mine"]


def test_a_reserve_that_would_release_with_no_shock_is_a_warning():
    calm = read_network(small(sites__r={**RESERVE_SITE, "trigger_days": 37}))
    eager = read_network(small(sites__r={**RESERVE_SITE, "trigger_days": 37.5}))
    assert warnings_of(calm) == []
    assert "user normally holds 30 days" in warnings_of(eager)[0]


# ---- arrays


def test_numbers_come_out_per_period_in_canonical_order():
    compiled = build(small())
    c = compiled.chain
    assert compiled.labels.site == ("pit", "well", "plant", "works", "user")
    assert list(c.kind) == [MINE, MINE, REFINER, REFINER, END_USER]
    assert compiled.labels.feed_product == ("ore", "acid", "ore", "metal")
    np.testing.assert_allclose(c.demand[4], 7.0)
    np.testing.assert_allclose(c.capacity[:4], np.array([1000, 1000, 100, 400]) * 7 / 365)
    np.testing.assert_allclose(c.cover, [0, 0, 2, 30 / 7])
    np.testing.assert_allclose(c.coefficient, [2, 0.5, 2, 1])
    np.testing.assert_allclose(c.adjust_gain, [0.25, 1, 0.25, 0.25])
    np.testing.assert_allclose(c.learn_gain, [0.25, 1, 0.25, 0.25])
    assert c.ramp_share[1] == pytest.approx(0.1)
    assert c.ramp_share[0] == math.inf
    assert list(c.transit) == [1, 3, 1, 2, 1]  # 14.5 days are 3 weeks, 7.0001 are 2
    assert compiled.labels.group == ("user",)
    assert compiled.labels.group_value_usd_per_t == (7.0,)


def test_references_follow_the_bill_of_materials():
    compiled = build(small())
    out = dict(zip(compiled.labels.site, compiled.reference_out, strict=True))
    assert out["user"] == pytest.approx(7.0)
    assert out["works"] == pytest.approx(5.25)
    assert out["pit"] == pytest.approx(14.0)
    assert out["well"] == pytest.approx(5.25 * 0.5)
    assert compiled.reference_lane[lane(compiled, "works", "user")] == pytest.approx(5.25)


def test_priority_ranks_home_then_countries_regions_and_blocs_together():
    data = small()
    for country, name in (
        ("CHN", "home"),
        ("DEU", "bloc_region"),
        ("USA", "bloc"),
        ("IND", "rest"),
    ):
        data["sites"][name] = copy.deepcopy(data["sites"]["user"]) | {
            "country": country,
            "demand": 0,
        }
    compiled = build(data)
    rank = {b: compiled.chain.lane_class[lane(compiled, "works", b)]
            for b in ("home", "user", "bloc", "bloc_region", "rest")}  # fmt: skip
    assert rank == {"home": 0, "user": 1, "bloc": 1, "bloc_region": 1, "rest": 2}
    assert compiled.chain.n_class[at(compiled, "works")] == 3
    assert compiled.chain.lane_class[lane(compiled, "plant", "rest")] == 0


def test_rates_per_day_are_the_same_network():
    data = small(rates_per="day")
    for site in data["sites"].values():
        for key in ("capacity", "demand"):
            if key in site:
                site[key] /= 365
    a, b = build(small()), build(data)
    for name, x, y in zip(Chain._fields, a.chain, b.chain, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-14, err_msg=name)
    np.testing.assert_allclose(b.labels.site_capacity_per_year, a.labels.site_capacity_per_year)


def test_a_reserve_has_one_feed_and_days_of_what_it_serves():
    compiled = build(small(sites__r=RESERVE_SITE))
    c = compiled.chain
    assert compiled.labels.reserve == ("r",)
    assert c.kind[c.reserve_site[0]] == RESERVE
    assert c.reserve_stock[0] == pytest.approx(30.0)  # 30 days of 1 t a day
    assert c.reserve_max[0] == math.inf
    assert c.trigger[0] == 2.0
    f = c.feed_ptr[c.reserve_site[0]]
    assert c.feed_ptr[c.reserve_site[0] + 1] == f + 1
    assert c.lane_ptr[f] == c.lane_ptr[f + 1]
    assert compiled.labels.feed_product[c.serve_feed[0]] == "metal"
    assert np.isnan(c.serve_share[0])
    assert c.reserve_site[0] < at(compiled, "user")


def test_zero_days_mean_at_once():
    data = small(sites__user__substitution={"limit": 0.5, "days": 0})
    data["sites"]["user"]["feeds"]["metal"]["lanes"]["plant"]["qualification_days"] = 0
    compiled = build(data)
    assert compiled.chain.sub_share[-1] == math.inf
    assert compiled.chain.qualify_step[lane(compiled, "plant", "user")] == math.inf


def test_arrays_are_contiguous_of_the_types_that_kernels_expect():
    chain = compiled_network(random_network(np.random.default_rng(3))).chain
    hints = Chain.__annotations__
    for name, array in zip(Chain._fields[1:], chain[1:], strict=True):
        assert array.dtype == (np.int32 if "I4" in str(hints[name]) else np.float64), name
        assert array.flags.c_contiguous, name


def shuffled(value, rng):
    """The same data with every mapping in another order."""
    if isinstance(value, dict):
        return {k: shuffled(v, rng) for k, v in Dice(rng).shuffled(value).items()}
    return value


@pytest.mark.parametrize("seed", range(12))
def test_order_in_the_file_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    data = random_network(rng)
    a, b = compiled_network(data), compiled_network(shuffled(data, rng))
    for name, x, y in zip(Chain._fields, a.chain, b.chain, strict=True):
        np.testing.assert_array_equal(x, y, err_msg=name)
    assert a.labels.site == b.labels.site
    assert a.labels.project == b.labels.project
    np.testing.assert_array_equal(a.reference_lane, b.reference_lane)


@pytest.mark.parametrize("seed", range(12))
def test_suppliers_and_reserves_stand_before_those_they_serve(seed):
    c = compiled_network(random_network(np.random.default_rng(seed))).chain
    assert all(c.supplier < c.feed_site[c.lane_feed])
    for v, i in enumerate(c.reserve_site):
        assert all(c.feed_site[c.serve_feed[c.serve_ptr[v] : c.serve_ptr[v + 1]]] > i)
    keys = list(zip(c.supplier, c.lane_feed, strict=True))
    assert keys == sorted(set(keys))
    for f in range(len(c.feed_site)):
        mine = c.lane_of[c.lane_ptr[f] : c.lane_ptr[f + 1]]
        assert list(mine) == [n for n in range(len(keys)) if keys[n][1] == f]
        if len(mine):
            assert c.share[mine].sum() == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_twice_the_quantities_are_exactly_twice_the_arrays(seed):
    data = random_network(np.random.default_rng(seed))
    double = copy.deepcopy(data)
    for part in [*double["sites"].values(), *double["projects"].values()]:
        for key in {"capacity", "demand", "stock", "max_rate"} & set(part):
            part[key] *= 4
        for key in {"start_with", "buy_per_year", "refill_per_year"} & set(part):
            part[key] *= 4 if "stock" in part else 1  # in the unit of its stock
        for tranche in part.get("tranches", []):
            tranche["holds"] *= 4 if "stock" in part else 1
    a, b = compiled_network(data), compiled_network(double)
    scaled = {"capacity", "demand", "reserve_stock", "reserve_max", "project_capacity"}
    scaled |= {"build_pace", "refill_pace"}
    for name, x, y in zip(Chain._fields, a.chain, b.chain, strict=True):
        np.testing.assert_array_equal(x * 4 if name in scaled else x, y, err_msg=name)
    np.testing.assert_array_equal(a.reference_lane * 4, b.reference_lane)


# ---- cohorts

LAWS = {
    "uniform": ({"min": 2, "max": 9}, stats.uniform(2, 7)),
    "exponential": ({"family": "exponential", "mean": 30}, stats.expon(scale=30)),
    "normal": ({"family": "normal", "mean": 30, "sd": 4}, stats.norm(30, 4)),
    "median p90": ({"median": 30, "p90": 90}, stats.lognorm(math.log(3) / stats.norm.ppf(0.9),
                                                           scale=30)),
    "lognormal mean sd": ({"family": "lognormal", "mean": 30, "sd": 15},
                          stats.lognorm(math.sqrt(math.log(1.25)), scale=30 / math.sqrt(1.25))),
    "gamma": ({"family": "gamma", "shape": 3, "mean": 30}, stats.gamma(3, scale=10)),
    "gamma cv": ({"family": "gamma", "mean": 30, "cv": 0.5}, stats.gamma(4, scale=7.5)),
    "weibull": ({"family": "weibull", "shape": 1.5, "scale": 20}, stats.weibull_min(1.5, scale=20)),
    "pareto": ({"family": "pareto", "min": 5, "exponent": 2.5}, stats.pareto(2.5, scale=5)),
    "beta": ({"family": "beta", "alpha": 2, "beta": 5}, stats.beta(2, 5)),
    "beta mean sd": ({"family": "beta", "mean": 0.4, "sd": 0.2}, stats.beta(2.0, 3.0)),
    "beta on a range": ({"family": "beta", "alpha": 2, "beta": 5, "min": 10, "max": 30},
                        stats.beta(2, 5, 10, 20)),
    "pert": ({"min": 10, "mode": 20, "max": 60}, stats.beta(1.8, 4.2, 10, 50)),
    "triangular": ({"family": "triangular", "min": 10, "mode": 20, "max": 60},
                   stats.triang(0.2, 10, 50)),
}  # fmt: skip


@pytest.mark.parametrize("law", LAWS)
def test_quantiles_are_those_of_the_law(law):
    keys, truth = LAWS[law]
    for q in (0.01, 0.1, 0.3, 0.5, 0.77, 0.99):
        assert quantile_of(Distribution(**keys), q) == pytest.approx(truth.ppf(q), rel=1e-9)


def test_quantiles_of_a_list_fall_on_its_values_by_weight():
    dist = Distribution(values=[50, 10, 20], weights=[1, 1, 2])
    assert [quantile_of(dist, q) for q in (0.1, 0.25, 0.26, 0.74, 0.76)] == [10, 10, 20, 20, 50]


def test_quantiles_of_laws_without_width_are_their_value():
    for keys in ({"value": 7}, {"min": 7, "max": 7}, {"min": 7, "mode": 7, "max": 7},
                 {"family": "triangular", "min": 7, "mode": 7, "max": 7},
                 {"family": "gamma", "mean": 7, "sd": 0}, {"median": 7, "p90": 7}):  # fmt: skip
        assert quantile_of(Distribution(**keys), 0.2) == pytest.approx(7)


def test_an_end_user_splits_into_equal_cohorts_at_mid_quantiles():
    compiled = build(small(sites__user__feeds__metal__cover_days={"min": 0, "max": 70},
                           sites__r={**RESERVE_SITE, "serves": {"user": 0.5}}))  # fmt: skip
    c, label = compiled.chain, compiled.labels
    assert label.site[-5:] == tuple(f"user#{j}" for j in range(1, 6))
    assert label.site_parent[-5:] == ("user",) * 5
    np.testing.assert_allclose(c.cover[-5:], [1, 3, 5, 7, 9])
    np.testing.assert_allclose(c.demand[-5:], 7 / 5)
    assert list(c.group[-5:]) == [0] * 5
    np.testing.assert_allclose(c.serve_share, 0.1)
    assert c.reserve_stock[0] == pytest.approx(30.0)
    assert compiled.reference_out[at(compiled, "pit")] == pytest.approx(14.0)


def test_eleven_cohorts_stand_in_order_of_their_number():
    compiled = build(small(sites__user__feeds__metal__cover_days={"min": 0, "max": 70},
                           sites__user__cohorts=11))  # fmt: skip
    assert compiled.labels.site[-11:] == tuple(f"user#{j}" for j in range(1, 12))
    assert (np.diff(compiled.chain.cover[-11:]) > 0).all()


def test_one_cohort_and_a_fixed_distribution_do_not_split():
    for change in ({"sites__user__cohorts": 1}, {}):
        cover = {"min": 0, "max": 70} if change else {"value": 35}
        compiled = build(small(sites__user__feeds__metal__cover_days=cover, **change))
        assert compiled.labels.site[-1] == "user"
        assert compiled.chain.cover[-1] == pytest.approx(5)


def test_a_refiner_splits_with_its_lanes_on_both_sides_and_flows_stay():
    data = small(
        sites__works__feeds__ore__cover_days={"min": 0, "max": 40}, sites__works__cohorts=2
    )
    data["sites"]["user"]["feeds"]["metal"]["lanes"]["works"]["spot"] = 0.5
    whole, split = build(small()), build(data)
    a, b = (split.labels.site.index(f"works#{j}") for j in (1, 2))
    assert split.chain.capacity[a] == split.chain.capacity[b] == pytest.approx(200 * 7 / 365)
    n = lane(split, "works#1", "user")
    assert (split.chain.share[n], split.chain.spot[n]) == (0.375, 0.25)
    pit = split.reference_out[at(split, "pit")]
    assert pit == pytest.approx(whole.reference_out[at(whole, "pit")])
    assert split.reference_out[a] == pytest.approx(5.25 / 2)


def test_a_project_on_a_split_refiner_stands_once_a_cohort_under_one_name():
    data = small(
        sites__works__feeds__ore__cover_days={"min": 0, "max": 40}, sites__works__cohorts=2
    )
    data["projects"] = {"p": {"site": "works", "capacity": 100, "start": 0, "probability": 0.5,
                              "offtake": {"user": {"share": 0.4}}}}  # fmt: skip
    compiled = build(data)
    c = compiled.chain
    assert compiled.labels.project == ("p", "p")
    assert [compiled.labels.site[i] for i in c.project_site] == ["works#1", "works#2"]
    np.testing.assert_allclose(c.project_capacity, 50 * 7 / 365)
    assert list(c.offtake_lane) == [lane(compiled, f"works#{j}", "user") for j in (1, 2)]
    np.testing.assert_allclose(c.offtake_share, 0.2)
    split = split_cohorts(read_network(data))
    assert split.project_parent == {"p#1": "p", "p#2": "p"}


def test_a_cover_that_falls_below_zero_is_refused():
    cover = {"family": "normal", "mean": 10, "sd": 20}
    assert "cover of the first cohort" in faults(
        small(sites__user__feeds__metal__cover_days=cover))[0]  # fmt: skip


# ---- growth


def numeric_mean(f, t0, t1, n=200_000):
    t = t0 + (np.arange(n) + 0.5) * (t1 - t0) / n
    return float(np.mean(f(t)))


def test_growth_is_the_exact_mean_of_compound_growth():
    means = period_means(Path(rate_per_year=0.2), START, 60, 7)
    for k in (0, 59):
        truth = numeric_mean(lambda t: 1.2 ** (t / 365), 7 * k, 7 * k + 7)
        assert means[k] == pytest.approx(truth, rel=1e-10)
    assert (period_means(Path(rate_per_year=0.0), START, 5, 7) == 1).all()


@pytest.mark.parametrize("interpolate", ["step", "linear"])
def test_dated_multipliers_are_exact_means_and_hold_beyond_their_ends(interpolate):
    days, levels = [-3.0, 10.0, 12.0, 30.0], [0.5, 1.5, 1.0, 2.0]
    path = Path(points=list(zip(days, levels, strict=True)), interpolate=interpolate)

    def course(t):
        if interpolate == "linear":
            return np.interp(t, days, levels)
        return np.array(levels)[np.clip(np.searchsorted(days, t, "right") - 1, 0, 3)]

    means = period_means(path, START, 8, 7)
    truth = [numeric_mean(course, 7 * k, 7 * k + 7) for k in range(8)]
    np.testing.assert_allclose(means, truth, rtol=1e-5)
    assert means[7] == 2.0


def test_a_path_may_give_dates_and_holds_its_first_multiplier_before_them():
    when = START + dt.timedelta(days=14)
    path = Path(points=[(when, 1.1), (when + dt.timedelta(days=7), 1.3)])
    assert list(period_means(path, START, 4, 7)) == [1.1, 1.1, 1.1, 1.3]


def test_equal_paths_share_a_row_and_scale_the_first_reference():
    growth = {"points": [[0, 2.0]]}
    c = build(small(sites__user__demand_path=growth, sites__pit__capacity_path=growth,
                    sites__works__capacity=600, sites__plant__capacity=200,
                    sites__well__capacity_path={"rate_per_year": 0.1}))  # fmt: skip
    assert c.chain.path.shape == (2, 4)
    assert c.chain.demand_path[4] == c.chain.capacity_path[0] >= 0
    assert c.reference_out[4] == pytest.approx(14.0)


# ---- references


def naive_references(data, product_of, day=0.0):
    """Tonnes a day each site must make, by recursion over the file's data."""
    del day
    made = dict.fromkeys(data["sites"], 0.0)

    def need(site, out):
        made[site] += out
        for feed in data["sites"][site].get("feeds", {}).values():
            for supplier, way in feed["lanes"].items():
                need(supplier, out * feed["coefficient"] * way["share"])

    for name, site in data["sites"].items():
        if site["kind"] == "end_user":
            need(name, site["demand"] / (1 if data["rates_per"] == "day" else 365))
    return made


@pytest.mark.parametrize("seed", range(20))
def test_references_equal_a_recursion_over_the_file(seed):
    data = random_network(np.random.default_rng(seed), size=12, steady=True)
    compiled = compiled_network(data)
    truth = naive_references(data, None)
    for name, daily in truth.items():
        mine = [i for i, p in enumerate(compiled.labels.site_parent) if p == name]
        assert compiled.reference_out[mine].sum() / 7 == pytest.approx(daily, rel=1e-9, abs=1e-12)


def test_offtake_takes_its_share_first_and_the_others_shrink_in_proportion():
    data = small(sites__plant__capacity=1000)
    data["projects"] = {"p": {"site": "plant", "capacity": 100, "start": -10, "ramp_days": 0,
                              "offtake": {"user": {"share": 0.5}}}}  # fmt: skip
    compiled = build(data)
    flows = references(compiled.chain, 0, np.array([-10.0]))
    assert flows.share[lane(compiled, "works", "user")] == pytest.approx(0.375)
    assert flows.share[lane(compiled, "plant", "user")] == pytest.approx(0.625)
    np.testing.assert_array_equal(flows.lane, compiled.reference_lane)  # certain: counts
    data["projects"]["p"]["probability"] = 0.9
    assert build(data).reference_lane[lane(compiled, "plant", "user")] == pytest.approx(7 * 0.25)


@pytest.mark.parametrize(("start", "ramp"), [(3.0, 0.0), (-5.0, 30.0), (2.0, 3.0), (50.0, 9.0)])
def test_progress_is_the_mean_of_a_linear_rise(start, ramp):
    def course(t):
        return np.clip((t - start) / ramp, 0, 1) if ramp else (t > start) * 1.0

    for k in range(6):
        truth = numeric_mean(course, 7 * k, 7 * k + 7)
        assert progress(7.0, k, start, ramp) == pytest.approx(truth, abs=1e-5)


def test_stage_shares_sum_to_one_and_tell_who_makes_what():
    compiled = build(small())
    shares = stage_shares(compiled)
    assert shares["metal", "CHN"] == pytest.approx(0.75)
    assert shares["metal", "USA"] == pytest.approx(0.25)
    assert shares["ore", "CHN"] == pytest.approx(1.0)
    assert set(shares) == {("metal", "CHN"), ("metal", "USA"), ("ore", "CHN"), ("acid", "USA")}


# ---- description


def test_description_holds_every_site_lane_and_source():
    data = small(sites__r=RESERVE_SITE)
    data["projects"] = {"p": {"site": "pit", "capacity": 1, "start": 0,
                              "delay_days": {"median": 30, "p90": 90}}}  # fmt: skip
    network = read_network(data)
    tables = {t.title: t for t in describe(network, build(data))}
    assert [row[0] for row in tables["Sites"].rows] == sorted(data["sites"])
    assert len(tables["Lanes"].rows) == 5
    assert tables["Sources"].rows[0][0] == "book"
    assert tables["Reserves"].rows[0][3] == pytest.approx(30.0)
    assert tables["Projects"].rows[0][4] == "lognormal(median 30.0, p90 90.0)"
    flow = next(r for r in tables["Lanes"].rows if r[:2] == ("works", "user"))[4]
    assert flow == pytest.approx(273.75)
    assert all(len(row) == len(t.columns) for t in tables.values() for row in t.rows)


def test_published_shares_stand_beside_ours():
    rows = share_table(build(small()), {"metal": {"CHN": 0.7, "AUS": 0.1}}).rows
    table = {row[:2]: row[2:] for row in rows}
    assert table["metal", "CHN"] == pytest.approx((0.75, 0.7, 0.05))
    assert table["metal", "AUS"] == pytest.approx((0.0, 0.1, -0.1))
    assert table["metal", "USA"][1] is None
