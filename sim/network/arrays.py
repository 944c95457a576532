"""A network as plain arrays: what both engines read. Built by ``compile.py``.

Order is canonical, so that names and order in a file do not matter: sites by depth from the
mines, then name; feeds by (site, product); lanes by (supplier, feed). Every supplier stands
before its buyers. Quantities are tonnes per period.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MINE, REFINER, END_USER, RESERVE = 0, 1, 2, 3
KINDS = ("mine", "refiner", "end_user", "reserve")

F8 = NDArray[np.float64]
I4 = NDArray[np.int32]


class Chain(NamedTuple):
    """The arrays of a network (see the module's note on order and units).

    Shapes: S sites, F feeds, L lanes, U end-user groups, V reserves, P projects, A paths,
    K periods. ``*_ptr`` arrays are CSR offsets.
    """

    step_days: float  # length of a period, days
    # sites
    kind: I4  # (S,) MINE, REFINER, END_USER, RESERVE
    feed_ptr: I4  # (S+1,) feeds of site i: feed_ptr[i] .. feed_ptr[i+1]
    out_ptr: I4  # (S+1,) lanes that site i supplies: out_ptr[i] .. out_ptr[i+1]
    capacity: F8  # (S,) per period, before path and projects; 0 for end users and reserves
    capacity_path: I4  # (S,) row of `path`, -1 none
    slack: F8  # (S,) share of capacity
    ramp_share: F8  # (S,) share of capacity the run rate may move a period; inf: at once
    n_class: I4  # (S,) rationing classes among its lanes, at least 1
    home_weight: F8  # (S,) of buyers of its own country in rationing; 1 where it is drawn
    demand: F8  # (S,) per period, before path; 0 but for end users
    demand_path: I4  # (S,) row of `path`, -1 none
    group: I4  # (S,) end-user group (cohorts share one), -1 for others
    sub_limit: F8  # (S,) share of demand that can be spared
    sub_delay_days: F8  # (S,)
    sub_share: F8  # (S,) share of the limit gained a period; inf: at once
    dependence: F8  # (S,) share of value added that its input carries; 0: none is stated
    value_of_input_share: F8  # (S,) 0: no value added is stated
    elasticity: F8  # (S,) of substitution, in the first year of its shortages
    elasticity_later: F8  # (S,) from the third year on
    buffer_days: F8  # (S,) days of use
    recapture: F8  # (S,)
    network_share: F8  # (S,) share of what suppliers lose that counts on top
    backward_linkage: F8  # (S,) 1: suppliers lose nothing
    # feeds
    feed_site: I4  # (F,)
    coefficient: F8  # (F,) t per unit of the site's product
    cover: F8  # (F,) cover in periods (cover_days / step_days)
    adjust_gain: F8  # (F,) min(1, step / adjustment_days)
    learn_gain: F8  # (F,) min(1, step / perception_days)
    rerouting: F8  # (F,)
    precaution: F8  # (F,)
    lane_ptr: I4  # (F+1,) CSR into lane_of
    lane_of: I4  # (L,) lanes of feed f in lane order
    # lanes
    supplier: I4  # (L,) site
    lane_feed: I4  # (L,) feed
    share: F8  # (L,) share of the feed's purchases; sums to 1 a feed (0 for a reserve without)
    transit: I4  # (L,) periods, at least 1
    spot: F8  # (L,) weight of a spot lane
    qualify_step: F8  # (L,) step / qualification_days; inf: at once
    lane_class: I4  # (L,) 0 is served first
    home: I4  # (L,) 1: buyer and supplier are of one country
    # reserves
    reserve_site: I4  # (V,)
    reserve_stock: F8  # (V,) t: its target, and what it holds at the start unless it buys
    reserve_max: F8  # (V,) t per period; inf: no limit
    trigger: F8  # (V,) trigger_days / step_days: periods of reference use
    activation_days: F8  # (V,)
    serve_ptr: I4  # (V+1,) CSR into serve_feed, serve_share
    serve_feed: I4  # feeds served, ascending
    serve_share: F8  # fixed share of a release; NaN: split by lack
    reserve_buys: I4  # (V,) 1: it buys by rules of its own, and comes last
    reserve_start: F8  # (V,) share of its target that it holds at the start
    build_pace: F8  # (V,) t per period that it buys for the first time, at most; inf: no limit
    refill_pace: F8  # (V,) t per period that it buys back after a release, at most
    reserve_aim: F8  # (V, K) share of its target that it is to hold by the end of a period
    # projects
    project_site: I4  # (P,)
    project_capacity: F8  # (P,) t per period at full ramp
    project_ramp_days: F8  # (P,)
    offtake_ptr: I4  # (P+1,) CSR into offtake_lane, offtake_share
    offtake_lane: I4
    offtake_share: F8
    # paths
    path: F8  # (A, K) mean multiplier over each period


@dataclass(frozen=True)
class Economy:
    """What the end-user groups make of their input, and where."""

    site: tuple[int, ...]  # (U,) first cohort
    value_added_usd: tuple[float, ...]  # (U,) a year; 0: none is stated
    value_added_share: tuple[float, ...]  # (U,) of output; NaN: unknown
    pool: tuple[str, ...]  # (U,) "": its own
    within: tuple[str, ...]  # (U,) "": no other pool's value added holds it
    largest: tuple[bool, ...]  # (U,) parts of the pool that stop coincide as far as they can
    gdp_usd: dict[str, float]  # region -> a year


NO_ECONOMY = Economy((), (), (), (), (), (), {})


@dataclass(frozen=True)
class Labels:
    """Names of what the arrays hold, for results, figures and messages."""

    site: tuple[str, ...]  # (S,) cohorts are name#1 ..
    site_title: tuple[str, ...]
    site_parent: tuple[str, ...]  # (S,) name in the network file, without the cohort
    site_product: tuple[str, ...]
    site_country: tuple[str, ...]
    site_region: tuple[str, ...]
    site_sector: tuple[str, ...]
    site_tags: tuple[tuple[str, ...], ...]
    feed_product: tuple[str, ...]  # (F,)
    lane_routes: tuple[tuple[str, ...], ...]  # (L,)
    group: tuple[str, ...]  # (U,) name in the network file
    group_title: tuple[str, ...]
    group_product: tuple[str, ...]
    group_region: tuple[str, ...]
    group_sector: tuple[str, ...]
    group_value_usd_per_t: tuple[float, ...]  # NaN: unknown
    reserve: tuple[str, ...]  # (V,)
    project: tuple[str, ...]  # (P,) in name order
    site_capacity_per_year: F8
    site_demand_per_year: F8
    economy: Economy = NO_ECONOMY  # what the groups make of their input, and where


@dataclass(frozen=True)
class CompiledNetwork:
    """A network ready to run: arrays, names and its reference flow on day 0."""

    chain: Chain
    labels: Labels
    reference_out: F8  # (S,) t per period, first period, no shock
    reference_lane: F8  # (L,)


def firms_of(chain: Chain) -> NDArray[np.bool_]:
    """Return which sites are firms, shape (S,): one of several cohorts of their end user.

    An end user of one cohort stands for all firms together, and says nothing of one of them.
    """
    is_user = chain.group >= 0
    number = np.bincount(chain.group[is_user], minlength=1)
    return is_user & (number[chain.group] > 1)
