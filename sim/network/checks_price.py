"""What the numbers of a price must be: within their bounds, at their median."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.base.errors import Fault
from sim.network.dictionary import Network, Price, Responses
from sim.network.prices import PRICE_BOUNDS, RESPONSE_BOUNDS, median
from sim.network.validate import Path as Keys
from sim.network.validate import Say


def check_prices(network: Network, say: Say) -> Iterator[Fault]:
    """Yield the faults of the network's price, of its products' and of what answers to them."""
    yield from _check(network.price, PRICE_BOUNDS, ("price",), say)
    yield from _check(network.responses, RESPONSE_BOUNDS, ("responses",), say)
    for name, product in network.products.items():
        if product.price is not None:
            yield from _check(product.price, PRICE_BOUNDS, ("products", name, "price"), say)


def _check(
    laws: Price | Responses, bounds: Mapping[str, tuple[float, float]], at: Keys, say: Say
) -> Iterator[Fault]:
    for name, (low, high) in bounds.items():
        value = median(getattr(laws, name))
        if not low <= value <= high:
            wanted = f"{low:g} or more" if high == float("inf") else f"{low:g} to {high:g}"
            yield say((*at, name), f"{value:g}", f"must be {wanted} at its median")
