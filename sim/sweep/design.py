"""The design: rows of changed settings, from a CSV file or from Python."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sim.base.errors import Fault, UserError, nearest
from sim.base.yaml_files import read_text
from sim.base.yaml_words import MAX_DIGITS
from sim.config.library import DEFAULTS, GROUPS, plain, shown_path

CHOICES = ("scenario", *DEFAULTS)
"""Columns that choose a file, such as policy=none."""

MAX_BYTES = 200_000_000
"""Largest file of a design: some millions of rows, and a gigabyte once it is read."""

NAME = "name"
_FREE = ("run.seed", "run.replications")
_NUMBER = re.compile(r"[-+]?(0|[1-9]\d*)?(\.\d*)?([eE][-+]?\d+)?")
_LEADS = {"run": "changes no number, or is one for the whole sweep", "output": "is one for all"}


class Row(NamedTuple):
    """One scenario of a sweep.

    Parameters
    ----------
    number : int
        Its place in the design, from 1.
    name : str
        As the design calls it; by default its number.
    changes : dict
        Dotted key, or group -> value.
    where : str
        ``file:line``, for messages.
    """

    number: int
    name: str
    changes: dict[str, Any]
    where: str


def read_design(design: str | Path | Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return the rows of a design, checked as far as it goes without the settings.

    Parameters
    ----------
    design : path or iterable of mapping
        A CSV file whose first line names settings by dotted key, or the same from Python. A column
        ``name`` names the rows. In a file an empty cell leaves the setting as it is, a number is a
        number, what begins with ``[`` or ``{`` is read as YAML, and everything else is text.

    Returns
    -------
    list of Row
        In order.

    Raises
    ------
    UserError
        With all mistakes at once.
    """
    from_file = isinstance(design, str | Path)
    rows, faults = _of_file(Path(design)) if from_file else _of_python(design)  # type: ignore[arg-type]
    keys = {key: row.where for row in reversed(rows) for key in row.changes}
    faults += [fault for key, where in keys.items() if (fault := _refused(key, where))]
    faults += _repeated(rows)
    if not rows and not faults:
        faults.append(Fault("design", "", "holds no row"))
    if faults:
        raise UserError(faults)
    return rows


def _of_python(design: Iterable[Mapping[str, Any]]) -> tuple[list[Row], list[Fault]]:
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, mapping in enumerate(design, 1):
        where = f"design row {number}"
        if not isinstance(mapping, Mapping):
            expected = "must be a mapping of dotted keys to values"
            faults.append(Fault("design", type(mapping).__name__, expected, where))
            continue
        changes = {str(key): plain(value) for key, value in mapping.items()}
        name = str(changes.pop(NAME, number))
        rows.append(Row(number, name, changes, where))
    return rows, faults


def _of_file(path: Path) -> tuple[list[Row], list[Fault]]:
    file = shown_path(path)
    lines = _lines(path, file)
    if not lines:
        raise UserError(Fault("design", file, "is empty; its first line must name settings"))
    at, header = lines[0]
    header = [cell.strip() for cell in header]
    faults = _header_faults(header, f"{file}:{at}")
    rows: list[Row] = []
    for number, (line, cells) in enumerate(lines[1:], 1):
        where = f"{file}:{line}"
        if len(cells) != len(header):
            expected = f"must be {len(header)}, as in the first line; quote cells that hold commas"
            faults.append(Fault("cells", str(len(cells)), expected, where))
            continue
        given = {k: c.strip() for k, c in zip(header, cells, strict=True) if c.strip()}
        name = given.pop(NAME, str(number))
        rows.append(Row(number, name, _values(given, where, faults), where))
    return rows, faults


def _lines(path: Path, file: str) -> list[tuple[int, list[str]]]:
    """Return the lines of a CSV file that are not empty, each with its number."""
    text = read_text(path, MAX_BYTES, "CSV").removeprefix("\ufeff")
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        return [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise UserError(Fault("design", file, f"is not CSV ({error})")) from None


def _header_faults(header: list[str], where: str) -> list[Fault]:
    faults = [
        Fault(f"column {n}", "", "has no name in the first line", where)
        for n, key in enumerate(header, 1)
        if not key
    ]
    twice = sorted({key for key in header if key and header.count(key) > 1})
    return faults + [Fault(key, "", "names two columns", where) for key in twice]


def _values(given: Mapping[str, str], where: str, faults: list[Fault]) -> dict[str, Any]:
    """Return cells as values."""
    from sim.base.yaml_files import read_value

    out: dict[str, Any] = {}
    for key, text in given.items():
        if re.search(r"\d", text) and _NUMBER.fullmatch(text):
            if len(text) > MAX_DIGITS:
                faults.append(Fault(key, text, f"has more than {MAX_DIGITS} digits", where))
            else:
                out[key] = float(text) if re.search(r"[.eE]", text) else int(text)
        elif text[0] in "[{":
            try:
                out[key] = plain(read_value(text, where))
            except UserError as error:
                expected = f"is not a list or mapping in YAML ({_why(error)})"
                faults.append(Fault(key, text, expected, where))
        else:
            out[key] = text
    return out


def _why(error: UserError) -> str:
    first = error.faults[0]
    return first.expected if isinstance(first, Fault) else first


def _refused(key: str, where: str) -> Fault | None:
    """Return what is wrong with a key as such."""
    group, dot, _ = key.partition(".")
    if not dot:
        if key in CHOICES:
            return None
        known = (NAME, *CHOICES)
        expected = f"is neither a dotted key nor one of {', '.join(known)}{nearest(key, known)}"
        return Fault(key, "", expected, where)
    if group not in GROUPS:
        return Fault(key, "", f"no such setting{nearest(group, GROUPS)}", where)
    if group in _LEADS and key not in _FREE:
        expected = f"{_LEADS[group]}: give it beside the design; {' and '.join(_FREE)} may vary"
        return Fault(key, "", expected, where)
    return None


def _repeated(rows: list[Row]) -> list[Fault]:
    first: dict[str, Row] = {}
    faults = []
    for row in rows:
        other = first.setdefault(row.name, row)
        if other is not row:
            faults.append(Fault(NAME, row.name, f"is also that of {other.where}", row.where))
    return faults
