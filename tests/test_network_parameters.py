"""What nobody knows of a network is drawn with it; a scenario's parameter of one name wins."""

from __future__ import annotations

import csv
import datetime as dt

import numpy as np
import pytest
from shipped import network_of

from sim.base.errors import UserError
from sim.build.tables import chains, data_folder, read_table
from sim.network.compile import compile_network
from sim.network.dictionary import Network, Parameter
from sim.shocks.sampler import compile_hazards, sample

START = dt.date(2025, 12, 1)


def plan_of(network: Network, parameters: dict[str, Parameter] | None = None):
    compiled = compile_network(network, start=START, n_period=4, step_days=7)
    clock = {"start": START, "horizon_days": 28, "step_days": 7}
    return compile_hazards({}, {}, parameters or {}, compiled, network, **clock)


def test_stocks_of_states_are_drawn_within_their_law_each_for_itself():
    plan = plan_of(network_of("rare_earths"))
    drawn = dict(zip(plan.draw_names, sample(plan, 1, np.arange(400)).parameter, strict=True))
    ndpr, dytb = drawn["japan_reserves/jogmec_ndpr"], drawn["japan_reserves/jogmec_dytb"]
    for factor in (ndpr, dytb):
        assert 0 <= factor.min() < 0.3
        assert 2.5 < factor.max() <= 3
    assert abs(np.corrcoef(ndpr, dytb)[0, 1]) < 0.2


def test_a_parameter_of_the_scenario_takes_the_place_of_the_networks_of_that_name():
    law = {"key": "stock", "sites": {"country": "JPN", "kind": "reserve"}}
    own = Parameter.model_validate({**law, "distribution": {"value": 0.5}})
    plan = plan_of(network_of("gallium"), {"japan_reserves": own})
    assert "japan_reserves" in plan.draw_names
    assert not [n for n in plan.draw_names if n.startswith("japan_reserves/")]
    assert "korea_reserves/komir_gallium" in plan.draw_names


def test_a_networks_parameter_that_names_no_site_is_told_with_its_place():
    network = network_of("gallium")
    wrong = Parameter.model_validate(
        {"key": "stock", "sites": {"site": "jogmec_galium"}, "distribution": {"value": 1}}
    )
    with pytest.raises(UserError, match=r"network\.parameters\.slip.*jogmec_gallium"):
        plan_of(network.model_copy(update={"parameters": {"slip": wrong}}))


def test_every_common_row_is_drawn_in_some_network():
    rows = {row["name"] for row in read_table(data_folder("common") / "parameters.csv")}
    used = {name for chain in chains() for name in network_of(chain).parameters}
    assert rows - {"home_weight"} <= used
    for chain in chains():
        law = network_of(chain).home_weight
        assert (law.min, law.mode, law.max) == (1, 1.5, 5), chain


def test_walls_are_law_or_contract_only():
    walls = {
        (chain, word, site.country, site.sources["priority"])
        for chain in chains()
        for site in network_of(chain).sites.values()
        for word in site.priority
    }
    assert {source.removeprefix("rare_earths_") for *_, source in walls} <= {
        "priority_jare", "rated_orders_usa",
    }  # fmt: skip
    assert {country for _, word, country, _ in walls if ":" in word} == {"USA"}


def test_a_cost_of_holding_names_a_product_of_ours_or_none_and_its_source():
    products = {name for chain in chains() for name in network_of(chain).products}
    with (data_folder("reserves") / "reserve_costs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 20
    for row in rows:
        assert row["product"] in products | {""}, row
        assert float(row["price_low"]) <= float(row["price_usd_per_t"]) <= float(row["price_high"])
        assert row["source"], row
        assert row["confidence"] in ("high", "medium", "low"), row


def test_every_traded_product_has_a_cost_of_holding_or_a_reason_why_not():
    with (data_folder("reserves") / "missing.csv").open(encoding="utf-8") as file:
        reasons = {row["product"]: row["why"] for row in csv.DictReader(file)}
    assert all(reasons.values())
    traded = {
        (name, product.reserve_usd_per_t is not None)
        for chain in chains()
        for name, product in network_of(chain).products.items()
        if product.stage != "use"
    }
    assert {name for name, known in traded if not known} == set(reasons)
    assert not {name for name, known in traded if known} & set(reasons)


def test_dysprosium_and_terbium_are_held_as_the_parts_of_a_tonne():
    oxide = network_of("rare_earths").products["dytb_oxide"]
    assert oxide.reserve_usd_per_t == pytest.approx(0.77 * 239_000 + 0.23 * 1_010_000)
    assert oxide.storage_usd_per_t_year == pytest.approx(300)
    assert oxide.sources["reserve_usd_per_t"] == "holding_dytb_oxide"
    lithium = network_of("lithium").products["lithium_chemical"]
    assert lithium.reserve_usd_per_t == pytest.approx(5.323 * 9_000)  # carbonate, not hydroxide


def test_projects_of_one_plant_are_one_investment_across_chains():
    projects = network_of("all_minerals").projects
    bundles = {p.bundle for p in projects.values() if p.bundle}
    assert {"clarksville", "excelsior", "pomalaa", "nmg_phase_2"} <= bundles
    for bundle in bundles:
        paid = [p for p in projects.values() if p.bundle == bundle and p.cost_usd]
        assert len(paid) <= 2, bundle
    assert sum(p.cost_usd is not None for p in projects.values()) >= 55
