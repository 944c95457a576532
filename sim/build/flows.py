"""Reference flows from users up to mines: who buys how much of what from whom.

Needs are known (demand x bill of materials), outputs are known (``sites.csv``), some trade is
known (``trade.csv``); the rest is balanced with the prior
``exp(-freight days / 30) x output x need x preference``, times 20 at home and 3 within a region.
A balanced matrix is rounded to shares, and those shares then make the next stage's needs, so
that the file balances exactly.
"""

from __future__ import annotations

import math

import numpy as np

from sim.build.balance import F8, Block, rounded_shares, sparse_balance
from sim.build.lanes import Legs, bill_rows, feed_of
from sim.build.select import SiteDict, matches
from sim.build.tables import Row, Tables, number
from sim.network.countries import region_by_country

FREIGHT_SCALE_DAYS = 30.0
HOME, REGION = 20.0, 3.0
LEAST_SHARE = 0.02


def add_flows(tables: Tables, sites: dict[str, SiteDict], legs: Legs) -> dict[str, float]:
    """Give every site its feeds and every feed its reference lanes; return what sites make, t/y."""
    flow = {name: float(site.get("demand", 0.0)) for name, site in sites.items()}
    for product in upstream(tables):
        buyers = [n for n, s in sites.items() if _needs(tables, n, s, product)]
        for name in buyers:
            feed = feed_of(tables, product, name, sites[name])
            if "cohorts" in feed:
                sites[name]["cohorts"] = feed.pop("cohorts")
            feed["lanes"] = {}
            sites[name].setdefault("feeds", {})[product] = feed
        _stage(tables, sites, legs, product, [n for n in buyers if flow[n] > 0], flow)
    return flow


def upstream(tables: Tables) -> list[str]:
    """Return the products that feed others, each after all that is made from it; last stage first.

    Otherwise they stand in the reverse order of the bill.
    """
    waiting = list(dict.fromkeys(row["feed"] for row in reversed(tables["bill"])))
    makes: dict[str, set[str]] = {feed: set() for feed in waiting}
    for row in tables["bill"]:
        makes[row["feed"]] |= {row["product"]} & makes.keys()
    order: list[str] = []
    while waiting:
        ready = next((p for p in waiting if makes[p] <= set(order)), waiting[0])
        order.append(ready)
        waiting.remove(ready)
    return order


def _needs(tables: Tables, name: str, site: SiteDict, product: str) -> bool:
    return site["kind"] in ("refiner", "end_user") and any(bill_rows(tables, product, name, site))


def _stage(
    tables: Tables,
    sites: dict[str, SiteDict],
    legs: Legs,
    product: str,
    buyers: list[str],
    flow: dict[str, float],
) -> None:
    """Balance one product, write its lanes and book what its suppliers then make."""
    sellers = [n for n, s in sites.items() if s["product"] == product and s.get("output_t")]
    need = np.array([flow[n] * sites[n]["feeds"][product]["coefficient"] for n in buyers])
    made = np.array([sites[n]["output_t"] for n in sellers])
    made = made * (need.sum() / made.sum())
    prior = _prior(tables, sites, legs, sellers, buyers) * np.outer(made, need)
    known, cited = _known(tables, sites, product, sellers, buyers, need)
    share = rounded_shares(sparse_balance(prior, made, need, known, LEAST_SHARE))
    for i, seller in enumerate(sellers):
        for j, buyer in enumerate(buyers):
            if share[i, j] > 0:
                lane = legs.lane(sites[seller], sites[buyer])
                sources = {"share": cited.get((i, j), "balanced"), **lane.pop("sources")}
                lane = {"share": float(share[i, j]), **lane, "sources": sources}
                sites[buyer]["feeds"][product]["lanes"][seller] = lane
        # not `@`: its rounding depends on the processor, and the file must not
        flow[seller] = math.fsum((share[i] * need).tolist())


def _prior(
    tables: Tables, sites: dict[str, SiteDict], legs: Legs, sellers: list[str], buyers: list[str]
) -> F8:
    weight = np.array([[_nearness(sites[s], sites[b], legs) for b in buyers] for s in sellers])
    for row in tables["preferences"]:
        for i, s in enumerate(sellers):
            if row["product"] == sites[s]["product"] and matches(row["supplier"], s, sites[s]):
                for j, b in enumerate(buyers):
                    if matches(row["buyer"], b, sites[b]):
                        weight[i, j] *= number(row, "weight")
    return weight


def _nearness(seller: SiteDict, buyer: SiteDict, legs: Legs) -> float:
    days = legs.freight_days(seller, buyer)
    if days is None:
        return 0.0
    region = region_by_country(seller["country"])
    near = 1.0
    if seller["country"] == buyer["country"]:
        near = HOME
    elif region == region_by_country(buyer["country"]) != "ROW":
        near = REGION
    return near * math.exp(-days / FREIGHT_SCALE_DAYS)


def _known(
    tables: Tables,
    sites: dict[str, SiteDict],
    product: str,
    sellers: list[str],
    buyers: list[str],
    need: F8,
) -> tuple[list[Block], dict[tuple[int, int], str]]:
    """Return the known trade of a product as blocks, and the source of each cell in one."""
    blocks: list[Block] = []
    cited: dict[tuple[int, int], str] = {}
    for row in tables["trade"]:
        if row["product"] != product:
            continue
        from_ = np.array([matches(row["supplier"], s, sites[s]) for s in sellers])
        to = np.array([matches(row["buyer"], b, sites[b]) for b in buyers])
        cells = np.outer(from_, to)
        blocks.append(Block(cells, _known_t(row, float(need[to].sum()))))
        cited |= {(int(i), int(j)): row["source"] for i, j in np.argwhere(cells)}
    return blocks, cited


def _known_t(row: Row, need_t: float) -> float:
    """Return known trade, t/year; a row that is a share of ``of_t`` scales with the need now."""
    of_t = float(row.get("of_t", 0.0))
    return number(row, "t") * (need_t / of_t if of_t > 0 else 1.0)
