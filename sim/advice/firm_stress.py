"""Play a firm's plants through scenarios, and through the loss of each of their suppliers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.advice import outage
from sim.advice.firm import Firm, Overlay, overlay_of
from sim.advice.pool import Column
from sim.advice.removals import removals
from sim.base.errors import Fault, UserError
from sim.base.sections import INDEPENDENT, Sections
from sim.base.units import DAYS_PER_YEAR
from sim.base.written import Written
from sim.base.yaml_files import read_yaml
from sim.config.library import Library
from sim.config.settings import Settings, load_settings
from sim.metrics import precision
from sim.metrics.answer import Answer, Refused
from sim.network.arrays import F8
from sim.network.compile import compile_network
from sim.network.dependence import without_value_added
from sim.network.dictionary import Network
from sim.network.load import read_network
from sim.network.validate import validate
from sim.run.audit import audit
from sim.run.audit_size import size_of
from sim.run.case import Study
from sim.run.many import in_memory
from sim.run.sampling import refuse_strata, sections_of
from sim.run.source_hash import revision

STOP_DAYS = 365
"""How long a supplier is lost for the time to survive."""

Row = dict[str, Any]
Tick = Callable[[int], object]


class Futures(NamedTuple):
    """What the futures of one scenario do to a firm.

    Parameters
    ----------
    scenario, title : str
        Which.
    digest : str
        The same for all firms that met the same shocks: hazards, calendar, seed, sampling, version.
    lost_years : dict of ndarray, shape (n,)
        Plant -> years of its work lost in each future.
    days_short : dict of ndarray, shape (n,)
        Plant -> days on which it lacked something.
    first_day : dict of ndarray, shape (n,)
        Plant -> day of its first shortage; NaN where there is none.
    horizon_days : int
        Of the scenario.
    sections : Sections
        Which futures were drawn together.
    """

    scenario: str
    title: str
    digest: str
    lost_years: dict[str, F8]
    days_short: dict[str, F8]
    first_day: dict[str, F8]
    horizon_days: int
    sections: Sections = INDEPENDENT


def read_firm(path: str | Path) -> Firm:
    """Return a firm's file, validated.

    Raises
    ------
    UserError
        With all mistakes at once, each with file, line and key.
    """
    document = read_yaml(path)
    with Written({"firm": (document,)}).placing():
        return validate(Firm, document.data, "firm")


def networks_for(firm: Firm, scenario: str, library: Library) -> str | None:
    """Return the network on which a scenario meets a firm: its own where that has all goods.

    Else the firm's, if the scenario's hazards can be played there; None where neither goes.
    """
    named = str(library.read("scenario", scenario).data.get("network", "rare_earths"))
    goods = {p for plant in firm.plants.values() for p in plant.needs}
    own = read_network(library.read("network", named).data)
    made = {s.product for s in own.sites.values() if s.kind in ("mine", "refiner")}
    if goods <= made:
        return named
    return firm.network if goods & made else None


def base_of(firm: Firm, network: str, library: Library) -> tuple[Network, Overlay]:
    """Return a network and what the firm adds to it.

    Raises
    ------
    UserError
        With every name that the network lacks.
    """
    base = read_network(library.read("network", network).data)
    return base, overlay_of(firm, base, reference_output(base))


def reference_output(network: Network) -> dict[str, float]:
    """Return site -> what it makes in a normal year, t."""
    from datetime import date

    compiled = compile_network(network, start=date(2025, 1, 1), n_period=1, step_days=365)
    made: dict[str, float] = {}
    for name, t in zip(compiled.labels.site_parent, compiled.reference_out, strict=True):
        made[name] = made.get(name, 0.0) + float(t)
    return made


def settings_for(
    firm: Firm, scenario: str, network: str, changes: dict[str, Any], library: Library
) -> Settings:
    """Return the settings of a scenario with the firm's plants on its network, judged by them."""
    _, overlay = base_of(firm, network, library)
    whole = {**overlay.changes(), **changes}
    return load_settings(scenario, network, None, whole, folders=library.folders)


