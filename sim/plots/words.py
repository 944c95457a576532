"""Words and numbers as people read them: places, products, shares, dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sim.results.data import RunData

REGION_ORDER = ("JPN", "USA", "EU", "KOR", "CHN", "ROW")
REGION_NAMES = {
    "JPN": "Japan",
    "USA": "United States",
    "EU": "European Union",
    "KOR": "South Korea",
    "CHN": "China",
    "ROW": "Rest of world",
}
COUNTRY_NAMES = {
    "ARG": "Argentina",
    "AUS": "Australia",
    "AUT": "Austria",
    "BEL": "Belgium",
    "BOL": "Bolivia",
    "BRA": "Brazil",
    "CAN": "Canada",
    "CHL": "Chile",
    "COD": "DR Congo",
    "CUB": "Cuba",
    "DEU": "Germany",
    "ESP": "Spain",
    "EST": "Estonia",
    "FIN": "Finland",
    "FRA": "France",
    "GBR": "United Kingdom",
    "GRC": "Greece",
    "HUN": "Hungary",
    "IDN": "Indonesia",
    "IND": "India",
    "ITA": "Italy",
    "KAZ": "Kazakhstan",
    "KGZ": "Kyrgyzstan",
    "LAO": "Laos",
    "MAR": "Morocco",
    "MDG": "Madagascar",
    "MEX": "Mexico",
    "MMR": "Myanmar",
    "MOZ": "Mozambique",
    "MYS": "Malaysia",
    "NCL": "New Caledonia",
    "NGA": "Nigeria",
    "NOR": "Norway",
    "OMN": "Oman",
    "PER": "Peru",
    "PHL": "Philippines",
    "PNG": "Papua New Guinea",
    "POL": "Poland",
    "PRK": "North Korea",
    "PRT": "Portugal",
    "RUS": "Russia",
    "RWA": "Rwanda",
    "SVK": "Slovakia",
    "SVN": "Slovenia",
    "SWE": "Sweden",
    "THA": "Thailand",
    "TJK": "Tajikistan",
    "TUR": "Turkey",
    "TWN": "Taiwan",
    "TZA": "Tanzania",
    "VNM": "Viet Nam",
    "ZAF": "South Africa",
    "ZMB": "Zambia",
    "ZWE": "Zimbabwe",
}
SYMBOLS = {"ndpr": "NdPr", "dytb": "Dy/Tb", "ndfeb": "NdFeB"}
ARTICLES = {"USA": "the United States", "EU": "the European Union", "ROW": "the rest of the world"}
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def region_name(code: str) -> str:
    """Return the name of a region or country for people; its code where we know none."""
    return REGION_NAMES.get(code) or COUNTRY_NAMES.get(code, code)


def ordered_regions(codes: Sequence[str]) -> list[str]:
    """Return region codes in the order that all figures use."""
    known = [c for c in REGION_ORDER if c in codes]
    return known + sorted(c for c in codes if c not in REGION_ORDER)


def counted(n: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def pretty(name: str) -> str:
    """Return a name or label with codes for people: spaces, element symbols, countries."""
    spelled = re.sub(r"[A-Za-z]+", _spelled, name.replace("_", " "))
    return " ".join(spelled.split())


def _spelled(found: re.Match[str]) -> str:
    word = found[0]
    known = SYMBOLS | {code: region_name(code) for code in (*REGION_NAMES, *COUNTRY_NAMES)}
    return known.get(word, word)


def the(code: str, first: bool = False) -> str:
    """Return a region's name inside a sentence, or at its start."""
    name = ARTICLES.get(code, region_name(code))
    return name[:1].upper() + name[1:] if first else name


def percent(share: float) -> str:
    """Return a share as per cent with two digits that matter."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 10 else f"{value:.1f} %" if value >= 0.05 else "under 0.1 %"


def day_name(day: dt.date) -> str:
    """Return a date for people, the same on every system."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def facts_until(as_of: dt.date | str | None) -> str:
    """Return up to which day the facts of a scenario reach, for people; "" where it is not said."""
    if not as_of:
        return ""
    day = as_of if isinstance(as_of, dt.date) else dt.date.fromisoformat(as_of)
    return f"Facts up to {day_name(day)}"


def month_name(day: dt.date) -> str:
    """Return the month of a date for people."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def span(data: RunData) -> str:
    """Return the horizon for people."""
    days = data.n_period * data.step_days
    if days < 700:
        return "the year" if 350 <= days <= 380 else f"{round(days / 30.4):.0f} months"
    return f"{days / 365:.1f} years".replace(".0 ", " ")


def end_day(data: RunData) -> dt.date:
    """Return the last day of the horizon."""
    return data.start + dt.timedelta(days=data.step_days * data.n_period - 1)


def peak(values: Any) -> float:
    """Return the largest number, 0 where there is none (NaN are skipped)."""
    flat = np.asarray(values, dtype=float).ravel()
    known = flat[~np.isnan(flat)]
    return float(known.max()) if known.size else 0.0
