"""Which figures ``plot`` draws, and which words each of them honours."""

from __future__ import annotations

OF_A_RUN = {
    "fan": "shortfall over time, by region; two panels where futures part",
    "exceedance": "chance of a loss larger than x",
    "goods": "stocks, deliveries, orders and capacity over time",
    "heatmap": "regions by sectors or goods",
    "loss": "value added lost, by region and sector",
    "price_fan": "the price index over time",
    "chain_map": "who makes what when nothing is wrong",
    "flow_map": "flows between countries and chokepoints on a map of the world",
}
"""What can be drawn of a run, and what it shows."""

COMPARED = {
    "compare": "runs side by side, and their paired differences",
    "compare_table": "runs by regions, as a table of means",
    "compare_chances": "chances of a loss larger than x, a curve a run",
}
"""What can be drawn of several runs."""

FIGURES = {**OF_A_RUN, "timeline": "one future in detail", **COMPARED}

MEASURES = {
    "share": ("fan", "exceedance", "heatmap", *COMPARED),
    "tonnes": ("exceedance", "heatmap", *COMPARED),
    "value_added": ("loss", "exceedance", "heatmap", *COMPARED),
    "price": ("price_fan", "exceedance"),
    "stock": ("goods",),
}
"""Which figures show a measure."""

_USERS = frozenset({"regions", "sectors", "goods"})
_DAYS = frozenset({"from", "to"})

HONOURS = {
    "fan": _USERS | _DAYS | {"measure"},
    "exceedance": _USERS | {"measure"},
    "goods": frozenset({"regions", "goods", "measure"}) | _DAYS,
    "heatmap": _USERS | {"measure"},
    "loss": frozenset({"regions", "measure"}),
    "price_fan": frozenset({"goods", "measure"}) | _DAYS,
    "chain_map": frozenset(),
    "flow_map": frozenset({"goods"}),
    "timeline": frozenset({"regions", "replication"}),
    "compare": _USERS | {"measure"},
    "compare_table": _USERS | {"measure"},
    "compare_chances": _USERS | {"measure"},
}
"""Which words that choose a part or a measure each figure honours."""

ALONG = ("flow_map", "goods", "price_fan")
"""Figures of goods along the chain; those of all others are what end users make."""
