"""Come back to finished runs: compare them pair by pair, replay one future, draw again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.base.errors import Fault, UserError
from sim.base.units import date_of
from sim.config.settings import Settings
from sim.figures import draw, timeline_of
from sim.flow.record.log import Log
from sim.outcome import fan_of, plan_of, run_data, summary_of
from sim.results.blocks import DamagedBlock
from sim.results.data import RunData
from sim.results.files import make_folder
from sim.results.folder import read_config, with_summary
from sim.results.store import Store
from sim.results.write import write_rows
from sim.run.audit import audit
from sim.study import Study, n_workers


def open_run(folder: Path, *, whole: bool = False) -> tuple[Study, RunData]:
    """Return the study and the results that a folder holds; with summary and fan if `whole`.

    Raises
    ------
    UserError
        If it is not the folder of a finished run of this version.
    """
    study = Study(Settings.model_validate(read_config(folder)))
    plan, run = plan_of(study), study.settings.run
    store = Store(folder, plan.block, run.replications)
    try:
        for number, *_ in store.blocks():
            store.header(number)
    except DamagedBlock as damage:
        fault = f"{damage}; run again to compute it"
        raise UserError(Fault("RUN", str(folder), fault)) from damage
    if not whole:
        return study, run_data(study, store, None)
    n = min(store.n, study.settings.output.fan_replications)
    data = run_data(study, store, fan_of(study, n, n_workers(run.workers)))
    return study, with_summary(data, summary_of(study, data), folder)


def plot(folder: Path) -> list[Path]:
    """Draw a run's figures again; return the files."""
    study, data = open_run(folder, whole=True)
    return draw(study, data, folder)


def replay(folder: Path, replication: int) -> tuple[Path, list[dict[str, Any]]]:
    """Play one future again in the SimPy model, audited against the compiled kernel.

    Parameters
    ----------
    folder : pathlib.Path
        Of the run.
    replication : int
        Its number, from 0.

    Returns
    -------
    pathlib.Path
        Folder with ``events.csv``, ``timeline.png`` and ``timeline.svg``.
    list of dict
        The events: day, date, kind, text.

    Raises
    ------
    UserError
        If the run has no such replication.
    """
    from sim.plots import style, timeline

    study, data = open_run(folder)
    if not 0 <= replication < data.n:
        raise UserError(
            Fault("--replication", str(replication), f"the run has replications 0 to {data.n - 1}")
        )
    tape = study.tape(np.array([replication], dtype=np.int64))
    log = Log(study.hazards.hazard_names)
    flow = audit(
        study.compiled,
        study.hazards.targets,
        study.hazards.draws,
        tape,
        study.n_period,
        study.settings.run.seed,
        log,
    )
    target = folder / f"replication-{replication}"
    make_folder(target)
    events = dated(log.events, study)
    write_rows(target / "events.csv", events)
    style.save(timeline.figure(data, timeline_of(study, tape, flow)), target / "timeline")
    return target, events


def dated(events: Sequence[tuple[float, str, str]], study: Study) -> list[dict[str, Any]]:
    """Return the events of a log as rows, in order of time, within the horizon."""
    start = study.settings.scenario.start
    horizon = study.n_period * study.settings.scenario.step_days
    return [
        {"day": day, "date": date_of(day, start).isoformat(), "event": kind, "what": text}
        for day, kind, text in sorted(events)
        if day < horizon
    ]


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


def event_text(events: Sequence[dict[str, Any]]) -> str:
    """Return events as lines of text."""
    return "\n".join(
        f"{e['date']}  day {e['day']:7.1f}  {e['event']:<16} {e['what']}" for e in events
    )
