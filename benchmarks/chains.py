"""Chains made to measure: of any width, for cost over lanes; of three sites, for memory."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml

from sim.api import Study, load

Map = dict[str, Any]


def layered(width: int) -> Study:
    """Return a chain of mines, refiners, makers and users, `width` each: 12 lanes a unit of it.

    Every buyer buys from four suppliers in a ring. An outage shuts the first refiner for a while.
    """
    stages = ("ore", "oxide", "metal", "good")
    sites: Map = {}
    for s, product in enumerate(stages):
        for x in range(width):
            sites[f"{product}{x:03d}"] = _site(s, x, width, stages)
    network = {
        "title": f"{4 * width} invented sites",
        "products": {p: {"title": p} for p in stages},
        "sites": sites,
    }
    return _study(network, _outage("oxide000"), 364)


def three_sites() -> tuple[Map, Map]:
    """Return the network and scenario of a mine, a refiner and a user, as plain data."""
    stages = ("ore", "metal", "good")
    sites = {f"{p}000": _site(s, 0, 1, stages, 1) for s, p in enumerate(stages)}
    network = {
        "title": "three invented sites",
        "products": {p: {"title": p} for p in stages},
        "sites": sites,
    }
    return network, _outage("metal000")


def write(folder: Path, network: Map, hazards: Map, horizon_days: int) -> Path:
    """Write a network and a scenario on it; return the scenario's file."""
    scenario = {
        "title": "an outage",
        "network": "./chain.yaml",
        "start": "2026-01-05",
        "horizon_days": horizon_days,
        "hazards": hazards,
    }
    for name, content in (("chain", network), ("outage", scenario)):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
    return folder / "outage.yaml"


def _study(network: Map, hazards: Map, horizon_days: int) -> Study:
    with tempfile.TemporaryDirectory() as name:
        return load(write(Path(name), network, hazards, horizon_days))


def _site(s: int, x: int, width: int, stages: tuple[str, ...], lanes: int = 4) -> Map:
    last = s == len(stages) - 1
    kind = "end_user" if last else ("refiner" if s else "mine")
    site: Map = {"kind": kind, "product": stages[s], "country": "CHN" if x % 2 else "JPN"}
    site |= {"demand": 100.0, "sector": "all"} if last else {"capacity": 130.0}
    if s:
        suppliers = [f"{stages[s - 1]}{(x + y) % width:03d}" for y in range(lanes)]
        lane = {"share": 1.0 / lanes, "transit_days": 14.0 + 7 * (x % 3)}
        site["feeds"] = {
            stages[s - 1]: {
                "cover_days": 30.0,
                "rerouting": 0.5,
                "lanes": {name: dict(lane) for name in suppliers},
            }
        }
    return site


def _outage(site: str) -> Map:
    return {
        "stop": {
            "onset": {"rate_per_year": 0.5},
            "duration_days": {"median": 40, "sigma": 0.5},
            "severity": {"family": "beta", "mean": 0.7, "sd": 0.1},
            "effects": {"stop": {"kind": "outage", "sites": {"site": site}}},
        }
    }
