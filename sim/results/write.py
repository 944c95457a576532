"""Files of a results folder: tables, resolved config, manifest. Each is whole or absent."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sim.base.plain_text import cell_text
from sim.results.data import Fan, GoodsData, RunData, View
from sim.results.files import write_text, write_whole


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of equal keys as CSV.

    Floats have 9 significant digits; None and NaN are empty. Text that a spreadsheet would run
    (``=``, ``+``, ``-``, ``@`` or a tab in front) or a reader would lose (``NA``, ``nan``,
    ``null``) gets an apostrophe in front, see ``sim.base.plain_text.cell_text``.
    """
    buffer = io.StringIO()
    if rows:
        names = list(rows[0])
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(names)
        known = frozenset(names)
        writer.writerows(_cells(row, names, known) for row in rows)
    write_text(path, buffer.getvalue())


_text = lru_cache(4096)(cell_text)
"""The same for a text that was written before, as most are."""


def _cells(row: Mapping[str, Any], names: Sequence[str], known: frozenset[str]) -> list[Any]:
    if not row.keys() <= known:
        more = sorted(row.keys() - known)
        raise ValueError(f"a row has columns that the first one lacks: {more}")
    return [_cell(row.get(name)) for name in names]


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return "" if value != value else f"{value:.9g}"  # NaN alone differs from itself
    if value is None:
        return ""
    if isinstance(value, str):
        return _text(value)
    return f"{value:.9g}" if isinstance(value, np.floating) else value


def fan_rows(
    fan: Fan, views: Sequence[View], step_days: int, unit: str = "share"
) -> Iterable[dict[str, Any]]:
    """Yield the rows of ``fan.csv`` (shares of what was wanted) or ``price_fan.csv`` (times)."""
    names = [f"q{100 * q:g}" for q in fan.levels] + ["mean", "mean_low", "mean_high"]
    numbers = np.concatenate([fan.share, [fan.mean, fan.mean_low, fan.mean_high]])
    for k, of_period in enumerate(np.moveaxis(numbers, 0, -1).tolist()):
        for view, values in zip(views, of_period, strict=True):
            yield {
                "day": k * step_days,
                "kind": view.kind,
                "view": view.name,
                "unit": unit,
                "n": fan.n,
                **dict(zip(names, values, strict=True)),
            }


def goods_rows(goods: GoodsData, step_days: int) -> Iterable[dict[str, Any]]:
    """Yield the rows of ``goods.csv``: one a quantity, period and pair, maker or reserve."""
    for name, told in goods.fans.items():
        for row in fan_rows(told.fan, told.views, step_days):
            yield {"quantity": name, **row, "unit": told.unit}


GROUP_BYTES = 24_000_000
"""Of a row group: what is held in memory of the whole file."""


def write_replications(path: Path, data: RunData) -> None:
    """Write every replication's measures as Parquet (float32, zstd), by row groups.

    Columns are ``replication``, ``weight`` where futures are not equally likely,
    ``first_shock_day`` and ``measure/kind/view``. No byte stream
    split: most measures are mostly zero, and it made the file larger and slower to write.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = list(_column_names(data))
    fields = [pa.field(name, pa.float32()) for name in names]
    schema = pa.schema([pa.field("replication", pa.int64()), *fields])
    rows = min(10_240, max(1024, GROUP_BYTES // (4 * len(names)) // 1024 * 1024))

    def write(file: BinaryIO) -> None:
        with pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=False) as writer:
            for at in range(0, data.n, rows):
                part = slice(at, min(at + rows, data.n))
                number: NDArray[Any] = np.arange(part.start, part.stop, dtype=np.int64)
                arrays = [number, *_parts(data, part)]
                writer.write_table(pa.table([_column(a) for a in arrays], schema=schema))
        pa.default_memory_pool().release_unused()

    write_whole(path, write)


def _column(values: NDArray[Any]) -> Any:
    """Return an array as a Parquet column; `pyarrow.array` would load pandas where there is one."""
    import pyarrow as pa

    whole = np.ascontiguousarray(values)
    kind = pa.from_numpy_dtype(whole.dtype)
    return pa.Array.from_buffers(kind, whole.size, [None, pa.py_buffer(whole)])


def _column_names(data: RunData) -> Iterator[str]:
    if data.sections.weighted:
        yield "weight"
    yield "first_shock_day"
    for measure in [*data.table, "structural_t"]:
        yield from (f"{measure}/{view.kind}/{view.name}" for view in data.views)
    yield from (f"released_t/reserve/{name}" for name in data.reserves)
    if data.reserve_bought_t is not None:
        yield from (f"bought_t/reserve/{name}" for name in data.reserves)
    if data.goods is not None:
        for measure in data.goods.table:
            yield from (f"{measure}/{view.kind}/{view.name}" for view in data.goods.pairs)
        yield from (f"reserve_left_days/reserve/{name}" for name in data.reserves)
    if data.prices is not None:
        for measure in data.prices.table:
            yield from (f"{measure}/{view.kind}/{view.name}" for view in data.prices.views)


def _parts(data: RunData, rows: slice) -> Iterator[NDArray[np.float32]]:
    """Yield rows of each column, in the order of their names."""
    if data.sections.weighted:
        yield data.weights[rows].astype(np.float32)
    yield np.asarray(data.first_shock_day[rows], dtype=np.float32)
    goods = data.goods
    more = () if goods is None else (*goods.table.values(), goods.reserve_left_days)
    prices = () if data.prices is None else tuple(data.prices.table.values())
    of_users = (*data.table.values(), data.structural_t, data.reserve_released_t)
    purchases = () if data.reserve_bought_t is None else (data.reserve_bought_t,)
    for values in (*of_users, *purchases, *more, *prices):
        yield from np.ascontiguousarray(values[rows].T, dtype=np.float32)


def write_json(path: Path, content: Any) -> None:
    """Write JSON with sorted keys."""
    write_text(path, json.dumps(content, indent=1, sort_keys=True, default=str) + "\n")


def write_yaml(path: Path, content: Any) -> None:
    """Write plain YAML."""
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # a tenth of the time on a network
    text = yaml.dump(content, Dumper=dumper, sort_keys=False, allow_unicode=True, width=100)
    write_text(path, text)


def checksum(path: Path) -> str:
    """Return a file's SHA-256."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
