"""What a briefing assumes, with values, and what it does not say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sim.brief.read import Told
from sim.plots.words import pretty
from sim.run import assumed
from sim.words.say import say
from sim.words.stories import story
from sim.words.titles import title

MOST = 12
"""Uncertain numbers in the table; all of them stand in ``config.yaml``."""

CONFIDENCE = {"low": "brief.low", "medium": "brief.medium", "high": "brief.high"}

LIMITS = ("brief.limit_model", "brief.limit_error", "brief.limit_sites", "brief.limit_short",
          "brief.limit_react", "brief.limit_price")  # fmt: skip


class Assumed(NamedTuple):
    """What a run assumes.

    Parameters
    ----------
    run : str
        Its label; "" where all runs assume the same.
    story : str
        What happens, as the scenario tells it.
    hazards : list of list of str
        What may happen, when, how badly, how sure that is.
    numbers : list of list of str
        Uncertain numbers with their values.
    rest : str
        How many more there are; "" for none.
    """

    run: str
    story: str
    hazards: list[list[str]]
    numbers: list[list[str]]
    rest: str


def assumed_in(runs: Sequence[Told], lang: str) -> list[Assumed]:
    """Return what runs assume: each once, with its run's name where they differ."""
    found: dict[str, tuple[str, Assumed]] = {}
    for run in runs:
        one = _of(run, lang)
        found.setdefault(repr(one), (run.label, one))
    if len(found) == 1:
        return [one for _, one in found.values()]
    return [one._replace(run=say("brief.in_run", lang, run=label)) for label, one in found.values()]


def _of(run: Told, lang: str) -> Assumed:
    scenario, network = run.study.settings.scenario, run.study.settings.network
    hazards = [
        [assumed.title_of(name, h, lang), assumed.onset_of(h, scenario.start, lang),
         assumed.values_of(h, lang), confidence(h.confidence, lang)]
        for name, h in scenario.hazards.items()
    ]  # fmt: skip
    numbers = [
        [title(pretty(name), lang), assumed.number_of(p.distribution, lang=lang)]
        for name, p in {**scenario.parameters, **network.parameters}.items()
    ]
    rest = say("brief.more_numbers", lang, n=len(numbers) - MOST) if len(numbers) > MOST else ""
    return Assumed("", story(scenario.story, lang), hazards, numbers[:MOST], rest)


def confidence(word: str, lang: str) -> str:
    """Return how sure a number is held to be."""
    return say(CONFIDENCE.get(word, "brief.not_stated"), lang)


def limits_of(runs: Sequence[Told], lang: str) -> list[str]:
    """Return what the runs do not say."""
    told = [say(key, lang) for key in LIMITS]
    sources = runs[0].study.settings.network.sources.values()
    if low := sum(s.confidence == "low" for s in sources):
        told.append(say("brief.limit_low", lang, n=low, total=len(sources)))
    return told
