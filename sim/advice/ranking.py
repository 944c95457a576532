"""Rank candidates one by one: avoided loss with intervals, per tonne and per dollar."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sim.advice.avoided import LEVEL, Worth, cells, gain, per, scaled, sure, worth
from sim.advice.candidates import Candidate
from sim.advice.trial import Bench
from sim.advice.whose_loss import Yardstick
from sim.base.errors import UserError
from sim.base.sections import Sections
from sim.metrics.answer import Refused
from sim.metrics.compare import cvar_difference
from sim.network.arrays import F8

Row = dict[str, Any]


@dataclass(frozen=True)
class Single:
    """One candidate, tried alone.

    Parameters
    ----------
    candidate : Candidate
        What was tried.
    shortfall_t : ndarray, shape (n, n_group), or None
        With it done; None where it does not fit the network.
    without_t : ndarray, shape (n, n_group), or None
        With it not there at all; None where that is the base.
    reason : str
        Why it could not be tried.
    """

    candidate: Candidate
    shortfall_t: F8 | None
    without_t: F8 | None = None
    reason: str = ""


def try_alone(bench: Bench, candidates: Sequence[Candidate], base: F8) -> list[Single]:
    """Return every candidate tried alone, in order.

    Parameters
    ----------
    bench : Bench
        Scenario and finished blocks.
    candidates : sequence of Candidate
        What to try.
    base : ndarray, shape (n, n_group)
        Shortfalls with nothing done.
    """
    projects = [c for c in candidates if c.without]
    trials = [*(([c], ()) for c in candidates), *(((), [c]) for c in projects)]
    found = iter(bench.tried(trials, base.shape[0]))
    alone = [_single(c, next(found), base) for c in candidates]
    without = {c.name: next(found) for c in projects}
    return [
        s if s.reason or not s.candidate.without
        else dataclasses.replace(s, without_t=_made(without[s.candidate.name]))
        for s in alone
    ]  # fmt: skip


def _single(candidate: Candidate, found: F8 | UserError, base: F8) -> Single:
    if isinstance(found, UserError):
        return Single(candidate, None, None, str(found.faults[0]))
    if found.shape != base.shape:
        reason = "changes who the end users are, so that nothing pairs"
        return Single(candidate, None, None, reason)
    return Single(candidate, found)


def _made(found: F8 | UserError) -> F8:
    if isinstance(found, UserError):
        raise found
    return found


def rank_rows(
    singles: Sequence[Single], base: F8, measure: Yardstick, by: str = "mean"
) -> list[Row]:
    """Return one row a candidate, the one that avoids most first; those not tried last.

    Parameters
    ----------
    singles : sequence of Single
        All candidates tried.
    base : ndarray, shape (n, n_group)
        Shortfalls with nothing done.
    measure : Yardstick
        By whose loss.
    by : {"mean", "cvar"}, optional
        What the order looks at; ``above_next`` says where that carries the order.
    """
    loss = measure.loss(base)
    tried = [s for s in singles if s.shortfall_t is not None]
    gains = {id(s): gain(loss, measure.loss(_of(s)), by) for s in tried}
    tried.sort(key=lambda s: (-gains[id(s)], s.candidate.name))
    apart = _told_apart([measure.loss(_of(s)) for s in tried], by, measure.sections)
    rows = [
        _row(rank, s, base, measure, len(tried)) | {"above_next": "yes" if above else "no"}
        for rank, (s, above) in enumerate(zip(tried, apart, strict=True), 1)
    ]
    blank = dict.fromkeys(rows[0], math.nan) if rows else {}
    for s in singles:
        if s.shortfall_t is None:
            c = s.candidate
            rows.append({**blank, "rank": "", "name": c.name, "kind": c.kind, "title": c.title,
                         "size_of": "", "unit": measure.unit, "sure": "", "n": 0,
                         "above_next": "",
                         "cost_source": "", "mark": "",
                         "note": f"not tried: {s.reason}"})  # fmt: skip
    return rows


def _told_apart(losses: Sequence[F8], by: str, sections: Sections) -> list[bool]:
    """Return whether each of some ordered candidates is better than the next one, beyond chance.

    By the paired difference of the two: of means in all comparisons together, of CVaR in each.
    """
    found = []
    for this, after in pairwise(losses):
        if by == "mean":
            found.append(sure(after, this, len(losses) - 1, sections))
        else:
            gap = cvar_difference(after, this, LEVEL, sections=sections)
            found.append(not isinstance(gap, Refused) and gap.low > 0)
    return [*found, True][: len(losses)]


def _row(rank: int, single: Single, base: F8, measure: Yardstick, n_tried: int) -> Row:
    c, shortfall = single.candidate, _of(single)
    loss, with_it = measure.loss(base), measure.loss(shortfall)
    together = measure.sections
    found = worth(loss, with_it, sections=together)
    at_all = worth(measure.loss(_without(single, base)), with_it, sections=together)
    usd = measure.value(base), measure.value(shortfall)
    value = worth(*usd, tail=False, sections=together).mean \
        if not math.isnan(float(measure.value(base[:1])[0])) else None  # fmt: skip
    per_t, per_usd = per(c)
    row: Row = {
        "rank": rank, "name": c.name, "kind": c.kind, "title": c.title, "unit": measure.unit,
        **cells("avoided_mean", found.mean),
        **cells("avoided_cvar95", found.cvar),
        **_chances(found),
        "sure": "yes" if sure(loss, with_it, n_tried, together) else "no",
        **cells("against_none_mean", at_all.mean),
        **cells("against_none_cvar95", at_all.cvar),
        "size_t": c.size_t, "size_of": c.size_of,
        **cells("avoided_per_t", scaled(found.mean, per_t)),
        **cells("against_none_per_t", scaled(at_all.mean, per_t)),
    }  # fmt: skip
    none = scaled(found.mean, math.nan)
    row |= cells("avoided_value", value or none, "usd")
    row |= {"cost_usd": c.cost_usd, "cost_source": c.cost_source}
    row |= cells("value_per_usd", scaled(value, per_usd) if value else none)
    return row | {"n": base.shape[0], "mark": found.mean.mark, "note": found.mean.note}


def _chances(found: Worth) -> Row:
    """Return how likely a candidate lowers and raises the loss."""
    return {
        name: math.nan if isinstance(answer, Refused) else answer.value
        for name, answer in (("p_helps", found.helps), ("p_harms", found.harms))
    }


def _of(single: Single) -> F8:
    assert single.shortfall_t is not None
    return single.shortfall_t


def _without(single: Single, base: F8) -> F8:
    return base if single.without_t is None else single.without_t