def play(settings: Settings, firm: Firm, n: int, workers: int, tick: Tick) -> Futures:
    """Return what n futures of a scenario do to a firm's plants.

    Raises
    ------
    AuditFailure
        If the SimPy model gives other bits in the audited future (``run.audit=0``: none).
    """
    refuse_strata(settings.run)
    study = Study(settings)
    found = in_memory(study.compute, n, 256, workers, tick)
    size = size_of(settings.run.audit, n, study.compiled.chain.lane_feed.size, study.n_period)
    if size.n:
        stretch = study.play._replace(n_period=size.n_period)
        audit(stretch, study.tape(np.arange(1)), seed=settings.run.seed)
    names = [(v.kind, v.name) for v in study.views.view]
    at = {plant: names.index(("user", plant)) for plant in firm.plants}
    step = settings.scenario.step_days
    first = found["m.first_shortage_day"]
    return Futures(
        settings.scenario.name, settings.scenario.title, digest_of(settings, n),
        {p: found["m.shortfall_t"][:, x] for p, x in at.items()},
        {p: found["m.days_short"][:, x] for p, x in at.items()},
        {p: first[:, x] for p, x in at.items()},
        study.n_period * step,
        study.sections,
    )  # fmt: skip


def digest_of(settings: Settings, n: int) -> str:
    """Return the digest of what makes shocks the same: not the network, not who is judged."""
    scenario = settings.scenario
    shared = {
        "hazards": {k: h.model_dump(mode="json") for k, h in scenario.hazards.items()},
        "tensions": {k: t.model_dump(mode="json") for k, t in scenario.tensions.items()},
        "start": str(scenario.start), "horizon_days": scenario.horizon_days,
        "step_days": scenario.step_days, "seed": settings.run.seed, "n": n, "version": revision(),
        "sampling": settings.run.sampling, "together": sections_of(settings.run).size,
    }  # fmt: skip
    return hashlib.sha256(json.dumps(shared, sort_keys=True).encode()).hexdigest()


def rows_of(futures: Futures, firm: Firm) -> list[Row]:
    """Return a row a plant and one for the firm: chances, days, value, with 95 % intervals."""
    rows = []
    for name, plant in firm.plants.items():
        rows.append(_row(futures, name, plant.title or name, plant.value_added_usd_per_year,
                         futures.lost_years[name], futures.days_short[name],
                         futures.first_day[name]))  # fmt: skip
    if len(firm.plants) > 1:
        rows.append(_firm_row(futures, firm))
    return rows


def _firm_row(futures: Futures, firm: Firm) -> Row:
    """Return the row of all plants together: days on which the plant that lost most lacked."""
    values = [p.value_added_usd_per_year for p in firm.plants.values()]
    known = None not in values
    lost = sum(
        futures.lost_years[name] * ((p.value_added_usd_per_year or 0.0) if known else 1.0)
        for name, p in firm.plants.items()
    )
    days = np.max(list(futures.days_short.values()), axis=0)
    each = np.array(list(futures.first_day.values()))
    first = np.where(np.isnan(each), np.inf, each).min(axis=0)
    first = np.where(np.isinf(first), np.nan, first)
    return _row(futures, "all", firm.title, 1.0 if known else None, np.asarray(lost), days, first)


