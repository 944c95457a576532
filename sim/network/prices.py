"""The laws of what a product's price depends on: its own where given, else those of the network."""

from __future__ import annotations

import math

from sim.network.dictionary import Network
from sim.network.distribution import Distribution

PRICE_BOUNDS = {
    "elasticity": (0.05, math.inf),
    "credibility": (0.0, 1.0),
    "fall_days": (1.0, math.inf),
    "input_share": (0.0, math.inf),
}
"""What is drawn of the price of each product, in this order, and its bounds (dictionary.Price)."""

PRICE_NUMBERS = tuple(PRICE_BOUNDS)

RESPONSE_BOUNDS = {
    "demand_elasticity": (0.0, math.inf),
    "thrift_price": (1.0, math.inf),
    "supply_rise": (0.001, math.inf),
    "bid": (0.0, math.inf),
}
"""What is drawn of the answers to prices, in this order, and its bounds."""

RESPONSE_NUMBERS = tuple(RESPONSE_BOUNDS)


PROJECT_BOUNDS = {"project_odds": (0.0, math.inf), "project_lead_days": (0.0, math.inf)}
"""What projects answer to prices by, and its bounds: drawn once, and once for each project."""


def lead_law(network: Network, project: str) -> tuple[str, float | Distribution]:
    """Return key and law of the days that a project takes once a price has brought it."""
    own = network.projects[project].lead_days
    if own is not None:
        return f"network.projects.{project}.lead_days", own
    return "network.responses.project_lead_days", network.responses.project_lead_days


def price_laws(network: Network, product: str) -> list[tuple[str, float | Distribution]]:
    """Return key and law of each of ``PRICE_NUMBERS`` of a product."""
    own = network.products[product].price
    given = own.model_fields_set if own is not None else set()
    return [
        (f"network.products.{product}.price.{name}", getattr(own, name))
        if name in given
        else (f"network.price.{name}", getattr(network.price, name))
        for name in PRICE_NUMBERS
    ]


def response_laws(network: Network) -> list[tuple[str, float | Distribution]]:
    """Return key and law of each of ``RESPONSE_NUMBERS``."""
    return [(f"network.responses.{n}", getattr(network.responses, n)) for n in RESPONSE_NUMBERS]


def median(law: float | Distribution) -> float:
    """Return the median of a law."""
    from sim.network.cohorts import quantile_of  # brings scipy, which reading can spare

    return quantile_of(law, 0.5) if isinstance(law, Distribution) else float(law)
