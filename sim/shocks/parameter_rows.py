"""Projects and uncertain parameters, one by one, as fields of records."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from sim.base.errors import Fault, nearest
from sim.base.rng import stream_id
from sim.network.arrays import END_USER, MINE, REFINER, CompiledNetwork
from sim.network.dictionary import MOST_HOME_WEIGHT, Network, Parameter
from sim.network.distribution import Distribution
from sim.network.prices import (
    PRICE_BOUNDS,
    PROJECT_BOUNDS,
    RESPONSE_BOUNDS,
    lead_law,
    price_laws,
    response_laws,
)
from sim.shocks.compiling import Desk, Row
from sim.shocks.loss_rows import LOSS_BOUNDS
from sim.shocks.select import Mask, of_kinds, select_sites

SITES_OF = {
    "capacity": (MINE, REFINER),
    "slack": (MINE, REFINER),
    "home_weight": (MINE, REFINER),
    "ramp_days": (MINE, REFINER),
    "demand": (END_USER,),
    "substitution_limit": (END_USER,),
    **dict.fromkeys(LOSS_BOUNDS, (END_USER,)),
}
FEED_KEYS = ("cover_days", "rerouting", "perception_days", "precaution")
BOUNDS = {
    "rerouting": (0.0, 1.0),
    "substitution_limit": (0.0, 1.0),
    "home_weight": (1.0, MOST_HOME_WEIGHT),
    "precaution": (1.0, math.inf),
    **LOSS_BOUNDS,
}
"""Least and most that a drawn number may be; 0 and no limit for others."""


def project_row(name: str, network: Network, desk: Desk) -> Row:
    """Return the fields of a project."""
    project = network.projects[name]
    return {
        "stream": stream_id(f"project:{name}"),
        "day": desk.day(project.start),
        "probability": project.probability,
        "delay": desk.laws.enter(project.delay_days, f"network.projects.{name}.delay_days"),
    }


def parameter_rows(name: str, parameter: Parameter, desk: Desk, owner: str) -> list[Row]:
    """Return the draws of one uncertain parameter: one in all, or one for each site.

    `owner` is what holds it, for messages: the scenario or the network.
    """
    key = f"{owner}.parameters.{name}"
    mask = select_sites(parameter.sites, desk.atlas, f"{key}.sites", desk.faults)
    if parameter.key in SITES_OF:
        mask = of_kinds(mask, SITES_OF[parameter.key], desk.atlas, f"{key}.sites", desk.faults)
    products = _feed_products(parameter, key, desk)
    low, high = BOUNDS.get(parameter.key, (0.0, math.inf))
    law = desk.laws.enter(parameter.distribution, f"{key}.distribution", low, high)
    parents = desk.atlas.compiled.labels.site_parent
    names = sorted({parents[i] for i in np.flatnonzero(mask)}) if parameter.each else [None]
    rows = []
    for site in names:
        part = mask if site is None else mask & np.array([p == site for p in parents])
        stream = f"parameter:{name}" if site is None else f"parameter:{name}/{site}"
        targets = parameter_targets(parameter.key, part, products, desk.atlas.compiled)
        if len(targets):
            rows.append(
                {
                    "name": name if site is None else f"{name}/{site}",
                    "key": parameter.key,
                    "targets": targets,
                    "stream": stream_id(stream),
                    "law": law,
                    "low": low,
                    "high": high,
                }
            )
    if mask.any() and not rows:
        desk.faults.append(Fault(f"{key}.sites", "", f"matches nothing that has {parameter.key}"))
    return rows


def home_weight_rows(network: Network, desk: Desk) -> list[Row]:
    """Return the draws of the network's own `home_weight`, where that is a law: one a country.

    Only suppliers that sell at home and abroad in one class of priority have something to weigh.
    """
    if not isinstance(network.home_weight, Distribution):
        return []
    chain, labels = desk.atlas.compiled.chain, desk.atlas.compiled.labels
    law = desk.laws.enter(network.home_weight, "network.home_weight", *BOUNDS["home_weight"])
    torn: dict[str, list[int]] = {}
    for i, country in enumerate(labels.site_country):
        lanes = slice(chain.out_ptr[i], chain.out_ptr[i + 1])
        home = chain.home[lanes] == 1
        if set(chain.lane_class[lanes][home]) & set(chain.lane_class[lanes][~home]):
            torn.setdefault(country, []).append(i)
    return [
        {
            "name": f"home_weight/{country}",
            "key": "home_weight",
            "targets": np.array(torn[country]),
            "stream": stream_id(f"parameter:home_weight/{country}"),
            "law": law,
            "low": BOUNDS["home_weight"][0],
            "high": BOUNDS["home_weight"][1],
        }
        for country in sorted(torn)
    ]


def price_rows_of(product: str, network: Network, desk: Desk) -> list[Row]:
    """Return the draws of a product's price, in the order of ``PRICE_NUMBERS``."""
    return _numbers(f"price:{product}/", price_laws(network, product), PRICE_BOUNDS, desk)


