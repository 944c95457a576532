"""A grid of studies: one after the other into sub-folders, with one ledger and one table."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path

from sim.base.errors import Fault, UserError
from sim.results.data import RunData
from sim.results.owner import claim
from sim.results.write import write_rows
from sim.run.case import Study
from sim.run.execute import engine_of, job_of, opened, replications_at_most, run
from sim.run.many import run_jobs, terminate_as_interrupt
from sim.run.progress import progress
from sim.run.settling import settled_study


def sweep(
    studies: Sequence[tuple[str, Study]],
    folder: Path,
    varied: Sequence[Mapping[str, str]] = (),
    *,
    spawn: bool = False,
) -> tuple[list[RunData], Path]:
    """Run studies one after the other into sub-folders, with one ledger and one table.

    Where they ask for Dask, all their blocks are first computed as tasks of one client.

    Parameters
    ----------
    studies : sequence of (str, Study)
        Name (of the sub-folder) and study; all validated.
    folder : pathlib.Path
        Where to; finished studies in it are reused.
    varied : sequence of mapping, optional
        Of each study, key -> value of what differs between them: columns of both tables.
    spawn : bool, optional
        As for ``run``.

    Returns
    -------
    list of RunData
        In order.
    pathlib.Path
        The combined table.

    Raises
    ------
    UserError
        If two studies share a name.
    """
    names = [name for name, _ in studies]
    if len(set(names)) < len(names):
        raise UserError(Fault("sweep", "", "two of its points have the same name"))
    for _, study in studies:
        study.hazards  # noqa: B018  every study is validated before the first one runs
    claim(folder, "sweep")
    studies = [(name, settled_study(study, folder / name)) for name, study in studies]
    if studies and studies[0][1].settings.run.dask:
        compute_together([(study, folder / name) for name, study in studies])
    found, ledger, combined = [], [], []
    for x, ((name, study), inputs) in enumerate(zip(studies, varied or repeat({}), strict=False)):
        print(f"[{x + 1}/{len(studies)}] {name}", file=sys.stderr, flush=True)
        data = run(without_dask(study), folder / name, spawn=spawn)
        found.append(data)
        ledger.append(
            {
                "name": name,
                "scenario": data.meta["scenario"],
                "policy": data.meta["policy"],
                "demand": data.meta["demand"],
                "supply": data.meta["supply"],
                "replications": data.n,
                "seed": data.seed,
                "folder": name,
                **inputs,
            }
        )
        combined += [{"name": name, **inputs, **row} for row in data.summary]
        write_rows(folder / "ledger.csv", ledger)
        write_rows(folder / "sweep.csv", combined)
    return found, folder / "sweep.csv"


def compute_together(points: Sequence[tuple[Study, Path]]) -> None:
    """Compute the blocks of many studies as tasks of one cluster, none waiting for another."""
    total = sum(replications_at_most(study) for study, _ in points)
    with ExitStack() as stack:
        stack.enter_context(terminate_as_interrupt())
        plans = [stack.enter_context(opened(study, folder)) for study, folder in points]
        engine = stack.enter_context(engine_of(points[0][0]))
        tick = stack.enter_context(progress(f"sweep of {len(points)}", total))
        run_jobs(
            (
                job_of(study, folder, plan, engine, tick)[0]
                for (study, folder), plan in zip(points, plans, strict=True)
            ),
            engine.slots,
        )


def without_dask(study: Study) -> Study:
    """Return the study without Dask, for blocks that are ready."""
    local = study.settings.run.model_copy(update={"dask": None})
    return dataclasses.replace(study, settings=study.settings.model_copy(update={"run": local}))
