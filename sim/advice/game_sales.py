"""What a controller's own exporters sell abroad, from what is shipped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.network.arrays import F8, CompiledNetwork
from sim.network.dictionary import Network
from sim.results.blocks import Arrays, join
from sim.run.case import Study

SOLD = "sold_usd"
"""Column of what the exporters sold."""

BLOCK = 32
"""Futures that are played at once: every shipment of every period is held."""


class Exports(NamedTuple):
    """Lanes that leave a country.

    Parameters
    ----------
    lanes : ndarray of int
        Lanes from its sites to buyers elsewhere, of products with a value.
    usd_per_t : ndarray
        Value of a tonne on each.
    unvalued : tuple of str
        Products that it exports and that have no value: not counted.
    """

    lanes: np.ndarray
    usd_per_t: F8
    unvalued: tuple[str, ...]


def exports_of(network: Network, compiled: CompiledNetwork, country: str) -> Exports:
    """Return the lanes from a country's sites to buyers elsewhere, with the value of a tonne.

    A product's `value_usd_per_t`, else its `reserve_usd_per_t`.
    """
    chain, parents = compiled.chain, compiled.labels.site_parent
    lanes, values, unvalued = [], [], set()
    for lane, (supplier, feed) in enumerate(zip(chain.supplier, chain.lane_feed, strict=True)):
        buyer = chain.feed_site[feed]
        site = network.sites[parents[supplier]]
        if site.country != country or network.sites[parents[buyer]].country == country:
            continue
        goods = network.products[site.product]
        value = goods.value_usd_per_t or goods.reserve_usd_per_t
        if value:
            lanes.append(lane)
            values.append(value)
        else:
            unvalued.add(site.product)
    return Exports(np.array(lanes, int), np.array(values, float), tuple(sorted(unvalued)))


def played(
    study: Study,
    names: Sequence[str],
    exports: Exports,
    replications: NDArray[np.int64],
    stop: NDArray[np.uint8],
) -> Arrays | None:
    """Return what is kept of some futures to judge them by, and what the exporters sold, USD.

    Parameters
    ----------
    study : Study
        With a packet and a portfolio in it.
    names : sequence of str
        A value of ``sim.advice.judged.COLUMNS``.
    exports : Exports
        Lanes of this study's network.
    replications : ndarray of int
        Futures.
    stop : ndarray, shape (1,)
        Not 0: end; then None is returned.
    """
    found: list[Arrays] = []
    for first in range(0, replications.size, BLOCK):
        if stop[0]:
            return None
        tape = study.tape(replications[first : first + BLOCK])
        flow = study.flow(tape, trace=True)
        told = study.measure(tape, flow)
        assert flow.trace is not None
        found.append({**{name: told[name] for name in names},
                      SOLD: _sold(flow.trace.shipped, exports)})  # fmt: skip
    return join(found)


def _sold(shipped: F8, exports: Exports) -> F8:
    """Return US dollars by future, summed in the order of periods, then of lanes."""
    total = np.zeros(shipped.shape[2])
    for lane, value in zip(exports.lanes, exports.usd_per_t, strict=True):
        total += shipped[:, lane].sum(axis=0) * value
    return total
