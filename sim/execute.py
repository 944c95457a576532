"""Run studies: blocks, audit, tables, figures, one folder a run; and sweeps of many."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from sim import __version__
from sim.errors import AuditFailure, Fault, UserError
from sim.metrics.fan import fan
from sim.metrics.loss import share_trajectories, value_lost, value_per_tonne
from sim.metrics.summary import summarize
from sim.policy.chain import chain_warnings
from sim.results.blocks import Arrays, digest
from sim.results.data import Fan, RunData
from sim.results.files import make_folder
from sim.results.folder import with_summary, write_folder
from sim.results.write import write_rows
from sim.run.audit import audit, pick
from sim.run.local import read_blocks, run_blocks
from sim.run.plan import Plan, open_plan
from sim.run.progress import progress
from sim.study import CHUNK, Study, n_workers

NEUTRAL = ("run.replications", "run.audit", "run.workers", "run.block", "run.engine")
"""Settings that change no bit of a replication, so that a run may be resumed with others."""


def run(study: Study, folder: Path | None = None) -> RunData:
    """Run a study into a folder; what the folder already holds of it is reused.

    Parameters
    ----------
    study : Study
        What to run.
    folder : pathlib.Path, optional
        Where to; default as the settings say.

    Returns
    -------
    RunData
        Labelled arrays, the summary and the fan.

    Raises
    ------
    UserError
        If the folder holds another run, or cannot be written.
    AuditFailure
        If the SimPy model and the compiled kernel disagree in a bit.
    """
    settings = study.settings
    folder = folder or folder_of(study)
    cold = cache_is_empty()
    study.hazards, study.views  # noqa: B018  mistakes show before anything is written
    say_compiling(cold)
    make_folder(folder / "blocks")
    plan = plan_of(study)
    open_plan(folder, plan, settings.output.overwrite)
    n = settings.run.replications
    workers = n_workers(settings.run.workers)
    warm_up(study)
    with progress(settings.scenario.name or settings.scenario.title, n) as tick:
        run_blocks(folder, plan, n, study.compute, workers, tick)
    arrays = read_blocks(folder, plan, n)
    check(study, arrays)
    course = fan_of(study, min(n, settings.output.fan_replications), workers)
    data = run_data(study, arrays, course)
    data = with_summary(data, summary_of(study, data), folder)
    manifest = manifest_of(study, plan, arrays)
    write_folder(folder, data, study.dump(), manifest)
    if settings.output.figures:
        from sim.figures import draw

        draw(study, data, folder)
    return data


def folder_of(study: Study) -> Path:
    """Return the folder that the settings name; default results/<scenario>, policy and all."""
    settings = study.settings
    if settings.output.dir:
        return Path(settings.output.dir)
    chosen = settings.scenario
    told = [n for n in (chosen.demand, chosen.supply) if n != "flat"]
    told += [n for n in [settings.policy.name or "none"] if n != "none"]
    return Path("results") / "-".join([chosen.name or "scenario", *told])


def plan_of(study: Study) -> Plan:
    """Return what decides every bit of the run."""
    config = study.dump()
    config.pop("output", None)
    config.pop("notes", None)
    for key in NEUTRAL:
        group, name = key.split(".")
        config.get(group, {}).pop(name, None)
    return Plan(config, f"{__version__}+{source_revision()}", study.settings.run.block)


@lru_cache(maxsize=1)
def source_revision() -> str:
    """Return a hash of all sources that shape a result's bits, wherever they are installed."""
    root = Path(__file__).resolve().parent
    files = [root / "rng.py", root / "study.py", root / "units.py"]
    for part in ("network", "shocks", "flow", "metrics"):
        files += sorted((root / part).glob("*.py"))
    h = hashlib.sha256()
    for path in files:
        h.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    return h.hexdigest()[:12]


def warm_up(study: Study) -> None:
    """Compile the kernels once, before threads share them."""
    study.compute(np.arange(1, dtype=np.int64), np.zeros(1, np.uint8))


def cache_is_empty() -> bool:
    """Return whether no kernel of these sources has been compiled yet."""
    folder = os.environ.get("NUMBA_CACHE_DIR")
    return folder is not None and not any(Path(folder).glob("**/*.nbi"))


def say_compiling(cold: bool | None = None) -> None:
    """Say on stderr that kernels will be compiled, where they will."""
    if cache_is_empty() if cold is None else cold:
        print("compiling kernels (once)", file=sys.stderr, flush=True)


