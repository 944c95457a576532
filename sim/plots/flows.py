"""What crosses borders when nothing is wrong: reference flows between countries, and by route."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from sim.base.units import DAYS_PER_YEAR
from sim.network.arrays import END_USER, MINE, RESERVE, CompiledNetwork
from sim.network.dictionary import Network

K = TypeVar("K")
Unit = Literal["USD", "t"]
Kind = Literal["mine", "refiner", "end_user"]


@dataclass(frozen=True)
class Flows:
    """Flows of some goods between countries.

    Parameters
    ----------
    goods : tuple of str
        What flows, in the order of the chain.
    left_out : tuple of str
        Goods asked for whose value is not stated, so that they cannot be added up.
    unit : str
        "USD" or "t", a year.
    amount : dict
        (from, to) -> amount a year; within a country nothing is told.
    through : dict
        Route -> what crosses borders on lanes that name it; a lane may name several.
    sites : dict
        Country or region -> the kinds of sites there that make or buy the goods.
    """

    goods: tuple[str, ...]
    left_out: tuple[str, ...]
    unit: Unit
    amount: Mapping[tuple[str, str], float]
    through: Mapping[str, float]
    sites: Mapping[str, tuple[Kind, ...]]

    @property
    def total(self) -> float:
        """Return all that crosses a border in a year."""
        return sum(self.amount.values())


def flows_of(network: Network, compiled: CompiledNetwork, goods: Collection[str] = ()) -> Flows:
    """Return the reference flows of goods between countries.

    Several goods add up by their value in USD; those whose value is not stated are left out. One
    good alone, or goods none of which has a value (then that of the most tonnes), is in tonnes.

    Parameters
    ----------
    network : Network
        For the goods' values.
    compiled : CompiledNetwork
        For the reference flows.
    goods : collection of str, optional
        What flows; default all.
    """
    moved = _moved(compiled)
    asked = [good for good in moved if not goods or good in goods]
    worth = {good: network.products[good].value_usd_per_t for good in asked}
    valued = [good for good in asked if worth[good]]
    unit: Unit = "USD" if valued and len(asked) > 1 else "t"
    kept = valued if unit == "USD" else sorted(asked, key=lambda good: -moved[good])[:1]
    per_t = {good: float(worth[good] or 0) if unit == "USD" else 1.0 for good in kept}
    amount: dict[tuple[str, str], float] = {}
    through: dict[str, float] = {}
    sites: dict[str, set[Kind]] = {}
    chain, labels = compiled.chain, compiled.labels
    for l, t in enumerate(compiled.reference_lane):
        buyer, supplier = int(chain.feed_site[chain.lane_feed[l]]), int(chain.supplier[l])
        good = labels.feed_product[chain.lane_feed[l]]
        if good not in per_t or t <= 0 or RESERVE in (chain.kind[buyer], chain.kind[supplier]):
            continue
        pair = place_of(compiled, supplier), place_of(compiled, buyer)
        for i, place in zip((supplier, buyer), pair, strict=True):
            sites.setdefault(place, set()).add(kind_of(compiled, i))
        if pair[0] == pair[1]:
            continue
        year = float(t) * per_t[good] * DAYS_PER_YEAR / chain.step_days
        amount[pair] = amount.get(pair, 0.0) + year
        for route in labels.lane_routes[l]:
            through[route] = through.get(route, 0.0) + year
    return Flows(
        tuple(kept),
        tuple(good for good in asked if good not in kept),
        unit,
        _largest_first(amount),
        _largest_first(through),
        {place: tuple(sorted(kinds)) for place, kinds in sorted(sites.items())},
    )


def goods_that_flow(compiled: CompiledNetwork) -> list[str]:
    """Return the goods that lanes carry, in the order of the chain."""
    return [*_moved(compiled)]


def bought_for(compiled: CompiledNetwork, goods: Collection[str]) -> list[str]:
    """Return what end users of some goods buy, in the order of the chain."""
    chain, labels = compiled.chain, compiled.labels
    users = {name for name, good in zip(labels.group, labels.group_product, strict=True)
             if good in goods}  # fmt: skip
    bought = {labels.feed_product[f] for f, i in enumerate(chain.feed_site)
              if chain.kind[i] == END_USER and labels.site_parent[i] in users}  # fmt: skip
    return [good for good in goods_that_flow(compiled) if good in bought]


def place_of(compiled: CompiledNetwork, i: int) -> str:
    """Return the country of a site, or the region of an end user."""
    labels = compiled.labels
    return (labels.site_region if compiled.chain.kind[i] == END_USER else labels.site_country)[i]


def kind_of(compiled: CompiledNetwork, i: int) -> Kind:
    """Return what a site is."""
    kind = compiled.chain.kind[i]
    return "end_user" if kind == END_USER else "mine" if kind == MINE else "refiner"


def _moved(compiled: CompiledNetwork) -> dict[str, float]:
    """Return good -> tonnes a period on all lanes."""
    moved: dict[str, float] = {}
    for l, t in enumerate(compiled.reference_lane):
        good = compiled.labels.feed_product[compiled.chain.lane_feed[l]]
        moved[good] = moved.get(good, 0.0) + float(t)
    order = dict.fromkeys(compiled.labels.site_product)
    return {good: moved[good] for good in [*order, *moved] if moved.get(good, 0.0) > 0}


def _largest_first(amounts: Mapping[K, float]) -> dict[K, float]:
    return dict(sorted(amounts.items(), key=lambda item: (-item[1], str(item[0]))))
