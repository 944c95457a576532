"""The three sentences of a briefing, each made of the numbers of its runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sim.brief.read import Told, columns_for
from sim.metrics import findings, precision
from sim.metrics.answer import Estimate
from sim.metrics.independent import difference
from sim.plots.headlines import Headlines
from sim.plots.phrases import mean_share, name_of
from sim.results.data import View
from sim.words.numbers import digits, per_cent
from sim.words.places import place_name
from sim.words.say import say


class Gap(NamedTuple):
    """The mean share of a place in a run less that in the base, in percentage points.

    Parameters
    ----------
    run : Told
        Which run.
    share, base_share : float
        Mean shortfall over mean wanted.
    points : Estimate
        Difference with its 95 % interval.
    """

    run: Told
    share: float
    base_share: float
    points: Estimate


def headlines_of(run: Told, regions: Sequence[str], lang: str) -> Headlines:
    """Return the sentences of a run, about some regions only where they are named."""
    if not regions:
        return Headlines(run.data, lang)
    names = say("brief.list", lang).join(place_name(code, lang) for code in regions)
    return Headlines(run.data, lang, columns_for(run, regions), names)


def sentences(runs: Sequence[Told], regions: Sequence[str], lang: str) -> list[str]:
    """Return at most three sentences: who and how much, how bad or against what, how likely."""
    said = headlines_of(runs[0], regions, lang)
    if not said.anybody:
        told = [said.nobody, *said.held]
    else:
        told = [said.main, said.how_bad, said.how_likely]
    if len(runs) > 1 and (against := comparison(runs, regions, lang)):
        told = [told[0], against, told[-1]]
    return [f"{text}{say('brief.stop', lang)}" for text in told[:3]]


def comparison(runs: Sequence[Told], regions: Sequence[str], lang: str) -> str:
    """Return how the run that differs most does against the base; "" where nothing compares."""
    found = widest(runs, regions)
    if found is None:
        return ""
    view, gap = found
    who, low, high = name_of(view, lang), gap.points.low, gap.points.high
    if low <= 0 <= high:
        limits = {"low": digits(low, lang), "high": digits(high, lang)}
        return say("brief.alike", lang, base=runs[0].label, run=gap.run.label, who=who, **limits)
    key = "brief.less" if high < 0 else "brief.more"
    size = sorted((abs(low), abs(high)))
    shares = [mean_share(share, lang) for share in (gap.share, gap.base_share)]
    if shares[0] == shares[1]:  # alike to two digits: three tell them apart
        shares = [
            digits(100 * share, lang) + per_cent("", lang) for share in (gap.share, gap.base_share)
        ]
    return say(
        key,
        lang,
        base=runs[0].label,
        run=gap.run.label,
        who=who,
        share=shares[0],
        base_share=shares[1],
        points=digits(abs(gap.points.value), lang),
        low=digits(size[0], lang),
        high=digits(size[1], lang),
    )


def widest(runs: Sequence[Told], regions: Sequence[str]) -> tuple[View, Gap] | None:
    """Return the place that is hit hardest in the base, and the run that differs most there."""
    hardest = findings.hardest(runs[0].data, columns_for(runs[0], regions))
    if hardest is None:
        return None
    view = hardest.places[0].view
    gaps = [gap for run in runs[1:] if (gap := gap_of(runs[0], run, view)) is not None]
    if not gaps:
        return None
    return view, max(gaps, key=lambda gap: abs(gap.points.value))


def gap_of(base: Told, run: Told, view: View) -> Gap | None:
    """Return how a place does in a run against the base; None where that cannot be told."""
    if all((v.kind, v.name) != (view.kind, view.name) for v in run.data.views):
        return None
    one, two = (
        findings.linear_column(told.data, told.data.index(view.kind, view.name))
        for told in (run, base)
    )
    if _share_chance(base, run):
        n = min(one.size, two.size)
        answer = precision.mean(100 * (one[:n] - two[:n]), sections=base.data.sections)
    else:
        alone = (
            precision.mean(100 * values, sections=told.data.sections)
            for values, told in ((one, run), (two, base))
        )
        answer = difference(*alone)
    if not isinstance(answer, Estimate):
        return None
    return Gap(run, run.data.sections.mean(one), base.data.sections.mean(two), answer)


def _share_chance(base: Told, run: Told) -> bool:
    """Return whether two runs met the same shocks: one seed, and a hazard of one name or none.

    Futures that were given a rare shock are those of another only where it is as likely there.
    """
    if base.data.sections.struck != run.data.sections.struck:
        return False
    ours, others = (set(told.study.settings.scenario.hazards) for told in (base, run))
    return base.data.seed == run.data.seed and bool(ours & others or not ours | others)
