"""Numbers as each language writes them: decimal comma, groups of thousands, per cent."""

from __future__ import annotations

import math
from typing import Final

NARROW: Final = "\N{NARROW NO-BREAK SPACE}"

_MARKS = {"en": (",", "."), "fr": (NARROW, ","), "ja": (",", ".")}
"""Between thousands, and before decimals."""

_PERCENT = {"en": " %", "fr": "\N{NO-BREAK SPACE}%", "ja": "%"}


def localized(text: str, lang: str = "en") -> str:
    """Return a number that is written as in English (1,234.5) as a language writes it.

    Examples
    --------
    >>> localized("1,234.5", "fr").replace(NARROW, "_")
    '1_234,5'
    """
    thousands, decimal = _MARKS[lang]
    return "".join({",": thousands, ".": decimal}.get(c, c) for c in text)


def whole(value: int, lang: str = "en") -> str:
    """Return a whole number with its thousands apart."""
    return localized(f"{value:,}", lang)


def decimals(value: float, n: int, lang: str = "en") -> str:
    """Return a number with so many decimals."""
    return localized(f"{value:,.{n}f}", lang)


def digits(value: float, lang: str = "en") -> str:
    """Return a number with about three digits, thousands set apart; "" for none."""
    if math.isnan(value):
        return ""
    size = abs(value)
    if size >= 100 or size == 0:
        return decimals(value, 0, lang)
    if size >= 0.1:
        return decimals(value, 1 if size >= 10 else 2, lang)
    return localized(f"{value:.1g}", lang)


def per_cent(text: str, lang: str = "en") -> str:
    """Return a number in per cent that is written as in English, with the sign.

    Examples
    --------
    >>> per_cent("12.5"), per_cent("12.5", "ja")
    ('12.5 %', '12.5%')
    """
    return localized(text, lang) + _PERCENT[lang]
