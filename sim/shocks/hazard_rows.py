"""Hazards and their effects, one by one, as fields of records."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from sim.base.errors import Fault
from sim.base.rng import stream_id
from sim.base.units import DAYS_PER_YEAR, day_of
from sim.network.arrays import END_USER, MINE, REFINER
from sim.shocks.approval_rows import NO_APPROVAL, approval_rows
from sim.shocks.compiling import Desk, Row
from sim.shocks.copies import Copy
from sim.shocks.hazard import Control, DemandShock, Effect, Hazard, Outage, RouteShock, Tension
from sim.shocks.kernel.shocks import DATED, POISSON, RENEWAL, TRIGGERED
from sim.shocks.select import Mask, control_lanes, of_kinds, select_routes, select_sites
from sim.shocks.tape import AVAILABILITY, DEMAND, HOLD, LANE_CAP, OUTPUT

FOREVER = 2**62  # events


# --- hazards ------------------------------------------------------------------------------------


def hazard_row(copy: Copy, tensions: Mapping[str, Tension], desk: Desk) -> Row:
    """Return the fields of one hazard, without its effects."""
    hazard, key = copy.hazard, copy.key
    enter = desk.laws.enter
    shares = any(
        not isinstance(e, DemandShock) and e.severity is None for e in hazard.effects.values()
    )
    row: Row = {
        "stream": stream_id(f"hazard:{copy.name}"),
        "notice": enter(hazard.notice_days, f"{key}.notice_days", 0),
        "called_off": hazard.called_off,
        "severity": enter(
            hazard.severity, f"{key}.severity", 0 if shares else -1, 1 if shares else math.inf
        ),
        "max_events": hazard.max_events or FOREVER,
    }
    return row | _onset_row(copy, desk) | _profile_row(copy, desk) | _link_row(hazard, tensions)


def _onset_row(copy: Copy, desk: Desk) -> Row:
    """Return when a hazard begins."""
    onset, key = copy.hazard.onset, f"{copy.key}.onset"
    kind, low = DATED, -math.inf
    if onset.rate_per_year is not None:
        kind = POISSON
    elif onset.after is not None:
        kind, low = TRIGGERED, 0.0
    elif onset.up_days is not None:
        kind = RENEWAL
    days, rates = _rate_steps(onset.rate_per_year, desk, f"{key}.rate_per_year")
    return {
        "onset": kind,
        "day": desk.day(onset.date or onset.day or 0.0),
        "probability": onset.probability,
        "delay": desk.laws.enter(onset.delay_days, f"{key}.delay_days", low),
        "at_end": int(onset.at == "end"),
        # A millisecond is no up time: a process without one would never move on.
        "up": desk.laws.enter(onset.up_days, f"{key}.up_days", 1e-8),
        "begin": desk.laws.enter(onset.begin_days, f"{key}.begin_days"),
        "rate_day": days,
        "rate": rates,
    }


def _rate_steps(
    rate: float | list[tuple[float | dt.date, float]] | None, desk: Desk, key: str
) -> tuple[list[float], list[float]]:
    """Return the days from which a Poisson rate holds, and the rates a day; 0 before the first."""
    if rate is None:
        return [], []
    steps = rate if isinstance(rate, list) else [(-math.inf, rate)]
    days = [desk.day(when) for when, _ in steps]
    if not days:
        desk.faults.append(Fault(key, "[]", "needs at least one [day or date, rate]"))
    for _, value in steps:
        if value < 0:
            desk.faults.append(Fault(key, f"{value:g}", "must be 0 or more (1/year)"))
    if any(b <= a for a, b in pairwise(days)):
        desk.faults.append(Fault(key, ", ".join(f"{d:g}" for d in days), "days must ascend"))
    if days and -math.inf < days[0] < 0:
        expected = "must not begin before day 0: what is under way by then would not be drawn"
        desk.faults.append(Fault(key, f"{days[0]:g}", expected))
    return days, [value / DAYS_PER_YEAR for _, value in steps]


def _profile_row(copy: Copy, desk: Desk) -> Row:
    """Return how long a hazard lasts, and its shape over time."""
    hazard, key, profile = copy.hazard, copy.key, copy.hazard.profile
    days, levels = _table(copy, desk)
    length = days[-1] if days else hazard.duration_days
    chronic, enter = profile.chronic, desk.laws.enter
    part = f"{key}.profile.chronic"
    return {
        "duration": enter(length, f"{key}.duration_days", 0),
        "chronic_duration": enter(
            chronic.duration_days if chronic else None, f"{part}.duration_days", 0
        ),
        "chronic_severity": enter(chronic.severity if chronic else None, f"{part}.severity", 0, 1),
        "ramp_in_days": profile.ramp_in_days,
        "relax_days": profile.relax_days,
        "easing_days": profile.easing_days,
        "table_day": days,
        "table_level": levels,
    }


def _table(copy: Copy, desk: Desk) -> tuple[list[float], list[float]]:
    """Return the days since onset and the levels of a table."""
    table, onset, key = copy.hazard.profile.table, copy.hazard.onset, f"{copy.key}.profile.table"
    if not table:
        return [], []
    origin = desk.day(onset.date or onset.day or 0.0)
    days = [
        day_of(d, desk.start) - origin if isinstance(d, dt.date) else float(d) for d, _ in table
    ]
    if days[0] < 0:
        desk.faults.append(Fault(key, str(table[0][0]), "must not lie before the onset"))
    if any(b < a for a, b in pairwise(days)):
        desk.faults.append(Fault(key, ", ".join(f"{d:g}" for d in days), "days must ascend"))
    return days, [float(level) for _, level in table]


def _link_row(hazard: Hazard, tensions: Mapping[str, Tension]) -> Row:
    """Return how a hazard hangs on a tension and on a common factor."""
    link, tie = hazard.tension, hazard.copula
    row: Row = {
        "has_tension": 0,
        "tension_stream": 0,
        "calm_days": 1.0,
        "tense_days": 1.0,
        "start_tense": 0.0,
        "calm_factor": 1.0,
        "tense_factor": 1.0,
    }
    if link is not None and link.name in tensions:
        tension = tensions[link.name]
        share = tension.tense_days / (tension.calm_days + tension.tense_days)
        row = {
            "has_tension": 1,
            "tension_stream": stream_id(f"tension:{link.name}"),
            "calm_days": tension.calm_days,
            "tense_days": tension.tense_days,
            "start_tense": {"calm": 0.0, "tense": 1.0, "stationary": share}[tension.start],
            "calm_factor": link.calm,
            "tense_factor": link.tense,
        }
    rho = tie.correlation if tie else 0.0
    row |= {
        "factor_stream": stream_id(f"factor:{tie.factor}") if tie else 0,
        "loading": math.sqrt(rho),
        "residual": math.sqrt(1.0 - rho),
    }
    return row | {
        f"tied_{name}": int(tie is not None and name in tie.draws)
        for name in ("onset", "duration", "severity", "approval")
    }


# --- effects ------------------------------------------------------------------------------------


def effect_rows(copy: Copy, name: str, effect: Effect, desk: Desk) -> list[Row]:
    """Return the fields of one effect, and, where licences go to firms, of each buyer's part."""
    row = _effect_row(copy, name, effect, desk)
    if isinstance(effect, Control) and effect.approval is not None:
        return [row, *approval_rows(copy, effect.approval, row, desk)]
    return [row]


