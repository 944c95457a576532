"""All replications of a run on disk, read a column at a time: memory does not grow with blocks."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results.blocks import (
    Arrays,
    DamagedBlock,
    Fields,
    Header,
    Origin,
    block_path,
    load_block,
    read_header,
)
from sim.results.checksum import Piece, column_checksums, digest_of


@dataclass(frozen=True)
class Store:
    """The first n replications in a folder's blocks.

    Parameters
    ----------
    folder : pathlib.Path
        Of the run.
    block : int
        Replications a block.
    n : int
        Replications, 1 or more; later ones in the folder are not looked at.
    plan : str, optional
        Digest of the run's plan: blocks of another run are refused.
    fields : tuple, optional
        What every block must hold; by default what the first one does.
    """

    folder: Path
    block: int
    n: int
    plan: str = ""
    fields: Fields | None = None
    _headers: dict[int, Header] = field(default_factory=dict, repr=False, compare=False)
    _paths: dict[int, str] = field(default_factory=dict, repr=False, compare=False)

    def blocks(self) -> Iterator[tuple[int, int, int]]:
        """Yield (number, first replication, end) of each block."""
        for number in range(-(-self.n // self.block)):
            yield number, number * self.block, min((number + 1) * self.block, self.n)

    def origin(self, number: int) -> Origin:
        """Return what a block must say of itself."""
        fields = self.fields or (self.header(0).fields if number else None)
        return Origin(self.plan, number * self.block, self.block, fields)

    def header(self, number: int) -> Header:
        """Return the header of a block that holds all that is wanted of it, read once.

        Raises
        ------
        DamagedBlock
            If the file is absent, torn, edited, too short, or of another run.
        """
        if number not in self._headers:
            path = block_path(self.folder, number)
            header = read_header(path, self.origin(number))
            if header.n < min(self.block, self.n - number * self.block):
                raise DamagedBlock(f"{path} holds only {header.n} replications")
            self._headers[number] = header
        return self._headers[number]

    def width(self, name: str) -> int | None:
        """Return the number of columns of an array; None where it has one dimension."""
        return self.header(0).place[name][2]

    def names(self) -> list[str]:
        """Return the names of the arrays."""
        return list(self.header(0).place)

    def column(self, name: str, x: int = 0, rows: slice = slice(None)) -> NDArray[Any]:
        """Return column x of an array, checked against its checksums; see ``matrix``."""
        found: NDArray[Any] = self.matrix(name, rows, slice(x, x + 1))[0]
        return found

    def matrix(
        self, name: str, rows: slice = slice(None), columns: slice = slice(None)
    ) -> NDArray[Any]:
        """Return consecutive columns of an array, checked against their checksums.

        Parameters
        ----------
        name : str
            Of the array.
        rows : slice, optional
            Consecutive replications; all by default.
        columns : slice, optional
            Consecutive columns; all by default. An array of one dimension has one.

        Returns
        -------
        ndarray, shape (number of columns, number of rows)
            A fresh copy.

        Raises
        ------
        DamagedBlock
            If a piece does not fit its checksum.
        """
        start, stop, _ = rows.indices(self.n)
        first, dtype, width = self.header(0).place[name]
        left, right, _ = columns.indices(1 if width is None else width)
        out = np.empty((right - left, max(0, stop - start)), dtype)
        if out.size == 0:
            return out
        for number in range(start // self.block, -(-stop // self.block)):
            at = number * self.block
            a, b = max(start, at), min(stop, at + self.block)
            out[:, a - start : b - start] = self._piece(
                number, first + left, right - left, slice(a - at, b - at), dtype
            )
        return out

    def _piece(
        self, number: int, at: int, count: int, rows: slice, dtype: np.dtype[Any]
    ) -> NDArray[Any]:
        """Return rows of `count` columns of a block, from column `at` on."""
        try:
            return _read(self._path(number), self.header(number), at, count, dtype)[:, rows]
        except DamagedBlock:  # perhaps it was only extended meanwhile
            self._headers.pop(number, None)
            return _read(self._path(number), self.header(number), at, count, dtype)[:, rows]

    def _path(self, number: int) -> str:
        """Return ``block_path`` as text: pathlib would take longer than the reading."""
        if number not in self._paths:
            self._paths[number] = str(block_path(self.folder, number))
        return self._paths[number]

    def arrays(self, number: int) -> Arrays:
        """Return all columns of one block, cut to the replications wanted."""
        end = min(self.block, self.n - number * self.block)
        whole = load_block(block_path(self.folder, number), self.origin(number))
        return {name: array[:end] for name, array in whole.items()}

    def row(self, replication: int) -> Arrays:
        """Return all arrays of one replication; their first axis, of length 1, is it."""
        number, at = divmod(replication, self.block)
        return {k: a[at : at + 1] for k, a in self.arrays(number).items()}

    def pieces(self) -> Iterator[Piece]:
        """Yield size and checksums of each block's replications; a cut block is read for it."""
        for number, first, end in self.blocks():
            header, n = self.header(number), end - first
            yield n, header.crc if header.n == n else column_checksums(self.arrays(number))

    def digest(self) -> str:
        """Return the digest of all replications, whatever the size of the blocks."""
        return digest_of(self.header(0).fields, self.pieces())

    def block_digests(self) -> list[str]:
        """Return the digest of each block's replications."""
        fields = self.header(0).fields
        return [digest_of(fields, [piece]) for piece in self.pieces()]


def _read(path: str, header: Header, at: int, count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return columns at .. at + count of a block file, or raise DamagedBlock."""
    out = np.empty((count, header.n), dtype)
    raw = out.view(np.uint8)
    try:
        with open(path, "rb", buffering=0) as file:
            file.seek(header.start + 8 * header.n * at)
            got = file.readinto(raw.data)
    except OSError as error:
        raise DamagedBlock(f"{path} cannot be read ({error.strerror})") from error
    if got != out.nbytes or any(zlib.crc32(raw[x]) != header.crc[at + x] for x in range(count)):
        raise DamagedBlock(f"{path} is damaged (a column does not fit its checksum)")
    return out
