"""Random hazards and parameters on a random network: valid, rich, told by a seed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from dice import START, Dice, Map

TENSIONS = {
    "strait": {"calm_days": 200.0, "tense_days": 60.0, "start": "stationary"},
    "trade": {"calm_days": 50.0, "tense_days": 50.0, "start": "tense"},
}


def random_hazards(rng: np.random.Generator, network: Map, most: int = 8) -> dict[str, Map]:
    """Return 1 to `most` hazards on a network (plain data) as mappings of ``Hazard``."""
    d = Dice(rng)
    hazards: dict[str, Map] = {}
    for n in range(d.whole(1, most)):
        name = f"{d.one('akz')}{n}_hazard"
        hazards[name] = _hazard(d, network, hazards)
    return d.shuffled(hazards)


def _hazard(d: Dice, network: Map, earlier: dict[str, Map]) -> Map:
    onset = _onset(d, earlier)
    hazard: Map = {
        "onset": onset,
        "severity": _severity(d),
        "max_events": d.whole(1, 12),
        "effects": {f"{d.one('be')}{n}": _effect(d, network) for n in range(d.whole(1, 3))},
    }
    if d.chance(0.15):
        hazard["profile"] = {"table": _table(d)}
    else:
        hazard["duration_days"] = _days(d)
        hazard["profile"] = _profile(d)
    if d.chance(0.4):
        hazard["notice_days"] = d.one([14.0, 30.0, {"min": 0.0, "max": 60.0}])
        hazard["called_off"] = d.one([0.0, 0.3, 1.0])
    if "rate_per_year" in onset and d.chance(0.4):
        hazard["tension"] = {
            "name": d.one(TENSIONS),
            "calm": d.one([0.0, 0.5, 1.0]),
            "tense": d.one([1.0, 4.0]),
        }
    if d.chance(0.3):
        hazard["copula"] = {
            "factor": d.one(["one", "two"]),
            "correlation": d.number(0.0, 0.9),
            "draws": d.some(["onset", "duration", "severity"], 1, 3),
        }
    by_firm = ["approval" in effect for effect in hazard["effects"].values()]
    if all(by_firm):  # nothing would read them
        del hazard["severity"]
        hazard["profile"].pop("chronic", None)
    if any(by_firm) and d.chance(0.8):
        hazard["copula"] = {"factor": "one", "correlation": 0.4, "draws": ["approval"]}
    if d.chance(0.2):
        name = d.one(n for n, s in network["sites"].items() if s["kind"] in ("mine", "refiner"))
        same = earlier.get(onset.get("after", ""), {}).get("each_site")  # copies trigger copies
        hazard["each_site"] = same or {"product": network["sites"][name]["product"]}
        for effect in hazard["effects"].values():
            if effect["kind"] == "outage":  # acts on the copy's own site, which it must select
                effect["sites"] = hazard["each_site"]
    return hazard


def _onset(d: Dice, earlier: dict[str, Map]) -> Map:
    kind = d.one(["day", "date", "rate", "steps", "renewal", "after"])
    late = {
        "delay_days": d.one([0.0, 7.0, {"min": 0.0, "max": 60.0}]),
        "probability": d.one([1.0, 1.0, 0.6]),
    }
    if kind == "after" and earlier:
        return {"after": d.one(earlier), "at": d.one(["onset", "end"]), **late}
    if kind == "rate":
        return {"rate_per_year": d.number(0.5, 6.0)}
    if kind == "steps":
        return {"rate_per_year": [[0.0, d.number(0.0, 3.0)], [100.0, d.number(0.0, 8.0)]]}
    if kind == "renewal":
        return {
            "up_days": d.one(
                [
                    60.0,
                    {"family": "exponential", "mean": 80.0},
                    {"family": "gamma", "shape": 2.0, "mean": 50.0},
                ]
            ),
            "begin_days": d.one([0.0, -45.0, {"min": -120.0, "max": 0.0}]),
        }
    day = d.one([float(d.whole(-20, 250)), 7.0 * d.whole(0, 30)])
    if kind == "date":
        return {"date": START + dt.timedelta(days=int(day)), **late}
    return {"day": day, **late}


def _days(d: Dice) -> Any:
    """Return a duration: often whole periods, sometimes none, sometimes drawn."""
    return d.one(
        [
            7.0,
            14.0,
            70.0,
            0.0,
            d.number(1.0, 150.0),
            {"median": 20.0, "p90": 90.0},
            {"min": 3.0, "mode": 10.0, "max": 80.0},
            {"family": "weibull", "shape": 1.5, "scale": 40.0},
            {"values": [7.0, 21.0, 90.0], "weights": [2.0, 1.0, 1.0]},
        ]
    )


def _severity(d: Dice) -> Any:
    return d.one(
        [
            1.0,
            0.5,
            0.0,
            d.number(0.1, 1.0),
            {"min": 0.2, "max": 0.9},
            {"family": "beta", "alpha": 2.0, "beta": 3.0},
            {"family": "normal", "mean": 0.8, "sd": 0.12},
        ]
    )


def _profile(d: Dice) -> Map:
    profile: Map = {}
    if d.chance(0.4):
        profile["ramp_in_days"] = d.number(0.0, 40.0, 7.0)
    if d.chance(0.4):
        profile["easing_days"] = d.number(0.0, 60.0, 7.0)
    if d.chance(0.3):
        profile["chronic"] = {
            "duration_days": _days(d),
            "severity": d.one([0.3, 0.0, {"min": 0.1, "max": 0.4}]),
        }
        profile["relax_days"] = d.one([0.0, 10.0, 21.0])
    return profile


def _table(d: Dice) -> list[list[float]]:
    days = sorted(
        float(d.whole(0, 20) * 7) if d.chance(0.5) else d.number(0.0, 140.0)
        for _ in range(d.whole(1, 4))
    )
    return [[0.0, d.number(0.0, 1.0)], *([x, d.number(0.0, 1.0)] for x in days)]


def _effect(d: Dice, network: Map) -> Map:
    kind = d.one(["outage", "control", "control", "route", "demand"])
    routes = {
        r
        for s in network["sites"].values()
        for f in s.get("feeds", {}).values()
        for lane in f["lanes"].values()
        for r in lane.get("routes", [])
    }
    if kind == "control":
        return _control(d, network)
    if kind == "route" and routes:
        return _route(d, sorted(routes))
    if kind == "demand":
        users = [n for n, s in network["sites"].items() if s["kind"] == "end_user"]
        sites = d.one([{"kind": "end_user"}, {"site": d.some(users, 1, 2)}])
        return {
            "kind": "demand",
            "sites": sites,
            "severity": d.one([0.3, -0.5, {"min": -0.3, "max": 0.6}]),
        }
    effect: Map = {"kind": "outage", "sites": _supplier_selector(d, network)}
    if d.chance(0.4):
        effect["of"] = d.one(["output", "capacity"])
    return _maybe(d, effect)


def _maybe(d: Dice, effect: Map) -> Map:
    """Perhaps give an effect a severity and a chance of its own."""
    if d.chance(0.5):
        effect["severity"] = _severity(d)
    if d.chance(0.2):
        effect["probability"] = 0.5
    return effect


def _supplier_selector(d: Dice, network: Map) -> Map:
    makers = {n: s for n, s in network["sites"].items() if s["kind"] in ("mine", "refiner")}
    name = d.one(makers)
    site = makers[name]
    choices: list[Map] = [
        {"site": d.some(makers, 1, 3)},
        {"site": name},
        {"country": site["country"], "product": site["product"]},
        {"kind": site["kind"]},
    ]
    if site["tags"]:
        choices.append({"tag": site["tags"][0]})
    return d.one(choices)


def _control(d: Dice, network: Map) -> Map:
    sites = network["sites"]
    lanes = [
        (s, b)
        for b, site in sites.items()
        for f in site.get("feeds", {}).values()
        for s in f["lanes"]
    ]
    seller, buyer = d.one(lanes)
    origin = d.one(
        [
            {"site": seller},
            {"country": sites[seller]["country"]},
            {"country": sites[seller]["country"], "product": sites[seller]["product"]},
        ]
    )
    to: list[Any] = [{"site": buyer}, {"country": sites[buyer]["country"]}, {}]
    if sites[buyer]["country"] in ("USA", "JPN", "AUS"):
        to.append({"region": "quad"})
    if sites[buyer]["country"] == "DEU":
        to.append({"region": "EU"})
    if sites[seller]["country"] != sites[buyer]["country"]:
        to += ["all_but_home", "all_but_home"]
    control: Map = {
        "kind": "control",
        "origin": origin,
        "to": d.one(to),
        "type": d.one(["ban", "quota", "licensing", "tariff"]),
    }
    others = [b for _, b in lanes if b != buyer]
    if others and d.chance(0.3):
        control["exempt"] = {"site": d.one(others)}
    if d.chance(0.4):
        control["leakage"] = d.one([0.1, 1.0, {"min": 0.0, "max": 0.3}])
    control.update(
        {
            "quota": {"quota": d.one([0.0, 0.5, {"min": 0.2, "max": 1.05}])},
            "licensing": {"processing_days": d.one([45.0, {"min": 10.0, "max": 90.0}])},
            "tariff": {"tariff": d.number(0.0, 2.0), "elasticity": -0.6},
            "ban": {},
        }[control["type"]]
    )
    if control["type"] == "licensing" and d.chance(0.4):
        del control["processing_days"]
        return {**control, "approval": _approval(d, sites[buyer]["country"])}
    if control["type"] in ("ban", "licensing"):
        return _maybe(d, control)
    return control


def _approval(d: Dice, country: str) -> Map:
    """Return how licences go to firms, with a country that the control reaches."""
    approval = {**_verdict(d), "days": d.one(WAITS)}
    if d.chance(0.6):
        approval["firms"] = d.whole(1, 4)
    if d.chance(0.4):
        approval["by"] = {country: _verdict(d)}
    return approval


WAITS: list[Any] = [0.0, 35.0, {"min": 5.0, "max": 60.0}, {"median": 40.0, "p90": 200.0}]


def _verdict(d: Dice) -> Map:
    """Return what may differ between destinations."""
    verdict: Map = {"refused": d.one([0.0, 0.4, 1.0])}
    if d.chance(0.5):
        verdict["days"] = d.one(WAITS)
    if d.chance(0.5):
        verdict["share"] = d.one([0.0, 0.6, {"family": "beta", "alpha": 2.0, "beta": 2.0}])
    if verdict["refused"] and d.chance(0.6):  # a time between requests needs a refusal
        verdict["reapply_days"] = d.one([0.0, 21.0])
    return verdict


def _route(d: Dice, routes: list[str]) -> Map:
    effect: Map = {"kind": "route", "routes": d.some(routes, 1, 2), "severity": _severity(d)}
    if d.chance(0.6):
        effect["extra_transit_days"] = d.one([7.0, 10.0, 30.0, {"min": 5.0, "max": 40.0}])
    if d.chance(0.3):
        effect["probability"] = 0.7
    return effect


def random_parameters(rng: np.random.Generator, network: Map) -> dict[str, Map]:
    """Return 0 to 6 uncertain numbers of a network (plain data) as mappings of ``Parameter``."""
    d = Dice(rng)
    reserves = [n for n, s in network["sites"].items() if s["kind"] == "reserve"]
    kinds = {
        "capacity": ["mine"],
        "demand": ["end_user"],
        "cover_days": ["refiner", "end_user"],
        "slack": ["mine", "refiner"],
        "home_weight": ["mine", "refiner"],
        "ramp_days": ["mine", "refiner"],
        "precaution": ["refiner", "end_user"],
        "rerouting": ["refiner", "end_user"],
        "perception_days": ["refiner", "end_user"],
        "substitution_limit": ["end_user"],
    }
    if reserves:
        kinds |= {"stock": ["reserve"], "activation_days": ["reserve"]}
    laws: dict[str, Any] = {
        "capacity": {"min": 1.0, "max": 1.3},
        "demand": {"min": 0.7, "max": 1.1},
        "cover_days": {"family": "lognormal", "mean": 1.0, "cv": 0.3},
        "slack": {"min": 0.0, "max": 0.5},
        "home_weight": {"min": 1.0, "mode": 1.5, "max": 5.0},
        "ramp_days": {"values": [0.0, 90.0, 400.0]},
        "precaution": {"min": 1.0, "max": 2.5},
        "rerouting": {"values": [0.0, 0.5, 1.0]},
        "perception_days": {"values": [0.0, 14.0, 60.0]},
        "substitution_limit": {"min": 0.0, "max": 0.5},
        "stock": {"min": 0.0, "max": 1.5},
        "activation_days": {"values": [0.0, 20.0, 45.5]},
    }
    here = {s["kind"] for s in network["sites"].values()}
    out: dict[str, Map] = {}
    for n, key in enumerate(d.some(sorted(kinds), 0, 6)):
        sites = {"kind": [k for k in kinds[key] if k in here]}
        out[f"{d.one('akz')}{n}_{key}"] = {
            "key": key,
            "sites": sites,
            "distribution": laws[key],
            "each": d.chance(0.5),
        }
    return out
