"""``sweep --design sobol:N`` and ``morris:N``: play the design, tell the indices."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.errors import Fault, UserError, nearest

if TYPE_CHECKING:
    from sim.run.case import Study
    from sim.sweep.spread import Wish

TOP = 15
"""Inputs printed."""

SAID = {
    "sobol": "Part of the variance of the mean shortfall of {view} that an input decides, alone "
    "and with all that it does together with others",
    "morris": "Change of the mean shortfall of {view}, t, as an input goes from its 5 % to its "
    "95 % quantile: mean size and spread",
}


def sweep_spread(
    study: Study, wish: Wish, folder: Path, *, region: str, table: str, yes: bool
) -> Path:
    """Play a design over the uncertain parameters of a study; return its table's path.

    Raises
    ------
    UserError
        If nothing is uncertain, SALib is missing, or there is no such region.
    """
    from sim.base import precompile
    from sim.commands._consent import consent_to_rows
    from sim.results.write import write_rows
    from sim.sweep.by_design import sweep_rows
    from sim.sweep.indices import indices_of
    from sim.sweep.pinned import PinnedPoints
    from sim.sweep.spread import spread

    view = _view(study, region)
    design = spread(study, wish)
    rows = design.rows
    consent_to_rows(study, [study.settings.run.replications] * len(rows), folder, yes)
    precompile.ready()
    kind = "csv" if table == "csv" else "parquet"
    path = sweep_rows(study, rows, PinnedPoints(study), folder, kind)  # type: ignore[arg-type]
    if study.settings.run.shard:
        return path
    lines = indices_of(design, path, study.settings.run.seed)
    write_rows(folder / "indices.csv", lines)
    _print(lines, wish, view, len(rows))
    return path


def _view(study: Study, region: str) -> tuple[str, str, str]:
    """Return kind, name and title of whose shortfall is printed."""
    views = {(v.kind, v.name): v.title for v in study.views.view}
    wanted = ("region", region.upper() if len(region) <= 3 else region)
    if not region:
        wanted = ("judged", "all") if ("judged", "all") in views else ("total", "all")
    if wanted not in views:
        known = sorted(name for kind, name in views if kind == "region")
        told = f"no end user in such a region{nearest(region, known)}; regions: {', '.join(known)}"
        raise UserError(Fault("--for", region, told))
    return *wanted, views[wanted]


def _print(lines: list[dict[str, Any]], wish: Wish, view: tuple[str, str, str], n_row: int) -> None:
    from sim.commands._tables import print_table

    mine = [r for r in lines if (r["kind"], r["view"], r["statistic"]) == (*view[:2], "mean")]
    if mine and mine[0]["note"]:
        print(f"{view[2]}: the mean shortfall is {mine[0]['note']}; nothing to tell apart",
              file=sys.stderr)  # fmt: skip
        return
    if wish.kind == "sobol":
        columns = ("input", "first order", "+-", "total order", "+- ")
        keys = ("first_order", "first_order_within", "total_order", "total_order_within")
    else:
        columns = ("input", "mu*", "+-", "mu", "sigma")
        keys = ("mu_star", "mu_star_within", "mu", "sigma")
    by = "total_order" if wish.kind == "sobol" else "mu_star"
    mine.sort(key=lambda r: -r[by])
    print(f"\n{SAID[wish.kind].format(view=view[2])} ({n_row:,} rows)", file=sys.stderr)
    rows = [(r["input"], *(r[k] for k in keys)) for r in mine[:TOP]]
    print_table(f"{wish.kind}:{wish.n}, +- of 95 % intervals", columns, rows, sys.stderr)
