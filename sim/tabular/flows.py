"""Reference flows of a chain from its tables: shares, needs and what balancing moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

import numpy as np

from sim.base.errors import Fault
from sim.build.balance import F8, balance
from sim.tabular.chain import Feed, Node, downstream_first
from sim.tabular.defaults import Filled
from sim.tabular.records import LaneRow

ROUNDED = 1e-9
"""How far the shares of a feed may be from 1 (``sim.network.dictionary.SUM_TOLERANCE``)."""

TOLD_FROM = 1e-6
"""Share of a good's flows from which on what balancing moved is told."""


@dataclass
class Flows:
    """What every site makes or uses, t/year, and what of whom it buys."""

    made_t: dict[str, float] = field(default_factory=dict)
    coefficient: dict[tuple[str, str], float] = field(default_factory=dict)
    shares: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)


def flows_of(nodes: dict[str, Node], *, scale: bool, filled: Filled) -> tuple[Flows, list[Fault]]:
    """Return the reference flows, from users up to mines.

    Parameters
    ----------
    nodes : dict
        Sites by name, without a ring.
    scale : bool
        Divide shares that do not sum to 1 by their sum.
    filled : Filled
        Takes what is assumed and moved.
    """
    flows, faults = Flows(), [f for n in nodes.values() for f in _undemanded(n)]
    order = downstream_first(nodes)
    for node in nodes.values():
        for feed in node.feeds.values():
            faults += _set_shares(node, feed, flows, scale, filled)
    if faults:
        return flows, faults
    for node in order:
        flows.made_t.setdefault(node.name, 0.0)
        if node.kind == "end_user":
            flows.made_t[node.name] = _demand(node, filled)
    for product in _downstream_first(nodes):
        _carry(nodes, order, product, flows, filled)
    return flows, faults


def _undemanded(node: Node) -> Iterator[Fault]:
    tells = "demand" in node.site.numbers or any(
        "flow" in lane.numbers for feed in node.feeds.values() for lane in feed.lanes.values()
    )
    if node.kind == "end_user" and not tells:
        yield node.site.row.fault("demand", None, f"must be given for {node.name} (t/year)")


def _demand(node: Node, filled: Filled) -> float:
    """Return an end user's demand: as given, else what its lanes carry."""
    if "demand" in node.site.numbers:
        return node.site.numbers["demand"]
    feed = next(iter(node.feeds.values()))
    filled.add("demand = what the lanes bring", node.name)
    return _inflow(feed) / (feed.number("coefficient") or 1.0)


def _inflow(feed: Feed) -> float:
    return sum(lane.numbers.get("flow", 0.0) for lane in feed.lanes.values())


def _set_shares(
    node: Node, feed: Feed, flows: Flows, scale: bool, filled: Filled
) -> Iterator[Fault]:
    """Set the shares of a feed: as given, from flows, or 1 of a single supplier."""
    lanes = feed.lanes
    key = "share" if any("share" in lane.numbers for lane in lanes.values()) else "flow"
    given = {name: lane.numbers.get(key) for name, lane in lanes.items()}
    first = next(iter(lanes.values())).row
    if len(lanes) == 1 and key == "flow":
        given = {name: value or 1.0 for name, value in given.items()}
    elif key == "flow" and None in given.values():
        missing = next(lane for lane in lanes.values() if key not in lane.numbers)
        yield missing.row.fault(
            "share",
            None,
            f"{node.name} has several suppliers of {feed.product}: say each share, or the product "
            "of each, if it needs all of them",
        )
        return
    values = {name: value or 0.0 for name, value in given.items()}
    total = sum(values.values())
    if total <= 0:
        yield first.fault(key, total, f"{node.name} buys no {feed.product} at all")
        return
    if key == "share" and abs(total - 1) > ROUNDED:
        if not scale:
            yield _off(node, feed, lanes, total)
            return
        filled.moved.append(
            f"scaled: shares of {feed.product} at {node.name} summed to {100 * total:.6g} %"
        )
    flows.shares[node.name, feed.product] = {n: v / total for n, v in values.items()}


def _off(node: Node, feed: Feed, lanes: dict[str, LaneRow], total: float) -> Fault:
    lines = ", ".join(str(lane.row.line) for lane in lanes.values())
    return list(lanes.values())[-1].row.fault(
        "share", f"{100 * total:.6g} %",
        f"the shares of {feed.product} at {node.name} (lines {lines}) must sum to 100 %; "
        "--scale divides them by their sum",
    )  # fmt: skip


