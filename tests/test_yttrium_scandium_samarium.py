"""Yttrium, scandium, samarium: what binds the three chains, and what April 2025 does to them."""

from __future__ import annotations

import numpy as np
import pytest
from by_hand import Told
from known import compiled_case, hazard
from shipped import network_of, study_of

from sim.build.chain import target
from sim.policy.minerals import minerals_of

ALL = "yttrium_scandium_samarium"
PARTS = ("yttrium", "scandium", "samarium")


def stopped(*effects: dict, weeks: int = 104) -> Told:
    """Return the chains with something stopped from week 5 on, in the compiled engine."""
    rule = hazard({"day": 28}, weeks * 7, *effects, severity=1.0)
    case = compiled_case(target(ALL), {"h": rule}, weeks, 7)
    return Told(case.fast(case.tape([0], 1), trace=True), case.compiled)


def short_of(told: Told, sector: str, region: str = "") -> float:
    """Return what users of a sector miss, t."""
    labels = told.compiled.labels
    groups = [
        g
        for g, (s, r) in enumerate(zip(labels.group_sector, labels.group_region, strict=True))
        if s == sector and r in (region or r)
    ]
    return float(told.flow.shortfall[:, groups].sum())


def test_the_joint_network_holds_the_sites_of_its_parts_and_no_other() -> None:
    parts = [network_of(part).sites for part in PARTS]
    assert set(network_of(ALL).sites) == set().union(*parts)
    assert sum(map(len, parts)) == len(network_of(ALL).sites)


def test_every_site_is_of_one_of_the_three_minerals() -> None:
    for name, site in network_of(ALL).sites.items():
        assert len(minerals_of(site) & set(PARTS)) == 1, name


def test_a_stop_of_the_clays_of_kachin_takes_half_of_the_yttrium_and_no_scandium() -> None:
    told = stopped({"kind": "outage", "sites": {"tag": "host:kachin"}})
    assert short_of(told, "yttrium_other") > 0
    assert short_of(told, "scandium_alloys") == 0.0
    hosts = {n for n, s in network_of(ALL).sites.items() if "host:kachin" in s.tags}
    assert hosts == {"kachin_yttrium", "kachin_samarium"}


def test_without_chinese_oxide_and_metal_us_weapons_run_short_though_no_magnet_is_chinese() -> None:
    defence = network_of(ALL).sites["usa_smco_defence"].feeds["smco_magnet"]
    makers = network_of(ALL).sites
    assert all(makers[name].country != "CHN" for name in defence.lanes)
    ban = {"kind": "control", "type": "ban"}
    metal = {"country": "CHN", "product": "samarium_metal"}
    both = {"country": "CHN", "product": ["samarium_oxide", "samarium_metal"]}
    assert short_of(stopped({**ban, "origin": metal}), "smco_defence", "USA") == 0.0  # Britain's
    assert short_of(stopped({**ban, "origin": both}), "smco_defence", "USA") > 0.0


def test_american_coaters_are_hit_harder_than_others_and_china_is_not_hit() -> None:
    study = study_of("china_y_sc_sm_licensing_2025")
    flow = study.flow(study.tape(np.arange(16, dtype=np.int64)))
    labels = study.compiled.labels

    def share(region: str) -> float:
        groups = [
            g
            for g, (s, r) in enumerate(zip(labels.group_sector, labels.group_region, strict=True))
            if (s, r) == ("thermal_coatings", region)
        ]
        return float(flow.shortfall[:, groups].sum() / flow.want[:, groups].sum())

    others = [share(region) for region in ("JPN", "EU", "KOR", "ROW")]
    assert share("USA") > max(others) > 0
    assert share("CHN") == 0.0


@pytest.mark.parametrize("part", PARTS)
def test_a_project_has_a_feed_that_can_reach_it(part: str) -> None:
    network = network_of(part)
    built = {project.site for project in network.projects.values()}
    able = built | {name for name, site in network.sites.items() if site.capacity}
    for name in built:
        for feed in network.sites[name].feeds.values():
            assert set(feed.lanes) & able, name
