"""What a choice says in sentences; each follows from its numbers."""

from __future__ import annotations

from sim import __version__
from sim.advice.choose_answer import Choice
from sim.advice.choose_programme import Set
from sim.metrics.answer import Answer, Refused
from sim.run.case import Study

MOST_NAMES = 12
"""Candidates without a cost that are named; the others are counted."""


def sentences(choice: Choice) -> list[str]:
    """Return the answer, the gap, what the next dollar buys, and what was left out."""
    told = [_answer(choice), _gap(choice), _next(choice), *_left_out(choice)]
    return [*told, f"{choice.measure.says}."] if choice.measure.says else told


def statistic(choice: Choice) -> str:
    """Return what is lowered, in words."""
    level = choice.table.known.aim.level
    return f"mean of the worst {100 * (1 - level):g} % of futures" if level else "mean"


def _answer(choice: Choice) -> str:
    point, who = choice.point, choice.measure.who
    if not point.chosen:
        return f"{dollars(point.budget)} buy nothing that lowers the loss of {who}."
    rest = point.budget - point.spent
    unspent = f" {dollars(rest)} are left: nothing that was tried uses them." if rest >= 1 else ""
    things = "1 thing" if len(point.chosen) == 1 else f"{len(point.chosen)} things"
    verb = "avoids" if len(point.chosen) == 1 else "avoid"
    return (
        f"{things} for {dollars(point.spent)} {verb} {amount(choice, point.avoided)} of "
        f"{number(choice, point.loss_none)} that {who} would lose ({statistic(choice)}), on "
        f"{choice.n - choice.half:,} futures that had no say.{unspent}"
    )


def _gap(choice: Choice) -> str:
    point = choice.point
    could, does = point.said_none - point.bound, point.said_none - point.said
    pairs = (
        "all pairs that fit the budget were played"
        if choice.n_pairs == choice.n_all_pairs
        else f"{choice.n_pairs:,} of {choice.n_all_pairs:,} pairs were played"
    )
    return (
        f"Gap {100 * point.gap:.1f} %: on the futures that chose it avoids {number(choice, does)}; "
        f"no portfolio avoids more than {number(choice, could)} as far as things act singly, in "
        f"pairs and in the portfolios that were played ({pairs}; the search ended {point.ended})."
    )


def _next(choice: Choice) -> str:
    after = choice.following
    if after is None:
        return "More money, up to twice the budget, buys nothing that lowers it further."
    new, gone = (
        ", ".join(choice.options[j].name for j in sorted(s))
        for s in (
            after.point.chosen - choice.point.chosen,
            choice.point.chosen - after.point.chosen,
        )
    )
    instead = f" in place of {gone}" if gone else ""
    return (
        f"The next {dollars(after.extra_usd)} would buy {new}{instead}, and avoid "
        f"{amount(choice, after.more)} more."
    )


def _left_out(choice: Choice) -> list[str]:
    """Return a sentence for each reason to leave candidates out, with their names."""
    reasons: dict[str, list[str]] = {}
    for left in choice.left:
        reasons.setdefault(left.reason, []).append(left.candidate.name)
    for j, option in enumerate(choice.options):
        if Set({j}) not in choice.table.known.played:
            why = f"does not fit: {choice.table.reasons.get(Set({j}), '')}"
            reasons.setdefault(why, []).append(option.name)
    return [f"Left out, {reason}: {_names(names)}." for reason, names in reasons.items()]


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return f"{shown} and {more} more (candidates.csv)" if more > 0 else shown


def number(choice: Choice, value: float) -> str:
    """Return a loss with its unit, for people."""
    unit, by = choice.measure.shown
    return f"{_spelt(value * by)} {unit}"


def amount(choice: Choice, answer: Answer) -> str:
    """Return what is avoided with its interval, for people."""
    unit, by = choice.measure.shown
    if isinstance(answer, Refused):
        return f"what cannot be told ({answer.note})"
    limits = "" if answer.low != answer.low else \
        f" (95 %: {_spelt(answer.low * by)} to {_spelt(answer.high * by)})"  # fmt: skip
    return f"{_spelt(answer.value * by)} {unit}{limits}"


def _spelt(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def dollars(usd: float) -> str:
    """Return US dollars in billions, millions or as they are."""
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if usd >= size:
            return f"{usd / size:,.3g} {word} USD"
    return f"{usd:,.0f} USD"


def caption(study: Study, choice: Choice) -> str:
    """Return what the figure rests on."""
    scenario, run = study.settings.scenario, study.settings.run
    days, half = study.n_period * scenario.step_days, choice.half
    says = f"{choice.measure.says}. " if choice.measure.says else ""
    return (
        f"Chosen on {half:,} futures, measured on {choice.n - half:,} others, seed {run.seed}, "
        f"over {days:,} days; {len(choice.options)} candidates, {len(choice.left)} left out. "
        f"{says}Network {scenario.network}, policy {study.settings.policy.name or 'none'}. Source: "
        f"Shortfall {__version__}, costs and data as cited in the network file."
    )
