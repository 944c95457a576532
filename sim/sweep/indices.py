"""How much each input of a design of SALib's decides, of every view: read from a sweep's table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sim.network.arrays import F8
from sim.sweep.spread import LEVELS, Spread

TOLD = (("shortfall_t", "mean"), ("shortfall_t", "cvar95"))
"""Measures and statistics whose indices are told."""

COLUMNS = {
    "sobol": {"first_order": "S1", "first_order_within": "S1_conf",
              "total_order": "ST", "total_order_within": "ST_conf"},
    "morris": {"mu_star": "mu_star", "mu_star_within": "mu_star_conf", "mu": "mu",
               "sigma": "sigma"},
}  # fmt: skip
"""Columns of ``indices.csv`` and SALib's names of them."""

Line = dict[str, Any]


def indices_of(design: Spread, path: Path, seed: int) -> list[Line]:
    """Return the lines of ``indices.csv``.

    Parameters
    ----------
    design : Spread
        What was played.
    path : pathlib.Path
        The table of the sweep.
    seed : int
        Of the resampling that SALib's intervals come from.
    """
    columns = COLUMNS[design.wish.kind]
    lines: list[Line] = []
    for head, values in _of_views(path, len(design.rows)):
        found = _analysed(design, values, seed % 2**32)
        for x, name in enumerate(design.problem["names"]):
            told = {c: float(found[key][x]) if found else math.nan for c, key in columns.items()}
            note = "" if found else _why(values)
            lines.append({**head, "input": name, **told, "note": note})
    return lines


def _why(values: F8) -> str:
    return "the same at all rows" if np.isfinite(values).all() else "refused at some rows"


def _of_views(path: Path, n_row: int) -> Iterator[tuple[Line, F8]]:
    """Yield each view's statistic at all rows, in the order of the table."""
    import pyarrow.compute as pc
    import pyarrow.csv
    import pyarrow.parquet as pq

    columns = ["row", "kind", "view", "measure", "statistic", "value", "unit"]
    flat = path.suffix == ".csv"
    whole = pyarrow.csv.read_csv(path) if flat else pq.read_table(path, columns=columns)
    for measure, statistic in TOLD:
        asked = (pc.field("measure") == measure) & (pc.field("statistic") == statistic)
        table = whole.select(columns).filter(asked).to_pydict()
        units = dict.fromkeys(zip(table["kind"], table["view"], table["unit"], strict=True))
        values = {one: np.full(n_row, np.nan) for one in units}
        for row, *one, value in zip(
            *(table[c] for c in ("row", "kind", "view", "unit", "value")), strict=True
        ):
            values[tuple(one)][row - 1] = value
        for (kind, view, unit), y in values.items():
            yield {"kind": kind, "view": view, "measure": measure, "statistic": statistic,
                   "unit": unit}, y  # fmt: skip


def _analysed(design: Spread, y: F8, seed: int) -> dict[str, Any] | None:
    """Return what SALib finds; None where nothing varies, or a number is missing."""
    if not np.isfinite(y).all() or np.ptp(y) <= 1e-9 * np.abs(y).max():
        return None
    found: dict[str, Any]
    if design.wish.kind == "sobol":
        from SALib.analyze import sobol

        found = sobol.analyze(design.problem, y, calc_second_order=False, seed=seed)
    else:
        from SALib.analyze import morris

        found = morris.analyze(design.problem, design.u, y, num_levels=LEVELS, seed=seed)
    return found
