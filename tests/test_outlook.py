"""Outlooks: multipliers relative to the start, gaps told apart, numbers as in their tables."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from policy_case import START, data, ground
from shipped import LIBRARY

from sim.api import load
from sim.base.errors import UserError
from sim.base.units import date_of
from sim.config.command_line import settings_from
from sim.config.settings import load_settings
from sim.metrics.summary import summarize
from sim.network.compile import compile_network
from sim.network.countries import region_of
from sim.network.dictionary import Network
from sim.network.growth import period_means
from sim.policy.ground import Ground
from sim.policy.outlook_curve import compound, since, value_at
from sim.policy.outlook_demand import Demand, demand_changes
from sim.policy.outlook_supply import Supply, asked_of, late, supply_changes
from sim.run.case import Study
from sim.shocks.tape import without_shocks

TABLES = Path(__file__).parents[1] / "data" / "demand"
BAN = str(Path(__file__).parent / "data" / "tiny_ban.yaml")
DAY = dt.date


def rows(name: str) -> list[dict[str, str]]:
    with open(TABLES / f"{name}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# --- multipliers --------------------------------------------------------------------------------

LINE = [(DAY(2024, 1, 1), 1.0), (DAY(2028, 1, 1), 3.0)]


def test_a_multiplier_is_taken_relative_to_its_value_on_the_first_day():
    half = DAY(2026, 1, 1)  # the line stands at 1 + 2 x 731 / 1461
    base = 1 + 2 * 731 / 1461
    assert value_at(LINE, half) == pytest.approx(base)
    assert since(LINE, half) == [(half, 1.0), (DAY(2028, 1, 1), pytest.approx(3 / base))]
    assert since(LINE, DAY(2020, 1, 1))[0] == (DAY(2020, 1, 1), 1.0)
    assert since(LINE, DAY(2030, 1, 1)) == [(DAY(2030, 1, 1), 1.0)]


def test_steady_growth_reaches_its_factor_and_is_then_held():
    points = compound(41.0, DAY(2020, 7, 1), DAY(2040, 7, 1))
    assert points[0] == (DAY(2020, 7, 1), 1.0)
    assert points[-1] == (DAY(2040, 7, 1), 41.0)
    assert value_at(points, DAY(2050, 1, 1)) == 41.0
    left = since(points, DAY(2030, 7, 1))[-1][1]
    assert left == pytest.approx(41**0.5, rel=1e-3)  # half of the time is gone


def test_the_whole_line_and_the_rest_of_it_meet_in_the_same_place():
    ratio = value_at(LINE, DAY(2027, 1, 1)) / value_at(LINE, DAY(2026, 1, 1))
    rest = since(LINE, DAY(2026, 1, 1))
    assert value_at(rest, DAY(2027, 1, 1)) == pytest.approx(ratio, rel=1e-12)


# --- laid over a network ------------------------------------------------------------------------


def grown(points, **pick) -> Demand:
    path = {"pick": pick or {"kind": "end_user"}, "points": points}
    return Demand.model_validate({"name": "d", "title": "D", "paths": {"all": path}})


def test_the_first_path_that_picks_an_end_user_counts_and_the_rest_stays_flat():
    two = Demand.model_validate({"name": "d", "title": "D", "paths": {
        "japan": {"pick": {"region": "JPN"}, "points": [["2026-01-01", 1], ["2036-01-01", 2]]},
        "abroad": {"pick": {"outside": ["CHN"]},
                   "points": [["2026-01-01", 1], ["2036-01-01", 3]]},
        "cobalt": {"pick": {"mineral": "cobalt"}, "points": [["2026-01-01", 1]]},
    }})  # fmt: skip
    changes, notes = demand_changes(two, ground())
    last = {n: s["demand_path"]["points"][-1][1] for n, s in changes["sites"].items()}
    assert last == {"makers_jpn": 2, "makers_eu": 3}
    assert notes == ["demand.paths: cobalt: no end user of this network"]


def test_what_demand_asks_of_a_site_follows_the_chain():
    doubled = grown([["2026-01-01", 1], ["2027-01-01", 2]], region="EU")
    on = ground().with_changes(demand_changes(doubled, ground())[0])
    asked = asked_of(on.network, START)
    assert value_at(asked["works_chn"], DAY(2027, 1, 1)) == pytest.approx(580 / 480)
    assert value_at(asked["works_jpn"], DAY(2027, 1, 1)) == 1
    assert value_at(asked["mine_aus"], DAY(2027, 1, 1)) == pytest.approx(136 / 116)
    assert value_at(asked["mine_chn"], DAY(2026, 7, 2)) == pytest.approx(1 + 80 / 384 / 2, rel=0.01)


def test_capacity_follows_as_late_as_it_is_to_build_and_is_not_torn_down():
    asked = [(DAY(2026, 1, 1), 1.0), (DAY(2027, 1, 1), 3.0), (DAY(2028, 1, 1), 2.0)]
    points = late(asked, 730, START)
    assert value_at(points, DAY(2028, 1, 1)) == 1.0
    assert value_at(points, DAY(2028, 12, 31)) == 3.0
    assert value_at(points, DAY(2040, 1, 1)) == 3.0


def test_capacity_grows_at_a_rate_until_a_day():
    rule = {"pick": {"stage": "mining"}, "rate_per_year": 0.1, "until": "2028-01-01"}
    supply = Supply.model_validate({"name": "s", "title": "S", "capacity": {"mines": rule}})
    changes, _ = supply_changes(supply, ground())
    assert set(changes["sites"]) == {"mine_chn", "mine_aus"}
    points = changes["sites"]["mine_aus"]["capacity_path"]["points"]
    assert points[-1] == ["2028-01-01", pytest.approx(1.21)]


# --- gross, structural, caused by shocks --------------------------------------------------------

OUTLOOK = """\
title: A tenth more a year, and a works that cannot
story: Demand grows by a tenth of what it was each year; the one refiner has a tenth to spare.
network: {network}
start: 2026-01-01
horizon_days: 1095
step_days: 5
hazards:
  stop:
    title: The works stands still
    onset: {{day: 900}}
    duration_days: 50
    severity: 1
    effects: {{works: {{kind: outage, sites: {{site: works}}}}}}
    sources: {{all: invented for tests}}
