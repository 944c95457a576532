"""The end of a run: audit, summary, tables, figures, manifest; and the joining of shards."""

from __future__ import annotations

from pathlib import Path

from sim.base.errors import Fault, UserError
from sim.results.blocks import DamagedBlock
from sim.results.data import RunData
from sim.results.folder import with_summary, write_folder
from sim.results.store import Store
from sim.run.auditing import Auditing
from sim.run.beside import Beside
from sim.run.case import Study, n_workers
from sim.run.course import Course
from sim.run.drawing import Drawing
from sim.run.fields import fields_of
from sim.run.idle import idle_notes
from sim.run.last_shock import last_shock_notes
from sim.run.manifest import manifest_of
from sim.run.outcome import run_data, summary_of
from sim.run.plan import Plan


def finish(
    study: Study,
    folder: Path,
    plan: Plan,
    course: Course | None = None,
    auditing: Auditing | None = None,
    process: Beside | None = None,
) -> RunData:
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
    auditing : Auditing, optional
        Begun before the blocks; by default it is done here.
    process : Beside, optional
        That draws half of the figures.

    Raises
    ------
    UserError
        If a block was lost or damaged meanwhile, or the folder cannot be written.
    AuditFailure
        If the SimPy model and the compiled kernel disagree in a bit.
    """
    settings = study.settings
    n = settings.run.replications
    auditing = auditing or Auditing(study)
    store = Store(folder, plan.block, n, plan.digest, fields_of(study))
    try:
        n = min(store.n, settings.output.fan_replications)
        course = course or Course(study, n)
        fan = course.fan(n, n_workers(settings.run.workers))
        data = run_data(study, store, fan, course.goods_fans(n), course.price_fan(n),
                        by_region=course.by_region)  # fmt: skip
        data = with_summary(data, summary_of(study, data), folder)
        told = {"idle": idle_notes(study, data), "follows": last_shock_notes(study, data)}
        data.meta.update(told)
        auditing.end(store)
        drawing = Drawing(study, data, plan, process) if settings.output.figures else None
        manifest = manifest_of(study, plan, store) | told | {"audit": auditing.told()}
        write_folder(folder, data, study.dump(), manifest)
        if drawing is not None:
            drawing.end()
    except DamagedBlock as damage:
        raise UserError(
            Fault("output.dir", str(folder), f"{damage}; run again to compute it")
        ) from damage
    return data
