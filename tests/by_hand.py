"""Small networks and tapes made by hand: a case of arithmetic in a few lines.

    chain = network(mine=mine(100), user=user(100, ore={"mine": lane()}))
    flow = run(chain, [outage("mine", 30, 60)], 100)
    flow.short("user")       # t a day

Days are periods (step 1), rates are tonnes a day, nobody reacts unless a case says so: buyers
order what they use (`STEADY` makes the answer to a stock gap vanish in the rounding), do not
re-order elsewhere and pay no heed to a failure.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import numpy as np

from sim.flow.play import Play
from sim.flow.record.model import simulate_simpy
from sim.flow.trajectories import Flow
from sim.network.arrays import CompiledNetwork
from sim.network.compile import compile_network
from sim.network.load import read_network
from sim.shocks import tape as on
from sim.shocks.tape import EMPTY_DRAWS, Draws, Tape, Targets, quiet_tape

START = dt.date(2025, 1, 1)
STEADY = 1e18
"""Adjustment days so long that a stock gap is never re-ordered."""

Map = dict[str, Any]


class Row(NamedTuple):
    """One course of a shock: kind, sites or (supplier, buyer) lanes, and (day, value) points."""

    kind: int
    targets: list[Any]
    points: list[tuple[float, float]]


def lane(share: float = 1.0, transit_days: float = 0.0, **other: Any) -> Map:
    return {"share": share, "transit_days": transit_days, **other}


def feed(lanes: Map, **other: Any) -> Map:
    return {"lanes": lanes, "adjustment_days": STEADY, **other}


def mine(capacity: float, product: str = "ore", **other: Any) -> Map:
    return {"kind": "mine", "product": product, "country": "CHN", "capacity": capacity, **other}


def refiner(capacity: float, product: str, feeds: Map, **other: Any) -> Map:
    return {
        "kind": "refiner",
        "product": product,
        "country": "CHN",
        "capacity": capacity,
        "feeds": feeds,
        **other,
    }


def user(demand: float, feeds: Map, **other: Any) -> Map:
    return {
        "kind": "end_user",
        "product": "good",
        "country": "JPN",
        "demand": demand,
        "feeds": feeds,
        **other,
    }


def reserve(stock: float, serves: Map, product: str = "ore", **other: Any) -> Map:
    return {
        "kind": "reserve",
        "product": product,
        "country": "JPN",
        "stock": stock,
        "serves": serves,
        **other,
    }


def network(projects: Map | None = None, **sites: Map) -> Map:
    """Return a network of these sites as plain data."""
    products = {s["product"] for s in sites.values()}
    return {
        "title": "by hand",
        "rates_per": "day",
        "sites": sites,
        "projects": projects or {},
        "products": {p: {"title": p} for p in sorted(products)},
    }


def flat(kind: int, targets: list[Any], begin: float, end: float, value: float) -> Row:
    return Row(kind, targets, [(begin, value), (end, value)])


def outage(site: str, begin: float, end: float, severity: float = 1.0) -> Row:
    return flat(on.AVAILABILITY, [site], begin, end, severity)


def ban(supplier: str, buyer: str, begin: float, end: float, severity: float = 1.0) -> Row:
    return flat(on.LANE_CAP, [(supplier, buyer)], begin, end, severity)


def longer(supplier: str, buyer: str, begin: float, end: float, days: float) -> Row:
    return flat(on.EXTRA_DAYS, [(supplier, buyer)], begin, end, days)


class Told(NamedTuple):
    """A flow and the names of what is in it."""

    flow: Flow
    compiled: CompiledNetwork

    def short(self, name: str) -> np.ndarray:
        return self.of_user("shortfall", name)

    def of_user(self, field: str, name: str) -> np.ndarray:
        return getattr(self.flow, field)[:, self.compiled.labels.group.index(name), 0]

    def released(self, name: str) -> np.ndarray:
        return self.flow.released[:, self.compiled.labels.reserve.index(name), 0]

    def feed(self, field: str, name: str, product: str = "ore") -> np.ndarray:
        return getattr(self.flow.trace, field)[:, feed_of(self.compiled, name, product), 0]

    def stock_at(self, name: str, day: int, product: str = "ore") -> float:
        """Stock at time `day`: that is, at the end of the day before."""
        return float(self.feed("stock", name, product)[day - 1])

    def lane(self, field: str, supplier: str, buyer: str) -> np.ndarray:
        return getattr(self.flow.trace, field)[:, lane_of(self.compiled, supplier, buyer), 0]

    def rate(self, name: str) -> np.ndarray:
        assert self.flow.trace is not None
        return self.flow.trace.run_rate[:, self.compiled.labels.site.index(name), 0]


def feed_of(compiled: CompiledNetwork, name: str, product: str) -> int:
    sites, products = compiled.chain.feed_site, compiled.labels.feed_product
    return next(
        f for f, p in enumerate(products) if p == product and compiled.labels.site[sites[f]] == name
    )


def lane_of(compiled: CompiledNetwork, supplier: str, buyer: str) -> int:
    chain, names = compiled.chain, compiled.labels.site
    return next(
        x
        for x in range(chain.supplier.size)
        if names[chain.supplier[x]] == supplier
        and names[chain.feed_site[chain.lane_feed[x]]] == buyer
    )


def tape_of(
    compiled: CompiledNetwork, rows: list[Row], starts: list[float] | None = None
) -> tuple[Targets, Tape]:
    """Return a tape of one replication; every row is a shock with one effect of its own."""
    n = len(rows)
    projects = np.array(starts or [np.inf] * len(compiled.labels.project)).reshape(-1, 1)
    indices = [sorted(_number(compiled, t) for t in row.targets) for row in rows]
    days = [[float(d) for d, _ in row.points] for row in rows]
    each = np.arange(n, dtype=np.int32)
    tape = quiet_tape(1, projects.shape[0], project_start_days=projects)._replace(
        shock_ptr=np.array([0, n], np.int32),
        shock_hazard=each,
        announce_days=np.array([d[0] for d in days]),
        onset_days=np.array([d[0] for d in days]),
        end_days=np.array([d[-1] for d in days]),
        called_off=np.zeros(n, np.bool_),
        row_ptr=np.array([0, n], np.int32),
        row_shock=each,
        row_effect=each,
        row_kind=np.array([row.kind for row in rows], np.int32),
        point_ptr=_offsets(days),
        point_day=np.array([d for one in days for d in one]),
        point_value=np.array([float(v) for row in rows for _, v in row.points]),
    )
    return Targets(_offsets(indices), np.array([i for one in indices for i in one], np.int32)), tape


def _number(compiled: CompiledNetwork, target: Any) -> int:
    return (
        compiled.labels.site.index(target)
        if isinstance(target, str)
        else lane_of(compiled, *target)
    )


def _offsets(lists: list[list]) -> np.ndarray:
    return np.array([0, *np.cumsum([len(x) for x in lists])], np.int32)


def compiled_of(mapping: Map, n_period: int, step_days: int = 1) -> CompiledNetwork:
    return compile_network(
        read_network(mapping), start=START, n_period=n_period, step_days=step_days
    )


def run(
    mapping: Map,
    rows: list[Row],
    n_period: int,
    *,
    starts: list[float] | None = None,
    step_days: int = 1,
    draws: Draws = EMPTY_DRAWS,
    parameter: np.ndarray | None = None,
    **options: Any,
) -> Told:
    """Simulate a network by hand under shocks by hand, with all its traces."""
    compiled = compiled_of(mapping, n_period, step_days)
    targets, tape = tape_of(compiled, rows, starts)
    if parameter is not None:
        tape = tape._replace(parameter=parameter)
    play = Play(compiled, targets, draws, n_period)
    return Told(simulate_simpy(play, tape, trace=True, **options), compiled)


def segments(n_period: int, *pieces: tuple) -> np.ndarray:
    """Return daily sums of [from, to, rate] or [from, to, rate at start, rate at end]."""
    out = np.zeros(n_period)
    for begin, end, first, *last in pieces:
        slope = (last[0] - first) / (end - begin) if last else 0.0
        for day in range(begin, min(end, n_period)):
            out[day] += first + slope * (day + 0.5 - begin)
    return out
