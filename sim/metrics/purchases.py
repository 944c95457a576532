"""What reserves have bought, and what it cost, where one buys by rules of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from sim.metrics.rows import Row
from sim.metrics.sections import INDEPENDENT, Sections
from sim.metrics.source import ByColumn, Source
from sim.metrics.statistics import PURCHASE_STATISTICS, unit_of
from sim.metrics.summary import tell


def summarize_purchases(
    bought_t: ByColumn,
    reserves: Sequence[str],
    usd_per_t: Sequence[float],
    sections: Sections = INDEPENDENT,
) -> Iterator[Row]:
    """Yield the rows of what each reserve bought and paid.

    Parameters
    ----------
    bought_t : ndarray, shape (n, n_reserve)
        Sent to each reserve over the horizon.
    reserves : sequence of str
        Their names.
    usd_per_t : sequence of float
        What a tonne of each costs; NaN: not known, and then not told.
    sections : Sections, optional
        How replications belong together.
    """
    for v, (name, usd) in enumerate(zip(reserves, usd_per_t, strict=True)):
        amounts = np.ascontiguousarray(bought_t[:, slice(v, v + 1)])
        table = {"bought_t": amounts} | ({} if math.isnan(usd) else {"paid_usd": amounts * usd})
        for measure in table:
            source = Source(table, sections=sections)
            for statistic, of_views in tell(source, measure, PURCHASE_STATISTICS, slice(0, 1)):
                unit = unit_of(measure, statistic)
                yield Row.of("reserve", name, measure, statistic, of_views[0], unit)
