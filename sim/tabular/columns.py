"""Which column is meant: the usual names of what tables of sites and lanes hold."""

from __future__ import annotations

import re

SITES = {
    "site": "name id node facility plant works company firm site_name site_id node_id stage_name "
    "location_name supplier_name",
    "kind": "type role category node_type site_type stage_classification",
    "product": "good commodity material item makes output_product mineral goods",
    "country": "iso iso3 country_code nation location country_iso3",
    "capacity": "cap max_output nameplate production_capacity",
    "output": "production made makes_t reference_output throughput",
    "demand": "use consumption wants requirement need average_demand avg_demand mean_demand",
    "cover_days": "cover stock_days inventory_days days_of_stock stock_cover days_of_cover",
    "sector": "industry segment end_use",
    "title": "label description display_name",
    "operator": "owner run_by",
    "slack": "spare_share",
    "ramp_days": "ramp",
    "process_days": "process_time processing_time production_time manufacturing_time "
    "assembly_time stage_time cycle_time",
    "stock": "inventory on_hand initial_inventory initial_level initial_stock inventory_level",
    "value": "price value_per_t unit_value unit_price cost_per_unit stage_cost unit_cost",
    "tags": "tag",
    "unit": "units uom",
}
"""Column of a table of sites -> other names of it."""

LANES = {
    "supplier": "from source seller origin exporter upstream start source_id from_site vendor "
    "from_node source_node source_stage",
    "buyer": "to target destination importer customer downstream end sink target_id to_site "
    "consumer to_node destination_node destination_stage sink_id",
    "product": SITES["product"],
    "share": "percent fraction pct weight_share",
    "flow": "amount volume quantity tonnes tons t weight net_weight netwgt flow_t trade",
    "transit_days": "transit lead_time leadtime lead_time_days transport_days delay shipping_days "
    "travel_time stage_time",
    "cover_days": SITES["cover_days"],
    "stock": SITES["stock"],
    "coefficient": "bom bill_of_materials input_per_unit units_per_product needs_per_unit",
    "routes": "route via straits",
    "spot": "spot_weight",
    "qualification_days": "qualification time_to_qualify time_to_switch switch_days",
    "unit": "units uom",
}
"""Column of a table of lanes -> other names of it."""

DAYS = {
    "hour": 1 / 24, "hours": 1 / 24, "h": 1 / 24, "day": 1.0, "days": 1.0, "d": 1.0, "week": 7.0,
    "weeks": 7.0, "wk": 7.0, "w": 7.0, "month": 365 / 12, "months": 365 / 12, "year": 365.0,
    "years": 365.0, "yr": 365.0, "y": 365.0,
}  # fmt: skip
"""Unit of time -> days."""

IDS = ("id", "site_id", "node_id")
"""Headers that name sites where another column holds names for people."""

_ENDS = re.compile(r"\s*[\[(]([^\])]*)[\])]\s*$")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TAIL = re.compile(
    r"^(.*?)_(t|kt|mt|kg|g|lb|tonnes|tons|usd|pct|percent|hours|days|weeks|months|years)"
    r"((?:_per|_/|_p)?_?(?:year|yr|y|a|month|week|day|d|t))?$"
)
_PER = re.compile(r"^(.*?)_per_(year|month|week|day)$")


def normal(header: str) -> str:
    """Return a header in small letters, its words joined by underscores, without its unit.

    Examples
    --------
    >>> normal("Lead time (days)"), normal("Capacity [kt/year]"), normal("stageTime")
    ('lead_time', 'capacity', 'stage_time')
    """
    words = _CAMEL.sub("_", _ENDS.sub("", header.strip())).lower()
    return re.sub(r"[\s\-./]+", "_", words).strip("_")


def unit_in(header: str) -> str:
    """Return the unit that a header states in brackets or at its end; "" if it states none.

    Examples
    --------
    >>> unit_in("Capacity [kt/year]"), unit_in("demand_t_per_day"), unit_in("share")
    ('kt/year', 't/day', '')
    >>> unit_in("demand per day"), unit_in("lead_time_weeks")
    ('t/day', 'weeks')
    """
    if found := _ENDS.search(header):
        return found[1].strip().lower()
    tail = _TAIL.match(normal(header))
    if not tail or not tail[1]:
        bare = _PER.match(normal(header))
        return f"t/{bare[2]}" if bare else ""
    per = re.sub(r"^(_per|_/|_p)?_?", "", tail[3] or "")
    return tail[2] + (f"/{per}" if per else "")


def column_of(header: str, known: dict[str, str]) -> str | None:
    """Return the column that a header means, or None.

    Parameters
    ----------
    header : str
        As it stands in the file.
    known : dict
        Column -> other names of it, with spaces between.
    """
    names = {column: column for column in known}
    for column, others in known.items():
        names |= {other: column for other in others.split() if other not in names}
    word = normal(header)
    tail = _TAIL.match(word) or _PER.match(word)
    found = names.get(word) or (names.get(tail[1]) if tail else None)
    return "cover_days" if found == "stock" and unit_in(header) in DAYS else found
