"""Read a chain's source tables: plain CSV files, each row with its source and confidence.

A table that the chain's own folder lacks is read from ``data/common`` (groups of countries, legs);
the sources and parameters of both are joined.
"""

from __future__ import annotations

import csv
from pathlib import Path

from sim.base.errors import Fault, UserError, nearest

Row = dict[str, str]

Tables = dict[str, list[Row]]
"""The tables of one chain, by file name without ``.csv``; cells are text as written."""

# fmt: off
NAMES = (
    "network", "products", "sites", "operations", "bill", "regions", "sectors", "tilt", "trade",
    "preferences", "groups", "legs", "stages", "feeds", "lanes", "reserves", "projects",
    "parameters", "published_shares", "value_added", "dependence", "economies", "linkage",
    "prices", "responses", "sources",
)
# fmt: on
COMMON = "common"


def data_folder(chain: str) -> Path:
    """Return the folder of a chain's source tables in this checkout."""
    return Path(__file__).resolve().parents[2] / "data" / chain


def chains() -> list[str]:
    """Return the chains that can be built: each folder of ``data/`` that holds ``network.csv``."""
    return sorted(path.parent.name for path in data_folder("").glob("*/network.csv"))


def read_tables(folder: Path, needed: tuple[str, ...] = NAMES) -> Tables:
    """Return all tables of a chain.

    Parameters
    ----------
    folder : pathlib.Path
        Its folder.
    needed : tuple of str
        Tables that must be there; any other that is missing is empty.

    Raises
    ------
    UserError
        If a table is missing, a row names no known source, or a source has two citations; all
        such rows at once.
    """
    files = {name: _file(folder, name) for name in NAMES}
    missing = [files[name] for name in needed if not files[name].is_file()]
    if missing:
        raise UserError([Fault(str(path), "", "no such file") for path in missing])
    tables = {name: read_table(path) if path.is_file() else [] for name, path in files.items()}
    if files["sources"].parent == folder:
        common = read_table(data_folder(COMMON) / "sources.csv")
        tables["sources"] = joined_sources(tables["sources"], common)
    if files["parameters"].parent == folder:  # what is drawn everywhere, and here
        tables["parameters"] += read_table(data_folder(COMMON) / "parameters.csv")
    faults = _check_sources(tables)
    if faults:
        raise UserError(faults)
    return tables


def read_table(path: Path) -> list[Row]:
    """Return the rows of a table; ``at`` says where each stands.

    Raises
    ------
    UserError
        With all rows that have more or fewer cells than the head.
    """
    place = f"{path.parent.name}/{path.name}"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [{**r, "at": f"{place}:{line}"} for line, r in enumerate(csv.DictReader(file), 2)]
    faults = [
        Fault(row["at"], "", "has more or fewer cells than the head; quote a cell with a comma")
        for row in rows
        if None in row or None in row.values()
    ]
    if faults:
        raise UserError(faults)
    return rows


def joined_sources(own: list[Row], others: list[Row]) -> list[Row]:
    """Return the rows of both lists, own ones first; a name in both must have one citation.

    Raises
    ------
    UserError
        If a name has two citations or confidences.
    """
    known = {row["name"]: row for row in own}
    shared = [(known[row["name"]], row) for row in others if row["name"] in known]
    faults = [
        Fault(f"{mine['at']}.{key}", mine[key], f"{theirs['at']} has: {theirs[key]}")
        for mine, theirs in shared
        for key in ("citation", "confidence")
        if mine[key] != theirs[key]
    ]
    if faults:
        raise UserError(faults)
    return own + [row for row in others if row["name"] not in known]


def number(row: Row, key: str, default: float | None = None) -> float:
    """Return a cell as a number; an empty cell is `default`, if there is one."""
    text = row[key]
    if not text and default is not None:
        return default
    try:
        return float(text)
    except ValueError:
        raise UserError(Fault(f"{row['at']}.{key}", text, "must be a number")) from None


def pairs(row: Row, key: str) -> list[tuple[str, float]]:
    """Return the parts of a cell that lists ``name:share`` pairs, separated by ``;``."""
    found = []
    for part in words(row[key]):
        name, _, share = part.rpartition(":")
        try:
            found.append((name, float(share)))
        except ValueError:
            fault = Fault(f"{row['at']}.{key}", part, "must be a buyer, a colon and a share")
            raise UserError(fault) from None
    return found


def words(text: str) -> list[str]:
    """Return the parts of a cell that lists several words, separated by ``;``."""
    return [part.strip() for part in text.split(";") if part.strip()]


def _file(folder: Path, name: str) -> Path:
    """Return the chain's own table, or the common one if it has none."""
    own, common = (place / f"{name}.csv" for place in (folder, data_folder(COMMON)))
    return common if common.is_file() and not own.is_file() else own


def _check_sources(tables: Tables) -> list[Fault]:
    known = {row["name"] for row in tables["sources"]}
    return [
        Fault(f"{row['at']}.{key}", row[key], f"no such source{nearest(row[key], known)}")
        for rows in tables.values()
        for row in rows
        for key in row
        if (key == "source" or key.endswith("_source")) and row[key] and row[key] not in known
    ]
