"""What a chain's tables must hold: columns that are read, and names that exist elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.base.errors import Fault, UserError, nearest
from sim.build.select import SELECTORS, SiteDict, check_selectors
from sim.build.tables import Row, Tables, pairs

COLUMNS = {
    "network": "key value",
    "products": "name title unit value_usd_per_t stage source",
    "sites": "name title kind product country operator output_t capacity_t priority tags source"
    " capacity_source priority_source note",
    "operations": "product kind utilisation slack idle_days source utilisation_source",
    "bill": "product feed country coefficient source",
    "regions": "region title country demand_t",
    "sectors": "sector title share substitution_limit substitution_delay_days substitution_days"
    " source substitution_source",
    "tilt": "region",
    "trade": "product supplier buyer t source",
    "preferences": "product supplier buyer weight",
    "groups": "country group",
    "legs": "origin destination days routes source",
    "stages": "product residence_days source",
    "feeds": "product buyer cover_tail cover_min cover cover_max cohorts adjustment_days"
    " perception_days rerouting precaution source cover_source precaution_source",
    "lanes": "product supplier buyer share spot qualification_days source qualification_source",
    "reserves": "name title product country operator stock_days trigger_days activation_days"
    " serves source trigger_source activation_source note",
    "projects": "name title site capacity_t start delay_min delay_mode delay_max probability"
    " ramp_days offtake source delay_source ramp_source offtake_source",
    "parameters": "name key sites feeds each min mode max source",
    "published_shares": "stage product country year share source confidence",
    "value_added": "sector region value_added_busd_per_year kind source",
    "dependence": "sector region share_low share_central share_high value_of_input_share va_ratio"
    " sigma_under_1y_low sigma_under_1y sigma_under_1y_high sigma_beyond_low sigma_beyond"
    " sigma_beyond_high recapture_low recapture recapture_high buffer_days_low buffer_days"
    " buffer_days_high pool overlap within source buffer_source value_share_source",
    "prices": "key median sigma min max source",
    "responses": "key median sigma min mode max source",
    "economies": "region gdp_busd_per_year source",
    "linkage": "pool region back source",
    "sources": "name confidence citation note",
}
"""Columns that are read, by table; others are notes."""


def check_columns(tables: Tables) -> None:
    """Refuse tables that lack a column.

    Raises
    ------
    UserError
        With all such columns.
    """
    lacking = {
        (row["at"].rpartition(":")[0], column): nearest(column, row)
        for name, rows in tables.items()
        for row in rows
        for column in COLUMNS[name].split()
        if column not in row
    }
    if lacking:
        raise UserError(
            Fault(file, column, f"no such column{near}") for (file, column), near in lacking.items()
        )


def check_names(tables: Tables) -> None:
    """Refuse rows that name a product, sector or region that no table defines.

    Raises
    ------
    UserError
        With all such rows.
    """
    products = {row["name"] for row in tables["products"]}
    sold = [row for row in tables["sectors"] if not row.get("gone")]
    faults = [
        *_unknown(tables["bill"], "feed", products),
        *_unknown(sold, "sector", products),
        *_missing(tables["sites"], tables["operations"], ("product", "kind"), "operations"),
        *_missing(tables["regions"], tables["tilt"], ("part", "region"), "tilt"),
        *_untilted(tables),
    ]
    for name in ("sites", "operations", "bill", "stages", "lanes"):
        faults += _unknown(tables[name], "product", products)
    if faults:
        raise UserError(faults)


def check_sites(tables: Tables, sites: dict[str, SiteDict]) -> None:
    """Refuse selectors that fit no site, and lanes and projects of sites that do not exist.

    Raises
    ------
    UserError
        With all such words.
    """
    check_selectors(_selectors(tables), sites)
    faults = [
        *_unknown(tables["lanes"], "supplier", set(sites)),
        *_unknown(tables["projects"], "site", set(sites)),
    ]
    if faults:
        raise UserError(faults)


def _selectors(tables: Tables) -> Iterator[tuple[str, str]]:
    """Return where each selector stands, and the selector."""
    for name, keys in SELECTORS.items():
        for row in tables[name]:
            for key in keys:
                yield f"{row['at']}.{key}", row[key]
    for row in tables["projects"]:
        for buyer, _ in pairs(row, "offtake"):
            yield f"{row['at']}.offtake", buyer


def _unknown(rows: Iterable[Row], key: str, known: set[str]) -> list[Fault]:
    """Return the rows whose cell names nothing that is known."""
    return [
        Fault(f"{row['at']}.{key}", row[key], f"no such name{nearest(row[key], known)}")
        for row in rows
        if row[key] not in known
    ]


def _missing(rows: list[Row], others: list[Row], keys: tuple[str, ...], table: str) -> list[Fault]:
    """Return the rows for which another table has no row of the same keys."""
    known = {_key(row, keys) for row in others}
    return [
        Fault(row["at"], _key(row, keys), f"has no row in {table}.csv")
        for row in rows
        if _key(row, keys) not in known
    ]


def _key(row: Row, keys: tuple[str, ...]) -> str:
    return " ".join(row[key] for key in keys if row.get(key))


def _untilted(tables: Tables) -> list[Fault]:
    """Return the sectors without a column in the tilt of their part."""
    tilts = {row.get("part", ""): row for row in tables["tilt"]}
    return [
        Fault(row["at"], row["sector"], "has no column in tilt.csv")
        for row in tables["sectors"]
        if row["sector"] not in tilts.get(row.get("part", ""), {})
    ]
