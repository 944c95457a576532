"""Sites from the tables: producers as listed, end users as region x sector."""

from __future__ import annotations

import numpy as np

from sim.build.balance import balance
from sim.build.select import SiteDict
from sim.build.tables import Row, Tables, number, words
from sim.network.countries import region_by_country

KEYS = ("title", "country", "operator", "note")


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
    site |= {"slack": number(usual, "slack"), "ramp_days": number(usual, "ramp_days")}
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


def end_users(tables: Tables) -> dict[str, SiteDict]:
    """Return one end user for each region and sector; its product is the sector's good.

    A row of ``regions.csv`` may also be a country within a region (IND within ROW).
    """
    demand = demand_t(tables)
    return {
        f"{region['region'].lower()}_{sector['sector']}": _user(region, sector, demand[i, j])
        for i, region in enumerate(tables["regions"])
        for j, sector in enumerate(tables["sectors"])
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


def _user(region: Row, sector: Row, demand: float) -> SiteDict:
    site: SiteDict = {
        "kind": "end_user",
        "product": sector["sector"],
        "title": f"{region['title']}, {sector['title']}",
        "country": region["country"],
        "region": region_by_country(region["country"]),
        "sector": sector["sector"],
        "demand": round(float(demand)),
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
