"""Regions and countries by code, in each language; their names inside English sentences."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from sim.words.say import FOLDER, LOADER

REGION_ORDER = ("JPN", "USA", "EU", "KOR", "CHN", "ROW")
"""The order of all tables and figures."""

ARTICLES = {"USA": "the United States", "EU": "the European Union", "ROW": "the rest of the world"}


@cache
def _names() -> dict[str, Any]:
    """Return code -> language -> name."""
    names: dict[str, Any] = yaml.load((FOLDER / "places.yaml").read_text("utf-8"), LOADER)
    return names


def codes() -> tuple[str, ...]:
    """Return the codes that have a name."""
    return tuple(_names())


def place_name(code: str, lang: str = "en") -> str:
    """Return the name of a region or country for people; its code where we know none.

    Examples
    --------
    >>> place_name("KOR"), place_name("KOR", "fr"), place_name("KOR", "ja")
    ('South Korea', 'Corée du Sud', '韓国')
    """
    name: str = _names().get(code, {}).get(lang, code)
    return name


def the(code: str, first: bool = False, lang: str = "en") -> str:
    """Return a place's name inside a sentence, or at its start; with an article in English only.

    French and Japanese sentences are made so that a name stands there as in a list.
    """
    if lang != "en":
        return place_name(code, lang)
    name = ARTICLES.get(code, place_name(code))
    return name[:1].upper() + name[1:] if first else name
