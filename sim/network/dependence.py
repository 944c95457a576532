"""What an end user's value added hangs on: the product's words, and what differs there."""

from __future__ import annotations

from typing import NamedTuple

from sim.network.dictionary import Dependence, Network, Site
from sim.network.distribution import Distribution

Number = float | Distribution


class Drawn(NamedTuple):
    """A number of ``Dependence`` that may be drawn: where it must lie, and what it is if omitted.

    Parameters
    ----------
    low, high : float
        Where it must lie; a draw beyond is cut there.
    default : float or None
        None: it must be given.
    """

    low: float
    high: float
    default: float | None


LEAST_ELASTICITY = 1e-9

DRAWN = {
    "share": Drawn(0.0, 1.0, None),
    "value_of_input_share": Drawn(1e-9, 1.0 - 1e-9, None),
    "elasticity": Drawn(LEAST_ELASTICITY, 100.0, None),
    "elasticity_later": Drawn(LEAST_ELASTICITY, 100.0, None),
    "recapture": Drawn(0.0, 1.0, 0.0),
    "buffer_days": Drawn(0.0, 3650.0, 0.0),
}
"""Numbers that may be drawn, in the order of their draws."""

NETWORK_SHARE = (0.0, 0.6)
"""Share of the losses through suppliers that comes on top, where it is asked for."""


def dependence_of(network: Network, site: Site) -> Dependence:
    """Return an end user's dependence: the product's, and over it what is stated of the user."""
    product = network.products.get(site.product)
    common = product.dependence if product is not None else None
    own = site.dependence or Dependence()
    if common is None:
        return own
    return common.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})


def number_of(dependence: Dependence, key: str) -> Number:
    """Return a number that may be drawn, its default where it is omitted."""
    stated: Number | None = getattr(dependence, key)
    default = DRAWN[key].default
    return stated if stated is not None else (0.0 if default is None else default)


def middle_of(dependence: Dependence, key: str) -> float:
    """Return a number that may be drawn, or the median of its law."""
    number = number_of(dependence, key)
    if not isinstance(number, Distribution):
        return float(number)
    from sim.network.cohorts import quantile_of  # brings scipy, which other networks spare

    return quantile_of(number, 0.5)


def has_value_added(network: Network) -> bool:
    """Return whether a network says of any end user what value added it makes."""
    return any(site.value_added_usd_per_year is not None for site in network.sites.values())


def without_value_added(network: Network) -> Network:
    """Return a network that says nothing of value added: losses are told in tonnes alone."""
    silent: dict[str, object] = {"value_added_usd_per_year": None, "dependence": None}
    sites = {name: site.model_copy(update=silent) for name, site in network.sites.items()}
    products = {
        name: product.model_copy(update={"dependence": None})
        for name, product in network.products.items()
    }
    return network.model_copy(update={"sites": sites, "products": products})
