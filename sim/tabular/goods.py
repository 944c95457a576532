"""What goods are counted in."""

from __future__ import annotations

from sim.tabular.chain import Node
from sim.tabular.defaults import Filled


def units_of(nodes: dict[str, Node], filled: Filled) -> dict[str, str]:
    """Return the unit of each good that is not counted in tonnes.

    Where every rate of the tables is in one such unit, goods without any are counted in it too.
    """
    said: dict[str, str] = {}
    for node in nodes.values():
        for product, feed in node.feeds.items():
            for lane in feed.lanes.values():
                if "flow" in lane.numbers:
                    said[product] = lane.unit
        if {"capacity", "output", "demand"} & node.site.numbers.keys():
            said[node.product] = node.site.unit
    every = set(said.values())
    if len(every) == 1 and (unit := every.pop()):
        for good in dict.fromkeys(n.product for n in nodes.values()):
            if good not in said:
                filled.add(f"unit {unit}", good)
                said[good] = unit
    return {good: unit for good, unit in said.items() if unit}
