"""Read a chain's source tables: plain CSV files, each row with its source and confidence."""

from __future__ import annotations

import csv
from pathlib import Path

from sim.errors import Fault, UserError, nearest

Row = dict[str, str]

Tables = dict[str, list[Row]]
"""The tables of one chain, by file name without ``.csv``; cells are text as written."""

# fmt: off
NAMES = (
    "network", "products", "sites", "operations", "bill", "regions", "sectors", "tilt", "trade",
    "preferences", "groups", "legs", "stages", "feeds", "lanes", "reserves", "projects",
    "published_shares", "sources",
)
# fmt: on


def data_folder(chain: str) -> Path:
    """Return the folder of a chain's source tables in this checkout."""
    return Path(__file__).resolve().parents[2] / "data" / chain


def read_tables(folder: Path) -> Tables:
    """Return all tables of a chain.

    Raises
    ------
    UserError
        If a table is missing or a row names no known source; all such rows at once.
    """
    missing = [name for name in NAMES if not (folder / f"{name}.csv").is_file()]
    if missing:
        raise UserError([Fault(str(folder / f"{n}.csv"), "", "no such file") for n in missing])
    tables = {name: _read(folder / f"{name}.csv") for name in NAMES}
    faults = _check_sources(tables)
    if faults:
        raise UserError(faults)
    return tables


def number(row: Row, key: str, default: float | None = None) -> float:
    """Return a cell as a number; an empty cell is `default`, if there is one."""
    text = row[key]
    if not text and default is not None:
        return default
    try:
        return float(text)
    except ValueError:
        raise UserError(Fault(f"{row.get('name', '')}.{key}", text, "must be a number")) from None


def words(text: str) -> list[str]:
    """Return the parts of a cell that lists several words, separated by ``;``."""
    return [part.strip() for part in text.split(";") if part.strip()]


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _check_sources(tables: Tables) -> list[Fault]:
    known = {row["name"] for row in tables["sources"]}
    return [
        Fault(f"{name}.csv:{line}.{key}", row[key], f"no such source{nearest(row[key], known)}")
        for name, rows in tables.items()
        for line, row in enumerate(rows, start=2)
        for key in row
        if (key == "source" or key.endswith("_source")) and row[key] and row[key] not in known
    ]
