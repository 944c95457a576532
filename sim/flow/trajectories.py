"""What a simulation yields: plain arrays, the same from both engines."""

from __future__ import annotations

from typing import NamedTuple

from sim.network.arrays import F8


class FlowTrace(NamedTuple):
    """Everything of every period (K periods, n replications), tonnes or tonnes per period."""

    stock: F8  # (K, F, n) feeds, at the period's end
    position: F8  # (K, F, n) stock and all on the way
    ordered: F8  # (K, L, n)
    shipped: F8  # (K, L, n)
    arrived: F8  # (K, L, n)
    run_rate: F8  # (K, S, n)


class Flow(NamedTuple):
    """What is booked: (K, U, n) by end-user group, (K, V, n) by reserve; tonnes per period.

    The first fields are ``BOOKS`` of ``kernel/measures.py``, in its order.
    """

    want: F8
    shortfall: F8
    spared: F8  # demand that substitution spares
    destroyed: F8  # demand that price destroys
    stopped: F8  # firms that stop: a number
    idled: F8  # use whose output is lost, after buffers: wanted x share of output lost
    bill: F8  # USD: what is paid more than at normal prices for what is used
    released: F8
    trace: FlowTrace | None
    goods: dict[str, F8] | None = None  # paths by name, ``PATHS``: (K, pairs .., n)
    price: F8 | None = None  # (K, paths of ``Market``, n); None where prices are off
    bought: F8 | None = None  # by reserve: what was sent to it


class Measures(NamedTuple):
    """What replications are measured by, sets and replications last (``kernel/measures.py``)."""

    sums: F8  # (BOOKS, sets, n) sums over the horizon
    tally: F8  # (TALLIES, sets, n) in periods; -1 says never
    released: F8  # (V, n) tonnes over the horizon
    goods: F8 | None = None  # (GOODS_TALLIES, pairs, n); no pairs where goods are not booked
    reserve_days: F8 | None = None  # (V, n) least of every reserve, where goods are booked
    loss: F8 | None = None  # (LOSSES, sets, n) USD over the horizon; None: no value added is stated
    price: F8 | None = None  # (3, paths of ``Market``, n): sum of price - 1, peak, periods above 2
    bought: F8 | None = None  # (V, n) tonnes sent to each reserve over the horizon