def _row(
    futures: Futures,
    name: str,
    title: str,
    value: float | None,
    lost: F8,
    days: F8,
    first: F8,
) -> Row:
    n, together = lost.size, futures.sections
    came = first[~np.isnan(first)]
    row: Row = {
        "scenario": futures.scenario, "scenario_title": futures.title, "plant": name,
        "title": title, "n": n, "horizon_days": futures.horizon_days,
    }  # fmt: skip
    row |= _cells("chance_of_stop", precision.chance(days > 0, sections=together))
    row |= _cells("days_lost_mean", precision.mean(days, sections=together))
    row |= _cells("days_lost_q95", precision.quantile(days, 0.95, sections=together))
    row |= _cells("first_day_median", precision.quantile(came, 0.5) if came.size else None)
    at_risk = None if value is None else lost * value
    risk: tuple[Answer | None, Answer | None] = None, None
    if at_risk is not None:
        risk = (precision.mean(at_risk, sections=together),
                precision.quantile(at_risk, 0.95, sections=together))  # fmt: skip
    row |= _cells("value_added_at_risk_usd", risk[0])
    row |= _cells("value_added_at_risk_q95_usd", risk[1])
    return row


def _cells(name: str, answer: Answer | None) -> Row:
    """Return a number with its limits, or empty cells where it is refused."""
    if answer is None or isinstance(answer, Refused):
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: answer.value, f"{name}_low": answer.low, f"{name}_high": answer.high}


def supplier_rows(firm: Firm, network: str, library: Library, workers: int = 1) -> list[Row]:
    """Return what the loss of each supplier, direct or far up the chain, does to the firm's plants.

    One is lost alone for a year, nothing else happens: the days until a plant first lacks something
    (time to survive) and the work that it loses, worst first.

    References
    ----------
    .. [1] Simchi-Levi and others (2015), Interfaces 45(5), 375-390 (time to survive).
    """
    from datetime import date

    base, overlay = base_of(firm, network, library)
    data = without_value_added(base).model_dump(mode="json", exclude_unset=True)
    for key in ("sites", "products", "sources"):
        data[key] = {**data.get(key, {}), **getattr(overlay, key)}
    whole = read_network(data)
    start, step = date(2026, 1, 1), 7
    n_period = 2 * STOP_DAYS // step
    compiled = compile_network(whole, start=start, n_period=n_period, step_days=step)
    groups = np.array([g in firm.plants for g in compiled.labels.group])
    views = outage.views_for(compiled, groups)
    stop = outage.Stop(
        1.0, STOP_DAYS, n_period, step, outage.certain_starts(whole, compiled, start)
    )
    kinds = ("site", "country")
    things = [r for r in removals(whole, compiled) if r.kind in kinds]
    table = outage.play(compiled, views, [(r,) for r in things], stop, workers)
    rows = []
    for x, removal in enumerate(things):
        for name in firm.plants:
            g = compiled.labels.group.index(name)
            lost = float(table["shortfall_t"][x, g])
            if lost > 0:
                lanes = {s for f in overlay.sites[name]["feeds"].values() for s in f["lanes"]}
                direct = lanes & {compiled.labels.site_parent[i] for i in removal.sites}
                rows.append({
                    "plant": name, "kind": removal.kind, "supplier": removal.name,
                    "product": removal.product, "buys_directly": "yes" if direct else "no",
                    "time_to_survive_days": float(table["time_to_survive_days"][x, g]),
                    "days_short": float(table["days_short"][x, g]),
                    "work_lost_days": lost * DAYS_PER_YEAR,
                })  # fmt: skip
    return sorted(rows, key=lambda r: (-r["work_lost_days"], r["plant"], r["supplier"]))


def origin_rows(firm: Firm, network: str, library: Library) -> list[Row]:
    """Return where the firm's inputs come from, stage by stage up to the mines, by country.

    Each stage's flow is followed through the reference lanes; shares are of the plant's own input.
    """
    base, overlay = base_of(firm, network, library)
    sites = {n: s.model_dump(exclude_unset=True) for n, s in base.sites.items()}
    rows: list[Row] = []
    for plant, site in overlay.sites.items():
        for product, feed in site["feeds"].items():
            flows = _followed(product, feed["lanes"], sites, base)
            for good, by_country in flows.items():
                whole = sum(by_country.values())
                rows += [
                    {"plant": plant, "input": product, "stage": base.products[good].stage or good,
                     "product": good, "country": country, "share": t / whole}
                    for country, t in sorted(by_country.items(), key=lambda i: -i[1])
                ]  # fmt: skip
    return rows


