"""Checks of value added: all end users or none, and every number where it must lie."""

from __future__ import annotations

from collections.abc import Iterator

from sim.base.errors import Fault, nearest
from sim.network.countries import REGIONS
from sim.network.dependence import DRAWN, Number, dependence_of, has_value_added
from sim.network.dictionary import Dependence, Network, Site
from sim.network.distribution import Distribution
from sim.network.validate import Path as Keys
from sim.network.validate import Say

WITHOUT = "or run without this measure: scenario.value_added=none"
TAIL = 0.001
"""A law must lie where its number must, but for this part at either end."""


def check_loss(network: Network, say: Say) -> Iterator[Fault]:
    """Yield faults of value added, dependence and domestic products."""
    for region in network.gdp_usd_per_year:
        if region not in REGIONS:
            known = nearest(region, REGIONS) or f"; one of {', '.join(REGIONS)}"
            yield say(("gdp_usd_per_year", region), region, f"no such region{known}")
    for name, product in network.products.items():
        if product.dependence is not None:
            yield from _numbers(product.dependence, ("products", name, "dependence"), say)
    complete = has_value_added(network)
    for name, site in network.sites.items():
        if site.dependence is not None:
            yield from _numbers(site.dependence, ("sites", name, "dependence"), say)
        if site.kind == "end_user" and complete:
            yield from _lacking(network, name, site, say)


def _lacking(network: Network, name: str, site: Site, say: Say) -> Iterator[Fault]:
    """Yield what an end user does not say, of a network in which others say it."""
    if site.value_added_usd_per_year is None:
        where = ("sites", name, "value_added_usd_per_year")
        yield say(where, None, f"other end users state theirs; state it (USD a year), {WITHOUT}")
        return
    dependence = dependence_of(network, site)
    for key, drawn in DRAWN.items():
        if drawn.default is None and getattr(dependence, key) is None:
            at = ("products", site.product, "dependence", key)
            yield say(at, None, f"needed for the value added of {name}; state it, {WITHOUT}")


def _numbers(dependence: Dependence, at: Keys, say: Say) -> Iterator[Fault]:
    for key, drawn in DRAWN.items():
        number: Number | None = getattr(dependence, key)
        if number is None:
            continue
        low, high = _ends(number)
        if low < drawn.low or high > drawn.high:
            sure = not isinstance(number, Distribution)
            found = f"{low:g}" if sure else f"{low:.4g} to {high:.4g}"
            yield say((*at, key), found, _between(drawn.low, drawn.high))


def _ends(number: Number) -> tuple[float, float]:
    if not isinstance(number, Distribution):
        return number, number
    from sim.network.cohorts import quantile_of  # brings scipy, which other networks spare

    return quantile_of(number, TAIL), quantile_of(number, 1.0 - TAIL)


def _between(low: float, high: float) -> str:
    if low == 0.0:
        return f"must lie between 0 and {high:g}" + (" (a share)" if high == 1.0 else "")
    return "must be above 0 and below 1 (a share)" if high < 1.0 else "must be above 0"
