"""Lanes: time on the way, routes, and the suppliers that a buyer could turn to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.base.errors import Fault, UserError
from sim.build.select import SiteDict, matches
from sim.build.tables import Row, Tables, number, words
from sim.network.cohorts import mid_quantiles
from sim.network.distribution import Distribution


class Legs:
    """Freight between groups of countries, and residence in the buyer's plant."""

    def __init__(self, tables: Tables) -> None:
        self.group = {r["country"]: r["group"] for r in tables["groups"]}
        self.leg = {(r["origin"], r["destination"]): r for r in tables["legs"]}
        self.stages = tables["stages"]

    def row(self, seller: SiteDict, buyer: SiteDict) -> Row | None:
        """Return the leg between two sites, or None if no table names it."""
        return self.leg.get((self._group(seller), self._group(buyer)))

    def _stage(self, product: str, buyer: SiteDict) -> Row:
        """Return the first row of ``stages.csv`` that fits; ``buyer`` may be missing."""
        for row in self.stages:
            if row["product"] == product and matches(row.get("buyer") or "*", "", buyer):
                return row
        raise UserError(Fault("stages.csv", product, f"no row fits {buyer['title']}"))

    def _group(self, site: SiteDict) -> str:
        country = site["country"]
        if country not in self.group:
            raise UserError(Fault("groups.csv", country, f"no such country: {site['title']}"))
        return self.group[country]

    def freight_days(self, seller: SiteDict, buyer: SiteDict) -> float | None:
        """Return the usual door-to-door days, or None where there is no leg."""
        row = self.row(seller, buyer)
        return None if row is None else number(row, "days")

    def lane(self, seller: SiteDict, buyer: SiteDict) -> SiteDict:
        """Return the keys of a lane that follow from where its ends are."""
        row = self.row(seller, buyer)
        if row is None:
            ends = f"{seller['country']} to {buyer['country']}"
            raise UserError(
                Fault("legs.csv", ends, f"no leg: {seller['title']} to {buyer['title']}")
            )
        stage = self._stage(seller["product"], buyer)
        residence = number(stage, "residence_days")
        lane: SiteDict = {"transit_days": number(row, "days") + residence}
        if row["routes"]:
            lane["routes"] = words(row["routes"])
        sources = {"transit_days": row["source"]}
        if residence:
            sources["residence"] = stage["source"]
        return {**lane, "sources": sources}


def bill_rows(tables: Tables, product: str, name: str, site: SiteDict) -> Iterator[Row]:
    """Return the rows of the bill of materials that give a site this feed, the first to be used.

    ``country`` selects sites like any other selector: a country, a site's name or a tag.
    """
    for row in tables["bill"]:
        same = (row["product"], row["feed"]) == (site["product"], product)
        if same and matches(row["country"], name, site):
            yield row


def feed_of(tables: Tables, product: str, name: str, site: SiteDict) -> SiteDict:
    """Return one feed of a site without its lanes: bill of materials, cover and behaviour."""
    bill = next(bill_rows(tables, product, name, site))
    rule = _rule(tables, product, name, site)
    feed: SiteDict = {"coefficient": number(bill, "coefficient"), "cover_days": _cover(rule)}
    for key in ("adjustment_days", "perception_days", "rerouting", "precaution"):
        feed[key] = number(rule, key)
    feed["sources"] = {
        "coefficient": bill["source"],
        "cover_days": rule["cover_source"],
        **dict.fromkeys(("adjustment_days", "perception_days", "rerouting"), rule["source"]),
        "precaution": rule["precaution_source"],
    }
    if rule["cohorts"]:
        feed["cohorts"] = int(rule["cohorts"])
    return feed


def _rule(tables: Tables, product: str, name: str, site: SiteDict) -> Row:
    """Return the first row of ``feeds.csv`` that fits a site's feed."""
    for row in tables["feeds"]:
        if row["product"] == product and matches(row["buyer"], name, site):
            return row
    raise UserError(Fault("feeds.csv", product, f"no row fits the buyer {name}"))


def _cover(rule: Row) -> float | dict[str, Any]:
    """Return the cover: a number, a range, or ten equal parts of the buyers, the lowest apart.

    ``cover_tail`` is what one buyer in ten holds, whatever the range says that is published of the
    others: the other nine stand for the tenths of the range, from the second on.
    """
    if not rule["cover_min"]:
        return number(rule, "cover")
    keys = {"min": "cover_min", "mode": "cover", "max": "cover_max"}
    law = {name: number(rule, key) for name, key in keys.items()}
    if not rule["cover_tail"]:
        return law
    rest = mid_quantiles(Distribution(**law), 10)[1:]
    return {"values": [number(rule, "cover_tail"), *(round(days, 1) for days in rest)]}


def add_listed_lanes(tables: Tables, sites: dict[str, SiteDict], legs: Legs) -> None:
    """Add the lanes that ``lanes.csv`` lists: spot suppliers, and feeds of what does not run yet.

    A supplier that the balance already gave to a buyer stays as it is.
    """
    for row in tables["lanes"]:
        seller = sites[row["supplier"]]
        for name, site in sites.items():
            feed = site.get("feeds", {}).get(row["product"])
            if feed is None or not matches(row["buyer"], name, site):
                continue
            if row["supplier"] not in feed["lanes"]:
                feed["lanes"][row["supplier"]] = _listed(row, legs.lane(seller, site))


def _listed(row: Row, lane: SiteDict) -> SiteDict:
    sources = {"share": row["source"], **lane.pop("sources")}
    out: SiteDict = {"share": number(row, "share"), **lane}
    if number(row, "spot"):
        out["spot"] = number(row, "spot")
        out["qualification_days"] = number(row, "qualification_days")
        sources |= {"spot": row["source"], "qualification_days": row["qualification_source"]}
    return {**out, "sources": sources}
