"""Lithium, cobalt and nickel: hosts shared between chains, ore that stays, feeds that differ."""

from __future__ import annotations

import pytest
from shipped import network_of

GROWTH = {"lithium": 288_380 / 222_970, "cobalt": 1, "nickel": 1}
"""Mined in 2025 over 2024 (USGS) where use is raised with it."""

IEA_BATTERIES_T = {"lithium": 128_001, "cobalt": 70_568, "nickel": 338_109}
"""EV batteries and grid storage, 2024 (IEA Critical Minerals Dataset, May 2025)."""


def sites_of(chain):
    return network_of(chain).sites


def hosts(site):
    return {tag for tag in site.tags if tag.startswith("host:")}


def buyers_of(chain, supplier):
    return {
        name
        for name, site in sites_of(chain).items()
        if any(supplier in feed.lanes for feed in site.feeds.values())
    }


@pytest.mark.parametrize("chain", IEA_BATTERIES_T)
def test_the_batteries_sector_uses_what_the_iea_counts_in_vehicles_and_grids(chain):
    users = [s for s in sites_of(chain).values() if s.sector == f"{chain}_batteries"]
    assert len(users) == 6
    used_t = IEA_BATTERIES_T[chain] * GROWTH[chain]
    assert sum(s.demand for s in users) == pytest.approx(used_t, abs=30)


def test_cobalt_from_nickel_names_a_host_of_the_nickel_chain():
    known = set().union(*(hosts(site) for site in sites_of("nickel").values()))
    running = {
        name: hosts(site)
        for name, site in sites_of("cobalt").items()
        if "of:nickel" in site.tags and site.capacity and site.country != "OTH"
    }
    assert len(running) >= 12
    assert {name for name, own in running.items() if not own & known} == set()


def test_by_product_mines_say_of_what_and_can_add_little_at_once():
    mines = [s for s in sites_of("cobalt").values() if "byproduct" in s.tags]
    assert len(mines) >= 20
    for site in mines:
        assert any(tag.startswith("of:") for tag in site.tags)
        assert site.slack <= 0.01
        assert site.ramp_days >= 730


def test_gulf_sulphur_marks_the_same_leaching_plants_in_cobalt_and_nickel():
    marked = {
        chain: {
            host
            for site in sites_of(chain).values()
            if "gulf_sulphur" in site.tags
            for host in hosts(site)
        }
        for chain in ("cobalt", "nickel")
    }
    operations = {"host:huayue", "host:qmb", "host:huafei", "host:obi", "host:pomalaa"}
    assert operations <= marked["cobalt"] & marked["nickel"]


def test_indonesian_ore_is_bought_in_indonesia_only():
    sites = sites_of("nickel")
    mines = {n for n, s in sites.items() if s.country == "IDN" and s.product == "nickel_laterite"}
    buyers = set().union(*(buyers_of("nickel", mine) for mine in mines))
    assert len(mines) == 6
    assert {sites[name].country for name in buyers} == {"IDN"}


@pytest.mark.parametrize(
    ("chain", "tag", "only"),
    [
        ("lithium", "brine", {"lithium_brine"}),
        ("nickel", "dissolver", {"nickel_class1"}),
        ("nickel", "hpal", {"nickel_laterite"}),
    ],
)
def test_plants_of_a_tag_buy_their_own_feed_and_no_other(chain, tag, only):
    plants = [s for s in sites_of(chain).values() if s.kind == "refiner" and tag in s.tags]
    assert plants
    assert all(set(site.feeds) == only for site in plants)


def test_a_converter_without_brine_buys_rock():
    plants = [s for s in sites_of("lithium").values() if s.kind == "refiner"]
    rock = [s for s in plants if "brine" not in s.tags]
    assert rock
    assert all(set(site.feeds) == {"lithium_concentrate"} for site in rock)
