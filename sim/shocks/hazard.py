"""The data dictionary of hazards: rules that produce disruptions.

A hazard has one onset, one duration and one or more effects, which share both (a packet of
controls, an outage of a by-product and its host). Chance is drawn by ``sampler.py``.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from sim.network.dictionary import Date, Parameter, Selector, Strict, setting
from sim.shocks.approval import Approval
from sim.shocks.number import Number

__all__ = ["Hazard", "Parameter", "Selector", "Tension"]


class Tension(Strict):
    """A two-state Markov chain, calm and tense, that scales the rates of hazards that name it."""

    calm_days: float = setting(unit="days", help="mean length of a calm spell", gt=0)
    tense_days: float = setting(unit="days", help="mean length of a tense spell", gt=0)
    start: Literal["calm", "tense", "stationary"] = setting("stationary", help="state on day 0")
    source: str = setting("", help="where the numbers come from")


class TensionLink(Strict):
    """How a hazard's rate answers to a tension."""

    name: str = setting(help="a tension of the scenario")
    calm: float = setting(1.0, "multiplier of the rate", "while calm", ge=0)
    tense: float = setting(1.0, "multiplier of the rate", "while tense", ge=0)


class CopulaLink(Strict):
    """A common factor behind several hazards (one-factor Gaussian copula)."""

    factor: str = setting(help="hazards that name the same factor move together")
    correlation: float = setting(
        help="of the normal score with that of another such hazard", ge=0, lt=1
    )
    draws: list[Literal["onset", "duration", "severity", "approval"]] = setting(
        ["severity"], help="which draws are tied; approval: the days of every applicant"
    )