def _downstream_first(nodes: dict[str, Node]) -> list[str]:
    """Return the goods that are bought, each after all that is made from it."""
    made_of: dict[str, set[str]] = {}
    for node in nodes.values():
        for product in node.feeds:
            after = made_of.setdefault(product, set())
            if node.kind == "refiner" and node.product != product:
                after.add(node.product)
    try:
        return [p for p in TopologicalSorter(made_of).static_order() if p in made_of]
    except CycleError:  # goods that are made from each other, at sites that hang in no ring
        return ["*"]


def _carry(
    nodes: dict[str, Node], order: list[Node], product: str, flows: Flows, filled: Filled
) -> None:
    """Carry the need of a good up to those that make it; balance where their output is known."""
    buyers = [n for n in order if product in n.feeds or product == "*"]
    is_stage = product != "*" and all(n.product != product for n in buyers)
    if is_stage and any("output" in nodes[s].site.numbers for n in buyers
                        for s in n.feeds[product].lanes):  # fmt: skip
        _balance(nodes, buyers, product, flows, filled)
    for node in buyers:
        for good in node.feeds if product == "*" else [product]:
            need = _need(node, node.feeds[good], flows, filled)
            for supplier, share in flows.shares[node.name, good].items():
                flows.made_t[supplier] = flows.made_t.get(supplier, 0.0) + share * need


def _need(node: Node, feed: Feed, flows: Flows, filled: Filled) -> float:
    """Return what a site needs of an input, t/year; set its coefficient."""
    key = node.name, feed.product
    if key not in flows.coefficient:
        flows.coefficient[key] = _coefficient(node, feed, flows, filled)
    return flows.made_t[node.name] * flows.coefficient[key]


def _coefficient(node: Node, feed: Feed, flows: Flows, filled: Filled) -> float:
    stated = feed.number("coefficient")
    if stated is not None:
        return stated
    made, inflow = flows.made_t[node.name], _inflow(feed)
    if made > 0 and inflow > 0:
        return inflow / made
    filled.add("coefficient 1 (t of input per t made)", f"{node.name} of {feed.product}")
    return 1.0


def _balance(
    nodes: dict[str, Node], buyers: list[Node], product: str, flows: Flows, filled: Filled
) -> None:
    """Set the shares so that suppliers make what they are said to, as nearly as it goes."""
    sellers = sorted({s for n in buyers for s in n.feeds[product].lanes})
    need = np.array([_need(n, n.feeds[product], flows, filled) for n in buyers])
    prior = np.array([[_share(flows, n, product, s) for n in buyers] for s in sellers]) * need
    made = np.array([nodes[s].site.numbers.get("output", f) for s, f in
                     zip(sellers, prior.sum(axis=1), strict=True)])  # fmt: skip
    if need.sum() <= 0 or made.sum() <= 0:
        return
    after = balance(prior, made * (need.sum() / made.sum()), need, [])
    for j, node in enumerate(buyers):
        if need[j] > 0:
            share = after[:, j] / after[:, j].sum()
            flows.shares[node.name, product] = {
                s: float(v) for s, v in zip(sellers, share, strict=True)
                if s in node.feeds[product].lanes
            }  # fmt: skip
    filled.moved += _moved(product, sellers, buyers, prior, after)


def _share(flows: Flows, node: Node, product: str, supplier: str) -> float:
    return flows.shares[node.name, product].get(supplier, 0.0)


def _moved(
    product: str, sellers: list[str], buyers: list[Node], prior: F8, after: F8
) -> Iterator[str]:
    change = after - prior
    moved = 0.5 * float(np.abs(change).sum())
    if moved <= TOLD_FROM * float(prior.sum()):
        return
    i, j = np.unravel_index(int(np.abs(change).argmax()), change.shape)
    yield (
        f"balanced: {moved:.4g} t/year of {product} ({100 * moved / prior.sum():.3g} %) moved "
        f"between lanes so that makers make what the table says; most from {sellers[i]} to "
        f"{buyers[j].name}: {prior[i, j]:.4g} to {after[i, j]:.4g} t/year"
    )
