"""Numbers as people write them in tables: marks of decimals and thousands, %, units of mass."""

from __future__ import annotations

import math
import re

from sim.tabular.cells import Row

MASSES_T = {
    "t": 1.0, "tonne": 1.0, "tonnes": 1.0, "ton": 1.0, "tons": 1.0, "mt": 1.0, "kt": 1e3,
    "ktonnes": 1e3, "kg": 1e-3, "g": 1e-6, "lb": 0.00045359237, "lbs": 0.00045359237,
}  # fmt: skip
"""Unit of mass -> tonnes. `mt` is the metric ton of trade statistics, not a million."""

PER_YEAR = {
    "year": 1.0, "yr": 1.0, "y": 1.0, "a": 1.0, "annum": 1.0, "month": 12.0, "week": 365 / 7,
    "day": 365.0, "d": 365.0,
}  # fmt: skip
"""Unit of time -> how many of it a year."""

_SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f'](?=\d{3}(?!\d))")
_PLAIN = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_RATE = re.compile(r"(.*?)\s*(?:/|\bper\b)\s*(\w+)", re.IGNORECASE)
_ONE_MARK = re.compile(r"[-+]?\d{1,3}([.,])\d{3}", re.ASCII)


def number_in(row: Row, column: str) -> float | None:
    """Return the number in a cell, or None where it is empty.

    Raises
    ------
    ValueError
        With what was expected, if it is no finite number or can be read in two ways.
    """
    text = row.text(column)
    if not text:
        return None
    percent = text.endswith("%")
    value = plain_number(text.rstrip("% \u00a0"), row.table.decimal)
    return value / 100 if percent else value


def plain_number(text: str, decimal: str) -> float:
    """Return a number written with a given mark before decimals; the other mark parts thousands.

    Parameters
    ----------
    text : str
        As written; spaces may part thousands.
    decimal : str
        "." or ",".

    Raises
    ------
    ValueError
        If it is no finite number, or can be read in two ways.

    Examples
    --------
    >>> plain_number("1,234,567.5", "."), plain_number("1.234,5", ","), plain_number("12 000", ".")
    (1234567.5, 1234.5, 12000.0)
    """
    word = _SPACES.sub("", text.strip())
    other = "," if decimal == "." else "."
    if other in word:
        word = _without_thousands(word, decimal, other)
    word = word.replace(decimal, ".")
    if not _PLAIN.fullmatch(word):
        raise ValueError("must be a number")
    value = float(word)
    if not math.isfinite(value):
        raise ValueError("must be a finite number")
    return value


def _without_thousands(word: str, decimal: str, other: str) -> str:
    """Take out marks of thousands; what can be read in two ways is refused."""
    whole, _, rest = word.partition(decimal)
    groups = whole.lstrip("+-").split(other)
    if other in rest or not all(len(g) == 3 for g in groups[1:]) or not 1 <= len(groups[0]) <= 3:
        hint = (
            f"; with {other} before decimals: --decimal {other}" if word.count(other) == 1 else ""
        )
        raise ValueError(f"must be a number with {decimal} before decimals{hint}")
    if _ONE_MARK.fullmatch(word):
        plain = word.replace(other, "")
        raise ValueError(
            f"can be read as {plain} and as {word.replace(other, '.')}; write {plain}, or say "
            f"--decimal {other}"
        )
    return word.replace(other, "")


def rate_unit(unit: str) -> tuple[str, float]:
    """Return what a good is counted in, "" for tonnes, and how many of it a year one of a unit is.

    Examples
    --------
    >>> rate_unit("kt/year"), rate_unit("pieces per day"), rate_unit("pieces"), rate_unit("/day")
    (('', 1000.0), ('pieces', 365.0), ('pieces', 1.0), ('', 365.0))
    """
    found = _RATE.fullmatch(unit.strip())
    good, per = (found[1].strip(), found[2].lower()) if found else (unit.strip(), "")
    if per and per not in PER_YEAR:
        good, per = unit.strip(), ""
    tonnes = tonnes_a_year(f"{good.lower() or 't'}/{per or 'year'}")
    return (good, PER_YEAR.get(per, 1.0)) if tonnes is None else ("", tonnes)


def tonnes_a_year(unit: str) -> float | None:
    """Return how many tonnes a year one of a unit is; None where it is no mass.

    Examples
    --------
    >>> tonnes_a_year("kt/year"), tonnes_a_year("t/day"), tonnes_a_year("pieces")
    (1000.0, 365.0, None)
    """
    mass, _, per = unit.replace(" per ", "/").replace(" ", "").partition("/")
    if mass in ("tpa", "tpy"):
        mass, per = "t", "year"
    if mass not in MASSES_T or (per and per not in PER_YEAR):
        return None
    return MASSES_T[mass] * PER_YEAR.get(per, 1.0)