def check(study: Study, arrays: Arrays) -> None:
    """Play some replications again in the SimPy model and compare all that was found.

    Raises
    ------
    AuditFailure
        If a bit differs, in a trajectory or in the stored measures.
    """
    run_settings = study.settings.run
    n = arrays["replication"].size
    for number in pick(run_settings.seed, n, run_settings.audit):
        tape = study.tape(np.array([number], dtype=np.int64))
        flow = audit(
            study.compiled,
            study.hazards.targets,
            study.hazards.draws,
            tape,
            study.n_period,
            run_settings.seed,
        )
        for name, values in study.judge(tape, flow).items():
            if not np.array_equal(values[0], arrays[name][number], equal_nan=True):
                raise AuditFailure(
                    f"audit failed: seed {run_settings.seed}, replication {number}: the stored "
                    f"{name.removeprefix('m.')} is not what the SimPy model gives; please report it"
                )


def fan_of(study: Study, n: int, workers: int) -> Fan:
    """Return the course over time of the first n replications (played again: cheap, no storage)."""
    share = np.zeros((study.n_period, len(study.views), n), np.float32)

    def fill(at: int) -> None:
        part = np.arange(at, min(at + CHUNK, n), dtype=np.int64)
        flow = study.flow(study.tape(part))
        share[:, :, at : at + part.size] = share_trajectories(flow, study.views, np.float32)

    with ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(fill, range(0, n, CHUNK)))
    return fan(share)


def run_data(study: Study, arrays: Arrays, course: Fan | None) -> RunData:
    """Return joined blocks as labelled data."""
    settings, labels = study.settings, study.compiled.labels
    table = {
        name.removeprefix("m."): values for name, values in arrays.items() if name.startswith("m.")
    }
    return RunData(
        title=settings.scenario.title,
        story=settings.scenario.story,
        start=settings.scenario.start,
        step_days=settings.scenario.step_days,
        n_period=study.n_period,
        seed=settings.run.seed,
        views=study.views.view,
        table=table,
        first_shock_day=arrays["first_shock_day"],
        reserve_released_t=arrays["reserve_released_t"],
        reserves=labels.reserve,
        structural_t=arrays["structural_t"],
        value_usd_per_t=value_per_tonne(study.views),
        fan=course,
        meta={
            "network": settings.scenario.network,
            "policy": settings.policy.name or "none",
            "demand": settings.scenario.demand,
            "supply": settings.scenario.supply,
            "version": __version__,
            "scenario": settings.scenario.name,
            "goods": " and ".join(sorted(set(labels.group_product))).replace("_", " "),
        },
    )


def summary_of(study: Study, data: RunData) -> list[dict[str, Any]]:
    """Return the rows of the summary."""
    rows = summarize(
        data.table,
        data.views,
        first_shock_day=data.first_shock_day,
        structural_t=data.structural_t,
        all_yearly=all_yearly(study),
        value_lost_usd=value_lost(data.table["shortfall_t"], study.views),
        reserve_released_t=data.reserve_released_t,
        reserves=data.reserves,
        horizon_days=float(study.n_period * data.step_days),
    )
    return [row._asdict() for row in rows]


def all_yearly(study: Study) -> bool:
    """Return whether every hazard has a yearly rate, so that return periods mean something."""
    hazards = study.settings.scenario.hazards
    return bool(hazards) and all(h.onset.rate_per_year is not None for h in hazards.values())


def manifest_of(study: Study, plan: Plan, arrays: Arrays) -> dict[str, Any]:
    """Return what vouches for a run: versions, seed, digests."""
    from importlib.metadata import version

    import numba
    import scipy

    return {
        "version": __version__,
        "source_revision": source_revision(),
        "plan": plan.digest,
        "notes": study.settings.notes,
        "warnings": chain_warnings(study.settings.network),
        "seed": study.settings.run.seed,
        "replications": int(arrays["replication"].size),
        "replications_digest": digest(arrays),
        "block_digests": block_digests(arrays, plan),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "scipy": scipy.__version__,
        "simpy": version("simpy"),
        "machine": platform.machine(),
        "system": platform.system(),
    }


def block_digests(arrays: Arrays, plan: Plan) -> list[str]:
    """Return the digest of every block's replications."""
    n = arrays["replication"].size
    return [digest({k: v[a:b] for k, v in arrays.items()}) for _, a, b in plan.blocks(n)]


def sweep(studies: Sequence[tuple[str, Study]], folder: Path) -> tuple[list[RunData], Path]:
    """Run studies one after the other into sub-folders, with one ledger and one table.

    Parameters
    ----------
    studies : sequence of (str, Study)
        Name (of the sub-folder) and study; all validated.
    folder : pathlib.Path
        Where to; finished studies in it are reused.

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
    make_folder(folder)
    found, ledger, combined = [], [], []
    for x, (name, study) in enumerate(studies):
        print(f"[{x + 1}/{len(studies)}] {name}", file=sys.stderr, flush=True)
        data = run(study, folder / name)
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
            }
        )
        combined += [{"name": name, **row} for row in data.summary]
        write_rows(folder / "ledger.csv", ledger)
        write_rows(folder / "sweep.csv", combined)
    return found, folder / "sweep.csv"