def _followed(
    product: str, lanes: dict[str, Any], sites: dict[str, Any], base: Network
) -> dict[str, dict[str, float]]:
    """Return product -> country -> t behind one ton of an input, along shares up to the mines."""
    found: dict[str, dict[str, float]] = {}
    waiting = [(s, float(lane["share"])) for s, lane in lanes.items() if lane["share"] > 0]
    while waiting:
        name, t = waiting.pop()
        site = base.sites[name]
        at = found.setdefault(site.product, {})
        at[site.country] = at.get(site.country, 0.0) + t
        for feed in site.feeds.values():
            waiting += [(s, t * feed.coefficient * lane.share) for s, lane in feed.lanes.items()
                        if t * feed.coefficient * lane.share > 1e-6]  # fmt: skip
    return found


def second_source_rows(firm: Firm, network: str, library: Library) -> list[Row]:
    """Return who else makes what the firm buys, and how much of it lies idle."""
    base, overlay = base_of(firm, network, library)
    made = reference_output(base)
    rows = []
    for plant, site in overlay.sites.items():
        for product, feed in site["feeds"].items():
            used = {s for s, lane in feed["lanes"].items() if lane["share"] > 0}
            for name, other in base.sites.items():
                if (
                    other.product == product
                    and other.kind in ("mine", "refiner")
                    and (name not in used)
                ):
                    idle = max(0.0, (other.capacity or 0.0) - made.get(name, 0.0))
                    rows.append({"plant": plant, "product": product, "maker": name,
                                 "title": other.title or name, "country": other.country,
                                 "makes_t": made.get(name, 0.0), "idle_t": idle,
                                 "idle_over_need": idle / feed["coefficient"]})  # fmt: skip
    return sorted(rows, key=lambda r: (r["plant"], r["product"], -r["idle_t"]))


def check_goods(firm: Firm, library: Library, path: str | Path) -> None:
    """Refuse a firm whose own network lacks what it needs.

    Raises
    ------
    UserError
        With every name that is not there, and its line in the firm's file.
    """
    with Written({"firm": (read_yaml(path),)}).placing():
        try:
            base_of(firm, firm.network, library)
        except UserError as error:
            raise UserError([_in_firm(f) for f in error.faults]) from None


def _in_firm(fault: Fault | str) -> Fault | str:
    return fault if isinstance(fault, str) else Fault(
        f"firm.{fault.key}", fault.found, fault.expected, fault.where
    )  # fmt: skip


def chosen(names: Sequence[str], firm: Firm, library: Library) -> list[tuple[str, str]]:
    """Return (scenario, network) of those scenarios that can meet the firm."""
    pairs = [(name, networks_for(firm, name, library)) for name in names]
    return [(name, network) for name, network in pairs if network is not None]


def home_of(firm: Firm, pairs: Sequence[tuple[str, str]]) -> str:
    """Return the network on which suppliers are looked at: the one of most scenarios."""
    names = [network for _, network in pairs]
    return max(dict.fromkeys(names), key=names.count)


def column_of(futures: Futures, firm: Firm) -> Column:
    """Return what the firm hands over: value added lost, or years of work where it is not known."""
    values = [p.value_added_usd_per_year for p in firm.plants.values()]
    known = None not in values
    loss = np.sum(
        [
            futures.lost_years[name] * ((p.value_added_usd_per_year or 0.0) if known else 1.0)
            for name, p in firm.plants.items()
        ],
        axis=0,
    )
    unit = "USD" if known else "years of work"
    return Column(
        firm.title, futures.scenario, futures.digest, unit, loss, futures.sections.size or 1
    )
