"""What the SimPy model's actors own and change: sites, feeds, lanes, reserves, projects.

Numbers are Python floats (numpy scalars are slow), quantities tonnes per period, names as in
docs/model.md. ``build.py`` makes them from a network's arrays.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.flow.record import rules


@dataclass(eq=False)
class Lane:
    """Supplier -> feed: what is on it and what its buyer thinks of it."""

    index: int
    supplier: int
    base_share: float
    transit: int  # periods
    spot: float
    qualify_step: float
    lane_class: int
    home: int  # 1: its buyer is in its supplier's own country
    feed: Feed = field(init=False, repr=False)
    share: float = 0.0
    reference: float = 0.0
    order: float = 0.0
    shipped: float = 0.0
    due: float = 0.0
    arrived: float = 0.0
    reliability: float = 1.0
    qualified: float = 0.0
    # conditions of this period
    cap: float = 1.0
    free: float = 1.0
    delay: int = 0
    announced: float = 0.0
    bid: float = 1.0  # weight of its buyer by the price there


@dataclass(eq=False)
class Feed:
    """One input of a site: stock on hand and position (stock and all on the way)."""

    index: int
    coefficient: float
    cover: float  # periods
    adjust_gain: float
    learn_gain: float
    rerouting: float
    precaution: float
    lanes: list[Lane] = field(repr=False)
    stock: float = 0.0
    position: float = 0.0
    reference_use: float = 0.0
    dust: float = 0.0  # less is nothing
    at_target: bool = True
    asked: float = 0.0  # ordered in this period, and ordered again

    def take(self, amount: float) -> None:
        """Use up stock, at most what is there."""
        taken = min(amount, self.stock)
        self.stock = rules.without_dust(self.stock - taken, self.dust)
        self.position -= taken

    def receive(self, gift: float) -> None:
        """Take in a reserve's gift, at once in stock."""
        self.stock += gift
        self.position += gift

    def give(self, gift: float) -> None:
        """Part with a gift (a reserve's own feed)."""
        self.stock = rules.without_dust(max(0.0, self.stock - gift), self.dust)
        self.position -= gift


@dataclass(eq=False)
class Site:
    """A mine, refiner, end user or reserve (fields that do not concern its kind stay at rest)."""

    index: int
    name: str
    kind: int
    feeds: list[Feed]
    lanes: list[Lane]
    nameplate: float
    capacity_path: Sequence[float] | None
    slack: float
    ramp_share: float
    n_class: int
    home_weight: float  # of buyers of its own country in rationing
    base_demand: float
    demand_path: Sequence[float] | None
    group: int
    is_firm: bool  # one of several cohorts of an end user
    sub_limit: float
    sub_delay: float  # days
    sub_share: float
    value_of_input_share: float  # 0: no value added is stated
    elasticity: float
    elasticity_later: float
    buffer_days: float
    dependence: float
    recapture: float
    network_share: float
    capacity: float = 0.0
    reference: float = 0.0
    rate: float = 0.0
    made: float = 0.0
    want: float = 0.0
    short: float = 0.0
    substituted: float = 0.0
    spared_share: float = 0.0
    stress_days: float = 0.0
    response: float = 1.0
    awake: float = 1.0  # share of its slack that its price keeps at work
    dearest: float = 1.0  # price of its inputs, where that makes it learn to do without
    thrift_price: float = math.inf  # from which it does
    halted: bool = False  # had less than half of what it wanted in some period
    left_buffer: float = 0.0  # periods of use, from the first shortage on
    first_short: int = -1  # period
    # conditions of this period
    availability: float = 1.0  # of its capacity
    yielding: float = 1.0  # of its output
    factor: float = 1.0


@dataclass(eq=False)
class Reserve:
    """A strategic stockpile: the site that holds it, and whom it serves."""

    index: int
    name: str
    site: Site
    size: float
    max_rate: float
    trigger: float  # periods of reference use
    activation_days: float
    serves: list[Feed]
    shares: list[float]  # NaN: split by lack
    low_days: list[float]
    buys: int  # 1: by rules of its own
    start_share: float  # of its size, on day 0
    build_pace: float  # per period, of what it never had
    refill_pace: float  # per period, of what it once had
    aims: Sequence[float]  # share of its size that it is to hold by the end of a period
    highest: float = 0.0  # the most that it has had, what is on the way counted
    given: float = 0.0


@dataclass(eq=False)
class Project:
    """New capacity at a site: its realised start and its offtakes (lane, share)."""

    name: str
    site: Site
    capacity: float
    ramp: float  # days
    start: float  # day; inf: never
    offtakes: list[tuple[Lane, float]]
    progress: float = 0.0
    wanted: float = math.inf  # price that brings it, where it would not come at normal ones
    lead: float = 0.0  # days from that decision to its start
