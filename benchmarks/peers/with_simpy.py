"""A plain SimPy program of the mine, the refiner and the user, as a researcher would write it."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import simpy

from benchmarks.peers.chains import (
    COVER_REFINER_DAYS,
    COVER_USER_DAYS,
    DEMAND,
    TRANSIT_REFINER_DAYS,
    TRANSIT_USER_DAYS,
)

Outages = Sequence[tuple[float, float]]


class Chain:
    """Stocks and what is lost."""

    def __init__(self) -> None:
        self.ore = COVER_REFINER_DAYS * DEMAND
        self.metal = COVER_USER_DAYS * DEMAND
        self.up_since: float | None = 0.0
        self.up_today = 0.0
        self.lost = 0.0


def lost_units(outages: Outages, n_day: int) -> float:
    """Return the units that the user wanted and did not have.

    Parameters
    ----------
    outages : sequence of (float, float)
        Begin and end of each outage of the mine, in days, not overlapping.
    n_day : int
        Length.
    """
    env, chain = simpy.Environment(), Chain()
    env.process(fail(env, chain, outages))
    for day in range(TRANSIT_REFINER_DAYS):  # pipelines are full at the start
        env.process(ship(env, chain, "ore", DEMAND, day))
    for day in range(TRANSIT_USER_DAYS):
        env.process(ship(env, chain, "metal", DEMAND, day))
    env.process(work(env, chain))
    env.run(until=n_day)
    return chain.lost


def fail(env: simpy.Environment, chain: Chain, outages: Outages) -> Generator:
    """Stop and start the mine."""
    for begin, end in outages:
        yield env.timeout(begin - env.now)
        book_uptime(chain, env.now)
        chain.up_since = None
        yield env.timeout(end - env.now)
        chain.up_since = env.now


def book_uptime(chain: Chain, now: float) -> None:
    """Add the time up to now to today's, and count from now on."""
    if chain.up_since is not None:
        chain.up_today += now - chain.up_since
        chain.up_since = now


def ship(
    env: simpy.Environment, chain: Chain, stock: str, quantity: float, days: float
) -> Generator:
    """Carry goods; they arrive before the work of their day."""
    yield env.timeout(days)
    setattr(chain, stock, getattr(chain, stock) + quantity)


def work(env: simpy.Environment, chain: Chain) -> Generator:
    """Use, refine and mine, once a day: at its end, when the day's uptime is known."""
    while True:
        yield env.timeout(0.25)  # after arrivals
        used = min(DEMAND, chain.metal)
        chain.metal -= used
        chain.lost += DEMAND - used
        refined = min(DEMAND, chain.ore)
        chain.ore -= refined
        env.process(ship(env, chain, "metal", refined, TRANSIT_USER_DAYS - 0.25))
        yield env.timeout(0.75)
        book_uptime(chain, env.now)
        mined, chain.up_today = DEMAND * chain.up_today, 0.0
        env.process(ship(env, chain, "ore", mined, TRANSIT_REFINER_DAYS - 1.0))
