"""Run a design: blocks of rows on threads, what is finished kept, one table at the end."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sim import __version__
from sim.base import precompile
from sim.base.errors import Fault, UserError
from sim.config.settings import Run
from sim.metrics.brief import Brief, brief, brief_reserves
from sim.metrics.views import goods_value_missed
from sim.results.blocks import Arrays
from sim.results.data import View
from sim.results.files import make_folder
from sim.results.write import write_json, write_rows
from sim.run.audit import check
from sim.run.audit_size import pick, size_of
from sim.run.case import Study
from sim.run.execute import warm_up
from sim.run.lock import locked
from sim.run.many import Job, reduced, run_jobs
from sim.run.plan import Plan, check_folder, open_plan, plan_of
from sim.run.progress import progress
from sim.run.sampling import sections_of, whole
from sim.run.shard import Shard
from sim.run.source_hash import source_revision
from sim.sweep.design import CHOICES, Row, read_design
from sim.sweep.elsewhere import Engine, engine_of
from sim.sweep.points import Base, Points, check_rows
from sim.sweep.table import inputs_of, read_piece, table_of, write_piece, write_table

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 8
"""Rows a piece: what one thread works at, and what is lost at most when a run is killed."""


@dataclass(frozen=True)
class _Sweep:
    """What the threads share."""

    folder: Path
    points: Points
    rows: list[Row]
    plan: Plan
    run: Run  # of the settings that rows change

    @property
    def n(self) -> int:
        """Replications of a row that does not say."""
        return self.run.replications

    def replications(self, row: Row) -> int:
        """Return how many replications a row asks for, rounded up to whole blocks."""
        n = int(row.changes.get("run.replications", self.n))
        run = self.run.model_copy(update={"replications": n})
        return whole(n, sections_of(run).size)

    def pieces(self) -> Iterator[list[Row]]:
        """Yield the rows of each piece."""
        for at in range(0, len(self.rows), ROWS):
            yield self.rows[at : at + ROWS]

    def own(self) -> list[list[Row]]:
        """Return the pieces that are computed: all, or those of a shard."""
        shard = Shard.of(self.run.shard or "1/1")
        return [rows for number, rows in enumerate(self.pieces()) if shard.has(number)]

    def path(self, rows: list[Row]) -> Path:
        """Return the file of a piece."""
        return self.folder / "pieces" / f"rows-{rows[0].number:06d}.parquet"

    def digest(self, rows: list[Row]) -> str:
        """Return the digest of all that decides a piece's numbers."""
        content = [self.plan.digest, [(r.number, r.name, r.changes) for r in rows]]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def sweep_design(
    study: Study,
    design: str | Path | Iterable[Mapping[str, Any]],
    folder: str | Path | None = None,
    *,
    base: Base | None = None,
    table: Literal["parquet", "csv"] = "parquet",
) -> Path:
    """Run every row of a design and write one table of all their numbers with 95 % intervals.

    Parameters
    ----------
    study : Study
        What the rows change; its ``run.replications`` are those of each row.
    design : path or iterable of mapping
        A CSV file with a dotted key a column, or the same from Python: ``{"run.seed": 7}``.
    folder : str or path, optional
        Where to; default ``results/sweep-<name of the file>``. What it already holds of the same
        rows on the same settings is reused, so rows may be added. With ``run.shard`` every n-th
        piece of eight rows is computed there; the same without it then makes the table.
    base : callable, optional
        Study of the groups that a row chooses ({"policy": "none"}); without it columns
        ``scenario``, ``network`` and ``policy`` are refused.
    table : {"parquet", "csv"}, optional
        What the table is written as.

    Returns
    -------
    pathlib.Path
        ``sweep.parquet`` or ``sweep.csv``: a line for each row of the design, view, measure and
        statistic (``sim.metrics.brief.BRIEF``), with a column for each setting that rows change.
        With ``run.shard`` the folder.

    Raises
    ------
    UserError
        With the mistakes of all rows, before the first one runs.
    AuditFailure
        If the SimPy model and the compiled kernel disagree in a bit.
    """
    rows = read_design(design)
    precompile.ready()
    points = Points(base or _only(study))
    check_rows(points, rows)
    name = Path(design).stem if isinstance(design, str | Path) else "design"
    folder = Path(folder) if folder else Path("results") / f"sweep-{name}"
    return sweep_rows(study, rows, points, folder, table)


def sweep_rows(
    study: Study,
    rows: list[Row],
    points: Points,
    folder: Path,
    table: Literal["parquet", "csv"] = "parquet",
) -> Path:
    """Run rows that were checked; see ``sweep_design``."""
    shard = study.settings.run.shard
    check_folder(folder, study.settings.output.overwrite)
    make_folder(folder / "pieces")
    with locked(folder, shard):
        sweep = _Sweep(folder, points, rows, _opened(study, folder), study.settings.run)
        _run(sweep, study)
        if shard is not None:
            print(f"shard {shard}: its rows are ready; once all shards are, the same command "
                  "without run.shard makes the table", file=sys.stderr)  # fmt: skip
            return folder
        _audit(sweep, study)
        return _finished(sweep, table)


