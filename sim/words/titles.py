"""Titles of goods, industries and minerals in other languages than the data's own English."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import yaml

from sim.words.places import codes, place_name
from sim.words.say import FOLDER, LOADER

_BRACKETS = {"fr": " ({})", "ja": "（{}）"}
_WHO = {
    "fr": {"buyers": "{good} (acheteurs : {place})", "makers": "{good} (producteurs : {place})"},
    "ja": {"buyers": "{good}（{place}の購入者）", "makers": "{good}（{place}の生産者）"},
}
_COMMA = {"fr": ", ", "ja": "、"}
_AND = {"fr": " et ", "ja": "・"}


@cache
def _titles() -> dict[str, Any]:
    """Return English title in small letters -> language -> title."""
    read: dict[str, Any] = yaml.load((FOLDER / "titles.yaml").read_text("utf-8"), LOADER)
    return {english.lower(): told for english, told in read.items()}


@cache
def _places(lang: str) -> dict[str, str]:
    """Return English name of a place -> name in a language."""
    named = {place_name(code): place_name(code, lang) for code in codes()}
    others = {"Korea": "KOR", "Rest of the world": "ROW", "the rest of the world": "ROW",
              "the United States": "USA", "the European Union": "EU"}  # fmt: skip
    return named | {english: place_name(code, lang) for english, code in others.items()}


def title(english: str, lang: str = "en") -> str:
    """Return a title of the data in a language; as it is where the table has none.

    A title made of parts (place, industry, mineral) is put together of theirs.

    Examples
    --------
    >>> title("Japan, traction motors (rare earths)", "fr")
    'Japon, moteurs de traction (terres rares)'
    """
    if lang == "en":
        return english
    told = _known(english, lang)
    if told is not None:
        return told
    if found := re.fullmatch(r"(.*\S) \(([^()]+)\)", english):
        head, inside = (title(part, lang) for part in found.groups())
        return head + _BRACKETS[lang].format(inside)
    if found := re.fullmatch(r"(.*), (buyers|makers) in (.*)", english):
        good, who, where = found.groups()
        place = _places(lang).get(where, where)
        return _WHO[lang][who].format(good=title(good, lang), place=place)
    place, comma, rest = english.partition(", ")
    if comma and place in _places(lang):
        return _places(lang)[place] + _COMMA[lang] + title(rest, lang)
    for word in (" in ", " outside "):
        good, found_word, where = english.rpartition(word)
        if found_word and where in _places(lang):
            return _at(title(good, lang), word.strip(), _places(lang)[where], lang)
    if " and " in english and all(_known(part, lang) for part in english.split(" and ")):
        return _AND[lang].join(title(part, lang) for part in english.split(" and "))
    return english


def _known(english: str, lang: str) -> str | None:
    """Return what the tables have for the whole of a title."""
    told = _titles().get(english.lower(), {}).get(lang)
    if told is None:
        return _places(lang).get(english)
    # a title's first letter is small where the English one is: inside a list
    small = lang == "fr" and english[:1].islower() and not told[1:2].isupper()
    return told[:1].lower() + told[1:] if small else str(told)


def _at(good: str, word: str, place: str, lang: str) -> str:
    """Return a good at a place, or everywhere but there."""
    if lang == "ja":
        return f"{good}（{place}{'以外' if word == 'outside' else ''}）"
    return f"{good} ({'hors ' if word == 'outside' else ''}{place})"
