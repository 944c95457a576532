"""The chains of the comparison as networks of ours. Rates are a day's."""

from __future__ import annotations

from typing import Any

Map = dict[str, Any]

N_DAY = 500
DEMAND = 10.0  # units a day and retailer, as in SupplyNetPy's own benchmark


def exponential(mean: float) -> Map:
    """Return an exponential law."""
    return {"family": "exponential", "mean": mean}


def failing(site: str, up_days: float, down_days: float) -> Map:
    """Return outages of a site by the clock."""
    stop = {"kind": "outage", "sites": {"site": site}, "severity": 1.0}
    return {
        "onset": {"up_days": exponential(up_days)},
        "duration_days": exponential(down_days),
        "effects": {"stop": stop},
    }


# --- fifty nodes in four echelons: suppliers, manufacturers, distributors, retailers -------------


def echelons(n: int = 50) -> tuple[int, int, int, int]:
    """Return how many of each: a fifth, a tenth, a seventh, and retailers for the rest."""
    supply, make, distribute = n // 5, n // 10, n // 7
    return supply, make, distribute, n - supply - make - distribute


def fifty_nodes(n: int = 50, transit_days: float = 3.0) -> Map:
    """Return SupplyNetPy's own benchmark network: all to all between consecutive echelons.

    Stocks are those of its nodes at the start, as days of cover; capacity 1.2 times the flow.
    """
    n_supplier, n_maker, n_distributor, n_retailer = echelons(n)
    total = DEMAND * n_retailer
    tiers = [
        ("supplier", "mine", "raw", n_supplier, 0.0),
        ("maker", "refiner", "made", n_maker, 200.0 * n_maker / total),
        ("distributor", "refiner", "stocked", n_distributor, 150.0 * n_distributor / total),
    ]
    sites: Map = {}
    before: tuple[str, list[str]] | None = None
    for name, kind, product, count, cover in tiers:
        names = [f"{name}{i}" for i in range(count)]
        for site in names:
            sites[site] = {"kind": kind, "product": product, "country": "OTH"}
            sites[site]["capacity"] = 1.2 * total / count
            if before:
                sites[site]["feeds"] = feeds(*before, transit_days, cover)
        before = (product, names)
    assert before is not None
    for i in range(n_retailer):
        sites[f"retailer{i}"] = {
            "kind": "end_user", "product": "sold", "country": "OTH", "demand": DEMAND,
            "feeds": feeds(*before, transit_days, 80.0 / DEMAND),
        }  # fmt: skip
    products = {p: {"title": p} for p in ("raw", "made", "stocked", "sold")}
    return {"title": f"{n} nodes", "rates_per": "day", "products": products, "sites": sites}


def feeds(product: str, suppliers: list[str], transit_days: float, cover_days: float) -> Map:
    """Return one feed with equal shares of several suppliers."""
    shares = [1.0 / len(suppliers)] * len(suppliers)
    shares[-1] = 1.0 - sum(shares[:-1])
    lanes = {
        s: {"share": share, "transit_days": transit_days}
        for s, share in zip(suppliers, shares, strict=True)
    }
    return {product: {"cover_days": cover_days, "adjustment_days": 1.0, "lanes": lanes}}


def fifty_hazards(n: int = 50) -> Map:
    """Return outages of every site that makes or moves: up 60 days, down 5, in the mean."""
    n_supplier, n_maker, n_distributor, _ = echelons(n)
    counts = {"supplier": n_supplier, "maker": n_maker, "distributor": n_distributor}
    names = [f"{name}{i}" for name, count in counts.items() for i in range(count)]
    return {name: failing(name, 60.0, 5.0) for name in names}


# --- three stages in series, shipments to the second stopped -------------------------------------


def serial() -> Map:
    """Return stages 3 -> 2 -> 1 with 20 units in each stock; transit 1, 2 and 1 days."""
    big = {"country": "OTH", "capacity": 1000.0}
    return {
        "title": "serial",
        "rates_per": "day",
        "products": {p: {"title": p} for p in ("source", "three", "two", "one")},
        "sites": {
            "outside": {"kind": "mine", "product": "source", **big},
            "stage3": {
                "kind": "refiner", "product": "three", **big,
                "feeds": feeds("source", ["outside"], 1.0, 2.0),
            },
            "stage2": {
                "kind": "refiner", "product": "two", **big,
                "feeds": feeds("three", ["stage3"], 2.0, 2.0),
            },
            "stage1": {
                "kind": "end_user", "product": "one", "country": "OTH", "demand": DEMAND,
                "feeds": feeds("two", ["stage2"], 1.0, 2.0),
            },
        },
    }  # fmt: skip


def stopped(begin: float | Map, days: float | Map) -> Map:
    """Return stops of the shipments from stage 3 to stage 2."""
    onset = {"up_days": begin} if isinstance(begin, dict) else {"day": begin}
    ban = {"kind": "control", "type": "ban", "origin": {"site": "stage3"}, "to": {"site": "stage2"}}
    return {"stop": {"onset": onset, "duration_days": days, "effects": {"ban": ban}}}


# --- a mine that fails, a refiner, a user ---------------------------------------------------------

COVER_REFINER_DAYS, COVER_USER_DAYS = 5.0, 15.0
TRANSIT_REFINER_DAYS, TRANSIT_USER_DAYS = 7, 3


def mine_to_user() -> Map:
    """Return a mine with no surplus, a refiner and a user with 5 and 15 days in stock."""
    return {
        "title": "mine to user",
        "rates_per": "day",
        "products": {p: {"title": p} for p in ("ore", "metal", "good")},
        "sites": {
            "mine": {"kind": "mine", "product": "ore", "country": "OTH", "capacity": DEMAND},
            "refiner": {
                "kind": "refiner", "product": "metal", "country": "OTH", "capacity": DEMAND,
                "feeds": feeds("ore", ["mine"], TRANSIT_REFINER_DAYS, COVER_REFINER_DAYS),
            },
            "user": {
                "kind": "end_user", "product": "good", "country": "OTH", "demand": DEMAND,
                "feeds": feeds("metal", ["refiner"], TRANSIT_USER_DAYS, COVER_USER_DAYS),
            },
        },
    }  # fmt: skip


def mine_fails() -> Map:
    """Return outages of the mine: up 100 days, down 10, in the mean."""
    return {"outage": failing("mine", 100.0, 10.0)}