def response_rows_of(network: Network, desk: Desk) -> list[Row]:
    """Return the draws of what answers to prices, in the order of ``RESPONSE_NUMBERS``."""
    return _numbers("response:", response_laws(network), RESPONSE_BOUNDS, desk)


def prospect_rows_of(network: Network, projects: Sequence[str], desk: Desk) -> list[Row]:
    """Return the rows of ``Tape.prospect``: a power, then chance and lead of each project.

    A project's chance is the very draw that decides whether it is built at normal prices.
    """
    odds, lead = PROJECT_BOUNDS.items()
    power, key = network.responses.project_odds, f"network.responses.{odds[0]}"
    leads = [(name, *lead_law(network, name)) for name in projects]
    even = Distribution(min=0.0, max=1.0)
    return [
        _row(f"response:{odds[0]}", desk, power, key, odds[1]),
        *(_row(f"project:{name}", desk, even, "", (0.0, 1.0)) for name in projects),
        *(_row(f"project:{name}/lead", desk, law, at, lead[1]) for name, at, law in leads),
    ]


def _row(
    stream: str, desk: Desk, law: float | Distribution, key: str, bounds: tuple[float, float]
) -> Row:
    low, high = bounds
    return {
        "stream": stream_id(stream),
        "law": desk.laws.enter(law, key, low, high),
        "low": low,
        "high": high,
    }


def _numbers(
    stream: str,
    laws: Sequence[tuple[str, float | Distribution]],
    bounds: Mapping[str, tuple[float, float]],
    desk: Desk,
) -> list[Row]:
    return [
        _row(f"{stream}{name}", desk, law, key, within)
        for (name, within), (key, law) in zip(bounds.items(), laws, strict=True)
    ]


def _feed_products(parameter: Parameter, key: str, desk: Desk) -> set[str]:
    """Return the products of the feeds that a parameter means."""
    known = set(desk.atlas.compiled.labels.feed_product)
    if parameter.feeds is None:
        return known
    if parameter.key not in FEED_KEYS:
        desk.faults.append(
            Fault(
                f"{key}.feeds",
                ", ".join(parameter.feeds),
                f"{parameter.key} is a number of sites; leave feeds out",
            )
        )
    desk.faults += [
        Fault(f"{key}.feeds", p, "no feed of that product" + nearest(p, sorted(known)))
        for p in parameter.feeds
        if p not in known
    ]
    return set(parameter.feeds)


def parameter_targets(
    key: str, sites: Mask, products: set[str], compiled: CompiledNetwork
) -> np.ndarray:
    """Return the sites, feeds or reserves whose number `key` is, on `sites`."""
    chain = compiled.chain
    if key in FEED_KEYS:
        fits = np.array([p in products for p in compiled.labels.feed_product], dtype=np.bool_)
        return np.flatnonzero(sites[chain.feed_site] & fits)
    if key in ("stock", "activation_days"):
        return np.flatnonzero(sites[chain.reserve_site])
    return np.flatnonzero(sites)
