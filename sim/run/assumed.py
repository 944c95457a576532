"""What a run rests on, in words: which hazards come, how likely, how long, how badly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.base.units import date_of
from sim.network.distribution import Distribution
from sim.plots.words import pretty
from sim.shocks.approval import Approval, Verdict, verdict_for
from sim.shocks.hazard import Control, Hazard, Onset
from sim.shocks.tape import Tape
from sim.words.numbers import localized, per_cent
from sim.words.places import place_name
from sim.words.say import say
from sim.words.titles import title

PARAMETERS = {
    "mean": "law.mean", "sd": "law.sd", "cv": "law.cv", "median": "law.median", "p90": "law.p90",
    "sigma": "law.sigma", "min": "law.min", "mode": "law.mode", "max": "law.max",
    "values": "law.values", "weights": "law.weights", "shape": "law.shape", "scale": "law.scale",
    "exponent": "law.exponent",
}  # fmt: skip
"""What the numbers of a distribution are called; those that are not named here are symbols."""

LAWS = {
    "uniform": "law.uniform", "exponential": "law.exponential", "normal": "law.normal",
    "lognormal": "law.lognormal", "gamma": "law.gamma", "weibull": "law.weibull",
    "pareto": "law.pareto", "beta": "law.beta", "pert": "law.pert",
    "triangular": "law.triangular", "empirical": "law.empirical",
}  # fmt: skip

FEW = 5
"""Numbers of a list that are told one by one."""


def chances(hazards: Mapping[str, Hazard], lang: str = "en") -> list[str]:
    """Return the hazards with their chance of coming, those first that may not come.

    Parameters
    ----------
    hazards : mapping
        Name -> hazard of the scenario.
    lang : str, optional
        Language of the words.
    """
    ordered = sorted(hazards.items(), key=lambda x: _order(x[1].onset))
    return [
        say("assumed.of", lang, what=title_of(name, h, lang), how=chance_of(h, lang))
        for name, h in ordered
    ]


def _order(onset: Onset) -> int:
    if onset.probability < 1:
        return 0
    return 1 if onset.date is not None or onset.day is not None else 2


def title_of(name: str, hazard: Hazard, lang: str = "en") -> str:
    """Return a hazard's name for people."""
    return title(hazard.title or pretty(name), lang)


def chance_of(hazard: Hazard, lang: str = "en") -> str:
    """Return how likely a hazard is to come, as assumed."""
    onset = hazard.onset
    if onset.rate_per_year is not None:
        rate = onset.rate_per_year
        told = say("assumed.rate_changes", lang)
        if isinstance(rate, float | int):
            told = say("assumed.rate", lang, rate=localized(f"{rate:g}", lang))
        if hazard.each_site is not None:
            told = say("assumed.each_site", lang, rate=told)
    elif onset.up_days is not None:
        told = say("assumed.again", lang)
    elif onset.probability < 1:
        chance = per_cent(f"{100 * onset.probability:g}", lang)
        told = say("assumed.chance", lang, chance=chance)
    else:
        told = say("assumed.with_trigger" if onset.after else "assumed.always", lang)
    if hazard.called_off == 1:
        return say("assumed.called_off", lang)
    if not hazard.called_off:
        return told
    off = per_cent(f"{100 * hazard.called_off:g}", lang)
    return say("assumed.may_be_called_off", lang, how=told, chance=off)


def onset_of(hazard: Hazard, start: dt.date, lang: str = "en") -> str:
    """Return when and how likely a hazard comes."""
    onset, how = hazard.onset, chance_of(hazard, lang)
    day = onset.date
    if day is None and onset.day is not None:
        day = date_of(onset.day, start)
    if day is not None:
        return say("assumed.dated", lang, day=day, how=how)
    if onset.after:
        return say("assumed.after", lang, trigger=pretty(onset.after), how=how)
    return how


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


