"""What the numbers of a price must be: within their bounds, at their median."""

from __future__ import annotations

from collections.abc import Iterator

from sim.base.errors import Fault
from sim.network.dictionary import Network, Price
from sim.network.prices import PRICE_BOUNDS, median
from sim.network.validate import Path as Keys
from sim.network.validate import Say


def check_prices(network: Network, say: Say) -> Iterator[Fault]:
    """Yield the faults of the network's price and of those of its products."""
    yield from _check(network.price, ("price",), say)
    for name, product in network.products.items():
        if product.price is not None:
            yield from _check(product.price, ("products", name, "price"), say)


def _check(price: Price, at: Keys, say: Say) -> Iterator[Fault]:
    for name, (low, high) in PRICE_BOUNDS.items():
        value = median(getattr(price, name))
        if not low <= value <= high:
            wanted = f"{low:g} or more" if high == float("inf") else f"{low:g} to {high:g}"
            yield say((*at, name), f"{value:g}", f"must be {wanted} at its median")
