"""What reserves and policies cost over a scenario: purchase, storage and interest."""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.advice.candidates import Candidate
from sim.advice.trial import Bench
from sim.base.errors import UserError
from sim.base.units import DAYS_PER_YEAR
from sim.network.dictionary import Network
from sim.run.case import Study

NO_COST = "no cost is known of it"
NOTHING_HERE = "changes nothing in this network"


class Known(NamedTuple):
    """A cost, or NaN and why it is not known.

    Parameters
    ----------
    cost_usd : float
        US dollars; NaN: not known.
    source : str
        Where it comes from.
    reason : str
        Why the candidate cannot be bought, where it cannot.
    """

    cost_usd: float
    source: str
    reason: str = ""


def years_of(study: Study) -> float:
    """Return the horizon in years."""
    return study.n_period * study.settings.scenario.step_days / DAYS_PER_YEAR


def holding_cost(
    network: Network, product: str, stock_t: float, years: float, interest: float
) -> float:
    """Return what a stock costs: purchase, storage and interest, US dollars; NaN: not known.

    Tonnes x (price x (1 + interest x years) + storage x years). Nothing is sold again at the end.
    """
    goods = network.products[product]
    if goods.reserve_usd_per_t is None:
        return math.nan
    bought = goods.reserve_usd_per_t * (1.0 + interest * years)
    return stock_t * (bought + goods.storage_usd_per_t_year * years)


def holding_source(years: float, interest: float) -> str:
    """Return the words for `holding_cost`."""
    return f"purchase, storage and interest of {interest:.3g} a year, over {years:.3g} years"


def policy_cost(bench: Bench, study: Study, policy: Candidate, interest: float) -> Known:
    """Return what a policy costs: as stated, else what it holds, where it does nothing but hold.

    Parameters
    ----------
    bench : Bench
        For the scenario under the policy.
    study : Study
        The scenario without it.
    policy : Candidate
        The policy.
    interest : float
        A year.
    """
    try:
        under = bench.study([policy])
    except UserError as error:
        return Known(math.nan, "", f"does not fit: {error.faults[0]}")
    before, after = study.settings.network, under.settings.network
    if _plain(before) == _plain(after):
        return Known(math.nan, "", NOTHING_HERE)
    stated = under.settings.policy.cost_usd
    if stated is not None and study.settings.policy.cost_usd is None:
        return Known(stated, under.settings.policy.sources.get("cost_usd", "the policy's file"))
    new = set(after.sites) - set(before.sites)
    if any(after.sites[name].kind != "reserve" for name in new):
        return Known(math.nan, "", NO_COST)
    rest = after.model_copy(
        update={"sites": {n: s for n, s in after.sites.items() if n not in new}}
    )
    if _plain(rest) != _plain(before):
        return Known(math.nan, "", NO_COST)
    years = years_of(study)
    stock = dict(zip(under.compiled.labels.reserve, under.compiled.chain.reserve_stock.tolist(),
                     strict=True))  # fmt: skip
    cost = sum(
        holding_cost(after, after.sites[n].product, stock[n], years, interest) for n in sorted(new)
    )
    return Known(cost, f"what it holds: {holding_source(years, interest)}", NO_COST)


def _plain(network: Network) -> Network:
    """Return a network without its citations, of which a policy adds its own."""
    return network.model_copy(update={"sources": {}})
