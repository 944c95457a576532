"""Overrides of plain words, read without Hydra: its import and grammar take longer than the rest.

``key=word`` with a plain name, path or number means the same in Hydra's grammar, and a scenario
that is named decides which files of the other groups are meant. Whatever else is written (quotes,
lists, sweeps, ``+key``, ``~key``, no scenario) goes to Hydra itself. A test holds both against each
other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from sim.base.yaml_words import MAX_DIGITS
from sim.config.library import GROUPS

HERE = "command line"

_PLAIN = re.compile(
    r"(?P<key>[a-z_]\w*(?:\.[A-Za-z_]\w*)*)="
    r"(?:(?P<int>0|-?[1-9][0-9]{0,18})|(?P<float>-?(?:0|[1-9][0-9]*)\.[0-9]+)"
    r"|(?P<word>(?:\.{0,2}/)?[A-Za-z_][\w-]*(?:[./+]+[\w-]+)*))",
    re.ASCII,
)
_TRUTH = {"true": True, "false": False}
_NOT_WORDS = {"true", "false", "null", "nan", "inf"}  # in any case of their letters


class Given(NamedTuple):
    """One override with one value."""

    key: str
    value: Any
    text: str
    remove: bool = False


def plain_words(overrides: Sequence[str]) -> list[Given] | None:
    """Return overrides that are all plain words, one of them a scenario; None where any is not."""
    given = [_plain(text) for text in overrides]
    if not any(g is not None and g.key == "scenario" for g in given):
        return None
    found = [g for g in given if g is not None]
    return found if len(found) == len(given) else None


def _plain(text: str) -> Given | None:
    match = _PLAIN.fullmatch(text)
    if match is None or len(match["int"] or "") > MAX_DIGITS:
        return None
    key, word = match["key"], match["word"]
    value: Any = word
    if key.split(".")[0] not in GROUPS:
        return None
    if match["int"]:
        value = int(match["int"])
    elif match["float"]:
        value = float(match["float"])
    elif word in _TRUTH:
        value = _TRUTH[word]
    elif word.lower() in _NOT_WORDS:
        return None
    return Given(key, value, value if isinstance(value, str) else str(value))
