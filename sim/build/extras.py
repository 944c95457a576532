"""Reserves, projects, sources and published shares of a network file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sim.base.errors import Fault, UserError
from sim.build.lanes import Legs
from sim.build.select import SiteDict, matches
from sim.build.sites import significant
from sim.build.tables import Row, Tables, number, pairs, words
from sim.network.cohorts import mid_quantiles
from sim.network.countries import REGIONS
from sim.network.distribution import Distribution

HOME_WEIGHT = "home_weight"
"""Row of ``parameters.csv`` that is a setting of the network, not a parameter."""


def reserves(
    tables: Tables, sites: dict[str, SiteDict], flow: dict[str, float]
) -> dict[str, SiteDict]:
    """Return the national reserves; each serves the sites that its row selects.

    `flow` is what each site makes (t/year): a release is no faster than what is served uses, and
    who uses nothing yet is not served: a plant that starts up must buy.
    """
    return {row["name"]: _reserve(row, sites, flow) for row in tables["reserves"]}


def _reserve(row: Row, sites: dict[str, SiteDict], flow: dict[str, float]) -> SiteDict:
    served = [
        name
        for name, site in sites.items()
        if row["product"] in site.get("feeds", {})
        and matches(row["serves"], name, site)
        and flow[name] > 0
    ]
    if not served:
        raise UserError(Fault(f"{row['at']}.serves", row["serves"], f"uses no {row['product']}"))
    use = sum(flow[name] * sites[name]["feeds"][row["product"]]["coefficient"] for name in served)
    site: SiteDict = {key: row[key] for key in ("title", "country", "operator", "note") if row[key]}
    return {
        "kind": "reserve",
        "product": row["product"],
        **site,
        "stock_days": number(row, "stock_days"),
        "trigger_days": min(
            number(row, "trigger_days"), *(_least_cover(sites[b], row["product"]) for b in served)
        ),
        "activation_days": number(row, "activation_days"),
        "max_rate": significant(use, 3),
        "serves": dict.fromkeys(served),
        "sources": {
            "stock_days": row["source"],
            "max_rate": row["trigger_source"],
            "trigger_days": row["trigger_source"],
            "activation_days": row["activation_source"],
        },
    }


def _least_cover(site: SiteDict, product: str) -> float:
    """Return the least cover of a site's cohorts: holding that little must open no reserve."""
    cover = site["feeds"][product]["cover_days"]
    if not isinstance(cover, dict):
        return float(cover)
    return mid_quantiles(Distribution(**cover), site.get("cohorts", 1))[0]


def projects(tables: Tables, sites: dict[str, SiteDict]) -> dict[str, SiteDict]:
    """Return the pipeline: capacity, planned start, delay, chance and contracted offtake."""
    return {row["name"]: _project(row, sites) for row in tables["projects"]}


def offtake_buyers(row: Row, sites: dict[str, SiteDict]) -> dict[str, float]:
    """Return the share that a project's contracts have of the feed of each buyer."""
    product = sites[row["site"]]["product"]
    return {
        name: share
        for buyer, share in pairs(row, "offtake")
        for name, site in sites.items()
        if product in site.get("feeds", {}) and matches(buyer, name, site)
    }


def add_offtake_lanes(tables: Tables, sites: dict[str, SiteDict], legs: Legs) -> None:
    """Add the lanes that contracts will use and no other table names."""
    for row in tables["projects"]:
        seller = sites[row["site"]]
        for name in offtake_buyers(row, sites):
            lanes = sites[name]["feeds"][seller["product"]]["lanes"]
            if row["site"] not in lanes:
                lane = legs.lane(seller, sites[name])
                sources = {"share": row["offtake_source"], **lane.pop("sources")}
                lanes[row["site"]] = {"share": 0.0, **lane, "sources": sources}


