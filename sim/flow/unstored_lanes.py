"""Which feeds and suppliers trade pro rata: what a lane carries is need x share x part."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.network.arrays import I4, Chain
from sim.shocks.tape import EXTRA_DAYS, HOLD, LANE_CAP, PARAMETERS, Draws, Tape, Targets

Mask = NDArray[np.bool_]


class ProRata(NamedTuple):
    """Feeds all of whose lanes carry need x share x part, and the suppliers on these lanes."""

    feeds: Mask
    sites: Mask


def none_pro_rata(chain: Chain) -> ProRata:
    """Return that nobody trades pro rata."""
    return ProRata(np.zeros(chain.feed_site.size, np.bool_), np.zeros(chain.kind.size, np.bool_))


def find_pro_rata(chain: Chain, targets: Targets, draws: Draws, tape: Tape) -> ProRata:
    """Return who trades pro rata in every replication of a tape.

    A feed does that does not reroute and that no offtake names, a site that prefers nobody and
    whose lanes no row of the tape caps, delays or holds; and none that trades with one that does
    not. Where prices answer to scarcity, orders are looked back at: there nobody does.

    Parameters
    ----------
    chain : Chain
        The network.
    targets, draws, tape
        As for ``sim.flow.engine.simulate``.

    Returns
    -------
    ProRata
        Masks over feeds and sites.
    """
    if chain.price_on.any():
        return none_pro_rata(chain)
    feeds, sites = chain.rerouting == 0.0, chain.n_class == 1
    for d in np.flatnonzero(draws.key == PARAMETERS.index("rerouting")):
        feeds[draws.index[draws.ptr[d] : draws.ptr[d + 1]]] = False
    feeds[chain.lane_feed[chain.offtake_lane]] = False
    met = np.unique(tape.row_effect[np.isin(tape.row_kind, (LANE_CAP, EXTRA_DAYS, HOLD))])
    for effect in met:
        lanes = targets.index[targets.ptr[effect] : targets.ptr[effect + 1]]
        sites[chain.supplier[lanes]] = False
    return _who_trade_with_each_other(chain, feeds, sites)


def _who_trade_with_each_other(chain: Chain, feeds: Mask, sites: Mask) -> ProRata:
    """Return the feeds and sites left when those that trade with any other are taken out."""
    sites[np.diff(chain.out_ptr) == 0] = False
    while True:
        other = ~(feeds[chain.lane_feed] & sites[chain.supplier])
        lost_feeds, lost_sites = chain.lane_feed[other], chain.supplier[other]
        if not (feeds[lost_feeds].any() or sites[lost_sites].any()):
            return ProRata(feeds, sites)
        feeds[lost_feeds] = False
        sites[lost_sites] = False


def pro_rata_tables(chain: Chain, pro_rata: ProRata, ring: I4) -> dict[str, Any]:
    """Return the kernel's tables of those who trade pro rata (see kernel/unstored_lanes.py).

    Parameters
    ----------
    chain : Chain
        The network.
    pro_rata : ProRata
        Who they are.
    ring : ndarray of int32, shape (L,)
        Each lane's ring.

    Returns
    -------
    dict
        Tables and numbers by name.
    """
    lanes, n_feed = chain.lane_of, chain.feed_site.size
    return {
        "n_pro_rata": int(pro_rata.feeds.sum()),
        "pro_rata": pro_rata.feeds.astype(np.int32),
        "ships_pro_rata": pro_rata.sites.astype(np.int32),
        "in_ring": np.ascontiguousarray(ring[lanes]),
        "in_share": np.ascontiguousarray(chain.share[lanes]),
        "in_part": (n_feed + chain.supplier[lanes]).astype(np.int32),
        "n_past": int(chain.transit[pro_rata.feeds[chain.lane_feed]].max(initial=1)),
        "n_memory": n_feed + chain.kind.size,
    }
