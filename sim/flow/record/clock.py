"""The model's clock: whole ticks, a tick for each thing that happens within a period."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

Process = Generator[simpy.Event, Any, None]
"""An actor: waits for its tick, acts, waits again."""


class Calendar:
    """Tells an actor when its turn comes.

    A period is as many ticks as there are turns in it, in the order of docs/model.md, so what
    happens in a period happens in that order whatever order the actors were created in.

    Parameters
    ----------
    env : simpy.Environment
        Its time counts ticks.
    step : float
        Days in a period.
    n_period, n_site, n_reserve : int
        Periods to simulate; sites and reserves that take turns.
    """

    def __init__(
        self, env: simpy.Environment, step: float, n_period: int, n_site: int, n_reserve: int
    ):
        self.env, self.step, self.n_period, self.n_site = env, step, n_period, n_site
        # 1. exogenous, 2. arrivals (what is due, then what a held route lets through)
        self.shocks, self.conditions, self.references, self.delivery, self.arrivals = range(5)
        # 4. reserves, 5. demand and orders, 6. supply, 7. adaptation, prices, 8. what is booked
        self._reserves = 5
        self._orders = self._reserves + n_reserve
        self._supply = self._orders + n_site
        self.adaptation = self._supply + n_site
        self.prices = self.adaptation + 1
        self.close = self.prices + 1
        self.n_tick = self.close + 1

    def periods(self) -> range:
        """Return the periods to live through."""
        return range(self.n_period)

    def until(self, period: int, tick: int) -> simpy.Event:
        """Wait for a tick of a period."""
        return self.env.timeout(period * self.n_tick + tick - self.env.now)

    def release_turn(self, reserve: int) -> int:
        """Return the tick at which a reserve decides on a release."""
        return self._reserves + reserve

    def order_turn(self, site: int) -> int:
        """Return the tick at which a site orders: last site first."""
        return self._orders + self.n_site - 1 - site

    def supply_turn(self, site: int) -> int:
        """Return the tick at which a site ships: first site first."""
        return self._supply + site
