"""Measures on disk that look like arrays: what is asked for is read, a column at a time."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results.store import Store


def plain_name(name: str) -> str:
    """Return the name of a measure: without the mark of what it is measured of."""
    return name.rpartition(".")[2]


class Columns(np.lib.mixins.NDArrayOperatorsMixin):
    """One array of a run's blocks, shape (n, width) or (n,), read when it is used.

    ``a[:, x]`` reads one column (8 bytes a replication), ``a[r]`` one replication of one block;
    ``np.asarray(a)`` and arithmetic read all of it. Nothing is kept.

    Parameters
    ----------
    store : Store
        The blocks.
    name : str
        Of the array there.
    """

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._name = store, name
        width = store.width(name)
        self.shape: tuple[int, ...] = (store.n,) if width is None else (store.n, width)
        self.dtype = store.header(0).place[name][1]

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape))

    @property
    def ndim(self) -> int:
        """One or two."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"<{plain_name(self._name)}: {self.dtype} {self.shape} on disk>"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        array = self[:]
        return array if dtype is None else array.astype(dtype, copy=False)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        read = [np.asarray(x) if isinstance(x, Columns) else x for x in inputs]
        return getattr(ufunc, method)(*read, **options)

    def __getitem__(self, key: Any) -> NDArray[Any]:
        rows, columns = (key if isinstance(key, tuple) else (key, slice(None)))[:2]
        if isinstance(rows, (int, np.integer)):
            row = range(self.shape[0])[operator.index(rows)]
            part: NDArray[Any] = self._columns(slice(row, row + 1), columns)[0]
            return part
        if isinstance(rows, slice) and rows.step in (None, 1):
            return self._columns(rows, columns)
        return self._columns(slice(None), columns)[rows]

    def _columns(self, rows: slice, columns: Any) -> NDArray[Any]:
        """Return consecutive rows of some columns, column after column in memory."""
        if self.ndim == 1:
            return self._store.column(self._name, 0, rows)
        if isinstance(columns, slice) and columns.step in (None, 1):
            return self._store.matrix(self._name, rows, columns).T
        chosen = np.arange(self.shape[1])[columns]
        if chosen.ndim == 0:
            return self._store.column(self._name, int(chosen), rows)
        start, stop, _ = rows.indices(self.shape[0])
        out = np.empty((chosen.size, max(0, stop - start)), self.dtype)
        for at, x in enumerate(chosen):
            out[at] = self._store.column(self._name, int(x), rows)
        return out.T


class Table(Mapping[str, Columns]):
    """The measures of a run by name, as ``RunData.table`` has them; see ``Columns``.

    Parameters
    ----------
    store : Store
        The blocks.
    prefix : str, optional
        What the names of its arrays there begin with.
    """

    def __init__(self, store: Store, prefix: str = "m.") -> None:
        self._store, self._prefix = store, prefix
        self._names = [n.removeprefix(prefix) for n in store.names() if n.startswith(prefix)]

    def __getitem__(self, name: str) -> Columns:
        if name not in self._names:
            raise KeyError(name)
        return Columns(self._store, f"{self._prefix}{name}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