def _effect_row(copy: Copy, name: str, effect: Effect, desk: Desk) -> Row:
    """Return the fields of one effect, and its targets."""
    key = f"{copy.key}.effects.{name}"
    row: Row = {
        "name": name,
        "stream": stream_id(f"hazard:{copy.name}/{name}"),
        "kind": _kind_of(effect),
        "probability": effect.probability,
        "severity": _severity(effect, copy.hazard, key, desk),
        "quota": -1,
        "leakage": -1,
        "days": -1,
        "control": int(isinstance(effect, Control)),
        **NO_APPROVAL,
        "targets": np.flatnonzero(_targets(copy, effect, key, desk)),
    }
    enter = desk.laws.enter
    if isinstance(effect, Control):
        row["quota"] = enter(effect.quota, f"{key}.quota", 0, 1)
        row["leakage"] = enter(effect.leakage, f"{key}.leakage", 0, 1)
        if effect.type == "licensing" and effect.approval is None:
            row["days"] = enter(effect.processing_days, f"{key}.processing_days", 0)
    if isinstance(effect, RouteShock):
        row["days"] = enter(effect.extra_transit_days, f"{key}.extra_transit_days", 0)
    return row


def _kind_of(effect: Effect) -> int:
    """Return the kind of an effect's main row."""
    if isinstance(effect, Outage) and effect.of == "output":
        return OUTPUT
    kinds = {"outage": AVAILABILITY, "control": LANE_CAP, "route": HOLD, "demand": DEMAND}
    return kinds[effect.kind]


def _severity(effect: Effect, hazard: Hazard, key: str, desk: Desk) -> int:
    """Return the law of an effect's own severity, -1 where the hazard's counts."""
    low, high = (-1.0, math.inf) if isinstance(effect, DemandShock) else (0.0, 1.0)
    severity = effect.severity
    if isinstance(effect, Control):
        if effect.type == "tariff" and effect.tariff is not None:
            severity = 1.0 - (1.0 + effect.tariff) ** effect.elasticity
        elif effect.type == "ban" and severity is None and hazard.severity is None:
            severity = 1.0
    return desk.laws.enter(severity, f"{key}.severity", low, high)


def _targets(copy: Copy, effect: Effect, key: str, desk: Desk) -> Mask:
    """Return the sites or lanes that an effect acts on."""
    book, faults = desk.atlas, desk.faults
    if isinstance(effect, RouteShock):
        return select_routes(effect.routes, book, f"{key}.routes", faults)
    if isinstance(effect, Control):
        return control_lanes(effect, book, key, faults)
    kinds = (END_USER,) if isinstance(effect, DemandShock) else (MINE, REFINER)
    if key not in desk.chosen:  # once for all copies of a hazard
        sites = select_sites(effect.sites, book, f"{key}.sites", faults)
        desk.chosen[key] = of_kinds(sites, kinds, book, f"{key}.sites", faults)
    each_site = copy.hazard.each_site
    if not copy.own_place or each_site is None or isinstance(effect, DemandShock):
        return desk.chosen[key]
    copied = f"{copy.key}.each_site"  # whatever `sites` says
    if copied not in desk.chosen:
        sites = select_sites(each_site, book, "", [])  # faults: told by copies_of
        desk.chosen[copied] = sites & np.isin(book.compiled.chain.kind, (MINE, REFINER))
    at_place: Mask = np.array([place == copy.place for place in desk.places])
    return desk.chosen[copied] & at_place
