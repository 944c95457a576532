"""Random networks, hazards and parameters for tests of both engines: valid, rich, told by a seed.

    mapping = random_network(np.random.default_rng(7))
    network = read_network(mapping)
    compiled = compiled_network(mapping, n_period=60, step_days=7)
    hazards = random_hazards(rng, mapping)        # name -> mapping of a Hazard
    parameters = random_parameters(rng, mapping)  # name -> mapping of a Parameter
    TENSIONS                                      # what the hazards' tension links name

Everything is plain data, as a YAML file gives it. Half of the numbers lie on a coarse grid, so that
ties are common: equal sites, durations of whole periods, capacities equal to the reference flow.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from sim.network.arrays import CompiledNetwork
from sim.network.compile import compile_network
from sim.network.load import read_network
from sim.network.references import references

START = dt.date(2025, 1, 1)
COUNTRIES = ("CHN", "JPN", "USA", "DEU", "KOR", "AUS", "VNM")
ROUTES = ("malacca", "suez", "panama", "kachin")
BLOCS = {"quad": ["USA", "JPN", "AUS"], "allies": ["EU", "JPN", "KOR"]}
TENSIONS = {
    "strait": {"calm_days": 200.0, "tense_days": 60.0, "start": "stationary"},
    "trade": {"calm_days": 50.0, "tense_days": 50.0, "start": "tense"},
}
Map = dict[str, Any]


class Dice:
    """A generator with the few throws that are needed here."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number, both ends in."""
        return int(self.rng.integers(low, high + 1))

    def number(self, low: float, high: float, grid: float = 0.0) -> float:
        """Return a number, half of the time on the grid (default: a quarter of the range)."""
        x = low + (high - low) * self.rng.random()
        if self.chance(0.5):
            step = grid or (high - low) / 4
            x = min(max(round(x / step) * step, low), high)
        return float(x)

    def one(self, items: Any) -> Any:
        items = list(items)
        return items[self.whole(0, len(items) - 1)]

    def some(self, items: Any, low: int, high: int) -> list[Any]:
        """Return between `low` and `high` different items, in random order."""
        items = list(items)
        n = self.whole(min(low, len(items)), min(high, len(items)))
        return [items[i] for i in self.rng.permutation(len(items))[:n]]

    def shares(self, n: int) -> list[float]:
        """Return n shares that sum to 1, equal half of the time."""
        if self.chance(0.5):
            return [1.0 / n] * n
        w = self.rng.random(n) + 0.05
        return [float(x) for x in w / w.sum()]

    def shuffled(self, mapping: Map) -> Map:
        keys = list(mapping)
        return {keys[i]: mapping[keys[i]] for i in self.rng.permutation(len(keys))}


def random_network(rng: np.random.Generator, size: int = 30, *, steady: bool = False) -> Map:
    """Return a valid network of 2 to about `size` sites (before cohorts) as plain data.

    With ``steady`` nothing changes by itself: no growth and no projects, so that without a shock
    there is no shortfall at all.
    """
    d = Dice(rng)
    products, tiers = _products(d, size)
    sites = _suppliers(d, products, tiers, size)
    users = _users(d, products, tiers, max(1, min(8, size - len(sites))))
    sites.update(users)
    for site in sites.values():
        site["feeds"] = {p: _feed(d, sites, p) for p in site.pop("bill", {})}
    sites.update(_reserves(d, sites, size))
    network: Map = {
        "title": "random network",
        "rates_per": d.one(["year", "year", "day"]),
        "blocs": BLOCS,
        "products": products,
        "sites": sites,
        "projects": {},
    }
    if not steady:
        _grow(d, sites)
        network["projects"] = _projects(d, sites)
    _fit_capacities(d, network)
    network["sites"] = d.shuffled(sites)
    return network


def compiled_network(mapping: Map, n_period: int = 60, step_days: int = 7) -> CompiledNetwork:
    """Return the compiled network of plain data, from START."""
    return compile_network(
        read_network(mapping), start=START, n_period=n_period, step_days=step_days
    )


