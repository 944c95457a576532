"""Come back to finished runs: compare them pair by pair, replay one future, draw again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.base.errors import Fault, UserError
from sim.base.units import date_of
from sim.flow.record.log import Log
from sim.results.data import RunData
from sim.results.files import make_folder
from sim.results.folder import with_summary
from sim.results.write import write_rows
from sim.run.audit import audit
from sim.run.case import Study, n_workers
from sim.run.course import fan_of
from sim.run.figures import draw
from sim.run.outcome import run_data, summary_of
from sim.run.received import store_in, study_in
from sim.run.timeline import timeline_of


def open_run(folder: Path, *, whole: bool = False) -> tuple[Study, RunData]:
    """Return the study and the results that a folder holds; with summary and fan if `whole`.

    Raises
    ------
    UserError
        If it is not the folder of a finished run of this version.
    """
    study, plan = study_in(folder)
    store = store_in(folder, study, plan)
    if not whole:
        return study, run_data(study, store, None)
    n = min(store.n, study.settings.output.fan_replications)
    data = run_data(study, store, fan_of(study, n, n_workers(study.settings.run.workers)))
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
    flow = audit(study.play, tape, study.settings.run.seed, log)
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


def event_text(events: Sequence[dict[str, Any]]) -> str:
    """Return events as lines of text."""
    return "\n".join(
        f"{e['date']}  day {e['day']:7.1f}  {e['event']:<16} {e['what']}" for e in events
    )
