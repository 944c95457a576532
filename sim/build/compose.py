"""Join the tables of several chains: ``parts.csv`` lists them; their tables stand end to end.

A part may lose sectors (``without_sectors``) because plants of the composed chain buy in their
place, as cell makers do for the batteries sectors of lithium, cobalt, nickel and graphite.
"""

from __future__ import annotations

from pathlib import Path

from sim.base.errors import Fault, UserError, nearest
from sim.build.follow import without
from sim.build.tables import NAMES, Row, Tables, data_folder, read_table, read_tables, words

KEYS = {
    "products": ("name",),
    "sites": ("name",),
    "operations": ("product", "kind"),
    "groups": ("country",),
    "legs": ("origin", "destination"),
    "reserves": ("name",),
    "projects": ("name",),
    "value_added": ("sector", "region"),
    "dependence": ("sector", "region"),
    "economies": ("region",),
    "linkage": ("pool", "region"),
    "parameters": ("name",),
    "prices": ("key",),
    "responses": ("key",),
    "sources": ("name",),
}
"""Columns that name a row: two chains may not give one name to different things."""

OWN_FIRST = ("feeds", "stages")
"""Tables whose first fitting row counts: those of the composed chain stand before its parts'."""


def tables_of(chain: str, above: tuple[str, ...] = ()) -> Tables:
    """Return the tables of a chain, joined from those of its parts if it has ``parts.csv``.

    Parameters
    ----------
    chain : str
        Folder of ``data/``.
    above : tuple of str
        The composed chains that it is a part of.

    Raises
    ------
    UserError
        If a part or a sector does not exist, two parts use one name for different things, or a
        table is at fault.
    """
    folder = data_folder(chain)
    if not (folder / "parts.csv").is_file():
        return read_tables(folder)
    own = read_tables(folder, needed=("network",))
    return joined(chain, _parts(folder, (*above, chain)), own)


def joined(chain: str, parts: dict[str, Tables], own: Tables) -> Tables:
    """Return the tables of the parts end to end, those of the composed chain itself last.

    Users are made part by part (column ``part``), each from its own regions, sectors and tilt.

    Parameters
    ----------
    chain : str
        Name of the composed chain.
    parts : dict
        Tables by part, in the order of ``parts.csv``.
    own : dict
        Tables of its own folder; ``network`` is taken from here alone.
    """
    known: dict[str, Row] = {}
    every = [_cited_apart(name, t, known) for name, t in {**parts, chain: own}.items()]
    tables: Tables = {"network": own["network"]}
    for name in NAMES[1:]:
        order = [every[-1], *every[:-1]] if name in OWN_FIRST else every
        rows = [row for part in order for row in part[name]]
        tables[name] = _once(name, rows) if name in KEYS else rows
    return tables


def _parts(folder: Path, above: tuple[str, ...]) -> dict[str, Tables]:
    """Return the tables of the parts, without the sectors that the composed chain replaces."""
    parts = {}
    for row in read_table(folder / "parts.csv"):
        if not (data_folder(row["part"]) / "network.csv").is_file():
            raise UserError(Fault(f"{row['at']}.part", row["part"], "no such chain in data/"))
        if row["part"] in above:
            raise UserError(Fault(f"{row['at']}.part", row["part"], "is a part of itself"))
        tables, gone = tables_of(row["part"], above), words(row["without_sectors"])
        known = {sector["sector"] for sector in tables["sectors"]}
        faults = [
            Fault(f"{row['at']}.without_sectors", s, f"no such sector{nearest(s, known)}")
            for s in gone
            if s not in known
        ]
        if faults:
            raise UserError(faults)
        parts[row["part"]] = without(tables, gone, row["instead"]) if gone else tables
    return parts


def _cited_apart(part: str, tables: Tables, known: dict[str, Row]) -> Tables:
    """Return a part's tables; its sources whose names others use otherwise bear its name before.

    `known` gathers the sources of all parts so far. Users' tables say which part they are of.
    """
    clash = {
        row["name"]: f"{part}_{row['name']}"
        for row in tables["sources"]
        if _content(known.get(row["name"], row)) != _content(row)
    }
    out = {
        name: [_renamed(row, clash, name == "sources") for row in rows]
        for name, rows in tables.items()
    }
    for name in ("regions", "sectors", "tilt"):
        out[name] = [{"part": part, **row} for row in out[name]]
    known |= {row["name"]: row for row in out["sources"]}
    return out


def _renamed(row: Row, names: dict[str, str], is_source: bool) -> Row:
    """Return a row with other names for its sources."""
    if not names:
        return row
    cites = {key for key in row if key == "source" or key.endswith("_source")}
    cites |= {"name"} if is_source else set()
    return {key: names.get(v, v) if key in cites else v for key, v in row.items()}


def _once(name: str, rows: list[Row]) -> list[Row]:
    """Return rows without repetition; the same name with other content is refused."""
    known: dict[tuple[str, ...], Row] = {}
    faults = []
    for row in rows:
        key = tuple(row[k] for k in KEYS[name])
        first = known.setdefault(key, row)
        if _content(first) != _content(row):
            faults.append(Fault(row["at"], "&".join(key), f"is also in {first['at']}"))
    if faults:
        raise UserError(faults)
    return list(known.values())


def _content(row: Row) -> Row:
    """Return what a row says, without where it stands."""
    return {key: value for key, value in row.items() if key != "at"}
