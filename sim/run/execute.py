"""Run studies: blocks, audit, tables, figures, one folder a run; shards of one; sweeps of many."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.base import precompile
from sim.base.errors import Fault, UserError, nearest
from sim.metrics.stopping import Stopping
from sim.results.data import RunData
from sim.results.files import make_folder, sweep_parts
from sim.results.folder import CONFIG, write_overrides
from sim.results.store import Store
from sim.results.write import write_yaml
from sim.run import worker
from sim.run.audit_size import COMPILED_S, SIMPY_S, size_of
from sim.run.auditing import WORTH_S, Auditing
from sim.run.beside import beside
from sim.run.case import Study, n_workers, with_replications
from sim.run.course import Course
from sim.run.distributed import cluster
from sim.run.fields import fields_of
from sim.run.finish import finish
from sim.run.local import kept_in
from sim.run.lock import locked
from sim.run.many import Job, run_jobs, terminate_as_interrupt
from sim.run.memory import return_large_arrays
from sim.run.plan import Plan, check_folder, open_plan, plan_of
from sim.run.processes import by_executor, processes
from sim.run.progress import progress
from sim.run.settling import settled_study
from sim.run.shard import Shard, note
from sim.run.slices import Compute

WORDS = {
    "mean": "mean shortfall",
    "q95": "1-in-20 shortfall",
    "q99": "1-in-100 shortfall",
    "cvar95": "mean of the worst twentieth of shortfalls",
    "cvar99": "mean of the worst hundredth of shortfalls",
}
"""What a precision is asked of, in words."""


class Engine(NamedTuple):
    """Who computes blocks: study -> its function of replications, and how many at a time."""

    compute: Callable[[Study], Compute]
    slots: int
    is_here: bool = False  # in threads of this process


def run(
    study: Study,
    folder: Path | None = None,
    *,
    spawn: bool = False,
    given: Sequence[str] = (),
    executor: Executor | None = None,
) -> RunData:
    """Run a study into a folder; what the folder already holds of it is reused.

    Parameters
    ----------
    study : Study
        What to run.
    folder : pathlib.Path, optional
        Where to; default as the settings say.
    spawn : bool, optional
        Whether the SimPy model may run in processes of its own, several at a time. They import
        the main module again: only where that is guarded, as the command line is.
    given : sequence of str, optional
        Settings as they were written, kept in ``overrides.yaml``; by default the resolved ones.
    executor : concurrent.futures.Executor, optional
        Who computes the blocks, instead of threads here: each a call of ``sim.run.worker.block``
        with text and numbers. It stays open.

    Returns
    -------
    RunData
        Labelled columns, the summary and the fan.

    Raises
    ------
    UserError
        If the folder holds another run or is in use, or cannot be written.
    AuditFailure
        If the SimPy model and the compiled kernel disagree in a bit.
    """
    if study.settings.run.shard:
        raise UserError(
            Fault("run.shard", study.settings.run.shard, "is a part of a run; see run_shard")
        )
    folder = folder or folder_of(study)
    study = settled_study(study, folder)
    with (
        terminate_as_interrupt(),
        opened(study, folder) as plan,
        engine_of(study, spawn, executor) as engine,
        beside(lambda: worker.as_text(study)) as process,
    ):
        helper = process if is_worth_it(study) else None
        auditing = Auditing(study, helper)
        if helper is not None and study.settings.output.figures:
            helper.start()
        title = study.settings.scenario.name or study.settings.scenario.title
        with progress(title, replications_at_most(study)) as tick:
            job, rule = job_of(study, folder, plan, engine, tick)
            course = course_of(study) if engine.is_here else None
            if course is not None:
                job = dataclasses.replace(job, compute=course.compute)
            run_jobs([job], engine.slots)
        write_overrides(folder, given)
        counted = with_replications(study, replications_that_count(study, rule))
        return finish(counted, folder, plan, course, auditing, helper)


def run_shard(study: Study, folder: Path | None = None, command: Sequence[str] = ()) -> Path:
    """Compute one shard's blocks of a study; ``merge`` makes the run of them.

    Parameters
    ----------
    study : Study
        With ``run.shard``.
    folder : pathlib.Path, optional
        Shared by all shards, or one's own.
    command : sequence of str, optional
        Words after ``shortfall`` that started it, left there for ``merge`` to name.

    Returns
    -------
    pathlib.Path
        The folder.
    """
    shard = Shard.of(study.settings.run.shard or "1/1")
    folder = folder or folder_of(study)
    study = settled_study(study, folder)
    n = study.settings.run.replications
    with terminate_as_interrupt(), opened(study, folder) as plan, engine_of(study) as engine:
        note(folder, shard, command)
        write_overrides(folder, [w for w in command[1:] if not w.startswith("run.shard=")])
        blocks = [b for b in plan.blocks(n) if shard.has(b[0])]
        total = sum(end - first for _, first, end in blocks)
        with progress(f"shard {shard}", max(total, 1)) as tick:
            compute = engine.compute(study)
            make = kept_in(folder, plan, fields_of(study))
            run_jobs([Job(make, blocks, compute, tick)], engine.slots)
    print(
        f"shard {shard}: {len(blocks)} blocks are ready; with all shards: shortfall merge {folder}",
        file=sys.stderr,
    )
    return folder


@contextmanager
def opened(study: Study, folder: Path) -> Iterator[Plan]:
    """Check a study, lock its folder and open its plan there; the kernels are compiled then."""
    precompile.ready()
    study.hazards, study.views  # noqa: B018  mistakes show before anything is written
    if study.settings.run.asked:
        _watched(study, study.settings.run.asked.region)
    return_large_arrays()
    settings, plan = study.settings, plan_of(study)
    check_folder(folder, settings.output.overwrite)
    make_folder(folder)
    with locked(folder, settings.run.shard):
        open_plan(folder, plan, settings.output.overwrite)
        make_folder(folder / "blocks")
        if settings.run.shard:
            whole = study.dump()
            whole["run"].pop("shard")
            write_yaml(folder / CONFIG, whole)
        else:
            sweep_parts(folder)
        warm_up(study)
        yield plan


@contextmanager
def engine_of(
    study: Study, spawn: bool = False, executor: Executor | None = None
) -> Iterator[Engine]:
    """Yield who computes: threads here, processes for SimPy, a Dask cluster, or an executor."""
    settings = study.settings.run
    workers = n_workers(settings.workers)
    if executor is not None:
        slots = 2 * getattr(executor, "_max_workers", workers)
        yield Engine(lambda s: by_executor(executor, worker.block, worker.as_text(s)), slots)
    elif settings.dask:
        with cluster(settings.dask, worker.block, workers) as dask:
            yield Engine(lambda s: dask.compute(worker.as_text(s)), dask.slots)
    elif spawn and settings.engine == "simpy" and workers > 1:
        with processes(worker.block, workers) as pool:
            yield Engine(lambda s: pool.compute(worker.as_text(s)), workers)
    else:
        yield Engine(lambda s: s.compute, workers, is_here=True)


def is_worth_it(study: Study) -> bool:
    """Return whether a process beside the blocks is worth its start: by counts, not by a clock."""
    run, n_lane = study.settings.run, study.compiled.chain.lane_feed.size
    size = size_of(run.audit, run.replications, n_lane, study.n_period)
    audit_s = size.n * size.n_period * n_lane * SIMPY_S
    played_s = run.replications * study.n_period * n_lane * COMPILED_S
    return n_workers(run.workers) > 1 and (audit_s >= WORTH_S or played_s >= WORTH_S)


def job_of(
    study: Study, folder: Path, plan: Plan, engine: Engine, tick: Callable[[int], object]
) -> tuple[Job, Stopping | None]:
    """Return the blocks to have ready, and what ends them early where precision is asked for."""
    rule = stopping_of(study, folder, plan)
    enough = None if rule is None else rule.reached
    blocks = plan.blocks(replications_at_most(study))
    make = kept_in(folder, plan, fields_of(study))
    return Job(make, blocks, engine.compute(study), tick, enough), rule


def stopping_of(study: Study, folder: Path, plan: Plan) -> Stopping | None:
    """Return what watches a shortfall, where a precision is asked for.

    Raises
    ------
    UserError
        If no end user is in the region that it names.
    """
    asked = study.settings.run.asked
    if asked is None:
        return None
    x = _watched(study, asked.region)
    n, cap = plan.block, replications_at_most(study)

    def column(number: int) -> np.ndarray:
        rows = slice(number * n, min((number + 1) * n, cap))
        store = Store(folder, n, rows.stop, plan.digest)
        return store.column("m.shortfall_t", x, rows)

    least = study.settings.run.replications
    return Stopping(asked.within, least, column, asked.measure, study.sections)


def _watched(study: Study, region: str | None) -> int:
    """Return the view that is watched: a region's, else that of the judged, else of all."""
    names = [(view.kind, view.name) for view in study.views]
    if region is None:
        return names.index(("judged", "all") if ("judged", "all") in names else ("total", "all"))
    known = [name for kind, name in names if kind == "region"]
    if region not in known:
        hint = nearest(region, known) or f"; regions: {', '.join(known)}"
        raise UserError(Fault("run.precision.region", region, f"no end user is there{hint}"))
    return names.index(("region", region))


