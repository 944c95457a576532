"""Read a table from a file (CSV, Excel) or from rows that are at hand, each cell with its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.base.errors import Fault, UserError, nearest
from sim.base.yaml_files import read_text
from sim.tabular.cells import Grid, Row, Table
from sim.tabular.columns import IDS, column_of, normal, unit_in

MAX_BYTES = 50_000_000
DELIMITERS = (",", ";", "\t", "|")


def read_table(path: str | Path, known: dict[str, str], decimal: str = "") -> Table:
    """Return a table from a CSV file or an Excel workbook's first sheet.

    Parameters
    ----------
    path : path
        The file; ``.xlsx`` needs the extra ``shortfall[excel]``.
    known : dict
        Columns and their other names: ``columns.SITES`` or ``columns.LANES``.
    decimal : str, optional
        The mark before decimals; default "," where semicolons part the columns, else ".".

    Raises
    ------
    UserError
        If it cannot be read or is empty.
    """
    if str(path).lower().endswith((".xlsx", ".xlsm")):
        from sim.tabular.excel import grid_of

        return table_of(str(path), grid_of(path), known, decimal or ".")
    text = read_text(path, MAX_BYTES, "CSV").removeprefix("\ufeff")
    delimiter = _delimiter(text)
    mark = decimal or ("," if delimiter == ";" else ".")
    table = table_of(str(path), _grid(text, delimiter), known, mark)
    if delimiter != ",":
        shown = {";": "semicolons", "\t": "tabs", "|": "bars"}[delimiter]
        table.notes.append(f"{path}: {shown} part the columns, {mark!r} stands before decimals")
    return table


def table_from(rows: Any, known: dict[str, str], name: str) -> Table:
    """Return a table from a data frame, or from a sequence of mappings.

    Parameters
    ----------
    rows : DataFrame or sequence of mapping
        Column -> value.
    known : dict
        Columns and their other names.
    name : str
        What messages call it.

    Raises
    ------
    UserError
        If it is empty.
    """
    records = rows.to_dict("records") if hasattr(rows, "to_dict") else list(rows)
    headers = list(dict.fromkeys(key for record in records for key in record))
    grid = [(1, [str(h) for h in headers])]
    grid += [(n, [_text(r.get(h)) for h in headers]) for n, r in enumerate(records, start=2)]
    return table_of(name, grid, known, ".")


def table_of(file: str, grid: Grid, known: dict[str, str], decimal: str) -> Table:
    """Return a table from lines of cells, the first of which is the header.

    Raises
    ------
    UserError
        If it is empty. What else is wrong with it is in its `faults`.
    """
    lines = [(n, cells) for n, cells in grid if any(c.strip() for c in cells)]
    if not lines:
        raise UserError(Fault(file, "", "the table is empty; its first line names the columns"))
    header, table = lines[0][1], Table(file, decimal=decimal)
    columns, faults = _columns(table, lines[0][0], header, lines[1:], known)
    for line, cells in lines[1:]:
        if any(c.strip() for c in cells[len(header) :]):
            faults.append(_at(file, line, "row", f"has more cells than the header ({len(header)})"))
        texts = {c: t.strip() for c, t in zip(columns, cells, strict=False) if c and t.strip()}
        if texts:
            table.rows.append(Row(table, line, texts))
    table.faults = faults
    return table


def _columns(
    table: Table, line: int, header: Sequence[str], body: Grid, known: dict[str, str]
) -> tuple[list[str | None], list[Fault]]:
    """Return what each column means (None: it is left out, and said), and what is wrong."""
    columns: list[str | None] = []
    faults: list[Fault] = []
    for at, words in enumerate(header):
        column = _meant(words, header, known)
        filled = any(len(cells) > at and cells[at].strip() for _, cells in body)
        if not words.strip() and filled:
            faults.append(_at(table.file, line, f"column {at + 1}", "has cells but no name"))
        elif column is None and words.strip():
            hint = nearest(words.strip().lower(), known)
            table.notes.append(f"{table.file}: column {words.strip()!r} is not used{hint}")
        elif column in table.headers and filled:
            other = table.headers[str(column)]
            faults.append(
                _at(table.file, line, f"column {words.strip()}", f"means the same as {other!r}")
            )
        elif column is not None and not filled:
            table.notes.append(f"{table.file}: column {words.strip()!r} is empty")
            column = None
        if column is not None and column not in table.headers:
            table.headers[column], table.units[column] = words.strip(), unit_in(words)
        columns.append(column)
    return columns, faults


def _meant(words: str, header: Sequence[str], known: dict[str, str]) -> str | None:
    """Return the column of a header beside others: names beside ids are titles."""
    column, beside = column_of(words, known), {normal(h) for h in header}
    is_id = normal(words) in IDS
    if column == "site" and not is_id and beside & set(IDS) and "title" not in beside:
        return "title"
    return column


def _at(file: str, line: int, key: str, expected: str) -> Fault:
    return Fault(key, "", expected, f"{file}:{line}")


def _delimiter(text: str) -> str:
    """Return what parts the columns: the mark that stands most often in the first line."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=first.count)


def _grid(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    grid: list[tuple[int, list[str]]] = []
    before = 0
    for cells in reader:
        grid.append((before + 1, cells))
        before = reader.line_num
    return grid


def _text(value: Any) -> str:
    """Return a value as a cell's text; nothing for None and NaN."""
    if value is None or value != value or is_missing(value):
        return ""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    return str(value)


def is_missing(value: Any) -> bool:
    """Return whether a value is one that tables use for nothing, such as ``pandas.NA``."""
    return type(value).__name__ in ("NAType", "NaTType")
