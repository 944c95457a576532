"""The table of a sweep: one number a line, written by pieces, each whole or absent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.metrics.brief import Told
from sim.results.data import View
from sim.results.files import write_whole
from sim.sweep.design import Row

if TYPE_CHECKING:
    import pyarrow as pa

_DIGEST = b"rows"
_WORDS = ("name", "kind", "view", "measure", "statistic", "unit", "note")


def schema() -> pa.Schema:
    """Return the columns of the table; words are stored once a piece."""
    import pyarrow as pa

    word = pa.dictionary(pa.int32(), pa.string())
    numbers = {"row": pa.int32(), "n": pa.int64()}
    order = ("row", "name", "kind", "view", "measure", "statistic", "value", "low", "high", "unit",
             "n", "note")  # fmt: skip
    return pa.schema([(c, numbers.get(c, word if c in _WORDS else pa.float64())) for c in order])


def table_of(row: Row, told: Sequence[tuple[Sequence[View], Told]]) -> pa.Table:
    """Return the lines of one row of the design.

    Parameters
    ----------
    row : Row
        Number and name.
    told : sequence of (views, Told)
        Statistics, each with the views that it tells of.
    """
    import pyarrow as pa

    columns: dict[str, list[Any]] = {name: [] for name in schema().names}
    for views, t in told:
        n = len(views)
        columns["kind"] += [v.kind for v in views]
        columns["view"] += [v.name for v in views]
        columns["measure"] += [t.measure] * n
        columns["statistic"] += [t.statistic] * n
        columns["unit"] += [t.unit] * n
        columns["note"] += t.note
        for name in ("value", "low", "high", "n"):
            columns[name].append(getattr(t, name))
    arrays: dict[str, Any] = {k: v for k, v in columns.items() if k not in ("row", "name")}
    for name in ("value", "low", "high", "n"):
        arrays[name] = np.concatenate(columns[name])
    size = len(columns["kind"])
    arrays |= {"row": np.full(size, row.number, np.int32), "name": [row.name] * size}
    return pa.table({name: arrays[name] for name in schema().names}, schema())


def write_piece(path: Path, tables: Sequence[pa.Table], digest: str) -> None:
    """Write the lines of some rows, with the digest of what made them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.concat_tables(tables).unify_dictionaries()
    table = table.replace_schema_metadata({_DIGEST: digest.encode()})
    write_whole(
        path,
        lambda file: pq.write_table(table, file, compression="zstd", write_page_checksum=True),
    )


def read_piece(path: Path, digest: str) -> pa.Table | None:
    """Return a piece; None where it is absent, torn, edited, or made from something else."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        return None
    try:
        table = pq.ParquetFile(path, page_checksum_verification=True).read()
    except (OSError, pa.ArrowException):
        return None
    metadata = table.schema.metadata or {}
    return table.replace_schema_metadata(None) if metadata.get(_DIGEST) == digest.encode() else None


def write_table(path: Path, pieces: Iterable[pa.Table]) -> str:
    """Join pieces into one file, Parquet or CSV by its suffix, one piece in memory at a time.

    Returns
    -------
    str
        SHA-256 of the file.
    """
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    def write(file: Any) -> None:
        if path.suffix == ".csv":
            writer: Any = pc.CSVWriter(file, _flat())
        else:
            writer = pq.ParquetWriter(file, schema(), compression="zstd")
        with writer:
            for piece in pieces:
                writer.write_table(piece.cast(_flat() if path.suffix == ".csv" else schema()))

    write_whole(path, write)
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _flat() -> pa.Schema:
    import pyarrow as pa

    whole = schema()
    return pa.schema(
        [(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in whole]
    )
