"""The same mine, refiner and user in salabim's words: components with a process each.

A carrier per lane serves all shipments of that lane, because making a component for each takes ten
times as long (salabim looks at signatures); generators, which are faster than its greenlets.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from typing import Any

from benchmarks.peers.chains import (
    COVER_REFINER_DAYS,
    COVER_USER_DAYS,
    DEMAND,
    TRANSIT_REFINER_DAYS,
    TRANSIT_USER_DAYS,
)


def lost_units(outages: Sequence[tuple[float, float]], n_day: int) -> float:
    """Return the units that the user wanted and did not have; see ``with_simpy.lost_units``."""
    import salabim as sb

    sb.yieldless(False)
    env = sb.Environment(trace=False)
    state: dict[str, Any] = {
        "ore": COVER_REFINER_DAYS * DEMAND,
        "metal": COVER_USER_DAYS * DEMAND,
        "since": 0.0,
        "today": 0.0,
        "lost": 0.0,
    }

    def book() -> None:
        if state["since"] is not None:
            state["today"] += env.now() - state["since"]
            state["since"] = env.now()

    class Carrier(sb.Component):
        def setup(self, stock: str) -> None:
            self.stock, self.road = stock, deque()

        def send(self, quantity: float, days: float) -> None:
            self.road.append((env.now() + days, quantity))
            if self.ispassive():
                self.activate()

        def process(self) -> Generator:
            while True:
                while self.road:
                    yield self.hold(till=self.road[0][0])
                    state[self.stock] += self.road.popleft()[1]
                yield self.passivate()

    class Fail(sb.Component):
        def process(self) -> Generator:
            for begin, end in outages:
                yield self.hold(till=begin)
                book()
                state["since"] = None
                yield self.hold(till=end)
                state["since"] = env.now()

    class Work(sb.Component):
        def process(self) -> Generator:
            while True:
                yield self.hold(0.25)
                used = min(DEMAND, state["metal"])
                state["metal"] -= used
                state["lost"] += DEMAND - used
                refined = min(DEMAND, state["ore"])
                state["ore"] -= refined
                to_user.send(refined, TRANSIT_USER_DAYS - 0.25)
                yield self.hold(0.75)
                book()
                mined, state["today"] = DEMAND * state["today"], 0.0
                to_refiner.send(mined, TRANSIT_REFINER_DAYS - 1.0)

    to_refiner, to_user = Carrier(stock="ore"), Carrier(stock="metal")
    for day in range(TRANSIT_REFINER_DAYS):
        to_refiner.send(DEMAND, day)
    for day in range(TRANSIT_USER_DAYS):
        to_user.send(DEMAND, day)
    Fail()
    Work()
    env.run(till=n_day)
    return float(state["lost"])
