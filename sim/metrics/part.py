"""The mean in a part of the futures, which chance chose: some of each block.

Of futures that were drawn together the mean in a part is the ratio of two means over all of them,
what the part loses and how large it is, so that its error can be read from whole blocks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.base.sections import Sections
from sim.metrics import precision
from sim.metrics.answer import F8, Answer, Estimate

Mask = NDArray[np.bool_]


def mean_where(here: Mask, loss: F8, sections: Sections) -> Answer:
    """Return the mean of a loss in a part of the futures.

    Parameters
    ----------
    here : ndarray of bool, shape (n,)
        Which futures are the part.
    loss : ndarray, shape (n,)
        Of all futures, in their order.
    sections : Sections
        How they belong together.
    """
    alone = precision.mean(loss[here])
    most = 2.0 * float(loss.max())  # twice, so that no interval ends at the largest loss seen
    if not (sections.are_blocks and isinstance(alone, Estimate) and loss.min() >= 0.0 < most):
        return alone
    share = precision.ratio(np.where(here, loss / most, 0.0), here.astype(float), sections=sections)
    if not isinstance(share, Estimate) or share.mark:  # blocks hold too little of the part
        return alone
    low, high = most * share.low, most * share.high
    return alone._replace(low=min(low, alone.value), high=max(high, alone.value), mark="", note="")


def share_where(here: Mask, happened: Mask, sections: Sections) -> Answer:
    """Return the share of a part of the futures in which something happened.

    Parameters
    ----------
    here : ndarray of bool, shape (n,)
        Which futures are the part.
    happened : ndarray of bool, shape (n,)
        In which futures it happened, in their order.
    sections : Sections
        How they belong together.
    """
    count, size = int((here & happened).sum()), int(here.sum())
    alone = precision.probability(count, max(1, size))
    if not (sections.are_blocks and isinstance(alone, Estimate) and 0 < count < size):
        return alone
    share = precision.ratio((here & happened).astype(float), here.astype(float), sections=sections)
    # of a share of 0 or 1, or one of few, blocks say nothing of how sure it is
    return share if isinstance(share, Estimate) and not share.mark else alone
