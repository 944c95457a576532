"""Two tables, or one of flows alone, to a network: plain data that its schema and checks accept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sim.base.errors import Fault, UserError
from sim.network.countries import region_by_country
from sim.network.load import read_network
from sim.tabular.cells import Row, Table, refuse
from sim.tabular.chain import Node, nodes_of
from sim.tabular.defaults import ASSUMED, CITATION, COVER_DAYS, UTILISATION, Filled, transit_days
from sim.tabular.flows import Flows, flows_of
from sim.tabular.goods import units_of
from sim.tabular.records import LaneRow, SiteRow, lane_rows, site_rows
from sim.tabular.stocks import cover_days, stock_faults, unused_times


class Imported(NamedTuple):
    """A network out of tables.

    Parameters
    ----------
    data : dict
        The network as plain data, validated.
    notes : list of str
        What was left out, assumed, scaled and moved, a line each.
    """

    data: dict[str, Any]
    notes: list[str]


def network_data(
    sites: Table | None, lanes: Table, *, title: str = "", scale: bool = False
) -> Imported:
    """Return the network that tables tell of.

    Parameters
    ----------
    sites : Table or None
        Sites; None: those that the lanes name.
    lanes : Table
        Who buys what from whom.
    title : str, optional
        Of the network; default by the tables' names.
    scale : bool, optional
        Divide shares that do not sum to 1 by their sum, and say so.

    Raises
    ------
    UserError
        With all that is wrong: file, line, column, what was found and expected.
    """
    headless = _headless(sites, lanes)
    if headless:
        refuse([*_form(sites), *_form(lanes), *headless])
    lane_list, lane_faults = lane_rows(lanes)
    site_list, site_faults = site_rows(sites) if sites else (_named(lane_list), [])
    nodes, chain_faults = nodes_of(site_list, lane_list)
    refuse([*_form(sites), *_form(lanes), *site_faults, *lane_faults, *chain_faults])
    filled = Filled()
    flows, flow_faults = flows_of(nodes, scale=scale, filled=filled)
    refuse([*flow_faults, *stock_faults(nodes)])
    filled.moved += unused_times(nodes)
    data = _network(nodes, flows, filled, title or f"Chain of {_base(lanes)}", [sites, lanes])
    _check(data, nodes, flows)
    notes = [*(sites.notes if sites else []), *lanes.notes]
    return Imported(data, [*notes, *filled.lines()])


def _headless(sites: Table | None, lanes: Table) -> list[Fault]:
    """Return a fault for every column that must be there and is not."""
    wanted = [(lanes, "supplier", "from"), (lanes, "buyer", "to")]
    wanted += [(sites, "site", "site")] if sites else []
    return [
        Fault(f"column {like}", "", f"there is none; the columns are {_shown(table)}",
              f"{table.file}:1")
        for table, column, like in wanted
        if column not in table.headers
    ]  # fmt: skip


def _form(table: Table | None) -> list[Fault]:
    return table.faults if table else []


def _shown(table: Table) -> str:
    return ", ".join(table.headers.values()) or "none that are known"


def _named(lanes: Sequence[LaneRow]) -> list[SiteRow]:
    """Return a site for each name in the lanes; its country where the name is one."""
    from sim.network.countries import CODES, COUNTRIES

    found: dict[str, SiteRow] = {}
    for lane in lanes:
        for name in (lane.supplier, lane.buyer):
            code = CODES.get(name.lower()) or name.split(" ")[0].upper()
            country = code if code in COUNTRIES else "OTH"
            found.setdefault(name, SiteRow(lane.row, name, None, None, country, "", {}))
    return list(found.values())


def _network(
    nodes: dict[str, Node], flows: Flows, filled: Filled, title: str, tables: Sequence[Table | None]
) -> dict[str, Any]:
    """Return the network as plain data: products, sites, sources."""
    units = units_of(nodes, filled)
    goods = dict.fromkeys(n.product for n in nodes.values())
    files = [_base(t) for t in tables if t is not None]
    return {
        "title": title,
        "description": f"Imported from {' and '.join(files)}; what they do not say is assumed "
        "and marked so.",
        "products": {g: {"title": g, "unit": units.get(g, "t")} for g in goods},
        "sites": {n.name: _site(n, nodes, flows, filled) for n in nodes.values()},
        "sources": {ASSUMED: {"citation": CITATION, "confidence": "low"}},
    }


def _base(table: Table) -> str:
    """Return a table's name without its folder: a network is handed on, folders are not."""
    return Path(table.file).name