def number_of(value: Any, unit: str = "", lang: str = "en") -> str:
    """Return a number or a distribution with its values; "" for none."""
    if value is None:
        return ""
    if not isinstance(value, Distribution):
        return localized(f"{value:g}", lang) + unit
    keys = sorted(value.model_fields_set - {"family"}, key=list(type(value).model_fields).index)
    given = {k: getattr(value, k) for k in keys if getattr(value, k) is not None}
    if value.law == "fixed":
        return localized(f"{value.value:g}", lang) + unit
    told = ", ".join(
        f"{say(PARAMETERS[k], lang) if k in PARAMETERS else k} {_plain(v, lang)}"
        for k, v in given.items()
    )
    return say("assumed.law", lang, law=say(LAWS[str(value.law)], lang), told=told) + unit


def _plain(value: Any, lang: str) -> str:
    if isinstance(value, float | int):
        return localized(f"{value:g}", lang)
    if len(value) <= FEW:
        return "/".join(localized(f"{one:g}", lang) for one in value)
    return say("assumed.numbers", lang, n=len(value))


def _days(value: Any, lang: str) -> str:
    """Return a length of time; "" for none."""
    told = number_of(value, lang=lang)
    if isinstance(value, Distribution) and value.law != "fixed":
        return say("assumed.in_days", lang, law=told)  # not each of its numbers is one of days
    return say("time.days", lang, days=told) if told else ""


def values_of(hazard: Hazard, lang: str = "en") -> str:
    """Return a hazard's length and severity, and how its licences go to firms."""
    length = _days(hazard.duration_days, lang)
    if hazard.profile.table is not None:
        length = say("assumed.as_table", lang)
    severity = number_of(hazard.severity, lang=lang)
    told = [
        say("assumed.length", lang, length=length) if length else "",
        say("assumed.severity", lang, severity=severity) if severity else "",
    ]
    alike: dict[str, list[str]] = {}
    for name, effect in hazard.effects.items():
        if isinstance(effect, Control) and effect.approval is not None:
            alike.setdefault(approval_words(effect.approval, lang), []).append(
                title(pretty(name), lang)
            )
    told += [
        say("assumed.effect", lang, name=", ".join(names), told=words)
        for words, names in alike.items()
    ]
    return "; ".join(t for t in told if t) or say("assumed.as_effects", lang)


def approval_words(approval: Approval, lang: str = "en") -> str:
    """Return how licences go to firms, by destination."""
    own = ", ".join(
        f"{place_name(name, lang)}: {_verdict_words(verdict_for(approval, name), lang)}"
        for name in approval.by
    )
    rest = _verdict_words(verdict_for(approval, None), lang)
    return say("assumed.licences", lang, told=rest) + (f" ({own})" if own else "")


def _verdict_words(verdict: Verdict, lang: str = "en") -> str:
    told = [say("assumed.after_days", lang, days=_days(verdict.days, lang))]
    if verdict.refused:
        again = verdict.reapply_days
        share = per_cent(f"{100 * verdict.refused:g}", lang)
        told.append(
            say("assumed.refused", lang, share=share)
            if again is None
            else say("assumed.asked_again", lang, share=share, days=_days(again, lang))
        )
    if verdict.share != 1:
        told.append(say("assumed.for_share", lang, share=number_of(verdict.share, lang=lang)))
    return ", ".join(told)


def unsure(hazards: Mapping[str, Hazard]) -> list[str]:
    """Return the names of the hazards that may not come."""
    return [name for name, hazard in hazards.items() if hazard.onset.probability < 1]


def came_in(study: Any, tape: Tape) -> dict[str, NDArray[np.bool_]]:
    """Return in which replications of a tape each hazard came that may not come, by name.

    Parameters
    ----------
    study : sim.run.case.Study
        Whose hazards.
    tape : Tape
        What chance decided.
    """
    names = [name.split("/")[0] for name in study.hazards.hazard_names]
    owner = np.repeat(np.arange(tape.replication.size), np.diff(tape.shock_ptr))
    came = {}
    for name in unsure(study.settings.scenario.hazards):
        mine = np.array([other == name for other in names], np.bool_)
        came[name] = np.zeros(tape.replication.size, np.bool_)
        came[name][owner[mine[tape.shock_hazard] & ~tape.called_off]] = True
    return came
