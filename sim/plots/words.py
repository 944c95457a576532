"""Words and numbers as people read them: places, products, shares, dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.words.dates import MONTHS as _MONTHS
from sim.words.dates import day_name, month_name
from sim.words.numbers import localized, per_cent
from sim.words.places import REGION_ORDER, codes, place_name, the
from sim.words.say import say

if TYPE_CHECKING:
    from sim.results.data import RunData

__all__ = ["REGION_ORDER", "counted", "day_name", "end_day", "facts_until", "month_name",
           "ordered_regions", "peak", "percent", "pretty", "region_name", "span",
           "the"]  # fmt: skip

MONTHS = _MONTHS["en"]
SYMBOLS = {"ndpr": "NdPr", "dytb": "Dy/Tb", "ndfeb": "NdFeB"}


def region_name(code: str, lang: str = "en") -> str:
    """Return the name of a region or country for people; its code where we know none."""
    return place_name(code, lang)


def ordered_regions(codes: Sequence[str]) -> list[str]:
    """Return region codes in the order that all figures use."""
    known = [c for c in REGION_ORDER if c in codes]
    return known + sorted(c for c in codes if c not in REGION_ORDER)


COUNTED = {"future": "count.futures", "replication": "count.replications"}


def counted(n: int, noun: str, lang: str = "en") -> str:
    """Return a number of futures or replications."""
    return say(COUNTED[noun], lang, n=n)


def pretty(name: str) -> str:
    """Return a name or label with codes for people: spaces, element symbols, countries."""
    spelled = re.sub(r"[A-Za-z]+", _spelled, name.replace("_", " "))
    return " ".join(spelled.split())


def _spelled(found: re.Match[str]) -> str:
    word = found[0]
    known = SYMBOLS | {code: region_name(code) for code in codes()}
    return known.get(word, word)


def percent(share: float, lang: str = "en") -> str:
    """Return a share as per cent with two digits that matter."""
    value = 100 * share
    if value < 0.05:
        return say("share.under_tenth", lang)
    return per_cent(f"{value:.0f}" if value >= 10 else f"{value:.1f}", lang)


def facts_until(as_of: dt.date | str | None, lang: str = "en") -> str:
    """Return up to which day the facts of a scenario reach, for people; "" where it is not said."""
    if not as_of:
        return ""
    day = as_of if isinstance(as_of, dt.date) else dt.date.fromisoformat(as_of)
    return say("time.facts_until", lang, day=day)


def span(data: RunData, lang: str = "en") -> str:
    """Return the horizon for people."""
    days = data.n_period * data.step_days
    if days < 700:
        if 350 <= days <= 380:
            return say("time.year", lang)
        return say("time.months", lang, n=round(days / 30.4))
    return say("time.years", lang, years=localized(f"{days / 365:.1f}".removesuffix(".0"), lang))


def end_day(data: RunData) -> dt.date:
    """Return the last day of the horizon."""
    return data.start + dt.timedelta(days=data.step_days * data.n_period - 1)


def peak(values: Any) -> float:
    """Return the largest number, 0 where there is none (NaN are skipped)."""
    flat = np.asarray(values, dtype=float).ravel()
    known = flat[~np.isnan(flat)]
    return float(known.max()) if known.size else 0.0
