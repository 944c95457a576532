"""Firms together on the same futures: each hands over one column of losses, no supplier list.

A file holds, for one scenario, what a firm lost in each future and a digest of all that makes the
futures the same for everybody: hazards, calendar, seed, number of futures, version. Networks and
plants may differ. Files of another digest are refused.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.base.errors import Fault, UserError
from sim.base.sections import Sections
from sim.metrics import precision
from sim.metrics.answer import Answer, Refused
from sim.network.arrays import F8
from sim.results.files import write_whole

MAX_BYTES = 200_000_000
COLUMN = "loss"
WORDS = ("name", "scenario", "digest", "unit")
"""What a file says of itself in words."""


class Column(NamedTuple):
    """One firm's losses in the futures of one scenario.

    Parameters
    ----------
    name : str
        The firm's title, or what it calls itself.
    scenario, digest, unit : str
        Which futures, and what is lost: "USD" or "years of work".
    loss : ndarray, shape (n,)
        In each future.
    together : int
        Consecutive futures that were drawn together; 1: each by itself.
    """

    name: str
    scenario: str
    digest: str
    unit: str
    loss: F8
    together: int = 1


def write_column(path: Path, column: Column) -> None:
    """Write a firm's column; nothing else of the firm is in the file."""
    words = {k: getattr(column, k) for k in (*WORDS, "together")}
    told = {"shortfall": json.dumps(words)}
    table = pa.table({COLUMN: column.loss}).replace_schema_metadata(told)
    write_whole(path, lambda stream: pq.write_table(table, stream))


def read_column(path: Path) -> Column:
    """Return a firm's column.

    Raises
    ------
    UserError
        If it is not such a file.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(Fault(str(path), "", f"holds more than {MAX_BYTES // 10**6} MB"))
        table = pq.read_table(path)
        told = json.loads((table.schema.metadata or {})[b"shortfall"])
        loss = np.asarray(table[COLUMN].to_numpy(), dtype=float)
        name, scenario, digest, unit = (str(told[k]) for k in WORDS)
        column = Column(name, scenario, digest, unit, loss, int(told.get("together", 1)))
    except FileNotFoundError:
        raise UserError(Fault(str(path), "", "no such file")) from None
    except (OSError, KeyError, ValueError, TypeError, AttributeError, pa.ArrowException) as error:
        raise UserError(
            Fault(str(path), "", f"is no column that `shortfall stress` wrote ({error})")
        ) from None
    if not np.isfinite(loss).all() or (loss < 0).any():
        raise UserError(Fault(str(path), COLUMN, "must be finite and 0 or more"))
    return column


def pooled(paths: Sequence[Path]) -> tuple[list[Column], list[dict[str, Any]]]:
    """Return the columns, and what they say together: rows of statistics with 95 % intervals.

    Raises
    ------
    UserError
        If two files do not share futures, or one is none.
    """
    columns = [read_column(p) for p in paths]
    first = columns[0]
    faults: list[Fault | str] = [
        Fault(str(path), column.scenario, f"met other futures than {paths[0]} ({first.scenario}): "
              "scenario, calendar, seed, number of futures and version must be the same")
        for path, column in zip(paths, columns, strict=True)
        if (column.digest, column.loss.size) != (first.digest, first.loss.size)
    ]  # fmt: skip
    if faults:
        raise UserError(faults)
    return columns, [*_each(columns), *_joint(columns)]


def _each(columns: Sequence[Column]) -> list[dict[str, Any]]:
    together = _sections(columns)
    return [
        row
        for c in columns
        for row in (
            _row(c.name, "chance that it loses anything", "share",
                 precision.chance(c.loss > 0, sections=together)),
            _row(c.name, "mean loss", c.unit, precision.mean(c.loss, sections=together)),
            _row(c.name, "loss, 1 in 20", c.unit,
                 precision.quantile(c.loss, 0.95, sections=together)),
        )
    ]  # fmt: skip


def _joint(columns: Sequence[Column]) -> list[dict[str, Any]]:
    struck = np.array([c.loss > 0 for c in columns])
    count, together = struck.sum(axis=0), _sections(columns)
    rows = [
        _row("together", "chance that any loses", "share",
             precision.chance(count > 0, sections=together)),
        _row("together", "chance that all lose", "share",
             precision.chance(count == len(columns), sections=together)),
        _row("together", "firms that lose, mean", "firms",
             precision.mean(count.astype(float), sections=together)),
    ]  # fmt: skip
    if len({c.unit for c in columns}) == 1:
        total = np.sum([c.loss for c in columns], axis=0)
        rows += [
            _row(
                "together", "mean loss", columns[0].unit, precision.mean(total, sections=together)
            ),
            _row(
                "together",
                "loss, 1 in 20",
                columns[0].unit,
                precision.quantile(total, 0.95, sections=together),
            ),
        ]
    return rows


def _sections(columns: Sequence[Column]) -> Sections:
    """Return how futures belong together: alike in all columns of one digest."""
    return Sections(max(1, columns[0].together))


def _row(who: str, what: str, unit: str, answer: Answer) -> dict[str, Any]:
    row: dict[str, Any] = {"who": who, "what": what, "unit": unit}
    if isinstance(answer, Refused):
        return {**row, "value": None, "low": None, "high": None, "note": answer.note}
    return {**row, "value": answer.value, "low": answer.low, "high": answer.high,
            "note": answer.note}  # fmt: skip


def worst_futures(columns: Sequence[Column], most: int = 10) -> list[dict[str, Any]]:
    """Return the futures in which most firms lose, then those in which they lose most of their own.

    Each firm's loss counts as a share of its own largest, for units and sizes differ.
    """
    scaled = np.array([c.loss / c.loss.max() if c.loss.max() > 0 else c.loss for c in columns])
    struck = (scaled > 0).sum(axis=0)
    order = np.lexsort((np.arange(struck.size), -scaled.sum(axis=0), -struck))[:most]
    return [
        {"future": int(i), "firms": int(struck[i]), **{c.name: float(c.loss[i]) for c in columns}}
        for i in order
        if struck[i] > 0
    ]
