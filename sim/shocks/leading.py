"""Which draws of a scenario are spread evenly over a block, and on which dimension of its net.

The first event of each stream is told (``sim.shocks.kernel.sampling``); what is certain, or a plain
number, is not drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.shocks.kernel import sampling
from sim.shocks.kernel import shocks as slots
from sim.shocks.sampler import CompiledHazards

Drawn = tuple[int, str, bool]
"""Slot, what it decides, whether it is drawn."""


class Leading(NamedTuple):
    """One draw.

    Parameters
    ----------
    owner, what : str
        Whose it is, and what it decides.
    dimension : int
        Of the net of its stream, from 1.
    streams : int
        How many streams have it alike: applicants of a control.
    """

    owner: str
    what: str
    dimension: int
    streams: int = 1


def leading(plan: CompiledHazards) -> list[Leading]:
    """Return the spread draws of a scenario, by owner, the first dimension first."""
    found = [*_hazards(plan), *_effects(plan), *_links(plan), *_others(plan)]
    return [
        Leading(owner, what, int(sampling.DIMENSION_OF[slot]) + 1, streams)
        for owner, streams, drawn in found
        for slot, what, is_drawn in sorted(drawn, key=lambda d: sampling.DIMENSION_OF[d[0]])
        if is_drawn
    ]


Found = Iterator[tuple[str, int, list[Drawn]]]


def _law(plan: CompiledHazards, law: int) -> bool:
    """Return whether a law is drawn."""
    return law >= 0 and bool(np.isnan(plan.numbers.fixed[law]))


def _hazards(plan: CompiledHazards) -> Found:
    for name, it in zip(plan.hazard_names, plan.rules.hazard, strict=True):
        own = [plan.rules.effect[e] for e in range(it.effect_from, it.effect_to)]
        by_its_own = any(act.severity < 0 and act.quota < 0 for act in own)
        poisson, renewal = it.onset == slots.POISSON, it.onset == slots.RENEWAL
        gap = poisson or (renewal and _law(plan, it.up))
        dated = not (poisson or renewal)
        yield name, 1, [
            (int(slots.GAP), "whether and when it comes" if poisson else "when it comes", gap),
            (int(slots.HAPPENS), "whether it comes", dated and it.probability < 1.0),
            (int(slots.DELAY), "delay", dated and _law(plan, it.delay)),
            (int(slots.NOTICE), "notice", _law(plan, it.notice)),
            (int(slots.CALLED_OFF), "whether it is called off", it.called_off > 0.0),
            (int(slots.DURATION), "how long", _law(plan, it.duration)),
            (int(slots.CHRONIC_DURATION), "how long after", _law(plan, it.chronic_duration)),
            (int(slots.CHRONIC_SEVERITY), "how hard after", _law(plan, it.chronic_severity)),
            (int(slots.SEVERITY), "how hard", by_its_own and _law(plan, it.severity)),
            (int(slots.BEGIN), "since when", renewal and _law(plan, it.begin)),
        ]  # fmt: skip


def _effects(plan: CompiledHazards) -> Found:
    rows = plan.rules.effect
    for e, (name, act) in enumerate(zip(plan.effect_names, rows, strict=True)):
        if act.applicant_to > act.applicant_from:
            continue  # told with its control
        parts = rows[e + 1 : e + 1 + act.n_part]
        if act.n_part:
            n = int(sum(part.applicant_to - part.applicant_from for part in parts))
            yield f"applicants of {name}", n, [
                (int(slots.GRANTED), "share granted", any(_law(plan, p.granted) for p in parts)),
                (int(slots.REQUEST), "days", any(_law(plan, p.approval_days) for p in parts)),
                (int(slots.REFUSAL), "whether it is refused", any(p.refused > 0 for p in parts)),
            ]  # fmt: skip
        days = int(slots.PROCESSING if act.control else slots.EXTRA_TRANSIT)
        yield name, 1, [
            (int(slots.INCLUDE), "whether it is part of it", act.probability < 1.0),
            (int(slots.OWN_SEVERITY), "how hard", _law(plan, act.severity)),
            (int(slots.LEAKAGE), "leakage", _law(plan, act.leakage)),
            (int(slots.QUOTA), "quota", _law(plan, act.quota)),
            (days, "extra days", _law(plan, act.days)),
        ]  # fmt: skip


def _links(plan: CompiledHazards) -> Found:
    """Yield tensions and common factors, each once, by the first hazard that hangs on it."""
    seen: set[int] = set()
    for name, it in zip(plan.hazard_names, plan.rules.hazard, strict=True):
        if it.has_tension and int(it.tension_stream) not in seen:
            seen.add(int(it.tension_stream))
            yield f"tension of {name}", 1, [(0, "state on day 0", True), (1, "first stay", True)]
        tied = [bool(it[f"tied_{a}"]) for a in ("onset", "duration", "severity", "approval")]
        if any(tied) and int(it.factor_stream) not in seen:
            seen.add(int(it.factor_stream))
            what = ("onset", "duration", "severity", "approval")
            drawn = [(k, w, t) for k, (w, t) in enumerate(zip(what, tied, strict=True))]
            yield f"common factor of {name}", 1, drawn


def _others(plan: CompiledHazards) -> Found:
    uncertain = [p for p in plan.rules.parameter if _law(plan, p.law)]
    built = [p for p in plan.rules.project if p.probability < 1.0 or _law(plan, p.delay)]
    if built:
        some = [(0, "whether it is built", True), (1, "delay", True)]
        yield "projects", len(built), some
    if uncertain:
        yield "parameters and prices", len(uncertain), [(0, "value", True)]