def _site(node: Node, nodes: dict[str, Node], flows: Flows, filled: Filled) -> dict[str, Any]:
    said = node.site.numbers
    row = node.site.row
    is_own_row = row.text("site") == node.name
    data: dict[str, Any] = {
        "kind": node.kind,
        "product": node.product,
        "country": node.site.country,
    }
    if is_own_row:
        data |= {key: row.text(key) for key in ("title", "operator", "sector") if row.text(key)}
        data |= {"tags": row.text("tags").replace(";", " ").split()} if row.text("tags") else {}
    if node.kind == "end_user":
        data["demand"] = flows.made_t[node.name]
        data |= {"value_usd_per_t": said["value"]} if "value" in said else {}
    else:
        data |= _supply(node, flows, filled)
    if node.feeds:
        data["feeds"] = {p: _feed(node, p, nodes, flows, filled) for p in node.feeds}
    return data


def _supply(node: Node, flows: Flows, filled: Filled) -> dict[str, Any]:
    said, made = node.site.numbers, flows.made_t.get(node.name, 0.0)
    data: dict[str, Any] = {}
    if "capacity" in said:
        data["capacity"] = said["capacity"]
    else:
        data["capacity"] = max(made, said.get("output", 0.0)) / UTILISATION
        data["sources"] = {"capacity": ASSUMED}
        filled.add(f"capacity = what it makes / {UTILISATION:g}", node.name)
    return data | {key: said[key] for key in ("slack", "ramp_days") if key in said}


def _feed(
    node: Node, product: str, nodes: dict[str, Node], flows: Flows, filled: Filled
) -> dict[str, Any]:
    feed = node.feeds[product]
    cover = cover_days(node, feed, flows)
    data: dict[str, Any] = {"coefficient": flows.coefficient.get((node.name, product), 1.0)}
    data["cover_days"] = COVER_DAYS if cover is None else cover
    if cover is None:
        data["sources"] = {"cover_days": ASSUMED}
        filled.add(f"cover of {COVER_DAYS:g} days", f"{node.name} of {product}")
    shares = flows.shares[node.name, product]
    data["lanes"] = {
        s: _lane(lane, shares[s], nodes[s], node, filled) for s, lane in feed.lanes.items()
    }
    return data


def _lane(
    lane: LaneRow, share: float, supplier: Node, buyer: Node, filled: Filled
) -> dict[str, Any]:
    data: dict[str, Any] = {"share": share}
    if "transit_days" in lane.numbers:
        data["transit_days"] = lane.numbers["transit_days"]
    else:
        ends = supplier.site.country, buyer.site.country
        data["transit_days"] = transit_days(
            *ends, (region_by_country(ends[0]), region_by_country(ends[1]))
        )
        data["sources"] = {"transit_days": ASSUMED}
        filled.add(f"transit of {data['transit_days']:g} days", f"{supplier.name} to {buyer.name}")
    # an input is of use once it has passed through the site: both engines know transit only
    data["transit_days"] += buyer.site.numbers.get("process_days", 0.0)
    data |= {k: lane.numbers[k] for k in ("spot", "qualification_days") if k in lane.numbers}
    if routes := lane.row.text("routes").replace(";", " ").split():
        data["routes"] = routes
    return data


def _check(data: dict[str, Any], nodes: dict[str, Node], flows: Flows) -> None:
    """Raise what the network's own checks find, at the rows it comes from.

    Raises
    ------
    UserError
        With all of them.
    """
    faults: list[Fault | str] = []
    faults += [f for n in nodes.values() for f in _overfull(n, data, flows)]
    try:
        read_network(data)
    except UserError as error:
        faults += [_placed(fault, nodes) for fault in error.faults]
    refuse(faults)


def _overfull(node: Node, data: dict[str, Any], flows: Flows) -> list[Fault]:
    capacity, made = data["sites"][node.name].get("capacity"), flows.made_t.get(node.name, 0.0)
    if capacity is None or made <= capacity * (1 + 1e-9):
        return []
    return [node.site.row.fault("capacity", f"{capacity:.6g}",
                                f"{node.name} sells {made:.6g} t in a normal year")]  # fmt: skip


def _placed(fault: Fault | str, nodes: dict[str, Node]) -> Fault | str:
    """Return a network's fault with the row of the site that it names."""
    if isinstance(fault, str):
        return fault
    parts = fault.key.split(".")
    row: Row | None = nodes[parts[2]].site.row if len(parts) > 2 and parts[2] in nodes else None
    where = f"{row.table.file}:{row.line}" if row else fault.where
    return Fault(fault.key, fault.found, fault.expected, where)
