"""One sentence in one language, with its numbers and dates as that language writes them."""

from __future__ import annotations

import datetime as dt
import re
import string
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from sim.base.errors import Fault, UserError, nearest
from sim.words.numbers import NARROW, whole

LANGUAGES: Final = ("en", "fr", "ja")
FOLDER = Path(__file__).parent
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Sentence = str | Mapping[str, str]


@cache
def table(lang: str) -> dict[str, Sentence]:
    """Return a language's sentences by key, ``section.name``.

    A sentence with two forms is a mapping of ``one`` and ``other``, chosen by the value ``n``.

    Parameters
    ----------
    lang : str
        One of `LANGUAGES`.
    """
    text = (FOLDER / f"{checked(lang)}.yaml").read_text(encoding="utf-8")
    sections = yaml.load(text, LOADER)
    return {
        f"{section}.{name}": typeset(told, lang)
        for section, part in sections.items()
        for name, told in part.items()
    }


def say(key: str, lang: str = "en", **values: Any) -> str:
    """Return a sentence with its values.

    Parameters
    ----------
    key : str
        ``section.name`` of the table.
    lang : str, optional
        One of `LANGUAGES`.
    **values
        What its placeholders stand for. Whole numbers and dates are written as the language
        writes them; other numbers come as text, for their digits are the caller's to choose
        (``sim.words.numbers``).

    Examples
    --------
    >>> say("count.futures", n=1000), say("count.futures", "fr", n=1)
    ('1,000 futures', '1 futur')
    """
    told = table(lang)[key]
    if not isinstance(told, str):
        told = told["one" if is_one(values["n"], lang) else "other"]
    return told.format(**{name: _written(value, lang) for name, value in values.items()})


def placeholders(told: Sentence) -> set[str]:
    """Return the names that a sentence has room for, in all its forms together."""
    forms = [told] if isinstance(told, str) else told.values()
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name}


def is_one(n: int, lang: str) -> bool:
    """Return whether a number takes the singular: in French nought does, too."""
    return n < 2 if lang == "fr" else n == 1


def checked(lang: str) -> str:
    """Return a language that there are words in.

    Raises
    ------
    UserError
        If there are none.
    """
    if lang not in LANGUAGES:
        hint = nearest(lang, LANGUAGES)
        raise UserError(Fault("lang", lang, f"must be one of {', '.join(LANGUAGES)}{hint}"))
    return lang


def typeset(told: Sentence, lang: str) -> Sentence:
    """Return a sentence with the spaces that no line may break at: French has them by its signs."""
    if lang != "fr":
        return told
    if not isinstance(told, str):
        return {form: str(typeset(text, lang)) for form, text in told.items()}
    told = re.sub(r" (?=[%:»])|(?<=«) ", "\N{NO-BREAK SPACE}", told)
    return re.sub(r" (?=[;?!])", NARROW, told)


def _written(value: Any, lang: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dt.date):
        from sim.words.dates import day_name

        return day_name(value, lang)
    if isinstance(value, int):
        return whole(value, lang)
    raise TypeError(f"{value!r} must be text: its digits are the caller's to choose")
