"""Sized reserves that are built up: nothing on day 0, bought at a pace instead."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.advice.candidates import overlays
from sim.base.errors import Fault, UserError
from sim.base.units import day_of
from sim.network.buying import feed_of_buyer
from sim.network.dictionary import Network
from sim.network.validate import validate
from sim.policy.flows import flows_of
from sim.run.case import Study


@dataclass(frozen=True)
class Pace:
    """How a reserve is built up.

    Parameters
    ----------
    days_per_year : float
        Days of use that are bought in a year.
    since : datetime.date or None
        When it begins; None: on day 0.
    """

    days_per_year: float
    since: dt.date | None = None


def built_up(study: Study, reserves: Sequence[str], pace: Pace) -> Study:
    """Return a study in which some reserves hold nothing on day 0 and buy at a pace.

    Each buys where its network says, else where those that it serves do; its stock is a day of use,
    which futures multiply.

    Raises
    ------
    UserError
        If it begins outside the horizon.
    """
    scenario = study.settings.scenario
    begins = 0.0 if pace.since is None else day_of(pace.since, scenario.start)
    end = study.n_period * scenario.step_days
    if not 0 <= begins < end:
        told = f"must lie within the horizon, {end:g} days from {scenario.start}"
        raise UserError(Fault("--from", str(pace.since), told))
    network = study.settings.network
    sites = {name: _buyer(network, name, pace) for name in reserves}
    whole = overlays(network.model_dump(mode="json", exclude_unset=True), [{"sites": sites}])
    settings = study.settings.model_copy(update={"network": validate(Network, whole, "network")})
    return dataclasses.replace(study, settings=settings)


def _buyer(network: Network, name: str, pace: Pace) -> dict[str, Any]:
    """Return what changes of a reserve."""
    site = network.sites[name]
    use = flows_of(network).use
    served = {buyer: use[buyer, site.product] for buyer in site.serves}
    own = site.feeds.get(site.product)
    feed = None if own and own.lanes else feed_of_buyer(network, site.product, served)
    return {
        "stock": None,
        "stock_days": 1.0,
        "start_with": 0.0,
        "buy_per_year": pace.days_per_year,
        "buy_from": None if pace.since is None else pace.since.isoformat(),
        "tranches": [],
        "refill_per_year": None,
        "feeds": {} if feed is None else {site.product: feed},
    }
