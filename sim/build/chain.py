"""Tables of a chain -> its network file: the whole build on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.build import extras
from sim.build.checks import check_columns, check_names, check_sites
from sim.build.compose import tables_of
from sim.build.emit import text_of
from sim.build.flows import add_flows
from sim.build.holding import add_holding
from sim.build.lanes import Legs, add_listed_lanes
from sim.build.sites import add_ramps, end_users, producers
from sim.build.tables import Tables, number
from sim.build.value_added import add_value_added

UNKNOWN = "unknown"
"""Instead of a value, where end users buy what has no known one: their bill is left out."""


def target(chain: str) -> Path:
    """Return the committed network file of a chain."""
    return Path(__file__).resolve().parents[2] / "configs" / "network" / f"{chain}.yaml"


def build_text(chain: str) -> str:
    """Return the network file of a chain as its tables give it."""
    return text_of(build(tables_of(chain)), chain)


def build(tables: Tables) -> dict[str, Any]:
    """Return a network as plain data.

    Sites come from the tables, reference lanes from the balance, then what is listed: spot
    suppliers, reserves, projects. Last the citations that were used.
    """
    check_columns(tables)
    check_names(tables)
    words = {row["key"]: row["value"] for row in tables["network"]}
    legs = Legs(tables)
    sites = producers(tables) | end_users(tables)
    check_sites(tables, sites)
    flow = add_flows(tables, sites, legs)
    add_ramps(sites, flow)
    add_listed_lanes(tables, sites, legs)
    extras.add_offtake_lanes(tables, sites, legs)
    sites |= extras.reserves(tables, sites, flow)
    products = _products(tables)
    add_holding(tables, products)
    economies = add_value_added(tables, products, sites)
    network: dict[str, Any] = {
        **words,
        **extras.home_weight(tables),
        "products": products,
        "price": extras.laws(tables["prices"]),
        "responses": extras.laws(tables["responses"]),
        **extras.published(tables, products),
        "sites": {name: _finished(site) for name, site in sites.items()},
        "projects": extras.projects(tables, sites),
        **economies,
        "parameters": extras.parameters(tables, sites),
    }
    network["sources"] = extras.sources(tables, _used(network))
    return network


def _products(tables: Tables) -> dict[str, dict[str, Any]]:
    products: dict[str, dict[str, Any]] = {}
    for row in tables["products"]:
        product: dict[str, Any] = {key: row[key] for key in ("title", "unit", "stage")}
        if row["value_usd_per_t"] == UNKNOWN:
            product["bill"] = "left_out"
        elif row["value_usd_per_t"]:
            product["value_usd_per_t"] = number(row, "value_usd_per_t")
            product["sources"] = {"value_usd_per_t": row["source"]}
        products[row["name"]] = product
    return products


# fmt: off
ORDER = (
    "kind", "product", "title", "country", "region", "sector", "operator", "tags", "capacity",
    "slack", "ramp_days", "priority", "demand", "value_added_usd_per_year", "dependence",
    "substitution", "cohorts", "stock_days", "max_rate", "trigger_days", "activation_days",
    "serves", "feeds", "sources", "note",
)
# fmt: on


def _finished(site: dict[str, Any]) -> dict[str, Any]:
    """Return a site with its keys in order; what is empty or the builder's own is left out."""
    return {key: site[key] for key in ORDER if site.get(key) not in (None, [], "")}


def _used(value: Any) -> set[str]:
    """Return all names of sources in a network."""
    if not isinstance(value, dict):
        return set()
    found: set[str] = set()
    for key, part in value.items():
        if key in ("sources", "published_sources", "gdp_sources"):
            found |= set(part.values())
        else:
            found |= _used(part)
    return found
