"""What a run rests on, in words: which hazards come, how likely, how long, how badly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.base.units import date_of
from sim.network.distribution import Distribution
from sim.plots.words import day_name, pretty
from sim.shocks.approval import Approval, Verdict, verdict_for
from sim.shocks.hazard import Control, Hazard, Onset

SAMPLED = 100_000
"""First replications in which it is counted whether a hazard came: their luck is drawn again."""


def chances(hazards: Mapping[str, Hazard]) -> list[str]:
    """Return the hazards with their chance of coming, those first that may not come.

    Parameters
    ----------
    hazards : mapping
        Name -> hazard of the scenario.
    """
    ordered = sorted(hazards.items(), key=lambda x: _order(x[1].onset))
    return [f"{title_of(name, hazard)} ({chance_of(hazard)})" for name, hazard in ordered]


def _order(onset: Onset) -> int:
    if onset.probability < 1:
        return 0
    return 1 if onset.date is not None or onset.day is not None else 2


def title_of(name: str, hazard: Hazard) -> str:
    """Return a hazard's name for people."""
    return hazard.title or pretty(name)


def chance_of(hazard: Hazard) -> str:
    """Return how likely a hazard is to come, as assumed."""
    onset = hazard.onset
    if onset.rate_per_year is not None:
        rate = onset.rate_per_year
        told = f"{rate:g} a year" if isinstance(rate, float | int) else "a rate that changes"
        told += " and site" if hazard.each_site is not None else ""
    elif onset.up_days is not None:
        told = "comes again and again"
    elif onset.probability < 1:
        told = f"assumed chance {100 * onset.probability:g} %"
    else:
        told = "whenever its trigger comes" if onset.after else "in every future"
    if hazard.called_off == 1:
        return "announced and called off"
    return told + (f", called off with {100 * hazard.called_off:g} %" if hazard.called_off else "")


def onset_of(hazard: Hazard, start: dt.date) -> str:
    """Return when and how likely a hazard comes."""
    onset = hazard.onset
    day = onset.date
    if day is None and onset.day is not None:
        day = date_of(onset.day, start)
    if day is not None:
        return f"{day_name(day)}, {chance_of(hazard)}"
    after = f"after {pretty(onset.after)}, " if onset.after else ""
    return f"{after}{chance_of(hazard)}"


def dated(hazards: Mapping[str, Hazard], start: dt.date) -> list[tuple[float, str]]:
    """Return the days on which hazards with a date begin or may begin, with their titles.

    Parameters
    ----------
    hazards : mapping
        Name -> hazard of the scenario.
    start : datetime.date
        Days count from it; ascending. A delay of a few set lengths gives a day each.
    """
    found: set[tuple[float, str]] = set()
    for name, hazard in hazards.items():
        onset = hazard.onset
        day = onset.day if onset.date is None else float((onset.date - start).days)
        if day is None or hazard.called_off == 1:
            continue
        delays = getattr(onset.delay_days, "values", None) or (0.0,)
        found |= {(day + float(delay), title_of(name, hazard)) for delay in delays}
    return sorted(found)


def number_of(value: Any, unit: str = "") -> str:
    """Return a number or a distribution with its values; "" for none."""
    if value is None:
        return ""
    if not isinstance(value, Distribution):
        return f"{value:g}{unit}"
    keys = sorted(value.model_fields_set - {"family"}, key=list(type(value).model_fields).index)
    given = {k: getattr(value, k) for k in keys if getattr(value, k) is not None}
    if value.law == "fixed":
        return f"{value.value:g}{unit}"
    told = ", ".join(f"{k} {_plain(v)}" for k, v in given.items())
    return f"{value.law}: {told}{unit}"


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float | int) else f"{len(value)} numbers"


def values_of(hazard: Hazard) -> str:
    """Return a hazard's length and severity, and how its licences go to firms."""
    length = number_of(hazard.duration_days, " days")
    if hazard.profile.table is not None:
        length = "as its table over time has it"
    severity = number_of(hazard.severity)
    told = [f"length {length}" if length else "", f"severity {severity}" if severity else ""]
    told += [
        f"{pretty(name)}: {approval_words(effect.approval)}"
        for name, effect in hazard.effects.items()
        if isinstance(effect, Control) and effect.approval is not None
    ]
    return "; ".join(t for t in told if t) or "as its effects say"


def approval_words(approval: Approval) -> str:
    """Return how licences go to firms, by destination."""
    own = ", ".join(
        f"{name}: {_verdict_words(verdict_for(approval, name))}" for name in approval.by
    )
    rest = _verdict_words(verdict_for(approval, None))
    return f"licences firm by firm, {rest}" + (f" ({own})" if own else "")


def _verdict_words(verdict: Verdict) -> str:
    told = [f"after {number_of(verdict.days, ' days')}"]
    if verdict.refused:
        again = verdict.reapply_days
        told.append(
            f"{100 * verdict.refused:g} % of requests refused"
            + (" for good" if again is None else f", asked again after {again:g} days")
        )
    if verdict.share != 1:
        told.append(f"for a share of {number_of(verdict.share)}")
    return ", ".join(told)


def came_of(study: Any, n: int) -> dict[str, NDArray[np.bool_]]:
    """Return in which of the first n replications each hazard came that may not come.

    Parameters
    ----------
    study : sim.run.case.Study
        Whose luck is drawn again; nothing is played.
    n : int
        Replications; of more than `SAMPLED` only so many.
    """
    hazards = study.settings.scenario.hazards
    unsure = [name for name, h in hazards.items() if h.onset.probability < 1]
    n = min(n, SAMPLED)
    came = {name: np.zeros(n, np.bool_) for name in unsure}
    names = [name.split("/")[0] for name in study.hazards.hazard_names]
    for at in range(0, n if unsure else 0, 4096):
        tape = study.tape(np.arange(at, min(at + 4096, n), dtype=np.int64))
        counts = np.diff(tape.shock_ptr)
        owner = at + np.repeat(np.arange(counts.size), counts)
        for name in unsure:
            mine = np.array([other == name for other in names])
            came[name][owner[mine[tape.shock_hazard] & ~tape.called_off]] = True
    return {title_of(name, hazards[name]): mask for name, mask in came.items()}
