"""A network -> plain arrays in canonical order, ready for both engines."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from sim.base.collector import collector_at_rest
from sim.base.errors import Fault, UserError
from sim.base.units import DAYS_PER_YEAR, day_of
from sim.network.arrays import F8, I4, KINDS, Chain, CompiledNetwork
from sim.network.buying import buying_columns, buys, check_dates
from sim.network.checks import check_network
from sim.network.cohorts import split_cohorts
from sim.network.countries import RESTS
from sim.network.dependence import DRAWN, dependence_of, middle_of
from sim.network.dictionary import SUM_TOLERANCE, Network, Project, Site, Substitution
from sim.network.growth import PathTable
from sim.network.labels import groups_of, labels_of, region_of
from sim.network.order import Frame, frame_of, offsets
from sim.network.references import References, references
from sim.network.validate import shown

Columns = dict[str, Any]


@collector_at_rest()
def compile_network(
    network: Network,
    *,
    start: dt.date,
    n_period: int,
    step_days: int,
    firms: Mapping[str, int] | None = None,
) -> CompiledNetwork:
    """Return a network as arrays, with its reference flows on day 0.

    The references count projects that are certain (probability 1, delay a plain number), started
    as planned; the others come on top.

    Parameters
    ----------
    network : Network
        Validated by its schema; checked here.
    start : datetime.date
        Day 0.
    n_period, step_days : int
        Number of periods and their length in days.
    firms : mapping of str to int, optional
        End users that are split into so many equal cohorts although their cover is a plain number.

    Raises
    ------
    UserError
        With all faults of names, shares, kinds and rings at once; when there are none, with all
        sites whose reference flow is above their capacity.
    """
    faults = [*_check_clock(n_period, step_days), *check_network(network)]
    if not faults:
        faults = list(check_dates(network, start, n_period, step_days))
    if faults:
        raise UserError(faults)
    frame = frame_of(split_cohorts(network, firms))
    chain = _chain(frame, PathTable(start, n_period, int(step_days)))
    flows = references(chain, 0, _certain_starts(frame, start))
    faults = _check_capacity(frame, chain, flows)
    if faults:
        raise UserError(faults)
    stock = _reserve_stock(frame, chain, flows)
    buying = buying_columns(_reserves(frame), stock, start, n_period, int(step_days))
    chain = chain._replace(reserve_stock=stock, **buying)
    return CompiledNetwork(chain, labels_of(frame), flows.out, flows.lane)


def _check_clock(n_period: int, step_days: float) -> list[Fault]:
    faults = []
    if step_days < 1 or step_days != int(step_days):
        faults.append(
            Fault(
                "scenario.step_days", shown(step_days), "must be a whole number of days, 1 or more"
            )
        )
    if n_period < 1:
        faults.append(
            Fault("scenario.horizon_days", shown(n_period), "must hold at least one period")
        )
    return faults


def _chain(frame: Frame, paths: PathTable) -> Chain:
    step = float(paths.step_days)
    rate = step if frame.network.rates_per == "day" else step / DAYS_PER_YEAR
    return Chain(
        step_days=step,
        **_supply_columns(frame, paths, step, rate),
        **_user_columns(frame, paths, step, rate),
        **_loss_columns(frame),
        **_feed_columns(frame, step),
        **_lane_columns(frame, step),
        **_reserve_columns(frame, step, rate),
        **_project_columns(frame, rate),
        path=paths.array(),
    )


def _f8(values: Iterable[float]) -> F8:
    return np.array(list(values), np.float64)


def _i4(values: Iterable[int]) -> I4:
    return np.array(list(values), np.int32)


def _offsets(owner: Iterable[int], n: int) -> I4:
    """Return CSR offsets of things by the number of their owner, 0 to n - 1."""
    return _i4(offsets(np.bincount(_i4(owner), minlength=n)))


def per_step(step: float, days: float) -> float:
    """Return the part of a slow change that one period makes; inf where it happens at once."""
    return step / days if days > 0 else math.inf


def _supply_columns(frame: Frame, paths: PathTable, step: float, rate: float) -> Columns:
    sites = frame.sites()
    return {
        "kind": _i4(KINDS.index(s.kind) for s in sites),
        "feed_ptr": _offsets((i for i, _ in frame.feed), len(sites)),
        "out_ptr": _offsets((i for i, _ in frame.lane), len(sites)),
        "capacity": _f8((s.capacity or 0.0) * rate for s in sites),
        "capacity_path": _i4(paths.row(s.capacity_path) for s in sites),
        "slack": _f8(s.slack for s in sites),
        "ramp_share": _f8(per_step(step, s.ramp_days) for s in sites),
        "n_class": _i4(n + len(s.priority) for n, s in zip(_ranks(frame), sites, strict=True)),
        "home_weight": np.full(len(sites), _home_weight(frame.network)),
    }


def _home_weight(network: Network) -> float:
    """Return the weight of buyers at home; 1 where it is a law, to be drawn."""
    weight = network.home_weight
    return float(weight) if isinstance(weight, (int, float)) else 1.0


def _user_columns(frame: Frame, paths: PathTable, step: float, rate: float) -> Columns:
    sites = frame.sites()
    group_at = {group: x for x, group in enumerate(groups_of(frame))}
    sub = [s.substitution or Substitution() for s in sites]
    return {
        "demand": _f8((s.demand or 0.0) * rate for s in sites),
        "demand_path": _i4(paths.row(s.demand_path) for s in sites),
        "group": _i4(
            group_at[frame.parent[name]] if s.kind == "end_user" else -1
            for name, s in zip(frame.site, sites, strict=True)
        ),
        "sub_limit": _f8(s.limit for s in sub),
        "sub_delay_days": _f8(s.delay_days for s in sub),
        "sub_share": _f8(per_step(step, s.days) for s in sub),
    }


def _loss_columns(frame: Frame) -> Columns:
    """Return what of its value added an end user loses without input; 0 where it states none."""
    depends = [
        dependence_of(frame.network, s) if s.value_added_usd_per_year is not None else None
        for s in frame.sites()
    ]
    columns: Columns = {
        "dependence" if key == "share" else key: _f8(
            0.0 if d is None else middle_of(d, key) for d in depends
        )
        for key in DRAWN
    }
    linkage = _f8(1.0 if d is None else d.backward_linkage or 1.0 for d in depends)
    return columns | {"backward_linkage": linkage, "network_share": np.zeros(len(depends))}


def _feed_columns(frame: Frame, step: float) -> Columns:
    feeds = [frame.feed_of(f) for f in range(len(frame.feed))]
    lane_feed = _i4(f for _, f in frame.lane)
    return {
        "feed_site": _i4(i for i, _ in frame.feed),
        "coefficient": _f8(f.coefficient for f in feeds),
        "cover": _f8(f.cover_days / step for f in feeds),  # type: ignore[operator]
        "adjust_gain": _f8(min(1.0, per_step(step, f.adjustment_days)) for f in feeds),
        "learn_gain": _f8(min(1.0, per_step(step, f.perception_days)) for f in feeds),
        "rerouting": _f8(f.rerouting for f in feeds),
        "precaution": _f8(f.precaution for f in feeds),
        "lane_ptr": _offsets(lane_feed, len(feeds)),
        "lane_of": _i4(np.argsort(lane_feed, kind="stable")),
    }


def _lane_columns(frame: Frame, step: float) -> Columns:
    lanes = [frame.lane_of(n) for n in range(len(frame.lane))]
    return {
        "supplier": _i4(i for i, _ in frame.lane),
        "lane_feed": _i4(f for _, f in frame.lane),
        "share": _f8(lane.share for lane in lanes),
        "transit": _i4(max(1, math.ceil(lane.transit_days / step - 1e-9)) for lane in lanes),
        "spot": _f8(lane.spot for lane in lanes),
        "qualify_step": _f8(per_step(step, lane.qualification_days) for lane in lanes),
        "lane_class": _i4(_class_of(frame, n) for n in range(len(lanes))),
        "home": _i4(_is_home(frame, n) for n in range(len(lanes))),
    }


def _ends_of(frame: Frame, n: int) -> tuple[Site, Site]:
    """Return a lane's seller and buyer."""
    supplier, f = frame.lane[n]
    names = frame.site[supplier], frame.site[frame.feed[f][0]]
    return frame.network.sites[names[0]], frame.network.sites[names[1]]