def _products(d: Dice, size: int) -> tuple[Map, list[list[str]]]:
    """Products by tier; the last tier holds the goods of end users."""
    n_tier = d.whole(1, 4) if size >= 8 else d.whole(1, 2)
    tiers = [[f"p{t}{c}" for c in "ab"[: d.whole(1, 2)]] for t in range(n_tier)]
    tiers.append(["good", "ware"][: d.whole(1, 2)])
    products = {}
    for p in (p for tier in tiers for p in tier):
        products[p] = {"title": p.upper(), "stage": p[:2]}
        if d.chance(0.5):
            products[p]["value_usd_per_t"] = d.number(1.0, 1000.0)
    return products, tiers


def _name(d: Dice, taken: Map, word: str) -> str:
    """Return a name whose alphabetical order says nothing of where the site stands."""
    while True:
        name = f"{d.one('abkmsz')}{d.whole(0, 99)}_{word}"
        if name not in taken:
            return name


def _suppliers(d: Dice, products: Map, tiers: list[list[str]], size: int) -> Map:
    sites: Map = {}
    n_product = sum(len(t) for t in tiers[:-1])
    most = max(1, min(5, (size - 4) // max(1, n_product)))
    for t, tier in enumerate(tiers[:-1]):
        for product in tier:
            for _ in range(d.whole(1, most)):
                site = _supplier(d, product)
                if t > 0:
                    site.update(kind="refiner", bill=_bill(d, tiers, t), cohorts=d.whole(1, 3))
                sites[_name(d, sites, product)] = site
    return sites


def _supplier(d: Dice, product: str) -> Map:
    site: Map = {
        "kind": "mine",
        "product": product,
        "country": d.one(COUNTRIES),
        "capacity": 0.0,
        "tags": d.some(["coast", "river", "quake"], 0, 2),
    }
    if d.chance(0.5):
        site["slack"] = d.number(0.0, 0.4)
    if d.chance(0.5):
        site["ramp_days"] = d.number(0.0, 360.0)
    if d.chance(0.5):
        site["priority"] = d.some(
            ["home", "JPN", ["USA", "DEU"], "EU", "quad", ["allies", "CHN"]], 1, 3
        )
    return site


def _bill(d: Dice, tiers: list[list[str]], t: int) -> list[str]:
    """Return what a tier needs: something of the tier before, perhaps of earlier ones."""
    bill = d.some(tiers[t - 1], 1, 2)
    if t > 1 and d.chance(0.4):
        bill += d.some(tiers[d.whole(0, t - 2)], 1, 1)
    return bill


def _users(d: Dice, products: Map, tiers: list[list[str]], most: int) -> Map:
    users: Map = {}
    for _ in range(d.whole(1, most)):
        user: Map = {
            "kind": "end_user",
            "product": d.one(tiers[-1]),
            "country": d.one(COUNTRIES),
            "demand": d.number(0.0, 2000.0, 500.0),
            "cohorts": d.whole(1, 4),
            "sector": d.one(["wind", "motors", ""]),
            "bill": _bill(d, tiers, len(tiers) - 1),
        }
        if d.chance(0.4):
            user["substitution"] = {
                "limit": d.number(0.0, 0.6),
                "delay_days": d.number(0.0, 60.0),
                "days": d.number(0.0, 400.0),
            }
        if d.chance(0.3):
            user["price"] = {
                "demand_elasticity": -d.number(0.0, 0.8),
                "supply_elasticity": d.number(0.05, 0.5),
                "smoothing_days": d.number(0.0, 120.0),
            }
            if d.chance(0.5):
                user["price"]["cost_shares"] = {p: d.number(0.1, 2.0) for p in user["bill"]}
        users[_name(d, users, "user")] = user
    return users


def _feed(d: Dice, sites: Map, product: str) -> Map:
    makers = [n for n, s in sites.items() if s["product"] == product and s["kind"] != "end_user"]
    regular = d.some(makers, 1, 4)
    lanes = {n: _lane(d, w) for n, w in zip(regular, d.shares(len(regular)), strict=True)}
    for other in makers:
        if other not in lanes and d.chance(0.4):
            lanes[other] = _lane(d, 0.0) | {
                "spot": d.number(0.0, 1.0),
                "qualification_days": d.number(0.0, 365.0, 35.0),
            }
    feed: Map = {
        "coefficient": d.one([1.0, 0.5, 2.0, d.number(0.1, 3.0)]),
        "lanes": d.shuffled(lanes),
        "cover_days": _cover(d),
        "adjustment_days": d.one([0.0, 7.0, 28.0, 91.5]),
        "perception_days": d.one([0.0, 7.0, 28.0, 60.0]),
    }
    if d.chance(0.6):
        feed["rerouting"] = d.one([1.0, 0.5, d.number(0.0, 1.0)])
    if d.chance(0.4):
        feed["precaution"] = d.number(1.0, 2.0)
    return feed


def _lane(d: Dice, share: float) -> Map:
    lane: Map = {"share": share, "transit_days": d.one([0.0, 7.0, 21.0, d.number(0.0, 60.0)])}
    if d.chance(0.5):
        lane["routes"] = d.some(ROUTES, 1, 2)
    return lane


def _cover(d: Dice) -> Any:
    return d.one(
        [
            0.0,
            d.number(0.0, 90.0, 7.0),
            d.number(0.0, 90.0, 7.0),
            {"min": 0.0, "max": d.number(1.0, 80.0)},
            {"median": 30.0, "p90": 90.0},
            {"min": 7.0, "mode": 21.0, "max": 70.0},
            {"values": [0.0, 14.0, 14.0, 60.0]},
        ]
    )


def _reserves(d: Dice, sites: Map, size: int) -> Map:
    reserves: Map = {}
    for _ in range(d.whole(0, 2 if size >= 8 else 1)):
        feeds = [(n, p) for n, s in sites.items() for p in s["feeds"]]
        product = d.one(feeds)[1]
        served = d.some([n for n, p in feeds if p == product], 1, 4)
        shares = d.shares(len(served)) if d.chance(0.4) else [None] * len(served)
        reserve: Map = {
            "kind": "reserve",
            "product": product,
            "country": d.one(COUNTRIES),
            "serves": dict(zip(served, shares, strict=True)),
            "trigger_days": d.number(0.0, 60.0, 7.0),
            "activation_days": d.one([0.0, 0.0, 14.0, 45.5]),
        }
        if d.chance(0.5):
            reserve["stock"] = d.one([0.0, d.number(0.0, 300.0)])
        else:
            reserve["stock_days"] = d.number(0.0, 180.0)
        if d.chance(0.5):
            reserve["max_rate"] = d.number(0.0, 2000.0)
        if d.chance(0.6):
            reserve["feeds"] = {product: _feed(d, sites, product) | {"cover_days": 0.0}}
        reserves[_name(d, {**sites, **reserves}, "reserve")] = reserve
    return reserves


def _path(d: Dice) -> Map:
    if d.chance(0.4):
        return {"rate_per_year": d.number(-0.2, 0.3)}
    days = sorted(float(d.whole(-50, 400)) for _ in range(d.whole(1, 3)))
    when: list[Any] = [START + dt.timedelta(days=x) for x in days] if d.chance(0.3) else days
    return {
        "points": [[x, d.number(0.5, 1.5)] for x in when],
        "interpolate": d.one(["step", "linear"]),
    }


def _grow(d: Dice, sites: Map) -> None:
    for site in sites.values():
        if site["kind"] == "end_user" and d.chance(0.4):
            site["demand_path"] = _path(d)
        if site["kind"] in ("mine", "refiner") and d.chance(0.3):
            site["capacity_path"] = _path(d)


def _projects(d: Dice, sites: Map) -> Map:
    makers = [n for n, s in sites.items() if s["kind"] in ("mine", "refiner")]
    projects: Map = {}
    left: dict[tuple[str, str], float] = {}
    for n in range(d.whole(0, 3)):
        site = d.one(makers)
        product = sites[site]["product"]
        buyers = [
            b
            for b, s in sites.items()
            if s["kind"] != "reserve"
            and site in s.get("feeds", {}).get(product, {}).get("lanes", {})
        ]
        offtake = {}
        for buyer in d.some(buyers, 0, 3):
            share = d.number(0.0, 0.6) * left.get((buyer, product), 1.0)
            left[buyer, product] = left.get((buyer, product), 1.0) - share
            offtake[buyer] = {"share": share}
        day = float(d.whole(-60, 300))
        projects[f"{d.one('akz')}{n}_project"] = {
            "site": site,
            "capacity": d.number(0.0, 1500.0),
            "offtake": offtake,
            "start": START + dt.timedelta(days=day) if d.chance(0.3) else day,
            "delay_days": d.one(
                [
                    0.0,
                    d.number(0.0, 90.0),
                    {"min": 0.0, "max": 200.0},
                    {"median": 60.0, "p90": 200.0},
                ]
            ),
            "probability": d.one([1.0, 0.5, d.number(0.1, 1.0)]),
            "ramp_days": d.one([0.0, 70.0, d.number(0.0, 365.0)]),
        }
    return projects


def _fit_capacities(d: Dice, network: Map) -> None:
    """Give each supplier its reference flow (with and without projects), and often no more."""
    sites = network["sites"]
    makers = [s for s in sites.values() if s["kind"] in ("mine", "refiner")]
    for site in makers:
        site["capacity"] = 1e12
    compiled = compiled_network(network, 1)
    chain, labels = compiled.chain, compiled.labels
    out = np.maximum(compiled.reference_out, references(chain).out)
    unit = 1.0 if network["rates_per"] == "day" else 365.0
    for name, site in sites.items():
        if "capacity" not in site:
            continue
        mine = [i for i, p in enumerate(labels.site_parent) if p == name]
        row = chain.capacity_path[mine[0]]
        first = 1.0 if row < 0 else float(chain.path[row, 0])
        room = d.one([1.0, 1.0, 1.25, d.number(1.0, 2.0)])
        spare = d.one([0.0, 0.0, d.number(0.0, 500.0)]) if not sum(out[mine]) else 0.0
        site["capacity"] = float(sum(out[mine])) * unit / chain.step_days / first * room + spare


def random_hazards(rng: np.random.Generator, network: Map, most: int = 8) -> dict[str, Map]:
    """Return 1 to `most` hazards on a network (plain data) as mappings of ``Hazard``."""
    d = Dice(rng)
    hazards: dict[str, Map] = {}
    for n in range(d.whole(1, most)):
        name = f"{d.one('akz')}{n}_hazard"
        hazards[name] = _hazard(d, network, list(hazards))
    return d.shuffled(hazards)


def _hazard(d: Dice, network: Map, earlier: list[str]) -> Map:
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
    if d.chance(0.2):
        name = d.one(n for n, s in network["sites"].items() if s["kind"] in ("mine", "refiner"))
        hazard["each_site"] = {"product": network["sites"][name]["product"]}
    return hazard


def _onset(d: Dice, earlier: list[str]) -> Map:
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
            {"family": "normal", "mean": 0.8, "sd": 0.4},
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
            "quota": {"quota": d.one([0.0, 0.5, {"min": 0.2, "max": 1.2}])},
            "licensing": {"processing_days": d.one([45.0, {"min": 10.0, "max": 90.0}])},
            "tariff": {"tariff": d.number(0.0, 2.0), "elasticity": -0.6},
            "ban": {},
        }[control["type"]]
    )
    if control["type"] in ("ban", "licensing"):
        return _maybe(d, control)
    return control


