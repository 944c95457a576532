"""What the schema cannot see: settings of a hazard that contradict each other or lead nowhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sim.base.errors import Fault, nearest
from sim.shocks.copies import PREFIX
from sim.shocks.hazard import Control, DemandShock, Effect, Hazard, Onset, Outage, Tension


def kind_of(onset: Onset) -> str:
    """Return which kind of onset it is: dated, rate, after or up_days."""
    if onset.date is not None or onset.day is not None:
        return "dated"
    if onset.rate_per_year is not None:
        return "rate"
    return "after" if onset.after is not None else "up_days"


def _changed(model: Onset | Control, name: str) -> bool:
    """Return whether the user gave a setting another value than its default."""
    return bool(getattr(model, name) != type(model).model_fields[name].default)


def _onset_faults(hazard: Hazard, key: str, tensions: Mapping[str, Tension]) -> list[Fault]:
    """Return settings that this kind of onset does not read: silence would mislead."""
    onset, kind, faults = hazard.onset, kind_of(hazard.onset), []
    reads = {
        "dated": {"probability", "delay_days"},
        "rate": set[str](),
        "after": {"probability", "delay_days", "at"},
        "up_days": {"begin_days"},
    }[kind]
    for name in ("probability", "delay_days", "at", "begin_days"):
        if name not in reads and _changed(onset, name):
            users = {"at": "after", "begin_days": "up_days"}.get(name, "date, day or after")
            faults.append(
                Fault(
                    f"{key}.onset.{name}",
                    str(getattr(onset, name)),
                    f"belongs to an onset with {users}",
                )
            )
    link = hazard.tension
    if link is not None and kind != "rate":
        faults.append(Fault(f"{key}.tension", link.name, "scales an onset with rate_per_year"))
    elif link is not None and link.name not in tensions:
        faults.append(
            Fault(
                f"{key}.tension.name",
                link.name,
                "no such tension in scenario.tensions" + nearest(link.name, tensions),
            )
        )
    return faults


def _profile_faults(hazard: Hazard, key: str) -> list[Fault]:
    """Return contradictions between a table and phases."""
    profile, faults = hazard.profile, []
    if profile.table is None:
        return []
    for name in ("ramp_in_days", "relax_days", "easing_days", "chronic"):
        if getattr(profile, name):
            faults.append(Fault(f"{key}.profile.{name}", "", "not together with profile.table"))
    if len(profile.table) < 2:
        faults.append(
            Fault(f"{key}.profile.table", str(len(profile.table)), "needs at least two points")
        )
    dates = [d for d, _ in profile.table if isinstance(d, dt.date)]
    if dates and kind_of(hazard.onset) != "dated":
        faults.append(
            Fault(
                f"{key}.profile.table",
                str(dates[0]),
                "dates need an onset with date or day; give days since onset",
            )
        )
    return faults


def _shown(effect: Control, name: str) -> str:
    """Return a value as it is told; a group of settings has none of its own."""
    return "" if name == "approval" else str(getattr(effect, name))


def _approval_faults(effect: Control, key: str) -> list[Fault]:
    """Return settings that approvals replace, and those that nothing reads."""
    it = effect.approval
    if it is None or effect.type != "licensing":
        return []
    faults = []
    if _changed(effect, "processing_days"):
        expected = "not together with approval: waiting for the licence is the delay"
        faults.append(Fault(f"{key}.processing_days", str(effect.processing_days), expected))
    if effect.severity is not None:
        expected = "not together with approval, which says who is barred; give leakage, or share"
        faults.append(Fault(f"{key}.severity", str(effect.severity), expected))
    refusing = [it.refused, *(v.refused for v in it.by.values() if v.refused is not None)]
    if it.reapply_days is not None and not any(refusing):
        expected = "nobody is refused: give refused, or leave it out"
        faults.append(Fault(f"{key}.approval.reapply_days", f"{it.reapply_days:g}", expected))
    return faults


def _unread_faults(hazard: Hazard, key: str) -> list[Fault]:
    """Return settings of a hazard that nothing reads where all its licences go to firms."""
    waits = [isinstance(e, Control) and e.approval is not None for e in hazard.effects.values()]
    tie, faults = hazard.copula, []
    if all(waits):
        if hazard.severity is not None:
            expected = "approvals say who is barred, and no effect reads it; leave it out"
            faults.append(Fault(f"{key}.severity", str(hazard.severity), expected))
        if hazard.profile.chronic is not None:
            expected = "approvals say how a control eases; give its whole length as duration_days"
            faults.append(Fault(f"{key}.profile.chronic", "", expected))
    if not any(waits) and tie is not None and "approval" in tie.draws:
        faults.append(Fault(f"{key}.copula.draws", "approval", "no effect here has an approval"))
    return faults


def _control_faults(effect: Control, key: str) -> list[Fault]:
    """Return settings that this legal form does not have, or lacks."""
    owner = {
        "quota": "quota",
        "tariff": "tariff",
        "elasticity": "tariff",
        "processing_days": "licensing",
        "approval": "licensing",
    }
    faults = [
        Fault(f"{key}.{name}", _shown(effect, name), f"belongs to type: {form}")
        for name, form in owner.items()
        if effect.type != form and _changed(effect, name)
    ]
    if effect.type in ("quota", "tariff"):
        if getattr(effect, effect.type) is None:
            faults.append(
                Fault(
                    f"{key}.{effect.type}", "nothing", f"a control of type {effect.type} needs it"
                )
            )
        if effect.severity is not None:
            faults.append(
                Fault(
                    f"{key}.severity",
                    str(effect.severity),
                    f"comes from the {effect.type} here; leave it out",
                )
            )
    return faults


def _effect_faults(effect: Effect, hazard: Hazard, key: str) -> list[Fault]:
    """Return what is wrong with an effect, apart from whom it meets."""
    if isinstance(effect, Control):
        return _control_faults(effect, key) + _approval_faults(effect, key)
    if isinstance(effect, Outage | DemandShock) and effect.severity is hazard.severity is None:
        return [Fault(f"{key}.severity", "nothing", "give it here, or as the hazard's severity")]
    return []


def hazard_faults(name: str, hazard: Hazard, tensions: Mapping[str, Tension]) -> list[Fault]:
    """Return all that contradicts itself within one hazard.

    Parameters
    ----------
    name : str
        The hazard's name.
    hazard : Hazard
        Its rule.
    tensions : mapping of str to Tension
        The scenario's tensions.

    Returns
    -------
    list of Fault
        Empty where all is well.
    """
    key = f"{PREFIX}.{name}"
    names = {name: key, **{e: f"{key}.effects.{e}" for e in hazard.effects}}
    faults = [
        Fault(where, "", "a name must not hold '/', which marks copies")
        for text, where in names.items()
        if "/" in text
    ]
    faults += _onset_faults(hazard, key, tensions) + _profile_faults(hazard, key)
    faults += _unread_faults(hazard, key)
    for effect_name, effect in hazard.effects.items():
        faults += _effect_faults(effect, hazard, f"{key}.effects.{effect_name}")
    return faults
