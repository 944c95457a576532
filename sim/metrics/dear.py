"""Which goods become dear: what tables and figures of prices show first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.results.data import RunData, View

SHOWN = 10
"""Goods and places in a table; all of them stand in ``summary.csv``."""

MOVES = 1.005
"""Mean peak from which on a price is told to move: less is 1.00 in every table."""


def dearest(data: RunData, most: int = SHOWN) -> list[View]:
    """Return goods where most of them is made, and outside, with the highest mean peak.

    Parameters
    ----------
    data : RunData
        With its summary.
    most : int, optional
        How many.

    Returns
    -------
    list of View
        Highest first, ties by name; those that move.
    """
    peak = {
        row["view"]: float(row["value"])
        for row in data.summary
        if (row["measure"], row["statistic"]) == ("price_index_peak", "mean")
    }
    if data.prices is None:
        return []
    told = {view.title for view in data.prices.course}
    moved = [v for v in data.prices.views if v.title in told and peak.get(v.name, 1.0) > MOVES]
    return sorted(moved, key=lambda view: (-peak[view.name], view.name))[:most]


def gives_up(data: RunData) -> bool:
    """Return whether price destroys some demand in the mean of some view."""
    return any(
        row["measure"] == "destroyed_t" and row["statistic"] == "mean" and float(row["value"]) > 0.0
        for row in data.summary
    )
