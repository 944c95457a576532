"""What the numbers of a price must be: within their bounds, at their median."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.base.errors import Fault
from sim.network.dictionary import Network, Price, Project, Responses
from sim.network.prices import PRICE_BOUNDS, PROJECT_BOUNDS, RESPONSE_BOUNDS, median
from sim.network.validate import Path as Keys
from sim.network.validate import Say


def check_prices(network: Network, say: Say) -> Iterator[Fault]:
    """Yield the faults of the network's price, of its products' and of what answers to them."""
    yield from _check(network.price, PRICE_BOUNDS, ("price",), say)
    yield from _check(network.responses, RESPONSE_BOUNDS | PROJECT_BOUNDS, ("responses",), say)
    for name, product in network.products.items():
        if product.price is not None:
            yield from _check(product.price, PRICE_BOUNDS, ("products", name, "price"), say)


def unpriced(network: Network) -> Iterator[Fault]:
    """Yield what end users use that has no reference price, in a network in which others have one.

    Where nothing that they use has one, nobody asks what they pay more.
    """
    used = {
        product: name
        for name, site in network.sites.items()
        if site.kind == "end_user"
        for product in site.feeds
        if product in network.products
    }
    goods = network.products
    if not any(goods[product].value_usd_per_t for product in used):
        return
    for product, user in used.items():
        if not goods[product].value_usd_per_t and goods[product].bill == "told":
            yield Fault(
                f"network.products.{product}.value_usd_per_t",
                "",
                f"others state theirs, and {user} uses this one; state it (USD/t), or leave what "
                f"its users pay more untold: network.products.{product}.bill=left_out, or run "
                "without prices: scenario.price=none",
            )


def check_prospects(network: Network, say: Say) -> Iterator[Fault]:
    """Yield the faults of what projects answer to prices by: their lead times and floors."""
    for name, project in network.projects.items():
        at = ("projects", name)
        if project.lead_days is not None and median(project.lead_days) < 0.0:
            yield say((*at, "lead_days"), None, "must be 0 or more at its median")
        yield from _check_floor(network, project, (*at, "price_floor"), say)


def _check_floor(network: Network, project: Project, at: Keys, say: Say) -> Iterator[Fault]:
    floor = project.price_floor
    if floor is None:
        return
    if floor.since and floor.until and floor.since >= floor.until:
        yield say((*at, "until"), floor.until, f"must be later than since ({floor.since})")
    site = network.sites.get(project.site)
    product = network.products.get(site.product) if site is not None else None
    if site is not None and product is not None and not product.value_usd_per_t:
        yield say(
            (*at, "usd_per_t"),
            floor.usd_per_t,
            f"nothing to compare with: products.{site.product} has no value_usd_per_t",
        )


def _check(
    laws: Price | Responses, bounds: Mapping[str, tuple[float, float]], at: Keys, say: Say
) -> Iterator[Fault]:
    for name, (low, high) in bounds.items():
        value = median(getattr(laws, name))
        if not low <= value <= high:
            wanted = f"{low:g} or more" if high == float("inf") else f"{low:g} to {high:g}"
            yield say((*at, name), f"{value:g}", f"must be {wanted} at its median")
