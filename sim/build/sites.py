"""Sites from the tables: producers as listed, end users as region x sector."""

from __future__ import annotations

import numpy as np

from sim.build.balance import balance
from sim.build.select import SiteDict
from sim.build.tables import Row, Tables, number, words
from sim.network.countries import region_by_country

USERS = ("regions", "sectors", "tilt")
KEYS = ("title", "country", "operator", "note")
FINE_BELOW_T = 10_000
"""Chains that use less than this (t/year) keep hundredths of a tonne: gallium, germanium."""


def producers(tables: Tables) -> dict[str, SiteDict]:
    """Return mines and refiners with capacity and behaviour, feeds still empty.

    ``output_t`` is the reference output (t/year), a key of this builder only.
    """
    operations = {(r["product"], r["kind"]): r for r in tables["operations"]}
    return {r["name"]: _producer(r, operations[r["product"], r["kind"]]) for r in tables["sites"]}


def _producer(row: Row, usual: Row) -> SiteDict:
    output = number(row, "output_t")
    given = bool(row["capacity_t"])
    capacity = number(row, "capacity_t") if given else output / number(usual, "utilisation")
    site: SiteDict = {"kind": row["kind"], "product": row["product"]}
    site |= {key: row[key] for key in KEYS if row[key]}
    site |= {"tags": words(row["tags"]), "capacity": significant(capacity, 4)}
    site |= {"slack": number(usual, "slack"), "usual": usual}
    site |= {"priority": words(row["priority"]), "output_t": output}
    site["sources"] = {
        "reference_output": row["source"],
        "capacity": row["capacity_source"] if given else usual["utilisation_source"],
        "slack": usual["source"],
        "ramp_days": usual["source"],
    }
    if row["priority"]:
        site["sources"]["priority"] = row["priority_source"]
    return site


def add_ramps(sites: dict[str, SiteDict], flow: dict[str, float]) -> None:
    """Give mines and plants the time to move their run rate by the whole capacity.

    The table says in how many days all capacity that stands idle is at work (``idle_days``): the
    whole would take longer, as many times as the idle part fits into it. A site that makes nothing
    in the reference year stands idle as a whole; one that runs full has at least half of the usual
    idle part in the sum, so that it does not stand still for ever.

    `flow` is what each site makes (t/year).
    """
    for name, site in sites.items():
        if "usual" in site:
            usual = site.pop("usual")
            made = flow.get(name, 0.0)
            idle = 1 - made / site["capacity"] if site["capacity"] > 0 else 1.0
            least = (1 - number(usual, "utilisation")) / 2
            site["ramp_days"] = significant(number(usual, "idle_days") / max(idle, least), 3)


def end_users(tables: Tables) -> dict[str, SiteDict]:
    """Return one end user for each region and sector; its product is the sector's good.

    A row of ``regions.csv`` may also be a country within a region (IND within ROW).
    """
    users: dict[str, SiteDict] = {}
    for part in dict.fromkeys(row.get("part", "") for row in tables["regions"]):
        users |= _users_of({n: [r for r in tables[n] if r.get("part", "") == part] for n in USERS})
    return users


def user_name(region: Row, sector: str) -> str:
    """Return the name of a region's user of a sector."""
    return f"{region['region'].lower()}_{sector}"


def _users_of(tables: Tables) -> dict[str, SiteDict]:
    """Return the users of one part of a chain, less the sectors that plants replace."""
    demand = _rounded(demand_t(tables))
    return {
        user_name(region, sector["sector"]): _user(region, sector, demand[i][j])
        for i, region in enumerate(tables["regions"])
        for j, sector in enumerate(tables["sectors"])
        if not sector.get("gone")
    }


def demand_t(tables: Tables) -> np.ndarray:
    """Return use by region and sector (t/year): RAS of a tilt to the known totals."""
    sectors = [row["sector"] for row in tables["sectors"]]
    tilt = {row["region"]: [number(row, s) for s in sectors] for row in tables["tilt"]}
    region = np.array([number(row, "demand_t") for row in tables["regions"]])
    share = np.array([number(row, "share") for row in tables["sectors"]])
    sector = share / share.sum() * region.sum()
    prior = np.array([tilt[row["region"]] for row in tables["regions"]])
    return balance(prior * np.outer(region, sector), region, sector, [])


def _rounded(demand: np.ndarray) -> list[list[float]]:
    """Round to whole tonnes, or to hundredths where the whole chain uses less than 10 kt a year."""
    digits = 2 if demand.sum() < FINE_BELOW_T else 0
    return [[round(float(t), digits) for t in row] for row in demand]


def _user(region: Row, sector: Row, demand: float) -> SiteDict:
    site: SiteDict = {
        "kind": "end_user",
        "product": sector["sector"],
        "title": f"{region['title']}, {sector['title']}",
        "country": region["country"],
        "region": region_by_country(region["country"]),
        "sector": sector["sector"],
        "demand": demand,
    }
    site["sources"] = {"demand": sector["source"]}
    if number(sector, "substitution_limit") > 0:
        site["substitution"] = {
            "limit": number(sector, "substitution_limit"),
            "delay_days": number(sector, "substitution_delay_days"),
            "days": number(sector, "substitution_days"),
        }
        site["sources"]["substitution"] = sector["substitution_source"]
    return site


def significant(value: float, digits: int) -> float:
    """Return a number with so many significant digits."""
    return float(f"{value:.{digits}g}")
