"""The end of a run: audit, summary, tables, figures, manifest; and the joining of shards."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.base.errors import AuditFailure, Fault, UserError
from sim.results.blocks import DamagedBlock
from sim.results.data import RunData
from sim.results.folder import with_summary, write_folder
from sim.results.store import Store
from sim.run.audit import audit, pick
from sim.run.case import Study, n_workers
from sim.run.course import Course
from sim.run.manifest import manifest_of
from sim.run.outcome import run_data, summary_of
from sim.run.plan import Plan


def finish(study: Study, folder: Path, plan: Plan, course: Course | None = None) -> RunData:
    """Make a run of finished blocks: audit, summary, tables, figures; the manifest vouches for it.

    Parameters
    ----------
    study : Study
        Whose ``run.replications`` are all in the folder.
    folder : pathlib.Path
        Of the run.
    plan : Plan
        Opened there.
    course : Course, optional
        What was kept while the blocks were computed; without it the fan is played again.

    Raises
    ------
    UserError
        If a block was lost or damaged meanwhile, or the folder cannot be written.
    AuditFailure
        If the SimPy model and the compiled kernel disagree in a bit.
    """
    settings = study.settings
    store = Store(folder, plan.block, settings.run.replications)
    try:
        check(study, store)
        n = min(store.n, settings.output.fan_replications)
        fan = (course or Course(study, n)).fan(n, n_workers(settings.run.workers))
        data = run_data(study, store, fan)
        data = with_summary(data, summary_of(study, data), folder)
        write_folder(folder, data, study.dump(), manifest_of(study, plan, store))
        if settings.output.figures:
            from sim.run.figures import draw

            draw(study, data, folder)
    except DamagedBlock as damage:
        raise UserError(
            Fault("output.dir", str(folder), f"{damage}; run again to compute it")
        ) from damage
    return data


def check(study: Study, store: Store) -> None:
    """Play some replications again in the SimPy model and compare all that was found.

    Raises
    ------
    AuditFailure
        If a bit differs, in a trajectory or in the stored measures.
    """
    settings = study.settings.run
    for number in pick(settings.seed, store.n, settings.audit):
        tape = study.tape(np.array([number], dtype=np.int64))
        flow = audit(study.play, tape, settings.seed)
        stored = store.row(int(number))
        for name, values in study.measure(tape, flow).items():
            if not np.array_equal(values[0], stored[name][0], equal_nan=True):
                raise AuditFailure(
                    f"audit failed: seed {settings.seed}, replication {number}: the stored "
                    f"{name.removeprefix('m.')} is not what the SimPy model gives; please report it"
                )
