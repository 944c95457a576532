"""Reserves, projects, sources and published shares of a network file."""

from __future__ import annotations

import datetime as dt

from sim.build.select import SiteDict, matches
from sim.build.sites import significant
from sim.build.tables import Row, Tables, number, words


def reserves(
    tables: Tables, sites: dict[str, SiteDict], flow: dict[str, float]
) -> dict[str, SiteDict]:
    """Return the national reserves; each serves the sites that its row selects.

    `flow` is what each site makes (t/year): a release is no faster than what is served uses.
    """
    return {row["name"]: _reserve(row, sites, flow) for row in tables["reserves"]}


def _reserve(row: Row, sites: dict[str, SiteDict], flow: dict[str, float]) -> SiteDict:
    served = [
        name
        for name, site in sites.items()
        if row["product"] in site.get("feeds", {}) and matches(row["serves"], name, site)
    ]
    use = sum(flow[name] * sites[name]["feeds"][row["product"]]["coefficient"] for name in served)
    site: SiteDict = {key: row[key] for key in ("title", "country", "operator", "note") if row[key]}
    return {
        "kind": "reserve",
        "product": row["product"],
        **site,
        **{key: number(row, key) for key in ("stock_days", "trigger_days", "activation_days")},
        "max_rate": significant(use, 3),
        "serves": dict.fromkeys(served),
        "sources": {
            "stock_days": row["source"],
            "max_rate": row["trigger_source"],
            "trigger_days": row["trigger_source"],
            "activation_days": row["activation_source"],
        },
    }


def projects(tables: Tables) -> dict[str, SiteDict]:
    """Return the pipeline: capacity, planned start, delay, chance and contracted offtake."""
    return {row["name"]: _project(row) for row in tables["projects"]}


def _project(row: Row) -> SiteDict:
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
    if row["offtake"]:
        pairs = [part.split(":") for part in words(row["offtake"])]
        project["offtake"] = {buyer: {"share": float(share)} for buyer, share in pairs}
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