def _project(row: Row, sites: dict[str, SiteDict]) -> SiteDict:
    project: SiteDict = {
        "title": row["title"],
        "site": row["site"],
        "capacity": number(row, "capacity_t"),
        "start": dt.date.fromisoformat(row["start"]),
        "delay_days": _delay(row),
        "probability": number(row, "probability"),
        "ramp_days": number(row, "ramp_days"),
    }
    sources = dict.fromkeys(("capacity", "start", "probability"), row["source"])
    sources |= {"delay_days": row["delay_source"], "ramp_days": row["ramp_source"]}
    buyers = offtake_buyers(row, sites)
    if buyers:
        project["offtake"] = {buyer: {"share": share} for buyer, share in buyers.items()}
        sources["offtake"] = row["offtake_source"]
    if row.get("bundle"):
        project["bundle"] = row["bundle"]
    if row.get("cost_usd"):  # a chain's table may lack the column
        project["cost_usd"] = number(row, "cost_usd")
        sources["cost_usd"] = row["cost_source"]
    return {**project, "sources": sources}


def _delay(row: Row) -> float | dict[str, float]:
    if not row["delay_min"]:
        return number(row, "delay_mode")
    return {law: number(row, f"delay_{law}") for law in ("min", "mode", "max")}


def parameters(tables: Tables, sites: dict[str, SiteDict]) -> dict[str, SiteDict]:
    """Return what is drawn, of each row that fits a site; sites are named unless all are meant.

    A policy may add reserves of its own: what it says that they hold is not drawn.
    """
    cited = {row["name"]: f"{row['citation']} ({row['confidence']})" for row in tables["sources"]}
    found = {}
    for row in tables["parameters"]:
        meant = [name for name, site in sites.items() if matches(row["sites"], name, site)]
        if meant and row["name"] != HOME_WEIGHT:
            found[row["name"]] = _parameter(row, meant) | {"source": cited[row["source"]]}
    return found


def home_weight(tables: Tables) -> SiteDict:
    """Return the law of the weight of buyers at home, which each country draws for itself."""
    for row in tables["parameters"]:
        if row["name"] == HOME_WEIGHT:
            return {HOME_WEIGHT: _law(row)}
    return {}


def _law(row: Row) -> SiteDict:
    return {"family": "triangular", **{name: number(row, name) for name in ("min", "mode", "max")}}


def _parameter(row: Row, meant: list[str]) -> SiteDict:
    parameter: SiteDict = {"key": row["key"], "distribution": _law(row)}
    where = row["sites"].split("|")
    if set(where) <= set(REGIONS):
        parameter["sites"] = {"region": where}
    elif row["sites"] != "*":
        parameter["sites"] = {"site": meant}
    if row["feeds"]:
        parameter["feeds"] = words(row["feeds"])
    if row["each"]:
        parameter["each"] = True
    return parameter


LAW = ("median", "sigma", "min", "mode", "max")


def laws(rows: Sequence[Row]) -> SiteDict:
    """Return laws by key, with their sources: of prices, or of the answers to them."""
    found = {row["key"]: {key: number(row, key) for key in LAW if row.get(key)} for row in rows}
    return {**found, "sources": {row["key"]: row["source"] for row in rows}}


def published(tables: Tables, products: dict[str, SiteDict]) -> dict[str, SiteDict]:
    """Return published shares of the network's products by named country, and their sources.

    'Other countries' is left out: no site bears that name. ``report`` compares it as well.
    """
    shares: dict[str, SiteDict] = {}
    sources: dict[str, str] = {}
    for row in tables["published_shares"]:
        if row["product"] in products and row["country"] != "OTH":
            shares.setdefault(row["product"], {})[row["country"]] = number(row, "share")
            sources[row["product"]] = row["source"]
    return {"published": shares, "published_sources": sources}


def sources(tables: Tables, used: set[str]) -> dict[str, SiteDict]:
    """Return the citations that the network uses."""
    return {
        row["name"]: {
            "citation": row["citation"],
            "confidence": row["confidence"],
            **({"note": row["note"]} if row["note"] else {}),
        }
        for row in tables["sources"]
        if row["name"] in used
    }