def _route(d: Dice, routes: list[str]) -> Map:
    effect: Map = {"kind": "route", "routes": d.some(routes, 1, 2), "severity": _severity(d)}
    if d.chance(0.6):
        effect["extra_transit_days"] = d.one([7.0, 10.0, 30.0, {"min": 5.0, "max": 40.0}])
    if d.chance(0.3):
        effect["probability"] = 0.7
    return effect


def random_parameters(rng: np.random.Generator, network: Map) -> dict[str, Map]:
    """Return 0 to 5 uncertain numbers of a network (plain data) as mappings of ``Parameter``."""
    d = Dice(rng)
    reserves = [n for n, s in network["sites"].items() if s["kind"] == "reserve"]
    kinds = {
        "capacity": ["mine"],
        "demand": ["end_user"],
        "cover_days": ["refiner", "end_user"],
        "slack": ["mine", "refiner"],
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
        "rerouting": {"values": [0.0, 0.5, 1.0]},
        "perception_days": {"values": [0.0, 14.0, 60.0]},
        "substitution_limit": {"min": 0.0, "max": 0.5},
        "stock": {"min": 0.0, "max": 1.5},
        "activation_days": {"values": [0.0, 20.0, 45.5]},
    }
    here = {s["kind"] for s in network["sites"].values()}
    out: dict[str, Map] = {}
    for n, key in enumerate(d.some(sorted(kinds), 0, 5)):
        sites = {"kind": [k for k in kinds[key] if k in here]}
        out[f"{d.one('akz')}{n}_{key}"] = {
            "key": key,
            "sites": sites,
            "distribution": laws[key],
            "each": d.chance(0.5),
        }
    return out
