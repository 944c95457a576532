"""Words of a scenario that nobody has translated: shown as they are, marked with their language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.brief.read import Told
from sim.words.stories import language_of, story
from sim.words.titles import title

TAGS = re.compile(r"(<svg.*?</svg>|<[^>]+>)", re.DOTALL)
"""What lies between the texts of a page."""


def own_words(runs: Sequence[Told], lang: str) -> dict[str, str]:
    """Return the texts of runs that a language has no words for, each with its own language.

    Parameters
    ----------
    runs : sequence of Told
        Whose titles and stories are shown.
    lang : str
        Of the briefing.
    """
    told = {own for run in runs for own, shown in _texts(run, lang) if own and own == shown}
    found = {own: language_of(own) for own in sorted(told, key=lambda own: (-len(own), own))}
    return {own: language for own, language in found.items() if language != lang}


def _texts(run: Told, lang: str) -> Iterator[tuple[str, str]]:
    """Yield what a run's data calls its things, and what it is called in a language."""
    settings = run.study.settings
    own_story = " ".join(settings.scenario.story.split())
    yield own_story, story(own_story, lang)
    named: list[Any] = [settings.scenario, *settings.scenario.hazards.values(), settings.network,
             settings.policy, settings.demand, settings.supply, *run.data.views]  # fmt: skip
    for one in named:
        yield one.title, title(one.title, lang)


def marked(page: str, own: Mapping[str, str]) -> str:
    """Return HTML in which own words say their language, for who has it read aloud.

    Parameters
    ----------
    page : str
        HTML; drawings and what stands inside tags are left alone.
    own : mapping
        Text as HTML has it -> its language, the longest first.
    """
    if not own:
        return page
    words = re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in own))
    parts = TAGS.split(page)
    parts[::2] = [words.sub(lambda found: _span(found[0], own), text) for text in parts[::2]]
    return "".join(parts)


def _span(text: str, own: Mapping[str, str]) -> str:
    return f'<span lang="{own[text]}">{text}</span>'
