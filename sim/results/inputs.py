"""What chance decided of each future, by name: read or drawn when it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results.files import write_whole

F8 = NDArray[np.float64]

FILE = "inputs.parquet"
"""In the folder of a run: a row a future, a column an input that varies (float32)."""


class Inputs(Mapping[str, F8]):
    """Name -> number of each future, shape (m,), of the first m futures; NaN where there is none.

    Names are kind/name/what: hazard/NAME/came, project/NAME/day, parameter/NAME. What is the same
    in all futures is left out.

    Parameters
    ----------
    make : callable
        Gives them when they are first used.
    """

    def __init__(self, make: Callable[[], Mapping[str, F8]]) -> None:
        self._make = make

    @cached_property
    def _found(self) -> Mapping[str, F8]:
        return self._make()

    def __getitem__(self, name: str) -> F8:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @property
    def n(self) -> int:
        """Futures that they tell of."""
        return next(iter(self._found.values())).size if self._found else 0

    def __repr__(self) -> str:
        return f"<{len(self)} inputs of {self.n:,} futures>"


def in_single(values: Any) -> F8:
    """Return numbers as the file holds them: in single precision."""
    return np.asarray(values, np.float32).astype(np.float64)


def write_inputs(path: Path, inputs: Mapping[str, F8]) -> None:
    """Write inputs as Parquet, a row a future."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    n = next(iter(inputs.values())).size if inputs else 0
    columns = {"replication": (pa.int64(), np.arange(n, dtype=np.int64))}
    for name, values in inputs.items():
        columns[name] = pa.float32(), np.ascontiguousarray(values, dtype=np.float32)
    # pa.array would load pandas, if it is there, only to ask what a number is
    table = pa.table(
        {
            name: pa.Array.from_buffers(kind, n, [None, pa.py_buffer(values)])
            for name, (kind, values) in columns.items()
        }
    )
    write_whole(path, lambda file: pq.write_table(table, file, compression="zstd"))


def read_inputs(path: Path) -> dict[str, F8]:
    """Return what a file of inputs holds."""
    import pyarrow.parquet as pq

    table = pq.ParquetFile(path).read()
    return {name: in_single(table[name].to_numpy()) for name in table.column_names
            if name != "replication"}  # fmt: skip
