"""What a tape is played on: everything that an engine is told but the chance itself."""

from __future__ import annotations

from typing import NamedTuple

from sim.flow.goods import Goods
from sim.flow.market import Market
from sim.network.arrays import CompiledNetwork
from sim.shocks.tape import Draws, Targets


class Play(NamedTuple):
    """A network and where chance reaches it, for a number of periods.

    Parameters
    ----------
    compiled : CompiledNetwork
        The network, compiled for at least `n_period` periods.
    targets : Targets
        What each effect of a tape acts upon.
    draws : Draws
        Where a tape's parameters go.
    n_period : int
        Periods to simulate.
    goods : Goods, optional
        Pairs of a product and a region of its buyers, for what is booked of them; None: nothing is.
    market : Market, optional
        Numbers of prices; None: there are none.
    """

    compiled: CompiledNetwork
    targets: Targets
    draws: Draws
    n_period: int
    goods: Goods | None = None
    market: Market | None = None
