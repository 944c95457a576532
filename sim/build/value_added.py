"""Value added of end users, what of it hangs on their input, and the economies around them."""

from __future__ import annotations

from typing import Any

from sim.base.errors import Fault, UserError
from sim.build.select import SiteDict
from sim.build.tables import Row, Tables, number

BILLION = 1e9
LAWS = {  # key of the network file -> columns: lowest, most likely, highest
    "share": ("share_low", "share_central", "share_high"),
    "elasticity": ("sigma_under_1y_low", "sigma_under_1y", "sigma_under_1y_high"),
    "elasticity_later": ("sigma_beyond_low", "sigma_beyond", "sigma_beyond_high"),
    "recapture": ("recapture_low", "recapture", "recapture_high"),
    "buffer_days": ("buffer_days_low", "buffer_days", "buffer_days_high"),
}
WIDE, MOST = 2.0, 0.9
"""The input's share of value lies between the stated one by WIDE and times it, below MOST."""


def add_value_added(
    tables: Tables, products: dict[str, dict[str, Any]], sites: dict[str, SiteDict]
) -> dict[str, Any]:
    """Give end users their value added and goods their dependence; return the economies.

    Raises
    ------
    UserError
        With all end users for which a table has no row, naming the table.
    """
    users = [site for site in sites.values() if site["kind"] == "end_user"]
    stated = {(row["sector"], row["region"]): row for row in tables["value_added"]}
    depends = {(row["sector"], row["region"]): row for row in tables["dependence"]}
    linked = {(row["pool"], row["region"]): row for row in tables["linkage"]}
    _check(users, stated, depends)
    for sector in dict.fromkeys(user["sector"] for user in users):
        products[sector]["dependence"] = _dependence(depends[sector, ""])
    for user in users:
        _value_added(user, users, stated[user["sector"], user["region"]])
        own = _own(user, products[user["sector"]]["dependence"], depends, linked)
        if own:
            user["dependence"] = own
    regions = {user["region"] for user in users}
    rows = [row for row in tables["economies"] if row["region"] in regions]
    return {
        "gdp_usd_per_year": {r["region"]: number(r, "gdp_busd_per_year") * BILLION for r in rows},
        "gdp_sources": {row["region"]: row["source"] for row in rows},
    }


def _check(
    users: list[SiteDict], stated: dict[tuple[str, str], Row], depends: dict[tuple[str, str], Row]
) -> None:
    """Refuse end users of whom the tables say nothing."""
    wanted = sorted({(user["sector"], user["region"]) for user in users})
    faults = [
        Fault("common/value_added.csv", f"{sector}, {region}", "has no row, and is an end user")
        for sector, region in wanted
        if (sector, region) not in stated
    ]
    faults += [
        Fault("common/dependence.csv", sector, "has no row with an empty region")
        for sector in sorted({sector for sector, _ in wanted})
        if (sector, "") not in depends
    ]
    if faults:
        raise UserError(faults)


def _value_added(user: SiteDict, users: list[SiteDict], row: Row) -> None:
    """Give an end user its region's value added, or its part by use where others share it."""
    mates = [u for u in users if (u["sector"], u["region"]) == (user["sector"], user["region"])]
    used = sum(u["demand"] for u in mates)
    part = user["demand"] / used if used > 0 and len(mates) > 1 else 1.0 / len(mates)
    stated = number(row, "value_added_busd_per_year") * BILLION
    user["value_added_usd_per_year"] = float(f"{stated * part:.6g}")
    user["sources"]["value_added_usd_per_year"] = row["source"]


def _dependence(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {key: _law(row, columns) for key, columns in LAWS.items()}
    found["value_of_input_share"] = _wide(number(row, "value_of_input_share"))
    found["value_added_share"] = number(row, "va_ratio")
    found |= {key: row[key] for key in ("pool", "overlap", "within") if row[key]}
    found["sources"] = dict.fromkeys(("share", "elasticity", "recapture"), row["source"])
    found["sources"]["value_of_input_share"] = row["value_share_source"]
    found["sources"]["buffer_days"] = row["buffer_source"]
    return found


def _own(
    user: SiteDict,
    common: dict[str, Any],
    depends: dict[tuple[str, str], Row],
    linked: dict[tuple[str, str], Row],
) -> dict[str, Any]:
    """Return what differs for an end user from what is so elsewhere."""
    found: dict[str, Any] = {}
    row = depends.get((user["sector"], user["region"]))
    if row is not None:
        found |= {key: _law(row, columns) for key, columns in LAWS.items() if row[columns[2]]}
        if row["value_of_input_share"]:
            found["value_of_input_share"] = _wide(number(row, "value_of_input_share"))
        found["sources"] = dict.fromkeys(found, row["source"])
    link = linked.get((common.get("pool", ""), user["region"]))
    if link is not None:
        found["backward_linkage"] = number(link, "back")
        found["sources"] = found.get("sources", {}) | {"backward_linkage": link["source"]}
    return found


def _law(row: Row, columns: tuple[str, str, str]) -> float | dict[str, Any]:
    """Return a triangle, or a uniform law where no value is the most likely."""
    low, middle, high = columns
    if not row[middle]:
        return {"min": number(row, low), "max": number(row, high)}
    ends = {"min": number(row, low), "mode": number(row, middle), "max": number(row, high)}
    if ends["min"] == ends["max"]:
        return ends["mode"]
    return {"family": "triangular", **ends}


def _wide(share: float) -> dict[str, Any]:
    ends = {"min": share / WIDE, "mode": share, "max": min(share * WIDE, MOST)}
    return {"family": "triangular"} | {key: float(f"{x:.6g}") for key, x in ends.items()}
