"""Compare finished runs pair by pair, on the same shocks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.base.errors import Fault, UserError
from sim.results.data import RunData
from sim.results.files import make_folder
from sim.results.write import write_rows
from sim.run.reopen import open_run


def compare(folders: Sequence[Path], target: Path) -> tuple[Path, list[dict[str, Any]]]:
    """Compare runs with the first one, pair by pair on the same shocks.

    Parameters
    ----------
    folders : sequence of pathlib.Path
        Two or more runs of the same seed; the first is the base.
    target : pathlib.Path
        Folder for ``compare.csv`` and the figure.

    Returns
    -------
    pathlib.Path
        The table.
    list of dict
        Its rows.

    Raises
    ------
    UserError
        If the runs do not share seed, end users or replications.
    """
    from sim.metrics.compare import compare as compare_pairs

    runs = [open_run(Path(f)) for f in folders]
    base = runs[0][1]
    names = _names(folders)
    rows: list[dict[str, Any]] = []
    for name, (_, other) in list(zip(names, runs, strict=True))[1:]:
        _check_pair(names[0], base, name, other)
        n = min(base.n, other.n)
        for x, view in enumerate(base.views):
            if view.kind not in ("total", "region", "judged"):
                continue
            pair = compare_pairs(
                base.table["shortfall_t"][:n, x], other.table["shortfall_t"][:n, x]
            )
            rows += [
                {"base": names[0], "run": name, "kind": view.kind, "view": view.name, **row}
                for row in pair
            ]
    make_folder(target)
    write_rows(target / "compare.csv", rows)
    comparison_figure(dict(zip(names, [r[1] for r in runs], strict=True)), target / "compare")
    return target / "compare.csv", rows


def _names(folders: Sequence[Path]) -> list[str]:
    """Return the folders' names, or their paths where two names are alike."""
    names = [Path(f).resolve().name for f in folders]
    return names if len(set(names)) == len(names) else [str(f) for f in folders]


def _check_pair(a: str, base: RunData, b: str, other: RunData) -> None:
    faults = []
    if base.seed != other.seed:
        faults.append(
            Fault(
                "run.seed",
                f"{base.seed} and {other.seed}",
                f"{a} and {b} must share the seed, else they did not meet the same shocks",
            )
        )
    if [v.name for v in base.views] != [v.name for v in other.views]:
        faults.append(Fault("network", "", f"{a} and {b} have other end users"))
    if faults:
        raise UserError(faults)


def comparison_figure(runs: dict[str, RunData], path: Path) -> None:
    """Draw runs side by side, a panel a region."""
    from sim.metrics.precision import Estimate, mean
    from sim.plots import compare as picture
    from sim.plots import exceedance, style
    from sim.plots.words import ordered_regions

    panels: dict[str, list[picture.Bar]] = {}
    for name, data in runs.items():
        for region in ordered_regions([data.views[x].name for x in data.columns("region")]):
            column = 100 * exceedance.loss_share(data, data.index("region", region))
            answer = mean(column)
            value = float(column.mean())
            low, high = (
                (answer.low, answer.high) if isinstance(answer, Estimate) else (value, value)
            )
            panels.setdefault(region, []).append(
                picture.Bar(
                    name, value, low, high, *(float(q) for q in np.quantile(column, (0.05, 0.95)))
                )
            )
    first = next(iter(runs.values()))
    note = (
        f"{first.n:,} replications each, seed {first.seed}, same shocks by name. Source: "
        f"Shortfall {first.meta.get('version', '')}."
    )
    style.save(picture.figure(panels, note), path)
