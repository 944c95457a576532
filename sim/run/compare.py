"""Compare finished runs with a base: pair by pair where they met the same shocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.base.errors import Fault, UserError
from sim.flow.kernel.measures import UNITS
from sim.metrics.compare import compare as compare_pairs
from sim.metrics.independent import compare_independent
from sim.network.arrays import F8
from sim.results.data import RunData
from sim.results.owner import claim
from sim.results.write import write_rows
from sim.run.comparison import comparison_figure, labels_of
from sim.run.measured import MEASURED, faults_of_measure
from sim.run.reopen import Reopened, reopened

__all__ = ["compare", "comparison_figure", "labels_of", "names_of", "pairs_between"]

KINDS = ("total", "region", "judged")
"""Kinds of views that are compared."""


def compare(
    folders: Sequence[Path], target: Path, by: str = "tonnes"
) -> tuple[Path, list[dict[str, Any]]]:
    """Compare runs with the first one.

    Hazards of one name met the same shocks, so such runs are compared replication by replication;
    runs that share no name are independent samples, and are compared as such.

    Parameters
    ----------
    folders : sequence of pathlib.Path
        Two or more runs of the same seed; the first is the base.
    target : pathlib.Path
        Folder for ``compare.csv`` and the figure.
    by : str, optional
        A word of ``MEASURED``.

    Returns
    -------
    pathlib.Path
        The table.
    list of dict
        Its rows: which runs (folder, scenario, policy), what pairs, and each number.

    Raises
    ------
    UserError
        If the runs do not share seed or end users, one is no finished run, or none of them tells
        what they are to be judged by.
    """
    names = names_of(folders)
    runs = check_pairs(folders)
    claim(target, "compare", "--output")
    rows = [
        {**_labels(names[0], runs[0].data, name, other.data), **row}
        for name, other in zip(names[1:], runs[1:], strict=True)
        for row in _rows(runs[0], other, by)
    ]
    write_rows(target / "compare.csv", rows)
    comparison_figure(dict(zip(names, [r.data for r in runs], strict=True)), target / "compare")
    return target / "compare.csv", rows


def check_pairs(folders: Sequence[Path]) -> list[Reopened]:
    """Return finished runs that may be compared with the first.

    Raises
    ------
    UserError
        If they do not share seed or end users, or one is no finished run.
    """
    names = names_of(folders)
    runs = [reopened(Path(f)) for f in folders]
    for name, other in zip(names[1:], runs[1:], strict=True):
        _check_pair(names[0], runs[0].data, name, other.data)
        if pairs_between(runs[0], other)[0]:
            _check_drawn_alike(names[0], runs[0].data, name, other.data)
    return runs


def names_of(folders: Sequence[Path]) -> list[str]:
    """Return a name for each folder: as much of its path's end as tells it from the others.

    Raises
    ------
    UserError
        If one is given twice.
    """
    paths = [Path(f).resolve() for f in folders]
    twice = [str(path) for path, count in Counter(paths).items() if count > 1]
    if twice:
        raise UserError([Fault("RUN", path, "is given twice") for path in twice])
    for depth in range(1, max(len(path.parts) for path in paths)):
        names = ["/".join(path.parts[-depth:]) for path in paths]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def pairs_between(base: Reopened, other: Reopened) -> tuple[bool, str]:
    """Return whether two runs share any chance, and in words what of it."""
    hazards = sorted(base.hazards & other.hazards)
    alone = sorted(base.hazards ^ other.hazards)
    if hazards:
        rest = f"; in one run only: {', '.join(alone)}" if alone else ""
        return True, f"paired by {', '.join(hazards)}{rest}"
    if others := sorted(base.uncertain & other.uncertain):
        return True, f"paired by no hazard, only by the uncertain {', '.join(others)}"
    if not base.hazards and not other.hazards:
        return True, "paired: neither run has a hazard"
    return False, "independent: no hazard's name is in both runs"


def _values(run: Reopened, by: str, x: int) -> F8:
    """Return what a run is judged by in view x, one number a replication."""
    table, measure = run.data.table, MEASURED.get(by, "")
    if measure == "shortfall_share":
        short, wanted = (np.asarray(table[m][:, x]) for m in ("shortfall_t", "wanted_t"))
        share: F8 = np.divide(short, wanted, out=np.zeros_like(short), where=wanted > 0)
        return share
    if measure not in table:
        told = Fault("--measure", by, "is not told by every run")
        raise UserError(faults_of_measure(by) or told)
    return np.asarray(table[measure][:, x])


def _rows(base: Reopened, other: Reopened, by: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a comparison, with what pairs."""
    is_paired, words = pairs_between(base, other)
    n = min(base.data.n, other.data.n)
    for x, view in enumerate(base.data.views):
        if view.kind not in KINDS:
            continue
        a, b = (_values(run, by, x) for run in (base, other))
        measure = MEASURED[by]
        if is_paired:
            found = compare_pairs(a[:n], b[:n], measure, base.data.sections)
        else:
            found = compare_independent(
                a, b, measure, UNITS[measure], (base.data.sections, other.data.sections)
            )
        for row in found:
            yield {"pairs": words, "kind": view.kind, "view": view.name, **row}


def _labels(a: str, base: RunData, b: str, other: RunData) -> dict[str, str]:
    return {
        "base": a,
        "base_scenario": base.meta["scenario"],
        "base_policy": base.meta["policy"],
        "run": b,
        "scenario": other.meta["scenario"],
        "policy": other.meta["policy"],
    }


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
    if [(v.kind, v.name) for v in base.views] != [(v.kind, v.name) for v in other.views]:
        faults.append(Fault("network", "", f"{a} and {b} have other end users"))
    days = [run.n_period * run.step_days for run in (base, other)]
    if days[0] != days[1]:
        told = f"{a} and {b} must be as long: tonnes over {days[0]} days are not those over "
        faults.append(Fault("scenario.horizon_days", "", f"{told}{days[1]}"))
    if faults:
        raise UserError(faults)


def _check_drawn_alike(a: str, base: RunData, b: str, other: RunData) -> None:
    """Refuse runs that share a hazard but drew others of their futures together."""
    if base.sections == other.sections:
        return
    if base.sections.size == other.sections.size:
        told = f"{a} and {b} give other shares of their futures a rare shock, so none of them pairs"
        raise UserError(
            Fault("run.strata", "always", f"{told}; run both anew with run.strata=never")
        )
    size, found = (run.sections.size or 1 for run in (base, other))
    told = f"{b} drew other futures together than {a}'s {size}, so that hazards met other shocks"
    raise UserError(
        Fault("run.scrambled", str(found), f"{told}; run {b} anew with run.scrambled={size}")
    )