def course_of(study: Study) -> Course:
    """Return what keeps the course of the replications that the fan shows."""
    return Course(study, min(replications_at_most(study), study.settings.output.fan_replications))


def replications_at_most(study: Study) -> int:
    """Return the replications after which a run ends in any case."""
    settings = study.settings.run
    return settings.replications if settings.precision is None else settings.max_replications


def replications_that_count(study: Study, rule: Stopping | None) -> int:
    """Return how many replications count, and say so where precision decided it."""
    if rule is None:
        return study.settings.run.replications
    wanted, got, asked = 100 * rule.precision, 100 * rule.half_width, study.settings.run.asked
    whose = "judged" if asked is None or asked.region is None else asked.region
    what = WORDS[rule.measure]
    told = f"the {whose} {what} is known to +- {got:.3g} % of it (wanted {wanted:.3g} %)"
    if rule.half_width == float("inf"):
        told = (
            f"no shortfall was seen, so no +- {wanted:.3g} % of its {rule.measure} could be reached"
        )
    if rule.enough:
        print(f"precise enough after {rule.n:,} replications: {told}", file=sys.stderr)
        return rule.n
    cap = replications_at_most(study)
    print(f"stopped at run.max_replications={cap:,}: {told}", file=sys.stderr)
    return cap


def folder_of(study: Study) -> Path:
    """Return the folder that the settings name; default results/<scenario>, policy and all."""
    settings = study.settings
    if settings.output.dir:
        return Path(settings.output.dir)
    chosen = settings.scenario
    told = [n for n in (chosen.demand, chosen.supply) if n != "flat"]
    told += [n for n in [settings.policy.name or "none"] if n != "none"]
    return Path("results") / "-".join([chosen.name or "scenario", *told])


def warm_up(study: Study) -> None:
    """Compile the kernels once, before threads share them."""
    study.compute(np.arange(1, dtype=np.int64), np.zeros(1, np.uint8))
