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
from dice import START, Dice, Map
from random_hazards import TENSIONS, random_hazards, random_parameters

from sim.network.arrays import CompiledNetwork
from sim.network.cohorts import mid_quantiles
from sim.network.compile import compile_network
from sim.network.distribution import Distribution
from sim.network.load import read_network
from sim.network.references import references

__all__ = [
    "START",
    "TENSIONS",
    "compiled_network",
    "random_hazards",
    "random_network",
    "random_parameters",
]

COUNTRIES = ("CHN", "JPN", "USA", "DEU", "KOR", "AUS", "VNM")
ROUTES = ("malacca", "suez", "panama", "kachin")
BLOCS = {"quad": ["USA", "JPN", "AUS"], "allies": ["EU", "JPN", "KOR"]}


def random_network(rng: np.random.Generator, size: int = 30, *, steady: bool = False) -> Map:
    """Return a valid network of 2 to about `size` sites (before cohorts) as plain data.

    With ``steady`` nothing changes by itself: no growth, no projects, no reserve whose trigger lies
    above a cover that it serves, so that without a shock there is no shortfall at all.
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
    if steady:
        _calm_reserves(sites)
    else:
        _grow(d, sites)
        network["projects"] = _projects(d, sites)
    _fit_capacities(d, network)
    _prefer(d, network)
    network["sites"] = d.shuffled(sites)
    _add_value_added(Dice(rng.spawn(1)[0]), network)
    if not steady:
        add_purchases(Dice(rng.spawn(1)[0]), sites)
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
        else:
            products[p]["bill"] = "left_out"  # others may state theirs
    return products, tiers


def _add_value_added(d: Dice, network: Map) -> None:
    """State the value added of all end users, in most networks; other draws stay as they are."""
    if d.chance(0.3):
        return
    users = [s for s in network["sites"].values() if s["kind"] == "end_user"]
    for product in {s["product"] for s in users}:
        network["products"][product]["dependence"] = _dependence(d)
    for user in users:
        user["value_added_usd_per_year"] = d.number(1e6, 1e9)
        if d.chance(0.3):
            user["dependence"] = {"elasticity": d.number(0.01, 2.0), "backward_linkage": 2.0}
    regions = ("CHN", "JPN", "USA", "EU", "KOR", "ROW")
    network["gdp_usd_per_year"] = {region: d.number(1e9, 1e11) for region in regions}


def _dependence(d: Dice) -> Map:
    """Return a good's dependence; elasticities on both sides of 1, and 1 itself."""
    return {
        "share": d.one([0.5, 1.0, {"min": 0.1, "max": 0.9}]),
        "value_of_input_share": d.one([0.001, 0.3, {"min": 0.01, "max": 0.1}]),
        "elasticity": d.one([1e-6, 0.1, 1.0, {"min": 0.01, "mode": 0.1, "max": 0.3}]),
        "elasticity_later": d.one([0.5, 1.5, {"min": 0.2, "max": 2.0}]),
        "recapture": d.one([0.0, 0.5, {"min": 0.2, "max": 0.8}]),
        "buffer_days": d.one([0.0, 7.0, {"min": 0.0, "max": 30.0}]),
        "value_added_share": 0.3,
        "pool": d.one(["", "cars"]),
        "within": d.one(["", "metal"]),
        "overlap": d.one(["chance", "largest"]),
    }


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


def add_purchases(d: Dice, sites: Map) -> None:
    """Have reserves with suppliers buy by rules of their own, in most networks."""
    others = {name: s for name, s in sites.items() if s["kind"] != "reserve"}
    for reserve in [s for s in sites.values() if s["kind"] == "reserve"]:
        product = reserve["product"]
        reserve.setdefault("feeds", {product: _feed(d, others, product) | {"cover_days": 0.0}})
        key = "stock" if "stock" in reserve else "stock_days"
        if not reserve[key] or d.chance(0.2):
            continue
        if d.chance(0.7):  # whom it serves mostly lacks something else, and it buys nothing
            reserve["trigger_days"] = 0.0
        target = reserve[key]
        pace = d.one([target, target / 4, d.number(0.0, 3.0 * target) + 1e-3])
        if d.chance(0.5):
            reserve["refill_per_year"] = d.one([0.0, pace])
        if d.chance(0.2):
            reserve["refill_per_year"] = pace  # full from the start, and slow to fill up again
            continue
        reserve["start_with"] = d.one([0.0, 0.0, target / 2, target])
        first = d.one([0, 0, d.whole(-60, 13)])
        if first or d.chance(0.3):
            reserve["buy_from"] = d.one([float(first), START + dt.timedelta(days=first)])
        if d.chance(0.5):
            reserve["buy_per_year"] = pace
        else:
            _add_tranches(d, reserve, target, max(0, first))


def _add_tranches(d: Dice, reserve: Map, target: float, first: int) -> None:
    days = sorted({first + d.whole(1, 400) for _ in range(d.whole(1, 3))})
    least = reserve["start_with"]
    holds = sorted(least + (target - least) * d.number(0.0, 1.0) for _ in days[1:])
    when = [START + dt.timedelta(days=x) for x in days] if d.chance(0.5) else map(float, days)
    reserve["tranches"] = [
        {"by": day, "holds": amount} for day, amount in zip(when, [*holds, target], strict=True)
    ]
    reserve.setdefault("refill_per_year", d.one([0.0, target / 2]))


def _calm_reserves(sites: Map) -> None:
    """Keep triggers within the least cover served: else a reserve releases with no shock at all."""
    for reserve in sites.values():
        for buyer in reserve.get("serves", {}):
            cover = sites[buyer]["feeds"][reserve["product"]]["cover_days"]
            if isinstance(cover, dict):
                cover = mid_quantiles(Distribution(**cover), sites[buyer]["cohorts"])[0]
            reserve["trigger_days"] = min(reserve["trigger_days"], cover)


def _prefer(d: Dice, network: Map) -> None:
    """Perhaps weigh buyers at home, by a number or a law, and serve a sector first."""
    weight = d.one([1.0, 2.0, d.number(1.0, 4.0), {"min": 1.0, "mode": 1.5, "max": 5.0}])
    if d.chance(0.7):
        network["home_weight"] = weight
    sectors = sorted({s.get("sector", "") for s in network["sites"].values()} - {""})
    for site in network["sites"].values():
        if sectors and site.get("priority") and d.chance(0.3):
            place = d.one(["home", "JPN", "quad"])
            site["priority"] = [f"{place}:{d.one(sectors)}", *site["priority"]]


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
