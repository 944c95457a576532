"""Dates as each language writes them, the same on every system."""

from __future__ import annotations

import datetime as dt

MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
        "octobre", "novembre", "décembre",
    ),
    "ja": tuple(f"{m}月" for m in range(1, 13)),
}  # fmt: skip
SHORT = {
    "en": tuple(name[:3] for name in MONTHS["en"]),
    "fr": (
        "janv.", "févr.", "mars", "avril", "mai", "juin", "juill.", "août", "sept.", "oct.",
        "nov.", "déc.",
    ),
    "ja": MONTHS["ja"],
}  # fmt: skip


def day_name(day: dt.date, lang: str = "en") -> str:
    """Return a date: 9 Oct 2025, 9 octobre 2025, 2025年10月9日.

    Examples
    --------
    >>> day_name(dt.date(2026, 1, 1), "fr")
    '1er janvier 2026'
    """
    if lang == "ja":
        return f"{day.year}年{day.month}月{day.day}日"
    if lang == "fr":
        first = "er" if day.day == 1 else ""
        return f"{day.day}{first} {MONTHS['fr'][day.month - 1]} {day.year}"
    return f"{day.day} {SHORT['en'][day.month - 1]} {day.year}"


def month_name(day: dt.date, lang: str = "en") -> str:
    """Return the month of a date: October 2025, octobre 2025, 2025年10月."""
    if lang == "ja":
        return f"{day.year}年{day.month}月"
    return f"{MONTHS[lang][day.month - 1]} {day.year}"


def tick_name(day: dt.date, lang: str = "en", of_day: bool = False) -> str:
    """Return a month (or a day of it) without its year, short enough for an axis."""
    name = SHORT[lang][day.month - 1]
    if not of_day:
        return name
    return f"{name}{day.day}日" if lang == "ja" else f"{day.day} {name}"