class Onset(Strict):
    """When it begins: exactly one of date/day, rate_per_year, after, up_days."""

    date: Date | None = setting(None, help="calendar date of effect")
    day: float | None = setting(None, "days", "the same, counted from the scenario's start")
    probability: float = setting(1.0, help="dated or triggered: chance that it happens", ge=0, le=1)
    delay_days: Number = setting(0.0, "days", "dated or triggered: added to the onset")
    rate_per_year: float | list[tuple[float | Date, float]] | None = setting(
        None, "1/year", "Poisson rate, or [day or date, rate] steps"
    )
    after: str | None = setting(None, help="name of the hazard that triggers it")
    at: Literal["onset", "end"] = setting("onset", help="triggered: from that one's onset or end")
    up_days: Number | None = setting(
        None, "days", "renewal: time from the end of one (or from begin_days) to the next"
    )
    begin_days: Number = setting(
        0.0,
        "days",
        "renewal: when the first up time begins; below 0 for a process that is already running",
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Onset:
        kinds = [
            k
            for k in ("date", "day", "rate_per_year", "after", "up_days")
            if getattr(self, k) is not None
        ]
        if len(kinds) != 1:
            raise ValueError(
                "needs exactly one of date, day, rate_per_year, after, up_days; "
                f"got {kinds or 'none'}"
            )
        return self


class Chronic(Strict):
    """A second, lower phase after the acute one."""

    duration_days: Number = setting(unit="days", help="length of the chronic plateau")
    severity: Number = setting(unit="share", help="level of the chronic plateau, 0 to 1")


class Profile(Strict):
    """Severity over time since onset: ramp in, plateau, (chronic plateau,) easing."""

    ramp_in_days: float = setting(0.0, "days", "linear rise, inside the duration", ge=0)
    relax_days: float = setting(
        0.0,
        "days",
        "linear fall from the acute to the chronic level, inside the chronic duration",
        ge=0,
    )
    chronic: Chronic | None = setting(None, help="second phase")
    easing_days: float = setting(0.0, "days", "linear fall to nothing, after the duration", ge=0)
    table: list[tuple[float | Date, float]] | None = setting(
        None,
        "day since onset or date, level",
        "for back-tests: straight lines between the points, "
        "times the severity; equal days make a jump; the duration is the last point",
    )


class Outage(Strict):
    """Sites lose a share of their capacity, or of what they would ship.

    Severity 0.5 of capacity leaves a site half of its nameplate: one that runs at half load loses
    nothing, one at full load half of its output. Severity 0.5 of output halves what it ships,
    however much lies idle: for figures that are a loss of output, as those of ``data/events/`` are.
    """

    kind: Literal["outage"] = setting(help="outage")
    sites: Selector = setting(help="which")
    of: Literal["capacity", "output"] = setting(
        "capacity",
        help="what the severity is a share of: capacity (0.5 leaves half of the nameplate; idle "
        "plant makes up for it), or output (0.5 halves what it would ship)",
    )
    severity: Number | None = setting(None, "share lost", "default: the hazard's")
    probability: float = setting(
        1.0, help="chance that this effect is part of the shock", ge=0, le=1
    )


class Control(Strict):
    """An export control on the lanes from some sites to some buyers."""

    kind: Literal["control"] = setting(help="control")
    type: Literal["ban", "quota", "licensing", "tariff"] = setting(help="its legal form")
    origin: Selector = setting(help="suppliers: country, product, site")
    to: Selector | Literal["all_but_home"] = setting(
        "all_but_home", help="buyers, or all outside the supplier's country"
    )
    exempt: Selector | None = setting(None, help="buyers with general licences")
    severity: Number | None = setting(
        None, "share of the reference flow lost", "default: the hazard's (ban: 1)"
    )
    quota: Number | None = setting(
        None, "allowed volume / reference flow", "quota: sets the severity to 1 - quota"
    )
    processing_days: Number = setting(0.0, "days", "licensing: extra transit, easing with severity")
    approval: Approval | None = setting(
        None, help="licensing: goes to firms, one by one; instead of severity and processing_days"
    )
    tariff: float | None = setting(None, "share of the price", "tariff rate", ge=0)
    elasticity: float = setting(-0.5, help="tariff: buyers' response", le=0)
    leakage: Number = setting(0.0, "share", "trans-shipment: scales the severity by 1 - leakage")
    probability: float = setting(
        1.0, help="chance that this effect is part of the shock", ge=0, le=1
    )


class RouteShock(Strict):
    """A strait, canal or corridor is slow or shut."""

    kind: Literal["route"] = setting(help="route")
    routes: list[str] = setting(help="tags of lanes")
    extra_transit_days: Number = setting(0.0, "days", "added to what leaves meanwhile")
    severity: Number | None = setting(
        None, "share held", "share of what is due that waits; default 0, or the hazard's"
    )
    probability: float = setting(
        1.0, help="chance that this effect is part of the shock", ge=0, le=1
    )


class DemandShock(Strict):
    """End users want more or less."""

    kind: Literal["demand"] = setting(help="demand")
    sites: Selector = setting(help="end users")
    severity: Number | None = setting(
        None, "relative change", "0.3 is +30 %, -0.2 is -20 %; default: the hazard's"
    )
    probability: float = setting(
        1.0, help="chance that this effect is part of the shock", ge=0, le=1
    )


Effect = Outage | Control | RouteShock | DemandShock


class Hazard(Strict):
    """A rule that produces disruptions. The key is its name, which also names its random stream."""

    title: str = setting("", help="name for tables and figures")
    onset: Onset = setting(help="when")
    duration_days: Number | None = setting(None, "days", "how long; not with profile.table")
    notice_days: Number = setting(0.0, "days", "announced so long before its effect")
    called_off: float = setting(
        0.0, help="chance that an announced control never takes effect", ge=0, le=1
    )
    severity: Number | None = setting(None, "share", "default severity of the effects")
    profile: Profile = setting(Profile(), help="shape over time")
    effects: dict[str, Effect] = setting(help="what it does, by name; one onset for all")
    each_site: Selector | None = setting(
        None,
        help="one independent copy per matching site (named hazard/site), or per host where "
        "sites share a tag host:NAME; its outages then act on those sites alone",
    )
    tension: TensionLink | None = setting(None, help="ties the rate to a tension")
    copula: CopulaLink | None = setting(None, help="ties draws to a common factor")
    max_events: int | None = setting(None, help="at most so many a replication", ge=1)
    sources: dict[str, str] = setting({}, help="key -> citation, for every number")
    confidence: str = setting("", help="high, medium or low")
    note: str = setting("", help="what to know")

    @model_validator(mode="after")
    def _whole(self) -> Hazard:
        if not self.effects:
            raise ValueError("needs at least one effect")
        if (self.duration_days is None) == (self.profile.table is None):
            raise ValueError("needs duration_days, or a profile.table, and not both")
        return self
