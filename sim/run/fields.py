"""What the blocks of a study hold: known before one is computed, so that a found one is judged."""

from __future__ import annotations

import numpy as np

from sim.flow.kernel.measures import GOODS_MEASURES, PRICE_MEASURES
from sim.metrics.loss import folded
from sim.results.blocks import Fields
from sim.run.case import Study

_NUMBER, _COUNT = np.dtype(np.float64).str, np.dtype(np.int64).str


def fields_of(study: Study) -> Fields:
    """Return name, type and width of each array of a study's blocks, in name order."""
    n_view = len(study.views)
    widths: dict[str, int | None] = {
        f"m.{one.name}": n_view for one in folded(study.views.cells.cell_usd.size > 0)
    }
    widths |= {"structural_t": n_view, "reserve_released_t": len(study.compiled.labels.reserve)}
    if study.buys:
        widths |= {"reserve_bought_t": len(study.compiled.labels.reserve)}
    if study.goods is not None:
        n_pair = len(study.goods.pair)
        widths |= {f"goods.{one.name}": n_pair for one in GOODS_MEASURES}
        widths |= {"reserve_left_days": len(study.compiled.labels.reserve)}
    if study.market is not None:
        widths |= {f"price.{one.name}": len(study.places) for one in PRICE_MEASURES}
    widths |= {"first_shock_day": None, "replication": None}
    return tuple(
        (name, _COUNT if name == "replication" else _NUMBER, widths[name])
        for name in sorted(widths)
    )
