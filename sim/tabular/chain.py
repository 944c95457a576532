"""Sites and lanes as they hang together: who is what, who buys what from whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sim.base.errors import Fault, nearest
from sim.tabular.records import LaneRow, SiteRow

USE = "use"
"""Product of end users that name none: what they provide."""


@dataclass
class Feed:
    """One input of a site: its lanes by supplier."""

    product: str
    lanes: dict[str, LaneRow] = field(default_factory=dict)

    def number(self, key: str) -> float | None:
        """Return what the lanes' rows say of the feed as a whole: the first that says it."""
        return next((r.numbers[key] for r in self.lanes.values() if key in r.numbers), None)


@dataclass
class Node:
    """A site with what it buys and whom it serves."""

    site: SiteRow
    kind: str
    product: str
    feeds: dict[str, Feed] = field(default_factory=dict)
    buyers: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its name."""
        return self.site.name


def nodes_of(sites: list[SiteRow], lanes: list[LaneRow]) -> tuple[dict[str, Node], list[Fault]]:
    """Return every site with its feeds, suppliers before buyers, and what does not fit.

    A site that buys nothing is a mine; one that sells nothing an end user; others are refiners.
    """
    faults = [*_twice(sites)]
    rows = {s.name: s for s in sites if s.name}
    bought = {l.buyer for l in lanes}
    sold = {l.supplier for l in lanes}
    nodes = {n: _node(s, n in bought, n in sold) for n, s in rows.items()}
    faults += [f for n in nodes.values() for f in _unfit(n, n.name in bought, n.name in sold)]
    for lane in lanes:
        faults += _join(nodes, lane)
    faults += _two_units(sites, lanes, nodes)
    faults += _rings(nodes)
    return nodes, faults


def _twice(sites: list[SiteRow]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for site in sites:
        if site.name and site.name in seen:
            yield site.row.fault("site", site.name, f"is there already, in line {seen[site.name]}")
        seen.setdefault(site.name, site.row.line)


def _node(site: SiteRow, buys: bool, sells: bool) -> Node:
    kind = site.kind or ("end_user" if buys and not sells else "refiner" if buys else "mine")
    product = site.product or (USE if kind == "end_user" else "")
    return Node(site, kind, product)


def _unfit(node: Node, buys: bool, sells: bool) -> Iterator[Fault]:
    row = node.site.row
    if node.kind == "mine" and buys:
        yield row.fault("kind", node.kind, "buys something in the table of lanes: a refiner does")
    if node.kind in ("refiner", "end_user") and not buys:
        yield row.fault("site", node.name, f"is of kind {node.kind} and buys from nobody")
    if node.kind != "end_user" and node.site.numbers.get("demand"):
        yield row.fault(
            "demand", node.site.numbers["demand"],
            f"{node.name} sells to others: give its own customers a row, and a lane from it",
        )  # fmt: skip
    if node.kind == "end_user" and sells:
        yield row.fault("kind", node.kind, "sells something in the table of lanes: a refiner does")


def _join(nodes: dict[str, Node], lane: LaneRow) -> Iterator[Fault]:
    """Put a lane into its buyer's feed of what its supplier makes."""
    known = True
    for column, name in (("supplier", lane.supplier), ("buyer", lane.buyer)):
        if name and name not in nodes:
            known = False
            yield lane.row.fault(column, name, f"no such site{nearest(name, nodes)}")
    if not (known and lane.supplier and lane.buyer):
        return
    supplier, buyer = nodes[lane.supplier], nodes[lane.buyer]
    product = lane.product or supplier.product or "good"
    if supplier.product and product != supplier.product:
        yield lane.row.fault(
            "product", product, f"{supplier.name} makes {supplier.product!r}; one product a site"
        )
        return
    supplier.product = product
    feed = buyer.feeds.setdefault(product, Feed(product))
    if lane.supplier in feed.lanes:
        line = feed.lanes[lane.supplier].row.line
        yield lane.row.fault("supplier", lane.supplier, f"the same lane stands in line {line}")
        return
    feed.lanes[lane.supplier] = lane
    supplier.buyers.append(buyer.name)


def _two_units(
    sites: list[SiteRow], lanes: list[LaneRow], nodes: dict[str, Node]
) -> Iterator[Fault]:
    """Yield a fault for each row whose unit is not that in which its good was counted before."""
    seen: dict[str, tuple[str, str]] = {}
    rows: list[tuple[str, SiteRow | LaneRow]] = []
    rows += [(nodes[s.name].product, s) for s in sites if s.name in nodes and _has_rate(s)]
    rows += [(nodes[l.supplier].product, l) for l in lanes if l.supplier in nodes and _has_rate(l)]
    for good, record in rows:
        unit = record.unit or "t"
        first, where = seen.setdefault(good, (unit, f"{record.row.table.file}:{record.row.line}"))
        if unit != first:
            column = "unit" if record.row.text("unit") else ""
            yield record.row.fault(
                column, unit, f"{good} is counted in {first} in {where}; one unit a good"
            )


def _has_rate(record: SiteRow | LaneRow) -> bool:
    own = ("capacity", "output") if isinstance(record, SiteRow) else ("flow",)
    return any(key in record.numbers for key in own)


def _rings(nodes: dict[str, Node]) -> Iterator[Fault]:
    """Yield one fault a ring, at the lane that closes it."""
    left = set(nodes)
    while left:
        ready = {n for n in left if not (_suppliers(nodes[n]) & left)}
        if ready:
            left -= ready
            continue
        ring = _ring(nodes, left)
        lane = next(f.lanes[ring[-1]] for f in nodes[ring[0]].feeds.values() if ring[-1] in f.lanes)
        yield lane.row.fault(
            "", " -> ".join([*ring, ring[0]]),
            "a site must not depend on itself through its suppliers: break the ring",
        )  # fmt: skip
        left -= set(ring)


def _suppliers(node: Node) -> set[str]:
    return {s for feed in node.feeds.values() for s in feed.lanes}


def _ring(nodes: dict[str, Node], left: set[str]) -> list[str]:
    """Return one ring among sites that all wait for another of them, suppliers first."""
    walk = [min(left)]
    while True:
        above = min(_suppliers(nodes[walk[-1]]) & left)
        if above in walk:
            ring = walk[walk.index(above) :][::-1]
            first = ring.index(min(ring))
            return ring[first:] + ring[:first]
        walk.append(above)


def downstream_first(nodes: dict[str, Node]) -> list[Node]:
    """Return the sites, each after all who buy from it; the nodes must have no ring."""
    order: list[Node] = []
    waiting = {n: len(node.buyers) for n, node in nodes.items()}
    ready = [n for n, count in waiting.items() if count == 0]
    while ready:
        node = nodes[ready.pop(0)]
        order.append(node)
        for supplier in [s for feed in node.feeds.values() for s in feed.lanes]:
            waiting[supplier] -= 1
            if waiting[supplier] == 0:
                ready.append(supplier)
    return order
