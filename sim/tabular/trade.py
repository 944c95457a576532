"""Trade tables of a year (BACI, UN Comtrade: exporter, importer, good, weight) as lanes.

BACI (CEPII) has columns t, i, j, k, v, q: year, exporter, importer, HS code, 1,000 USD, tonnes.
UN Comtrade has reporter, partner, flow (M imports, X exports) and net weight in kg; what importers
report is taken, for they look at what comes in.

References
----------
.. [1] Gaulier and Zignago (2010), BACI, CEPII Working Paper 2010-23.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sim.base.errors import Fault, UserError
from sim.network.countries import CODES, COUNTRIES
from sim.tabular.cells import Row, Table, refuse
from sim.tabular.columns import LANES
from sim.tabular.numbers import number_in
from sim.tabular.read_table import read_table, table_of

TRADE = {
    "year": "t period refyear ref_year",
    "exporter": "i exporter_iso exporter_iso3 origin_country",
    "importer": "j importer_iso importer_iso3 destination_country",
    "reporter": "reporteriso reporter_iso reporter_code_iso",
    "partner": "partneriso partner_iso",
    "direction": "flowcode flowdesc flow_code trade_flow",
    "good": "k cmdcode cmd_code hs hs6 product commodity_code commodity",
    "tonnes": "q quantity_t weight_t quantity",
    "kg": "netwgt net_weight_kg net_wgt",
}
"""Column of a trade table -> other names of it."""

CODE_COLUMNS = {"code": "country_code", "iso3": "country_iso3 iso_3digit_alpha iso_3"}


def trade_lanes(path: str | Path, *, codes: str | Path | None = None, year: str = "",
                good: str = "") -> Table:  # fmt: skip
    """Return a trade table as a table of lanes, one a pair of countries.

    Parameters
    ----------
    path : path
        Of the table.
    codes : path, optional
        Table of country codes (BACI's ``country_codes``), where countries are numbers.
    year, good : str, optional
        Which, where the table holds several.

    Raises
    ------
    UserError
        With all that is wrong in it; if a year or good must be chosen.
    """
    table = read_table(path, TRADE)
    refuse(table.faults)
    _refuse_headers(table)
    names = _names(codes)
    rows = [r for r in table.rows if not r.text("direction").upper().startswith("X")]
    rows = _chosen(table, rows, "year", year)
    rows = _chosen(table, rows, "good", good)
    sums: dict[tuple[str, str], float] = {}
    faults: list[Fault] = []
    for row in rows:
        _add(row, names, sums, faults)
    refuse(faults)
    what = good or next((r.text("good") for r in rows), "") or "good"
    grid: list[tuple[int, list[str]]] = [(1, ["supplier", "buyer", "product", "flow (t/year)"])]
    grid += [
        (n, [f"{a} exports", f"{b} imports", what, repr(tonnes)])
        for n, ((a, b), tonnes) in enumerate(sorted(sums.items()), start=2)
        if tonnes > 0
    ]
    lanes = table_of(str(path), grid, LANES, ".")
    lanes.notes = [
        *table.notes,
        f"{path}: what a country makes for itself is not in a trade table; one that only passes on "
        "is an importer and an exporter apart",
    ]
    return lanes


def is_trade(path: str | Path) -> bool:
    """Return whether a table's header is that of a trade table."""
    if str(path).lower().endswith((".xlsx", ".xlsm")):
        return False
    with open(path, encoding="utf-8-sig", errors="replace") as stream:
        words = [w.strip().strip('"').lower() for w in stream.readline().split(",")]
    return {"t", "i", "j", "k", "q"} <= set(words) or {"reporteriso", "partneriso"} <= set(words)


def _refuse_headers(table: Table) -> None:
    ends = ("exporter" in table.headers and "importer" in table.headers) or (
        "reporter" in table.headers and "partner" in table.headers
    )
    if not ends or not ({"tonnes", "kg"} & table.headers.keys()):
        raise UserError(Fault(table.file, "", "no trade table: needs exporter and importer (i, j) "
                              "or reporter and partner, and tonnes (q) or net weight in kg",
                              f"{table.file}:1"))  # fmt: skip


def _names(codes: str | Path | None) -> dict[str, str]:
    if codes is None:
        return {}
    table = read_table(codes, CODE_COLUMNS)
    refuse(table.faults)
    return {row.text("code"): row.text("iso3") for row in table.rows}


def _chosen(table: Table, rows: list[Row], column: str, wanted: str) -> list[Row]:
    """Return the rows of one year or good; which one must be said where there are several."""
    there = sorted({r.text(column) for r in rows if r.text(column)})
    if wanted and wanted not in there:
        raise UserError(Fault(f"--{column}", wanted, f"is not in {table.file}: {_few(there)}"))
    if not wanted and len(there) > 1:
        raise UserError(Fault(f"--{column}", "", f"{table.file} holds {_few(there)}; choose one"))
    return [r for r in rows if not wanted or r.text(column) == wanted]


def _few(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8:,} more" if len(names) > 8 else "")


def _add(
    row: Row, names: Mapping[str, str], sums: dict[tuple[str, str], float], faults: list[Fault]
) -> None:
    """Add a row's tonnes to those between its two countries."""
    origin = "exporter" if "exporter" in row.table.headers else "partner"
    target = "importer" if "importer" in row.table.headers else "reporter"
    ends = []
    for column in (origin, target):
        word = row.text(column)
        code = names.get(word) or CODES.get(word.lower()) or word.upper()
        if code not in COUNTRIES:
            hint = "; numbers need --codes FILE (BACI's country_codes)" if word.isdigit() else ""
            faults.append(row.fault(column, word, f"must be an ISO 3166 alpha-3 code{hint}"))
            return
        ends.append(code)
    try:
        weight = number_in(row, "tonnes" if "tonnes" in row.table.headers else "kg")
    except ValueError as error:
        faults.append(row.fault("tonnes", row.text("tonnes") or row.text("kg"), str(error)))
        return
    scale = 1.0 if "tonnes" in row.table.headers else 1e-3
    if ends[0] != ends[1]:
        sums[ends[0], ends[1]] = sums.get((ends[0], ends[1]), 0.0) + (weight or 0.0) * scale
