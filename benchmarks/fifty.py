"""A chain of 50 sites, seeded, for the sweep of record: invented numbers of realistic sizes.

Ten mines, nine refiners, six metal plants and five part makers; five regions with four sectors
each. One country leads every stage, covers run from one to four months, lanes take one to nine
weeks, buyers re-order what they miss. No growth and no projects: what is short is short by the
shocks alone.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from sim.api import Study, load

Map = dict[str, Any]
HORIZON_DAYS = 840  # 120 weeks
REGIONS = {"CHN": "CHN", "JPN": "JPN", "USA": "USA", "EU": "DEU", "KOR": "KOR"}
SECTORS = ("vehicles", "wind", "electronics", "other")
STAGES = (
    ("ore", "mine", ("CHN", "CHN", "CHN", "AUS", "AUS", "USA", "CHL", "CHL", "BRA", "ZAF")),
    ("oxide", "refiner", ("CHN", "CHN", "CHN", "CHN", "MYS", "AUS", "USA", "DEU", "JPN")),
    ("metal", "refiner", ("CHN", "CHN", "CHN", "JPN", "VNM", "USA")),
    ("part", "refiner", ("CHN", "CHN", "JPN", "DEU", "KOR")),
)
HEADROOM = 1.3
"""Capacity over reference flow."""


def study(folder: Path) -> Study:
    """Write the chain and its scenario into a folder and return the study."""
    for name, content in (("fifty", network()), ("sweep", scenario())):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
    return load(folder / "sweep.yaml")


def network(seed: int = 50) -> Map:
    """Return the network as plain data, its capacities fitted to its reference flows."""
    rng = np.random.default_rng(seed)
    sites = _suppliers(rng)
    for region, country in REGIONS.items():
        for sector in SECTORS:
            sites[f"{sector}_{region.lower()}"] = _user(rng, sites, country, sector)
    _fit_capacities(sites)
    products = {p: {"title": p.title(), "stage": p} for p in (*(s[0] for s in STAGES), "good")}
    return {"title": "fifty invented sites", "products": products, "sites": sites}


def scenario() -> Map:
    """Return the scenario as plain data: a control, outages, a strait, a surge of demand."""
    return {
        "title": "shocks on fifty sites",
        "network": "./fifty.yaml",
        "start": "2026-01-05",
        "horizon_days": HORIZON_DAYS,
        "hazards": {"licences": _licences(), "outages": _outages(), "strait": _strait(),
                    "surge": _surge()},
    }  # fmt: skip


def design(n_point: int = 300) -> list[dict[str, Any]]:
    """Return four stock policies on the same points of a Latin hypercube over six numbers."""
    rng = np.random.default_rng(1200)
    ranges = {
        "scenario.hazards.licences.onset.probability": (0.1, 0.9),
        "scenario.hazards.licences.severity.mean": (0.3, 0.8),
        "scenario.hazards.licences.duration_days.median": (60.0, 400.0),
        "scenario.hazards.outages.onset.rate_per_year": (0.01, 0.1),
        "scenario.hazards.strait.duration_days.median": (10.0, 90.0),
        "scenario.hazards.surge.severity": (0.0, 0.2),
    }
    cells = [(rng.permutation(n_point) + rng.random(n_point)) / n_point for _ in ranges]
    rows = []
    for days in (20, 40, 60, 90):
        for x in range(n_point):
            row = {"network.sites.vehicles_jpn.feeds.part.cover_days": float(days)}
            for cell, (key, (low, high)) in zip(cells, ranges.items(), strict=True):
                row[key] = round(low + (high - low) * float(cell[x]), 4)
            rows.append(row)
    return rows


def _suppliers(rng: np.random.Generator) -> Map:
    sites: Map = {}
    before: list[str] = []
    for product, kind, countries in STAGES:
        names = []
        for n, country in enumerate(countries):
            site: Map = {"kind": kind, "product": product, "country": country, "capacity": 0.0,
                         "slack": 0.1, "ramp_days": 180.0, "priority": ["home"]}  # fmt: skip
            if before:
                site["feeds"] = {STAGE_OF[product]: _feed(rng, sites, before, country)}
            names.append(f"{product}_{n}_{country.lower()}")
            sites[names[-1]] = site
        before = names
    return sites


STAGE_OF = {b[0]: a[0] for a, b in pairwise(STAGES)}
"""What a product is made of."""


def _feed(rng: np.random.Generator, sites: Map, suppliers: list[str], country: str) -> Map:
    """Three suppliers: mostly the leading country, shares on a grid of 5 %."""
    weights = np.array([3.0 if sites[s]["country"] in ("CHN", country) else 1.0 for s in suppliers])
    chosen = rng.choice(len(suppliers), 3, replace=False, p=weights / weights.sum())
    first = int(rng.integers(9, 14))
    second = int(rng.integers(3, 6))
    lanes = {
        suppliers[s]: {
            "share": share / 20,
            "transit_days": 7.0 if sites[suppliers[s]]["country"] == country else _way(rng),
            "routes": [] if sites[suppliers[s]]["country"] == country else [_route(rng)],
        }
        for s, share in zip(chosen, (first, second, 20 - first - second), strict=True)
    }
    return {
        "coefficient": 1.1,
        "cover_days": float(rng.integers(30, 120)),
        "rerouting": 0.6,
        "precaution": 1.2,
        "lanes": lanes,
    }


def _way(rng: np.random.Generator) -> float:
    return float(rng.integers(2, 9)) * 7.0


def _route(rng: np.random.Generator) -> str:
    return str(rng.choice(["malacca", "suez", "panama"]))


def _user(rng: np.random.Generator, sites: Map, country: str, sector: str) -> Map:
    parts = [name for name, site in sites.items() if site["product"] == "part"]
    feed = _feed(rng, sites, parts, country) | {"coefficient": 1.0}
    return {
        "kind": "end_user",
        "product": "good",
        "country": country,
        "sector": sector,
        "demand": float(np.round(1000 * rng.lognormal(0.0, 0.8))),
        "substitution": {"limit": 0.1, "delay_days": 60.0, "days": 365.0},
        "feeds": {"part": feed},
    }


def _fit_capacities(sites: Map) -> None:
    """Give every supplier its reference flow times the headroom; buyers stand after suppliers."""
    flow = dict.fromkeys(sites, 0.0)
    for name in reversed(list(sites)):
        site = sites[name]
        made = site["demand"] if site["kind"] == "end_user" else flow[name]
        for feed in site.get("feeds", {}).values():
            for supplier, lane in feed["lanes"].items():
                flow[supplier] += made * feed["coefficient"] * lane["share"]
        if site["kind"] != "end_user":
            site["capacity"] = round(HEADROOM * flow[name] + 1.0, 1)


def _licences() -> Map:
    return {
        "onset": {"date": "2026-06-01", "probability": 0.5, "delay_days": {"family": "exponential",
                                                                            "mean": 90}},
        "notice_days": 30,
        "duration_days": {"median": 150, "sigma": 0.6},
        "severity": {"family": "beta", "mean": 0.6, "sd": 0.15},
        "profile": {"ramp_in_days": 14, "easing_days": 60},
        "effects": {"parts": {"kind": "control", "type": "licensing",
                              "origin": {"country": "CHN", "product": ["oxide", "metal", "part"]},
                              "processing_days": 30}},
    }  # fmt: skip


def _outages() -> Map:
    return {
        "onset": {"rate_per_year": 0.05},
        "each_site": {"kind": ["mine", "refiner"]},
        "duration_days": {"median": 30, "sigma": 1.0},
        "severity": {"family": "beta", "mean": 0.6, "sd": 0.2},
        "profile": {"easing_days": 14},
        "effects": {"stop": {"kind": "outage", "sites": {"kind": ["mine", "refiner"]}}},
    }


def _strait() -> Map:
    return {
        "onset": {"rate_per_year": 0.2},
        "duration_days": {"median": 30, "sigma": 0.7},
        "effects": {"detour": {"kind": "route", "routes": ["malacca"], "extra_transit_days": 14}},
    }


def _surge() -> Map:
    return {
        "onset": {"rate_per_year": 0.3},
        "duration_days": {"median": 180, "sigma": 0.4},
        "severity": 0.1,
        "effects": {"boom": {"kind": "demand", "sites": {"sector": "vehicles"}}},
    }
