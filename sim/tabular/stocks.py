"""Stocks in tonnes as days of use, and times that sites take, as tables have them."""

from __future__ import annotations

from collections.abc import Iterator

from sim.base.errors import Fault
from sim.tabular.chain import Feed, Node
from sim.tabular.flows import Flows

DAYS_A_YEAR = 365.0


def cover_days(node: Node, feed: Feed, flows: Flows) -> float | None:
    """Return how long a site's stock of an input lasts, days; None where no table says anything.

    The lane's cover comes first, then the lane's stock, the site's cover, the site's stock.
    """
    per_day = flows.made_t.get(node.name, 0.0) / DAYS_A_YEAR
    per_day *= flows.coefficient.get((node.name, feed.product), 1.0)
    for number in (feed.number, node.site.numbers.get):
        cover, stock = number("cover_days"), number("stock")
        if cover is not None:
            return cover
        if stock is not None and per_day > 0:
            return stock / per_day
    return None


def stock_faults(nodes: dict[str, Node]) -> Iterator[Fault]:
    """Yield a fault for each stock of a site that buys several inputs: it does not say which."""
    for node in nodes.values():
        if "stock" in node.site.numbers and len(node.feeds) > 1:
            inputs = " and ".join(sorted(node.feeds))
            yield node.site.row.fault(
                "stock", node.site.numbers["stock"],
                f"{node.name} buys {inputs}: say the stock of each in the table of lanes",
            )  # fmt: skip


def unused_times(nodes: dict[str, Node]) -> list[str]:
    """Return what is said of sites that buy nothing and have a stock or take time."""
    lone = [n for n in nodes.values() if not n.feeds]
    words = {"process_days": "time in a site that buys nothing", "stock": "stock of a site that "
             "buys nothing"}  # fmt: skip
    return [
        f"not used: {what}: {', '.join(found)}"
        for key, what in words.items()
        if (found := [n.name for n in lone if n.site.numbers.get(key)])
    ]
