"""What end users' value added hangs on: every sector and region that ships, checked."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from shipped import network_of

from sim.base.errors import UserError
from sim.build.chain import target
from sim.build.compose import tables_of
from sim.build.value_added import add_value_added
from sim.network.checks import check_network
from sim.network.dependence import DRAWN, dependence_of, without_value_added
from sim.network.dictionary import Network
from sim.network.load import read_network

ROOT = Path(__file__).parent.parent
TABLES = ROOT / "data" / "common"
NETWORKS = sorted(path.stem for path in target("x").parent.glob("*.yaml"))


def rows(name: str) -> list[dict[str, str]]:
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", NETWORKS)
def test_every_end_user_of_a_shipped_network_states_its_value_added(name):
    network = network_of(name)
    for key, site in network.sites.items():
        if site.kind != "end_user":
            continue
        assert site.value_added_usd_per_year is not None, key
        stated = dependence_of(network, site)
        assert all(getattr(stated, number) is not None for number in DRAWN), key
        assert "value_added_usd_per_year" in site.sources
        assert site.region in network.gdp_usd_per_year


def test_a_number_of_a_sector_is_what_its_basis_says():
    value = {
        (r["sector"], r["region"]): float(r["value_added_busd_per_year"])
        for r in rows("value_added")
    }
    derived = {
        "automotive_other": {"C29": 1.0},
        "traction_motors": {"C29": {"USA": 0.22}},
        "industrial_motors": {"C28": 1.0, "C27": 0.3},
        "electronics": {"C26": 1 - 0.157, "C27": 0.16},
        "graphite_refractories": {"C24": 0.58},
        "tungsten_carbides": {"C25": 1.0, "C28": 1.0, "C29": 1.0, "C303": 1.0},
    }
    for sector, parts in derived.items():
        found = sum(
            value[f"nace_{industry}", "USA"] * (share if isinstance(share, float) else share["USA"])
            for industry, share in parts.items()
        )
        assert value[sector, "USA"] == pytest.approx(found, rel=0.02), sector


def test_rows_bear_a_known_source_and_a_confidence():
    known = {row["name"]: row for row in rows("sources")}
    for table in ("value_added", "dependence", "economies", "linkage"):
        for row in rows(table):
            assert row["source"] in known
            assert row["confidence"] in ("high", "medium", "low")


def test_a_sector_without_value_added_is_told_with_the_table_that_lacks_it():
    tables = tables_of("gallium")
    tables["value_added"] = [
        r for r in tables["value_added"] if (r["sector"], r["region"]) != ("gallium_other", "JPN")
    ]
    user = {"kind": "end_user", "sector": "gallium_other", "region": "JPN", "demand": 1.0}
    with pytest.raises(UserError) as caught:
        add_value_added(tables, {}, {"jpn_gallium_other": user})
    assert "common/value_added.csv" in str(caught.value)
    assert "gallium_other, JPN" in str(caught.value)


def plain() -> dict:
    """Return a network of one mine and one end user that states its value added."""
    law = {"share": 0.5, "value_of_input_share": 0.01, "elasticity": 0.1, "elasticity_later": 0.5}
    return {
        "title": "t",
        "products": {"ore": {"title": "Ore"}, "car": {"title": "Cars", "dependence": law}},
        "sites": {
            "mine": {"kind": "mine", "product": "ore", "country": "AUS", "capacity": 100.0},
            "cars": {
                "kind": "end_user",
                "product": "car",
                "country": "JPN",
                "demand": 100.0,
                "value_added_usd_per_year": 1e9,
                "feeds": {"ore": {"cover_days": 7, "lanes": {"mine": {"share": 1.0}}}},
            },
        },
    }


def told(mapping: dict) -> str:
    try:
        read_network(mapping)
    except UserError as error:
        return str(error)
    return ""


def test_a_network_that_states_all_of_it_has_no_fault():
    assert told(plain()) == ""


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("elasticity", 0.0, "must be above 0"),
        ("elasticity", -0.1, "must be above 0"),
        ("elasticity_later", {"min": -0.1, "max": 0.4}, "must be above 0"),
        ("share", 1.5, "must lie between 0 and 1 (a share)"),
        ("value_of_input_share", 1.0, "must be above 0 and below 1"),
        ("recapture", {"min": 0.5, "max": 1.5}, "must lie between 0 and 1 (a share)"),
        ("buffer_days", -1.0, "must lie between 0 and 3650"),
    ],
)
def test_a_number_that_cannot_be_is_told_with_its_key(key, value, expected):
    mapping = plain()
    mapping["products"]["car"]["dependence"][key] = value
    found = told(mapping)
    assert f"network.products.car.dependence.{key}" in found
    assert expected in found


def test_an_end_user_without_value_added_is_told_and_how_to_go_on_without():
    mapping = plain()
    mapping["sites"]["trucks"] = {**mapping["sites"]["cars"]}
    del mapping["sites"]["trucks"]["value_added_usd_per_year"]
    found = told(mapping)
    assert "network.sites.trucks.value_added_usd_per_year" in found
    assert "scenario.value_added=none" in found
    assert list(check_network(without_value_added(Network.model_validate(mapping)))) == []


def test_an_end_user_whose_good_says_nothing_is_told():
    mapping = plain()
    del mapping["products"]["car"]["dependence"]["elasticity"]
    assert "network.products.car.dependence.elasticity" in told(mapping)


def test_what_an_end_user_says_of_itself_stands_over_its_good_s_words():
    mapping = plain()
    mapping["sites"]["cars"]["dependence"] = {"share": 0.9}
    network = read_network(mapping)
    stated = dependence_of(network, network.sites["cars"])
    assert (stated.share, stated.elasticity) == (0.9, 0.1)


def test_a_region_that_is_none_is_told():
    assert "gdp_usd_per_year.JAP" in told({**plain(), "gdp_usd_per_year": {"JAP": 1.0}})
