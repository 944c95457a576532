"""Why a hazard never acts: what its own numbers say for certain, else what was seen."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from sim.base.units import date_of, day_of
from sim.network.distribution import Distribution
from sim.run.case import Study
from sim.shocks.approval import Approval, verdict_for
from sim.shocks.hazard import Control, DemandShock, Effect, Hazard, RouteShock
from sim.shocks.number import Number

Mask = NDArray[np.bool_]


def certain_reason(study: Study, name: str, carries: Mask) -> str | None:
    """Return why a hazard can act in no future at all, or None where it may act in some.

    Parameters
    ----------
    study : Study
        The scenario on its network.
    name : str
        The hazard's key.
    carries : ndarray of bool, shape (n_effect,)
        Whether the targets of each compiled effect carry or want anything.
    """
    hazard = study.settings.scenario.hazards[name]
    return (
        _never_begins(study, hazard)
        or _out_of_time(study, hazard)
        or _without_force(hazard)
        or _without_targets(study, name, carries)
    )


def likely_reason(study: Study, name: str, came: bool) -> str:
    """Return why a hazard did not act in the futures drawn, where it might in others."""
    hazard = study.settings.scenario.hazards[name]
    onset = hazard.onset
    if came and hazard.called_off > 0:
        return f"where it came it was called off (chance {hazard.called_off:g}) or changed nothing"
    if came:
        return "where it came, it changed nothing within the horizon"
    if onset.rate_per_year is not None:
        return "it came in none of them (drawn by its yearly rate)"
    if onset.after is not None:
        return f"{onset.after} never triggered it (chance {onset.probability:g})"
    return f"it came in none of them (chance {onset.probability:g})"


def _never_begins(study: Study, hazard: Hazard) -> str | None:
    onset = hazard.onset
    if onset.rate_per_year is None and onset.up_days is None and onset.probability == 0:
        return "its probability is 0"
    rate = onset.rate_per_year
    rates = [rate] if isinstance(rate, float | int) else [value for _, value in rate or ()]
    if rates and not any(rates):
        return "its yearly rate is 0"
    if hazard.called_off == 1 and not any(isinstance(e, Control) for e in hazard.effects.values()):
        return "it is always called off"
    return None


def _out_of_time(study: Study, hazard: Hazard) -> str | None:
    """Return that a dated hazard lies after the horizon, or was over before the start."""
    scenario, onset = study.settings.scenario, hazard.onset
    delay = fixed(onset.delay_days)
    if (onset.date is None and onset.day is None) or delay is None:
        return None
    day = day_of(onset.date, scenario.start) if onset.date is not None else float(onset.day or 0.0)
    day += delay
    horizon = study.n_period * scenario.step_days
    if day >= horizon and fixed(hazard.notice_days) == 0:
        begins = _dated(day, scenario.start)
        return f"its onset, {begins}, lies after the horizon of {horizon:,} days"
    length = _length_days(hazard, scenario.start, day)
    if length is not None and day + length <= 0:
        over = _dated(day + length, scenario.start)
        return f"it is over on {over}, before the scenario's start on {scenario.start}"
    return None


def _length_days(hazard: Hazard, start: dt.date, onset_day: float) -> float | None:
    """Return how long a hazard acts at most, where that is no draw."""
    profile = hazard.profile
    if profile.table:
        last = profile.table[-1][0]
        return day_of(last, start) - onset_day if isinstance(last, dt.date) else float(last)
    parts = [hazard.duration_days, profile.easing_days]
    parts += [profile.chronic.duration_days] if profile.chronic else []
    lengths = [fixed(part) for part in parts]
    return None if None in lengths else sum(x for x in lengths if x is not None)


def _without_force(hazard: Hazard) -> str | None:
    """Return that every effect comes to nothing."""
    reasons = [_no_force(hazard, effect) for effect in hazard.effects.values()]
    return None if None in reasons else " and ".join(dict.fromkeys(r for r in reasons if r))


def _no_force(hazard: Hazard, effect: Effect) -> str | None:
    if effect.probability == 0:
        return "the probability of its effect is 0"
    severity = effect.severity if effect.severity is not None else hazard.severity
    if isinstance(effect, RouteShock) and fixed(effect.extra_transit_days) != 0:
        return None
    if isinstance(effect, Control):
        if fixed(effect.leakage) == 1 and (effect.type != "licensing" or effect.approval):
            return "its leakage of 1 lets everything through"
        if effect.approval is not None and _grants_at_once(effect.approval):
            return "every firm has its licence at once"
        if effect.type in ("tariff", "licensing") or effect.quota is not None:
            return None
    if severity is None and not isinstance(effect, RouteShock | DemandShock):
        return None  # a ban without one is whole
    return "its severity is 0" if fixed(severity) == 0 else None


def _grants_at_once(approval: Approval) -> bool:
    """Return whether every applicant, wherever it is, is let in whole on the day of onset."""
    verdicts = [verdict_for(approval, d) for d in (None, *approval.by)]
    return all(fixed(v.days) == 0 and v.refused == 0 and fixed(v.share) == 1 for v in verdicts)


def _without_targets(study: Study, name: str, carries: Mask) -> str | None:
    """Return that nothing which the hazard selects carries anything."""
    plan = study.hazards
    of = np.array(plan.hazard_of, dtype=object)
    hazard = plan.rules.hazard
    owner = np.repeat(of, (hazard["effect_to"] - hazard["effect_from"]).astype(np.int64))
    if carries[owner == name].any():
        return None
    return "nothing that it selects carries or uses anything"


def fixed(number: Number | None) -> float | None:
    """Return a number that is no draw; None for one that is (nothing at all is 0)."""
    if number is None:
        return 0.0
    if isinstance(number, Distribution):
        return number.value if number.law == "fixed" else None
    return float(number)


def _dated(day: float, start: dt.date) -> str:
    date = date_of(day, start)
    return f"day {day:g}" if date in (dt.date.min, dt.date.max) else f"{date} (day {day:g})"
