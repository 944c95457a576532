"""Come back to finished runs: compare them pair by pair, replay one future, draw again."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.base.errors import Fault, UserError
from sim.base.units import date_of
from sim.flow.record.log import Log
from sim.results.data import RunData
from sim.results.files import make_folder
from sim.results.folder import with_summary
from sim.results.owner import claim, refuse_links
from sim.results.write import write_rows
from sim.run.audit import audit
from sim.run.case import Study, n_workers
from sim.run.course import Course
from sim.run.figures import draw
from sim.run.idle import idle_notes
from sim.run.outcome import run_data, summary_of
from sim.run.received import is_of_this_version, read_config, store_in, study_in
from sim.run.saved import notice, saved_run
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
    course = Course(study, n)
    fan = course.fan(n, n_workers(study.settings.run.workers))
    data = run_data(study, store, fan, course.goods_fans(n), course.price_fan(n),
                        by_region=course.by_region)  # fmt: skip
    data = with_summary(data, summary_of(study, data), folder)
    data.meta["idle"] = idle_notes(study, data)
    return study, data


class Reopened(NamedTuple):
    """A finished run, and the names of what was left to chance in it.

    Parameters
    ----------
    data : RunData
        What it found.
    hazards : frozenset of str
        Hazards of the scenario.
    uncertain : frozenset of str
        Tensions, parameters and projects.
    """

    data: RunData
    hazards: frozenset[str]
    uncertain: frozenset[str]


def reopened(folder: Path) -> Reopened:
    """Return a finished run; of another version what its saved tables hold, with a notice.

    Raises
    ------
    UserError
        If it is no finished run, or its files are not those that its digests vouch for.
    """
    if is_of_this_version(folder):
        study, data = open_run(folder)
        config: Mapping[str, Any] = study.dump()
    else:
        data, config = saved_run(folder), read_config(folder)
        print(notice(folder, data), file=sys.stderr)
    scenario, network = config["scenario"], config["network"]
    uncertain = [*(scenario.get(k) or {} for k in ("tensions", "parameters")),
                 *(network.get(k) or {} for k in ("projects", "parameters"))]  # fmt: skip
    names = frozenset(name for part in uncertain for name in part)
    return Reopened(data, frozenset(scenario.get("hazards") or {}), names)


def plot(folder: Path) -> list[Path]:
    """Draw a run's figures again; return the files.

    Of a run of another version those that its saved tables suffice for, with a notice.
    """
    refuse_links(folder)
    if not is_of_this_version(folder):
        data = saved_run(folder)
        print(f"{notice(folder, data)}; no map and no report are drawn of them", file=sys.stderr)
        return draw_saved(data, folder)
    study, data = open_run(folder, whole=True)
    return draw(study, data, folder)


def draw_saved(data: RunData, folder: Path) -> list[Path]:
    """Draw the figures that need the tables only."""
    from sim.plots import exceedance, fan, style

    target = folder / "figures"
    make_folder(target)
    figures = {"fan": fan.figure(data), "exceedance": exceedance.figure(data)}
    return [file for name, fig in figures.items() for file in style.save(fig, target / name)]


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
    claim(target, "replay", "RUN")
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
