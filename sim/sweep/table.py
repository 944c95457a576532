"""The table of a sweep: one number a line, written by pieces, each whole or absent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.base.plain_text import cell_text
from sim.metrics.brief import Brief
from sim.results.data import View
from sim.results.files import write_whole
from sim.sweep.design import Row

if TYPE_CHECKING:
    import pyarrow as pa

_DIGEST = b"rows"
_WORDS = ("name", "kind", "view", "measure", "statistic", "unit", "mark", "note")


def schema() -> pa.Schema:
    """Return the columns of the table; words are stored once a piece."""
    import pyarrow as pa

    word = pa.dictionary(pa.int32(), pa.string())
    numbers = {"row": pa.int32(), "n": pa.int64()}
    order = ("row", "name", "kind", "view", "measure", "statistic", "value", "low", "high", "unit",
             "n", "mark", "note")  # fmt: skip
    return pa.schema([(c, numbers.get(c, word if c in _WORDS else pa.float64())) for c in order])


def table_of(row: Row, found: Sequence[tuple[Sequence[View], Brief]]) -> pa.Table:
    """Return the lines of one row of the design.

    Parameters
    ----------
    row : Row
        Number and name.
    found : sequence of (views, Brief)
        Statistics, each with the views that it tells of.
    """
    import pyarrow as pa

    columns: dict[str, list[Any]] = {name: [] for name in schema().names}
    for views, t in found:
        n = len(views)
        columns["kind"] += [v.kind for v in views]
        columns["view"] += [v.name for v in views]
        columns["measure"] += [t.measure] * n
        columns["statistic"] += [t.statistic] * n
        columns["unit"] += [t.unit] * n
        columns["mark"] += t.mark
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


def inputs_of(rows: Sequence[Row], keys: Sequence[str]) -> pa.Table:
    """Return what each row changes, a column a key; null where it leaves a setting as it is."""
    import pyarrow as pa

    return pa.table({key: pa.array(_alike([r.changes.get(key) for r in rows])) for key in keys})


def _alike(values: list[Any]) -> list[Any]:
    """Return values of a column as numbers where all of them are, else as text."""
    given = [v for v in values if v is not None]
    if given and all(isinstance(v, int | float) and not isinstance(v, bool) for v in given):
        whole = all(isinstance(v, int) for v in given)
        return values if whole else [v if v is None else float(v) for v in values]
    return [v if v is None or isinstance(v, str) else json.dumps(v) for v in values]


def write_table(path: Path, pieces: Iterable[pa.Table], inputs: pa.Table) -> str:
    """Join pieces into one file, Parquet or CSV by its suffix, one piece in memory at a time.

    Parameters
    ----------
    path : pathlib.Path
        Of the file.
    pieces : iterable of pa.Table
        Lines of rows of the design, in order.
    inputs : pa.Table
        Of all rows, as of ``inputs_of``; its columns come after the name.

    Returns
    -------
    str
        SHA-256 of the file.
    """
    import pyarrow as pa
    import pyarrow.compute
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    flat = path.suffix == ".csv"
    fields = [*schema()][:2], [*inputs.schema], [*schema()][2:]
    columns = pa.schema([_flat(f) if flat else f for part in fields for f in part])

    def write(file: Any) -> None:
        writer: Any = pc.CSVWriter(file, columns) if flat else pq.ParquetWriter(
            file, columns, compression="zstd"
        )  # fmt: skip
        with writer:
            for piece in pieces:
                made = inputs.take(pyarrow.compute.subtract(piece["row"], 1))
                arrays = [*piece.columns[:2], *made.columns, *piece.columns[2:]]
                table = pa.table(dict(zip(columns.names, arrays, strict=True))).cast(columns)
                writer.write_table(_as_cells(table) if flat else table)

    write_whole(path, write)
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _as_cells(table: pa.Table) -> pa.Table:
    """Return a table whose text no spreadsheet runs and no reader loses."""
    import pyarrow as pa

    for n, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            words = table.column(n).to_pylist()
            made = {w: w if w is None else cell_text(w) for w in set(words)}
            table = table.set_column(n, field, pa.array([made[w] for w in words], pa.string()))
    return table


def _flat(field: pa.Field) -> pa.Field:
    """Return a column with its words written out, as CSV has them."""
    import pyarrow as pa

    return pa.field(field.name, pa.string()) if pa.types.is_dictionary(field.type) else field