"""
CHAIN = """\
title: One line
products: {ore: {title: Ore, stage: mining}, metal: {title: Metal, stage: metal},
           good: {title: Good, stage: use}}
sites:
  pit: {kind: mine, product: ore, country: CHN, capacity: 100000}
  works:
    kind: refiner
    product: metal
    country: CHN
    capacity: 1100
    feeds: {ore: {cover_days: 30, adjustment_days: 5, lanes: {pit: {share: 1}}}}
  makers:
    kind: end_user
    product: good
    country: JPN
    demand: 1000
    feeds: {metal: {cover_days: 10, adjustment_days: 5, lanes: {works: {share: 1}}}}
"""
GROWTH = """\
title: A tenth a year
paths:
  all: {pick: {kind: end_user}, points: [[2026-01-01, 1], [2036-01-01, 2]]}
"""


@pytest.fixture
def outlook(tmp_path: Path):
    (tmp_path / "line.yaml").write_text(CHAIN)
    (tmp_path / "growth.yaml").write_text(GROWTH)
    path = tmp_path / "case.yaml"
    path.write_text(OUTLOOK.format(network="./line.yaml"))
    return load(path, demand=str(tmp_path / "growth.yaml"))


def test_a_gap_by_hand_gross_structural_and_caused_by_shocks(outlook):
    # Demand 1000 (1 + t / 10.005) a year crosses the 1100 of the works at about t = 1.0 years; the
    # buffer of 10 days lasts a little longer. From then to t = 3 the gap is its integral,
    # 100 x (3 - 1)^2 / 2 = 200 t less the stock that is used up; the stop takes 50 days of 1100.
    arrays = outlook.compute(np.arange(3), np.zeros(1, np.uint8))
    gross, structural = arrays["m.shortfall_t"][:, -1], arrays["structural_t"][:, -1]
    slope = 1000 / (dt.date(2036, 1, 1) - dt.date(2026, 1, 1)).days / 365  # t a day and day
    days = 1095 - 100 / (slope * 365)
    gap = slope * days**2 / 2
    stock = 1100 * 15 / 365  # ten days of cover and the delivery of one period
    assert gap - stock - 5 < structural[0] < gap
    assert gross[0] - structural[0] == pytest.approx(1100 * 50 / 365, rel=0.02)


def test_the_summary_tells_all_three_with_intervals(outlook):
    arrays = outlook.compute(np.arange(40), np.zeros(1, np.uint8))
    table = {k[2:]: v for k, v in arrays.items() if k.startswith("m.")}
    told = {(r.measure, r.statistic): r
            for r in summarize(table, outlook.views.view, structural_t=arrays["structural_t"])
            if r.kind == "total"}  # fmt: skip
    mean = {m: told[m, "mean"] for m in ("shortfall_t", "structural_t", "disruption_t")}
    assert all(row.low <= row.value <= row.high for row in mean.values())
    assert mean["shortfall_t"].value == pytest.approx(
        mean["structural_t"].value + mean["disruption_t"].value)  # fmt: skip


def test_the_printed_table_and_the_report_tell_all_three(outlook, tmp_path):
    from sim.commands._run_table import gap_table, print_run
    from sim.run.report_numbers import gaps

    study = outlook.change(
        {"run.replications": 40, "run.audit": 1, "output.figures": False,
         "output.fan_replications": 8})  # fmt: skip
    found = study.run(tmp_path / "run")
    heads = gap_table(found).columns
    assert [h.split("\n")[0] for h in heads[1:4]] == ["gross", "structural", "caused by shocks"]
    page = gaps(found)
    assert all(w in page for w in ("Gross shortfall", "Structural", "Caused by shocks", " to "))
    print_run(found)
    flat = load(BAN, {"run.replications": 40, "output.figures": False, "run.audit": 0})
    calm = flat.run(tmp_path / "flat")
    assert gap_table(calm) is None and gaps(calm) == ""


# --- chosen by name -----------------------------------------------------------------------------


def test_outlooks_are_chosen_by_name_on_every_route(tmp_path):
    ours = load_settings("background", demand="iea_aps", supply="trend")
    words = ["scenario=background", "demand=iea_aps", "supply=trend"]
    assert ours == settings_from(words)
    mine = tmp_path / "mine.yaml"
    mine.write_text("defaults: [background]\ntitle: M\ndemand: iea_aps\nsupply: trend\n")
    assert load_settings(mine).network == ours.network
    assert load_settings(mine) == settings_from([f"scenario={mine}"])
    assert ours.scenario.demand == "iea_aps"
    assert ours.output.dir == "results/background-iea_aps-trend"
    assert load_settings("background").scenario.supply == "flat"


def test_flat_outlooks_change_nothing_and_nobody_runs_short_without_shocks():
    flat = load("background", demand="flat", supply="flat")
    assert flat.settings == load("background").settings
    assert not flat.has_structure or flat.flow(without_shocks(flat.tape(
        np.arange(4)))).shortfall.sum() == 0.0  # fmt: skip


def test_a_number_of_an_outlook_can_be_overridden():
    key = "demand.paths.rare_earths_other.points"
    ours = load_settings("background", demand="iea_aps",
                         changes={key: [["2024-07-01", 1], ["2034-07-01", 9]]})  # fmt: skip
    path = ours.network.sites["jpn_electronics"].demand_path
    assert path.points[-1][0] == DAY(2034, 7, 1)
    lead = load_settings("background", demand="iea_aps", supply="keeps_up",
                         changes={"supply.capacity.mines.lead_days": 0})  # fmt: skip
    mined = lead.network.sites["mountain_pass_light"].capacity_path
    assert mined.points[1][1] > 1


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("demand=iea_apps", "did you mean 'iea_aps'"),
        ("demand.paths.lithium_other.factor=3", "points, or factor with begin and end"),
        ("supply.capacity.mines.lead_days=-1", "must be 0 or more"),
        ("supply.capacity.mines.pick.stage=minning", "did you mean 'mining'"),
    ],
)
def test_a_wrong_outlook_is_told(override, words):
    given = ["scenario=outlook_2050", "supply=keeps_up", override]
    with pytest.raises(UserError) as error:
        settings_from(given)
    assert words in str(error.value)


def test_a_path_that_stands_at_zero_cannot_be_grown_from():
    with pytest.raises(UserError, match="must be above 0"):
        load_settings("background", demand="iea_aps", changes={
            "demand.paths.rare_earths_other.points": [["2024-07-01", 0]]})  # fmt: skip


def outlooks_on_networks():
    """Yield every pair; on joint networks all outlooks but the steepest are slow."""
    for net in LIBRARY.files("network"):
        for name in LIBRARY.files("demand"):
            is_slow = name != "iea_nze" and net in ("all_minerals", "battery_cells", "minor_metals")
            yield pytest.param(net, name, marks=[pytest.mark.slow] * is_slow)


@pytest.mark.parametrize(("net", "name"), outlooks_on_networks())
def test_every_outlook_of_demand_compiles_on_every_network_with_capacity_that_follows(net, name):
    network = Network.model_validate(LIBRARY.read("network", net).data)
    on = Ground(network, START, 28)
    demand = Demand.model_validate(LIBRARY.read("demand", name).data | {"name": name})
    on = on.with_changes(demand_changes(demand, on)[0])
    for supply_name in LIBRARY.files("supply"):
        supply = Supply.model_validate(LIBRARY.read("supply", supply_name).data | {"name": "s"})
        grown_network = on.with_changes(supply_changes(supply, on)[0]).network
        compile_network(grown_network, start=START, n_period=13, step_days=28)


# --- numbers as in their tables -----------------------------------------------------------------


@pytest.mark.parametrize("scenario", ["STEPS", "APS", "NZE"])
def test_iea_multipliers_are_those_of_the_table_and_the_rest_is_what_is_left(scenario):
    table = {(r["mineral"], r["scope"], int(r["year"])): float(r["multiplier"])
             for r in rows("growth") if r["scenario"] == scenario}  # fmt: skip
    size = {(r["mineral"], r["scope"]): float(r["quantity"]) for r in rows("quantities_2024")}
    paths = LIBRARY.read("demand", f"iea_{scenario.lower()}").data["paths"]
    clean = {"lithium": "lithium_batteries", "cobalt": "cobalt_batteries",
             "nickel": "nickel_batteries", "graphite": "graphite_batteries",
             "magnet_ree": "rare_earths_motors_and_wind"}  # fmt: skip
    for mineral, name in clean.items():
        rest = paths[("rare_earths" if mineral == "magnet_ree" else mineral) + "_other"]
        total, other = size[mineral, "total"], size[mineral, "other"]
        for (day, m), (_, o) in zip(paths[name]["points"], rest["points"], strict=True):
            year = int(day[:4])
            if year == 2024:
                assert (m, o) == (1, 1)
                continue
            assert m == table[mineral, "clean", year]
            sum_t = m * (total - other) + o * other
            assert sum_t / total == pytest.approx(table[mineral, "total", year], rel=2e-3)


def test_trend_and_lead_times_are_those_of_their_tables():
    trend = LIBRARY.read("supply", "trend").data["capacity"]
    for r in rows("output_growth"):
        years = int(r["last_year"]) - int(r["first_year"])
        rate = (float(r["last"]) / float(r["first"])) ** (1 / years) - 1
        assert trend[r["mineral"]]["rate_per_year"] == pytest.approx(max(0.0, rate), abs=6e-4)
    leads = LIBRARY.read("supply", "keeps_up").data["capacity"]
    for r in rows("lead_times"):
        assert leads[r["name"]]["lead_days"] == float(r["lead_days"])
        assert leads[r["name"]]["pick"] == {"stage": r["stage"]}
    assert leads["mines"]["lead_days"] == pytest.approx(15.7 * 365, abs=1)


def test_the_claims_are_read_as_the_table_has_them():
    claims = {r["claim"]: float(r["multiplier"]) for r in rows("claims")}
    paths = LIBRARY.read("demand", "founding_claim").data["paths"]
    low, high = claims["+400 %"], claims["+600 %"]
    assert paths["cobalt"]["factor"] == paths["lithium_other"]["factor"] == (low + high) / 2
    assert paths["graphite"]["factor"] == paths["lithium_batteries"]["factor"] == claims["+4,000 %"]


@pytest.mark.parametrize("table", ["growth", "quantities_2024", "claims", "output_growth",
                                   "lead_times"])  # fmt: skip
def test_every_fact_names_its_source_and_confidence(table):
    for r in rows(table):
        assert r["source"] and r["confidence"] in ("high", "medium", "low")


@pytest.mark.parametrize("group", ["demand", "supply"])
def test_every_path_names_its_source(group):
    key = {"demand": "paths", "supply": "capacity"}[group]
    for name in LIBRARY.files(group):
        content = LIBRARY.read(group, name).data
        assert content["title"] and len(content["description"].split()) > 8
        for path in [*content[key].values(), *content.get("prospects", {}).values()]:
            assert path["sources"] and path["confidence"] in ("high", "medium", "low")


def test_prospects_are_a_share_of_what_stands_and_by_products_have_none():
    study = Study(load_settings("tense_decade", supply="by_price", network="cobalt"))
    network = study.settings.network
    prospects = {n: p for n, p in network.projects.items() if "_prospect_" in n}
    for project in prospects.values():
        site = network.sites[project.site]
        assert "byproduct" not in site.tags and site.capacity
        assert project.probability == 0.0
        if site.kind == "mine":
            assert project.capacity == pytest.approx(0.34 * site.capacity)
    use = Ground(network, START, 28).flows.use
    for region in ("CHN", "EU"):
        added = sum(
            p.capacity for n, p in prospects.items()
            if n.endswith("_2028") and network.sites[p.site].product == "cobalt_refined"
            and region_of(network.sites[p.site]) == region
        )  # fmt: skip
        used = sum(
            u for (buyer, product), u in use.items()
            if product == "cobalt_refined" and region_of(network.sites[buyer]) == region
        )  # fmt: skip
        assert added == pytest.approx(0.34 * used)
    study = Study(load_settings("drc_cobalt_quota", supply="by_price"))  # nobody answers to prices
    assert not study.market.responses
    tape = study.tape(np.arange(3))
    built = np.array(["_prospect_" in n for n in study.compiled.labels.project])
    assert built.any()
    assert np.isinf(tape.project_start_days[built]).all()


def test_prices_bring_what_would_not_be_built():
    long = {"scenario.horizon_days": 9131, "scenario.step_days": 28}
    brings = {"scenario.price": "respond", "scenario.responses": ["projects"]}
    short = []
    for more in ({}, brings):
        study = Study(
            load_settings("tense_decade", demand="iea_aps", supply="by_price", changes=long | more)
        )
        short.append(study.flow(study.tape(np.arange(6))).shortfall.sum())
    assert short[1] < 0.95 * short[0]


def test_the_outlook_to_2050_opens_a_gap_that_the_shocks_did_not_make():
    study = load("outlook_2050")
    assert study.n_period * 28 >= 9131
    arrays = study.compute(np.arange(3), np.zeros(1, np.uint8))
    gross, structural = arrays["m.shortfall_t"], arrays["structural_t"]
    total = [v.kind for v in study.views].index("total")
    # the shocks' prices bring mines, so they need not add to the gap
    assert (structural[:, total] > 0.5 * gross[:, total]).all() and (gross[:, total] > 0).all()
    magnets = study.settings.network.sites["jpn_wind"].demand_path
    means = period_means(magnets, study.settings.scenario.start, 327, 28)
    assert means[0] == pytest.approx(1.0, abs=0.02) and means[-1] > 1.5


def test_the_network_by_hand_is_quiet_under_flat_outlooks():
    network = Network.model_validate(data())
    compiled = compile_network(network, start=START, n_period=4, step_days=28)
    assert compiled.chain.path.size == 0


@pytest.mark.parametrize("lead_days", [1e14, 4e6])
def test_capacity_that_follows_after_ages_never_comes(lead_days):
    """Days beyond what a calendar holds are its last day."""
    asked = [(dt.date(2026, 1, 1), 1.0), (dt.date(2027, 1, 1), 2.0)]
    assert late(asked, lead_days, dt.date(2026, 1, 1))[0] == (dt.date(2026, 1, 1), 1.0)
    assert date_of(lead_days, dt.date(2026, 1, 1)) == dt.date.max
