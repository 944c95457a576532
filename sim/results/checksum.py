"""Checksums of columns, block by block, and the one digest of a run that follows from them.

The CRC-32 of a whole column follows from those of its pieces, so the digest of a million
replications costs no second look at the data, and it does not depend on the size of the blocks.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sim.results.blocks import Arrays, fields_in

U4 = NDArray[np.uint32]
_POLYNOMIAL = 0xEDB88320
Piece = tuple[int, Sequence[int]]
"""(replications, CRC-32 of each column over them)."""


def digest(arrays: Arrays) -> str:
    """Return the digest of replications in memory: SHA-256 over names and columns' CRC-32."""
    fields = fields_in(arrays)
    return digest_of(fields, [(len(arrays[fields[0][0]]), column_checksums(arrays))])


def column_checksums(arrays: Arrays) -> tuple[int, ...]:
    """Return the CRC-32 of each column, in the order of a block file."""
    return tuple(
        zlib.crc32(row.data)
        for name in sorted(arrays)
        for row in np.atleast_2d(np.ascontiguousarray(arrays[name].T)).view(np.uint8)
    )


def digest_of(fields: Iterable[tuple[str, str, int | None]], pieces: Iterable[Piece]) -> str:
    """Return the digest of replications that lie in pieces.

    Parameters
    ----------
    fields : iterable of (str, str, int or None)
        Name, dtype and width of each array, in name order.
    pieces : iterable of (int, sequence of int)
        Replications of each piece and the CRC-32 of its columns, in order.

    Returns
    -------
    str
        64 hexadecimal digits; the same however the replications are cut into pieces.
    """
    n, total = 0, None
    for count, crc in pieces:
        piece = np.array(crc, dtype=np.uint32)
        total = piece if total is None else _shifted(total, 8 * count) ^ piece
        n += count
    h = hashlib.sha256(repr((n, list(fields))).encode())
    h.update(b"" if total is None else total.astype("<u4").tobytes())
    return h.hexdigest()


def _shifted(crc: U4, n_byte: int) -> U4:
    """Return the CRC-32 of the same data followed by zeros (their own CRC left out).

    Linear over bits: one column of the operator a bit, as zlib's crc32_combine does it.
    """
    out = np.zeros_like(crc)
    for bit, column in enumerate(_operator(n_byte)):
        out ^= np.where((crc >> np.uint32(bit)) & np.uint32(1), np.uint32(column), np.uint32(0))
    return out


@cache
def _operator(n_byte: int) -> tuple[int, ...]:
    """Return what each bit of a CRC-32 becomes after `n_byte` zero bytes."""
    power = _square(_square(_square((_POLYNOMIAL, *(1 << bit for bit in range(31))))))  # one byte
    result = tuple(1 << bit for bit in range(32))
    while n_byte:
        if n_byte & 1:
            result = tuple(_times(power, v) for v in result)
        power, n_byte = _square(power), n_byte >> 1
    return result


def _times(matrix: tuple[int, ...], vector: int) -> int:
    total = 0
    for column in matrix:
        if vector & 1:
            total ^= column
        vector >>= 1
    return total


def _square(matrix: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(_times(matrix, column) for column in matrix)
