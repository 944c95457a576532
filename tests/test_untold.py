"""What a measure needs and a network lacks: told by file and line, left out only where asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.base.errors import UserError
from sim.config.settings import load_settings

NET = """
title: Own network
products:
  ore: {title: Ore, stage: mining, value_usd_per_t: 100}
  salt: {title: Salt, stage: mining}
  good: {title: Good, stage: use}
sites:
  pit: {kind: mine, product: ore, country: CHN, capacity: 365}
  pan: {kind: mine, product: salt, country: CHN, capacity: 365}
  users:
    {kind: end_user, product: good, country: JPN, sector: motors, demand: 365,
     feeds: {ore: {cover_days: 10, lanes: {pit: {share: 1, transit_days: 7}}},
             salt: {cover_days: 10, lanes: {pan: {share: 1, transit_days: 7}}}}}
"""
SCENARIO = """
title: An outage
network: ./net.yaml
start: 2026-01-01
horizon_days: 364
hazards:
  stop: {onset: {day: 70}, duration_days: 35,
         effects: {pit: {kind: outage, sites: {site: pit}, severity: 1}}}
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(NET)
    path = tmp_path / "sc.yaml"
    path.write_text(SCENARIO)
    return path


def test_a_good_without_a_reference_price_is_told_by_its_file(scenario):
    with pytest.raises(UserError, match=r"net.yaml:\d+.*products.salt.value_usd_per_t") as told:
        load_settings(scenario)
    assert "bill=left_out" in str(told.value)
    assert "scenario.price=none" in str(told.value)


@pytest.mark.parametrize(
    "change",
    [
        {"scenario.price": "none"},
        {"network.products.salt.bill": "left_out"},
        {"network.products.salt.value_usd_per_t": 5.0},
    ],
)
def test_the_run_goes_on_where_asked(scenario, change):
    assert load_settings(scenario, changes=change).network.products["salt"].title == "Salt"


def test_where_nobody_states_a_price_nobody_asks_for_one(scenario):
    net = scenario.parent / "net.yaml"
    net.write_text(NET.replace(", value_usd_per_t: 100", ""))
    assert load_settings(scenario).network.products


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("price: {elasticity: -0.5}", r"net.yaml:\d+.*price.elasticity.*0.05 or more"),
        ("price: {elasticity: 0}", r"net.yaml:\d+.*price.elasticity.*0.05 or more"),
        ("responses: {demand_elasticity: -1}", r"net.yaml:\d+.*demand_elasticity.*0 or more"),
    ],
)
def test_an_elasticity_below_what_can_be_is_told(scenario, line, message):
    net = scenario.parent / "net.yaml"
    net.write_text(
        NET.replace("salt: {title: Salt,", "salt: {title: Salt, value_usd_per_t: 9,") + line
    )
    with pytest.raises(UserError, match=message):
        load_settings(scenario)


def test_a_sector_without_value_added_beside_one_that_states_it_is_told(scenario):
    net = scenario.parent / "net.yaml"
    other = """
  others:
    {kind: end_user, product: good, country: USA, sector: motors, demand: 0,
     value_added_usd_per_year: 1.0e9, dependence: {share: 0.5, value_of_input_share: 0.1,
     elasticity: 0.1, elasticity_later: 0.5},
     feeds: {ore: {cover_days: 10, lanes: {pit: {share: 1, transit_days: 7}}}}}
"""
    net.write_text(
        NET.replace("salt: {title: Salt,", "salt: {title: Salt, value_usd_per_t: 9,") + other
    )
    with pytest.raises(UserError, match=r"net.yaml:\d+.*users.value_added_usd_per_year") as told:
        load_settings(scenario)
    assert "scenario.value_added=none" in str(told.value)
    assert load_settings(scenario, changes={"scenario.value_added": "none"})
