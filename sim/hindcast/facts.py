"""Facts of an episode: what was reported, how exactly, and what of a run it is held against."""

from __future__ import annotations

import datetime as dt
import math
import re
from pathlib import Path
from typing import NamedTuple

from sim.base.errors import Fault, UserError, nearest
from sim.build.tables import Row, read_table, words

ROLES = {
    "outcome": "the world's answer: scored",
    "check": "a reported series that no scenario imposes: scored",
    "input": "told to the model, or from before the event: shown, not scored",
}
COLUMNS = (
    *("row", "kind", "product", "origin", "to", "when", "since", "value", "unit", "low", "high"),
    *("base", "role", "source", "confidence", "note"),
)  # fmt: skip
_MONTH = re.compile(r"\d{4}-\d{2}")


class Fact(NamedTuple):
    """One reported figure.

    Parameters
    ----------
    row : str
        Where it stands in ``data/events``: ``h12`` in line 12 of ``hindcasts.csv``, ``p7`` in line
        7 of ``prices_monthly.csv``, ``e064a`` in event E064 of ``disruption_events.csv``.
    kind : str
        What of a run it is held against (``sim.hindcast.kinds``); "" where there is nothing.
    product, to : tuple of str
        Products; regions or countries of the buyers, empty for everybody else than `origin`.
    origin : str
        Country of the suppliers.
    first, end : datetime.date or None
        Its days, `end` not among them; None where it has none.
    since : datetime.date or None
        Day that a ratio refers to.
    value, low, high : float
        As reported, and the tolerance about it, in `unit`.
    base : float
        What the model's normal flow is called in `unit`; NaN where tonnes are tonnes.
    role : str
        One of `ROLES`.
    at : str
        ``file:line``.
    """

    row: str
    kind: str
    product: tuple[str, ...]
    origin: str
    to: tuple[str, ...]
    first: dt.date | None
    end: dt.date | None
    since: dt.date | None
    when: str
    value: float
    unit: str
    low: float
    high: float
    base: float
    role: str
    source: str
    confidence: str
    note: str
    at: str

    @property
    def counts(self) -> bool:
        """Whether it is scored."""
        return bool(self.kind) and self.role != "input"

    @property
    def is_price(self) -> bool:
        """Whether it is of prices."""
        return self.kind.startswith("price") or self.row.startswith("p")

    @property
    def half_width(self) -> float:
        """Half of its tolerance: the unit in which errors are told; 1 of a count that has none."""
        return (self.high - self.low) / 2 or 1.0

    @property
    def name(self) -> str:
        """What it is of, in words."""
        of = ", ".join(p.replace("_", " ") for p in self.product)
        way = f"{self.origin} to " if self.origin else ""
        to = ", ".join(self.to) or ("all others" if self.origin else "")
        when = self.when if self.since is None else f"{self.when} to {self.since}"
        return " ".join(w for w in (f"{of}," if of else "", f"{way}{to}", when) if w.strip())


def read_facts(path: Path, kinds: tuple[str, ...]) -> tuple[Fact, ...]:
    """Return the facts of a file.

    Parameters
    ----------
    path : pathlib.Path
        A table with the columns `COLUMNS`.
    kinds : tuple of str
        Kinds that there are.

    Raises
    ------
    UserError
        With the file, line and key of all that is wrong.
    """
    rows, facts, faults = read_table(path), [], []
    missing = [c for c in COLUMNS if rows and c not in rows[0]]
    if missing or not rows:
        what = f"lacks the columns {', '.join(missing)}" if missing else "holds no fact"
        raise UserError(Fault(f"{path.parent.name}/{path.name}", "", what))
    for row in rows:
        try:
            facts.append(_fact(row, kinds))
        except UserError as error:
            faults += error.faults
    seen = [f.row for f in facts]
    faults += [
        Fault("row", f.row, "stands twice in this table", f.at)
        for n, f in enumerate(facts)
        if f.row in seen[:n]
    ]
    if faults:
        raise UserError(faults)
    return tuple(facts)


def _fact(row: Row, kinds: tuple[str, ...]) -> Fact:
    if row["kind"] and row["kind"] not in kinds:
        known = nearest(row["kind"], kinds) or f"; one of {', '.join(kinds)}"
        raise _wrong(row, "kind", f"no such kind of fact{known}")
    if not row["kind"] and not row["note"]:
        raise _wrong(row, "note", "a fact without a kind must say why the model cannot express it")
    if row["role"] not in ROLES:
        known = nearest(row["role"], ROLES) or f"; one of {', '.join(ROLES)}"
        raise _wrong(row, "role", f"no such role{known}")
    first, end = days_of(row, "when") if row["kind"] else (None, None)
    value, low, high = _numbers(row)
    return Fact(
        row["row"], row["kind"], tuple(words(row["product"])), row["origin"],
        tuple(words(row["to"])), first, end, days_of(row, "since")[0], row["when"], value,
        row["unit"], low, high, _number(row, "base", math.nan), row["role"], row["source"],
        row["confidence"], row["note"], row["at"],
    )  # fmt: skip


def _numbers(row: Row) -> tuple[float, float, float]:
    """Return value, low and high; a fact that is not scored needs no tolerance."""
    if not row["kind"]:
        return math.nan, math.nan, math.nan
    value = _number(row, "value")
    low, high = (_number(row, key, value) for key in ("low", "high"))
    if not low <= value <= high:
        raise _wrong(row, "low", f"the tolerance {low:g} to {high:g} must hold the value {value:g}")
    return value, low, high


def _number(row: Row, key: str, default: float | None = None) -> float:
    if not row[key] and default is not None:
        return default
    try:
        found = float(row[key])
    except ValueError:
        raise _wrong(row, key, "must be a number") from None
    if not math.isfinite(found):
        raise _wrong(row, key, "must be finite")
    return found


def days_of(row: Row, key: str) -> tuple[dt.date | None, dt.date | None]:
    """Return the first day of a cell and the day after its last: a day, a month, or A..B of these.

    Raises
    ------
    UserError
        If it is none of these, or ends before it begins.
    """
    text = row[key].strip()
    if not text:
        return None, None
    begin, _, last = text.partition("..")
    try:
        first, end = _first(begin), _after(last or begin)
    except ValueError:
        expected = (
            "must be a day (2025-05-26), a month (2025-05), or two of one kind with .. between"
        )
        raise _wrong(row, key, expected) from None
    if end <= first:
        raise _wrong(row, key, "ends before it begins")
    return first, end


def _first(text: str) -> dt.date:
    return dt.date.fromisoformat(f"{text}-01" if _MONTH.fullmatch(text) else text)


def _after(text: str) -> dt.date:
    first = _first(text)
    return next_month(first) if _MONTH.fullmatch(text) else first + dt.timedelta(days=1)


def next_month(day: dt.date) -> dt.date:
    """Return the first day of the month after a day's."""
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def _wrong(row: Row, key: str, expected: str) -> UserError:
    return UserError(Fault(key, row[key], expected, row["at"]))