def _is_home(frame: Frame, n: int) -> bool:
    """Return whether a lane's buyer is in its supplier's own country; what is left is none."""
    seller, buyer = _ends_of(frame, n)
    return seller.country == buyer.country not in RESTS


def _ranks(frame: Frame) -> list[int]:
    """Return, for each site, 1; 2 where a reserve that buys comes after all its other buyers."""
    ranks = [1] * len(frame.site)
    for n, (supplier, _) in enumerate(frame.lane):
        if buys(_ends_of(frame, n)[1]):
            ranks[supplier] = 2
    return ranks


def _class_of(frame: Frame, n: int) -> int:
    """Rank of a lane's buyer in its supplier's priorities; the rest comes last.

    After all of them comes a reserve that buys.
    """
    seller, buyer = _ends_of(frame, n)
    if buys(buyer):
        return len(seller.priority) + 1
    for rank, entry in enumerate(seller.priority):
        words = [entry] if isinstance(entry, str) else entry
        if any(_is_meant(frame.network, word, seller, buyer) for word in words):
            return rank
    return len(seller.priority)


def _is_meant(network: Network, word: str, seller: Site, buyer: Site) -> bool:
    word, _, sector = word.partition(":")
    if sector and buyer.sector != sector:
        return False
    if word == "home":
        return buyer.country == seller.country
    names = {buyer.country, region_of(buyer)}
    return word in names or bool(names & set(network.blocs.get(word, ())))


