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
    """What is booked: (K, U, n) by end-user group, (K, V, n) by reserve; tonnes per period."""

    want: F8
    shortfall: F8
    spared: F8  # demand that substitution spares
    destroyed: F8  # demand that price destroys
    released: F8
    trace: FlowTrace | None


class Measures(NamedTuple):
    """What replications are judged by, (sets, n): periods are counted, -1 says never."""

    worst: F8  # the largest shortfall of a period as a share of what was wanted in it
    first: F8  # first period short
    last: F8  # one past the last
    count: F8  # type: ignore[assignment]  # periods short
    longest: F8  # longest unbroken run of them
    want: F8  # sums over the horizon, tonnes
    short: F8
    spared: F8
    destroyed: F8
    released: F8  # (V, n) tonnes over the horizon
