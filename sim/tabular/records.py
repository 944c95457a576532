"""Rows of sites and of lanes as records with numbers in tonnes, years and days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sim.base.errors import Fault, nearest
from sim.base.plain_text import is_lost_by_readers
from sim.network.countries import CODES, COUNTRIES
from sim.tabular.cells import Row, Table
from sim.tabular.columns import DAYS
from sim.tabular.numbers import number_in, rate_unit, tonnes_a_year

KINDS = {
    "mine": "mine mining source raw raw_material extraction quarry",
    "refiner": "refiner refinery plant factory manufacturer maker processing processor smelter "
    "producer intermediate assembly",
    "end_user": "end_user enduser user customer consumer demand market sink buyer end_use",
}  # fmt: skip
"""Kind of site -> other names of it."""

LOOSE = (
    "supplier infinite_supplier vendor part manuf dist distributor distribution warehouse "
    "wholesaler trans transit transport retail retailer store shop"
)
"""Words that say nothing of whom a site buys from and sells to: its lanes do."""

R = TypeVar("R")

RATES = ("capacity", "output", "demand", "flow")


@dataclass(frozen=True)
class SiteRow:
    """One site of the table; None where the table says nothing."""

    row: Row
    name: str
    kind: str | None
    product: str | None
    country: str
    unit: str
    numbers: dict[str, float]  # capacity, output, demand (t/year), cover_days, slack, value ..


@dataclass(frozen=True)
class LaneRow:
    """One lane of the table."""

    row: Row
    supplier: str
    buyer: str
    product: str | None
    unit: str
    numbers: dict[str, float]  # share, flow (t/year), transit_days, cover_days, coefficient, spot


_BOUNDS: dict[str, tuple[float, float, str]] = {
    "share": (0.0, 1.0, "must be a share from 0 to 1, or 0 % to 100 %"),
    "slack": (0.0, 1e6, "must be a share of capacity, 0 or more"),
    "coefficient": (1e-300, 1e300, "must be above 0 (t of input per t made)"),
    "transit_days": (0.0, 3650.0, "must be 0 to 3,650 days"),
}
_TIMES = ("cover_days", "transit_days", "ramp_days", "process_days", "qualification_days")
_SITE_NUMBERS = ("capacity", "output", "demand", "cover_days", "stock", "process_days", "slack",
                 "ramp_days", "value")  # fmt: skip
_LANE_NUMBERS = ("share", "flow", "transit_days", "cover_days", "stock", "coefficient", "spot",
                 "qualification_days")  # fmt: skip


def site_rows(table: Table) -> tuple[list[SiteRow], list[Fault]]:
    """Return the sites of a table, and what is wrong in it."""
    return _rows(table, _site)


def lane_rows(table: Table) -> tuple[list[LaneRow], list[Fault]]:
    """Return the lanes of a table, and what is wrong in it."""
    return _rows(table, _lane)


def _rows(
    table: Table, read: Callable[[Row, list[Fault]], R | None]
) -> tuple[list[R], list[Fault]]:
    faults = list(_unit_faults(table))
    found = [read(row, faults) for row in table.rows]
    return [r for r in found if r is not None], faults


def _unit_faults(table: Table) -> Iterator[Fault]:
    """Yield a fault for each header whose unit does not fit its column."""
    for column, unit in table.units.items():
        key, where = f"column {table.headers[column]}", f"{table.file}:1"
        if column in _TIMES and unit and unit not in DAYS:
            yield Fault(key, unit, "must be a time: hours, days, weeks, months, years", where)


def _site(row: Row, faults: list[Fault]) -> SiteRow | None:
    name = row.text("site")
    faults += _name_faults(row, "site", name)
    kind = _kind(row, faults)
    country = _country(row, faults)
    numbers, unit = _numbers(row, _SITE_NUMBERS, faults)
    return SiteRow(row, name, kind, row.text("product") or None, country, unit, numbers)


def _lane(row: Row, faults: list[Fault]) -> LaneRow | None:
    supplier, buyer = row.text("supplier"), row.text("buyer")
    faults += [*_name_faults(row, "supplier", supplier), *_name_faults(row, "buyer", buyer)]
    if supplier and supplier == buyer:
        faults.append(row.fault("buyer", buyer, "a site must not buy from itself"))
        return None
    numbers, unit = _numbers(row, _LANE_NUMBERS, faults)
    return LaneRow(row, supplier, buyer, row.text("product") or None, unit, numbers)


def _name_faults(row: Row, column: str, name: str) -> Iterator[Fault]:
    if not name:
        yield row.fault(column, None, "must name a site")
    elif "#" in name:
        yield row.fault(column, name, "a name must not hold '#' (cohorts do)")
    elif is_lost_by_readers(name):
        yield row.fault(column, name, "readers of tables take it for an empty cell")


def _kind(row: Row, faults: list[Fault]) -> str | None:
    word = row.text("kind").lower().replace(" ", "_").replace("-", "_")
    if not word:
        return None
    names = {other: kind for kind, others in KINDS.items() for other in (kind, *others.split())}
    if word not in names and word not in LOOSE.split():
        expected = f"must be one of {', '.join(KINDS)}{nearest(word, names)}"
        faults.append(row.fault("kind", row.text("kind"), expected))
    return names.get(word)


def _country(row: Row, faults: list[Fault]) -> str:
    """Return the code of a row's country, also from its name; OTH where nothing is said."""
    word = row.text("country")
    code = CODES.get(word.lower()) or word.upper()
    if not word or code in COUNTRIES:
        return code or "OTH"
    hint = nearest(word.lower(), CODES) or nearest(code, COUNTRIES)
    faults.append(row.fault("country", word, f"must be an ISO 3166 alpha-3 code, or OTH{hint}"))
    return "OTH"


def _numbers(
    row: Row, columns: tuple[str, ...], faults: list[Fault]
) -> tuple[dict[str, float], str]:
    """Return the numbers of a row, rates in t/year where their unit is a mass, and that unit."""
    numbers: dict[str, float] = {}
    kept = ""
    for column in columns:
        try:
            value = number_in(row, column)
        except ValueError as error:
            faults.append(row.fault(column, row.text(column), str(error)))
            continue
        if value is None:
            continue
        if column in _TIMES:
            value *= DAYS.get(row.table.units.get(column, ""), 1.0)
        low, high, expected = _BOUNDS.get(column, (0.0, 1e300, "must be 0 or more"))
        if not low <= value <= high:
            faults.append(row.fault(column, row.text(column), expected))
            continue
        if column in RATES:
            unit = row.text("unit") or row.table.units.get(column, "")
            kept, factor = rate_unit(unit) if unit else ("", 1.0)
            value *= factor
        elif column == "stock":
            value *= tonnes_a_year(row.table.units.get(column, "t")) or 1.0
        elif column == "share" and row.table.units.get(column) in ("%", "pct", "percent"):
            value /= 100.0
        numbers[column] = value
    return numbers, kept