def _only(study: Study) -> Base:
    def base(choices: dict[str, str]) -> Study:
        if choices:
            raise UserError(
                Fault(key, value, "is chosen when loading; give sweep_design a `base` that does so")
                for key, value in choices.items()
            )
        return study

    return base


def _opened(study: Study, folder: Path) -> Plan:
    """Open the plan of the settings that rows change; refuse a folder that holds another's."""
    plan = plan_of(study)
    n = study.settings.run.replications
    plan = Plan({**plan.config, "sweep": {"replications": n}}, plan.version, ROWS)
    open_plan(folder, plan, study.settings.output.overwrite)
    return plan


def _run(sweep: _Sweep, study: Study) -> None:
    warm_up(study)
    rows = [row for piece in sweep.own() for row in piece]
    total = max(1, sum(sweep.replications(row) for row in rows))
    with engine_of(study) as engine, progress(f"{len(rows):,} scenarios", total) as tick:
        run_jobs(_jobs(sweep, engine, tick), engine.slots)


def _jobs(sweep: _Sweep, engine: Engine, tick: Callable[[int], Any]) -> Iterator[Job]:
    """Yield the rows whose piece is not there, each as one block."""
    for rows in sweep.own():
        if read_piece(sweep.path(rows), sweep.digest(rows)) is not None:
            tick(sum(sweep.replications(row) for row in rows))
            continue
        piece = _Piece(sweep, rows)
        for row in rows:
            study = sweep.points.study(row)
            block = row.number, 0, sweep.replications(row)
            yield Job(
                reduced(partial(piece.take, row, study)), [block], engine.compute(study), tick
            )


class _Piece:
    """Tables of rows that are written together, by the thread that brings the last of them."""

    def __init__(self, sweep: _Sweep, rows: list[Row]):
        self._sweep, self._rows = sweep, rows
        self._tables: dict[int, pa.Table] = {}
        self._lock = threading.Lock()

    def take(self, row: Row, study: Study, number: int, arrays: Arrays) -> None:
        """Take the replications of a row."""
        table = table_of(row, statistics_of(study, arrays))
        with self._lock:
            self._tables[number] = table
            if len(self._tables) == len(self._rows):
                tables = [self._tables[r.number] for r in self._rows]
                path, digest = self._sweep.path(self._rows), self._sweep.digest(self._rows)
                write_piece(path, tables, digest)


def statistics_of(study: Study, arrays: Arrays) -> list[tuple[tuple[View, ...], Brief]]:
    """Return the statistics of computed replications, each with the views that it tells of."""
    table = {k.removeprefix("m."): v for k, v in arrays.items() if k.startswith("m.")}
    views = study.views.view
    of_views = brief(
        table,
        first_shock_day=arrays["first_shock_day"],
        structural_t=arrays["structural_t"],
        goods_value_missed_usd=goods_value_missed(table["shortfall_t"], study.views),
        horizon_days=float(study.n_period * study.settings.scenario.step_days),
        sections=study.sections,
    )
    names = study.compiled.labels.reserve
    reserves = tuple(View("reserve", name, name) for name in names)
    of_reserves = brief_reserves(arrays["reserve_released_t"], study.sections) if names else []
    return [*((views, t) for t in of_views), *((reserves, t) for t in of_reserves)]


def _audit(sweep: _Sweep, study: Study) -> None:
    """Play some replications of some rows again in the SimPy model, to the last bit."""
    settings = study.settings.run
    n, n_lane = len(sweep.rows) * sweep.n, study.compiled.chain.lane_feed.size
    size = size_of(settings.audit, n, n_lane, study.n_period)
    for number in pick(settings.seed, n, size.n):
        row = sweep.rows[int(number) // sweep.n]
        chosen = sweep.points.study(row)
        replication = min(int(number) % sweep.n, sweep.replications(row) - 1)
        one = np.array([replication], dtype=np.int64)
        found = chosen.compute(one, np.zeros(1, np.uint8)) or {}
        whole = size.n_period == study.n_period
        check(chosen, replication, found, None if whole else size.n_period)


def _finished(sweep: _Sweep, table: str) -> Path:
    """Join the pieces, and say beside the table which row changed what."""
    path = sweep.folder / f"sweep.{table}"
    keys = sorted({k for r in sweep.rows for k in r.changes}, key=lambda k: (k not in CHOICES, k))
    checksum = write_table(path, _pieces(sweep), inputs_of(sweep.rows, keys))
    write_rows(
        sweep.folder / "design.csv",
        [{"row": r.number, "name": r.name, **{k: r.changes.get(k) for k in keys}}
         for r in sweep.rows],
    )  # fmt: skip
    write_json(
        sweep.folder / "manifest.json",
        {"version": __version__, "source_revision": source_revision(), "plan": sweep.plan.digest,
         "rows": len(sweep.rows), "files": {path.name: checksum}},
    )  # fmt: skip
    return path


def _pieces(sweep: _Sweep) -> Iterator[pa.Table]:
    for rows in sweep.pieces():
        piece = read_piece(sweep.path(rows), sweep.digest(rows))
        if piece is None:
            raise FileNotFoundError(f"{sweep.path(rows)} is missing or damaged; run again")
        yield piece