def _reserves(frame: Frame) -> list[Site]:
    return [frame.network.sites[frame.site[i]] for i in frame.reserves()]


def _reserve_columns(frame: Frame, step: float, rate: float) -> Columns:
    reserves = list(zip(frame.reserves(), _reserves(frame), strict=True))
    served = [
        sorted(
            (frame.feed_at[frame.site_at[buyer], r.product], share)
            for buyer, share in r.serves.items()
        )
        for _, r in reserves
    ]
    return {
        "reserve_site": _i4(i for i, _ in reserves),
        "reserve_stock": np.zeros(len(reserves)),
        "reserve_max": _f8(
            math.inf if r.max_rate is None else r.max_rate * rate for _, r in reserves
        ),
        "trigger": _f8(r.trigger_days / step for _, r in reserves),
        "activation_days": _f8(r.activation_days for _, r in reserves),
        "serve_ptr": _i4(offsets(map(len, served))),
        "serve_feed": _i4(f for group in served for f, _ in group),
        "serve_share": _f8(math.nan if w is None else w for group in served for _, w in group),
        **buying_columns([], _f8([]), dt.date.min, 0, 1),  # once their stocks are known
    }


def _reserve_stock(frame: Frame, chain: Chain, flows: References) -> F8:
    """Stock as given, or so many days of the served feeds' reference use."""
    stock = []
    for v, i in enumerate(chain.reserve_site):
        site = frame.network.sites[frame.site[i]]
        served = chain.serve_feed[chain.serve_ptr[v] : chain.serve_ptr[v + 1]]
        use = sum(float(flows.use[f]) for f in served)
        stock.append(
            site.stock
            if site.stock is not None
            else (site.stock_days or 0.0) / chain.step_days * use
        )
    return _f8(stock)


def _project_columns(frame: Frame, rate: float) -> Columns:
    projects = [frame.network.projects[name] for name in frame.project]
    offtake = [_offtakes(frame, p) for p in projects]
    return {
        "project_site": _i4(frame.site_at[p.site] for p in projects),
        "project_capacity": _f8(p.capacity * rate for p in projects),
        "project_ramp_days": _f8(p.ramp_days for p in projects),
        "offtake_ptr": _i4(offsets(map(len, offtake))),
        "offtake_lane": _i4(lane for group in offtake for lane, _ in group),
        "offtake_share": _f8(share for group in offtake for _, share in group),
    }


def _offtakes(frame: Frame, project: Project) -> list[tuple[int, float]]:
    """Return lane and share of each offtake, lanes ascending."""
    supplier = frame.site_at[project.site]
    product = frame.network.sites[project.site].product
    feeds = {buyer: frame.feed_at[frame.site_at[buyer], product] for buyer in project.offtake}
    return sorted(
        (frame.lane_at[supplier, feeds[buyer]], o.share) for buyer, o in project.offtake.items()
    )


def _certain_starts(frame: Frame, start: dt.date) -> F8:
    """Start of the projects that are certain; inf for those that chance decides."""
    days = []
    for name in frame.project:
        p = frame.network.projects[name]
        planned = day_of(p.start, start) if isinstance(p.start, dt.date) else float(p.start)
        certain = p.probability == 1 and isinstance(p.delay_days, (int, float))
        days.append(planned + float(p.delay_days) if certain else math.inf)  # type: ignore[arg-type]
    return _f8(days)


def _check_capacity(frame: Frame, chain: Chain, flows: References) -> list[Fault]:
    """Return one fault per site, cohorts together, whose reference flow is above its capacity."""
    needed: dict[str, list[float]] = {}
    for i, name in enumerate(frame.site):
        if frame.network.sites[name].kind in ("mine", "refiner"):
            pair = needed.setdefault(frame.parent[name], [0.0, 0.0])
            pair[0] += flows.out[i]
            pair[1] += flows.capacity[i]
    per, days = frame.network.rates_per, 1.0 if frame.network.rates_per == "day" else DAYS_PER_YEAR
    unit = days / chain.step_days
    return [
        Fault(
            f"network.sites.{name}.capacity",
            f"{capacity * unit:.6g}",
            f"must be at least the reference flow of the first period, {flow * unit:.6g} (t/{per})",
        )
        for name, (flow, capacity) in needed.items()
        if flow > capacity * (1 + SUM_TOLERANCE)
    ]
