"""Graphite, gallium, germanium, antimony, tungsten: feeds, hosts, and what a stop does to them."""

from __future__ import annotations

import numpy as np
import pytest
from by_hand import Told
from known import compiled_case, hazard
from shipped import network_of

from sim.base.units import DAYS_PER_YEAR
from sim.build.chain import target
from sim.build.report import compare

MINORS = ("graphite", "gallium", "germanium", "antimony", "tungsten")
WEEKS = 60


def sites_of(chain):
    return network_of(chain).sites


def tagged(chain, tag):
    return {name for name, site in sites_of(chain).items() if tag in site.tags}


def told_of(chain, *effects):
    """Return a chain of which something stops in week 5 and stays so, in the compiled engine."""
    case = compiled_case(target(chain), {"h": hazard({"day": 28}, 400, *effects, severity=1.0)},
                         WEEKS, 7)  # fmt: skip
    return Told(case.fast(case.tape([0], 1), trace=True), case.compiled)


def outage(**sites):
    return {"kind": "outage", "sites": sites}


def made(told, name):
    """Return what a site ships in the last week beside its reference."""
    chain, labels = told.compiled.chain, told.compiled.labels
    i = labels.site.index(name)
    lanes = [n for n in range(chain.supplier.size) if chain.supplier[n] == i]
    return told.flow.trace.shipped[-1, lanes, 0].sum(), told.compiled.reference_out[i]


def test_graphite_batteries_use_what_the_iea_counts_in_vehicles_and_grids():
    users = [s for s in sites_of("graphite").values() if s.sector == "graphite_batteries"]
    assert len(users) == 6
    used_t = (1_259_620 + 245_575) * 1752.88 / 1550.686  # raised as mining rose to 2025
    assert sum(s.demand for s in users) == pytest.approx(used_t, abs=20)


@pytest.mark.parametrize(
    ("tag", "only"), [("natural", "graphite_spherical"), ("synthetic", "needle_coke")]
)
def test_an_anode_plant_is_natural_or_synthetic_and_buys_that_feed_only(tag, only):
    sites = sites_of("graphite").items()
    plants = {n for n, s in sites if s.kind == "refiner" and s.product == "graphite_anode"}
    assert tagged("graphite", "natural") | tagged("graphite", "synthetic") == plants
    assert tagged("graphite", "natural") & tagged("graphite", "synthetic") == set()
    for name in tagged("graphite", tag):
        assert set(sites_of("graphite")[name].feeds) == {only}, name


def test_without_spherical_graphite_natural_plants_stop_and_synthetic_ones_work_on():
    told = told_of("graphite", outage(product="graphite_spherical"))
    for name, site in sites_of("graphite").items():
        if (
            site.product == "graphite_anode"
            and told.compiled.reference_out[told.compiled.labels.site.index(name)] > 0
        ):
            shipped, reference = made(told, name)
            if "natural" in site.tags:
                assert shipped == 0, name
            else:
                assert shipped >= reference * (1 - 1e-9), name


@pytest.mark.parametrize("tag", ["inner_mongolia", "sichuan", "yunnan"])
def test_a_power_cut_by_province_stops_that_province_s_anode_plants_only(tag):
    told = told_of("graphite", outage(tag=tag))
    stopped = tagged("graphite", tag)
    anodes = [n for n, s in sites_of("graphite").items()
              if s.product == "graphite_anode" and s.country == "CHN"]  # fmt: skip
    assert stopped
    assert stopped < set(anodes)
    for name in anodes:
        assert (made(told, name)[0] == 0) == (name in stopped), name


def test_when_one_province_s_alumina_stops_its_gallium_stops_and_the_others_fill_in_slowly():
    told = told_of("gallium", outage(tag="host:shanxi_alumina"))
    assert made(told, "shanxi_gallium")[0] == 0
    rate = told.rate("henan_gallium")
    site = sites_of("gallium")["henan_gallium"]
    weekly = site.capacity / DAYS_PER_YEAR * 7
    assert site.ramp_days > 1000, "two years for the idle half"
    assert np.diff(rate).max() <= weekly * 7 / site.ramp_days * (1 + 1e-9)
    assert rate[-1] > rate[0]


@pytest.mark.parametrize(("chain", "product"), [
    ("gallium", "gallium_crude"), ("germanium", "germanium_concentrate"),
])  # fmt: skip
def test_a_by_product_adds_one_percent_at_once_and_takes_two_years_for_more(chain, product):
    made_so = [s for s in sites_of(chain).values() if s.product == product]
    assert made_so
    assert all(s.slack == 0.01 and s.ramp_days >= 730 for s in made_so)


def test_by_products_of_one_smelter_share_its_host_across_chains():
    hosts = [
        {tag for site in sites_of(chain).values() for tag in site.tags if tag.startswith("host:")}
        for chain in ("gallium", "germanium")
    ]
    assert {"host:onsan_zinc", "host:clarksville_zinc"} <= hosts[0] & hosts[1]
    assert tagged("antimony", "host:clarksville_zinc")


@pytest.mark.parametrize("chain", MINORS)
def test_all_plants_that_a_project_builds_have_a_feed_that_can_reach_them(chain):
    network = network_of(chain)
    built = {p.site for p in network.projects.values()}
    sources = built | {n for n, s in network.sites.items() if s.capacity}
    for name in built:
        for feed in network.sites[name].feeds.values():
            assert set(feed.lanes) & sources, name


def test_no_chinese_ore_of_antimony_or_tungsten_is_sold_abroad():
    for chain, ore in (("antimony", "antimony_ore"), ("tungsten", "tungsten_concentrate")):
        sites = sites_of(chain)
        for site in sites.values():
            if ore in site.feeds and site.country != "CHN":
                assert all(sites[n].country != "CHN" for n in site.feeds[ore].lanes)


@pytest.mark.parametrize("chain", MINORS)
def test_the_page_of_a_chain_shows_its_shares_and_counts_as_the_network_has_them(chain):
    network = network_of(chain)
    page = (target(chain).parents[2] / "docs" / f"{chain}.md").read_text(encoding="utf-8")
    for c in compare(chain, network):
        row = f"| {c.stage} | {c.product} | {c.country} | {100 * c.ours:.1f} | "
        assert f"{row}{100 * c.published:.1f} | {network.sources[c.source].confidence} | " in page
    sites = network.sites.values()
    lanes = sum(len(feed.lanes) for site in sites for feed in site.feeds.values())
    counts = f"{lanes} lanes, {len(network.projects)} projects"
    assert f"{len(sites)} sites before cohorts" in page
    assert counts in " ".join(page.split())
