"""Files of a results folder: tables, resolved config, manifest. Each is whole or absent."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results.data import Fan, RunData, View
from sim.results.files import write_text, write_whole


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of equal keys as CSV; floats with 9 significant digits, None and NaN empty."""
    buffer = io.StringIO()
    if rows:
        writer = csv.DictWriter(buffer, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({k: _cell(v) for k, v in row.items()})
    write_text(path, buffer.getvalue())


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    return f"{value:.9g}" if isinstance(value, (float, np.floating)) else value


def fan_rows(fan: Fan, views: Sequence[View], step_days: int) -> Iterable[dict[str, Any]]:
    """Yield the rows of ``fan.csv``: one a period and view, shares of what was wanted."""
    for k in range(fan.mean.shape[0]):
        for x, view in enumerate(views):
            row: dict[str, Any] = {
                "day": k * step_days,
                "kind": view.kind,
                "view": view.name,
                "unit": "share",
                "n": fan.n,
            }
            row |= {f"q{100 * q:g}": float(fan.share[i, k, x]) for i, q in enumerate(fan.levels)}
            row |= {
                "mean": float(fan.mean[k, x]),
                "mean_low": float(fan.mean_low[k, x]),
                "mean_high": float(fan.mean_high[k, x]),
            }
            yield row


def write_replications(path: Path, data: RunData) -> None:
    """Write every replication's measures as Parquet (float32, zstd, byte stream split).

    Columns are ``replication``, ``first_shock_day`` and ``measure/kind/view``.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, NDArray] = {
        "replication": np.arange(data.n, dtype=np.int64),
        "first_shock_day": data.first_shock_day.astype(np.float32),
    }
    for measure, values in (data.table | {"structural_t": data.structural_t}).items():
        for x, view in enumerate(data.views):
            columns[f"{measure}/{view.kind}/{view.name}"] = values[:, x].astype(np.float32)
    for v, name in enumerate(data.reserves):
        columns[f"released_t/reserve/{name}"] = data.reserve_released_t[:, v].astype(np.float32)
    table = pa.table(columns)
    floats = [name for name in columns if name != "replication"]
    write_whole(
        path,
        lambda file: pq.write_table(
            table,
            file,
            compression="zstd",
            use_dictionary=False,
            column_encoding=dict.fromkeys(floats, "BYTE_STREAM_SPLIT"),
        ),
    )


def write_json(path: Path, content: Any) -> None:
    """Write JSON with sorted keys."""
    write_text(path, json.dumps(content, indent=1, sort_keys=True, default=str) + "\n")


def write_yaml(path: Path, content: Any) -> None:
    """Write plain YAML."""
    import yaml

    write_text(path, yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100))


def checksum(path: Path) -> str:
    """Return a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
