"""Block files: the finished replications of a run, in pieces that survive anything.

A block file holds plain arrays, column after column, so that one measure of one view can be read
from all blocks without the rest: a line with the SHA-256 of the header, the header (JSON: names,
types, widths and the CRC-32 of every column), then the columns. A torn or edited file is named and
computed again; a column that does not fit its checksum is never used.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from array import array
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sim.results.files import write_whole

Arrays = dict[str, NDArray[Any]]

MAGIC = b"shortfall block 2 "
_FIRST = len(MAGIC) + 8 + 1 + 64 + 1
"""Bytes of the first line: magic, length of the header, its SHA-256."""


class DamagedBlock(Exception):  # noqa: N818  it is the block that is damaged
    """A block file is absent, torn or edited; the message names it."""


@dataclass(frozen=True)
class Header:
    """What a block file holds.

    Parameters
    ----------
    n : int
        Replications.
    fields : tuple of (str, str, int or None)
        Name, dtype and number of columns of each array, in name order; None for one dimension.
    crc : array of unsigned int
        CRC-32 of each column, in order.
    start : int
        Bytes before the first column.
    """

    n: int
    fields: tuple[tuple[str, str, int | None], ...]
    crc: array[int]
    start: int

    @cached_property
    def place(self) -> dict[str, tuple[int, np.dtype, int | None]]:
        """Name -> (number of its first column, type, width)."""
        found, at = {}, 0
        for name, dtype, width in self.fields:
            found[name] = (at, np.dtype(dtype), width)
            at += 1 if width is None else width
        return found

    @property
    def size(self) -> int:
        """Bytes of the whole file; every element has eight."""
        return self.start + 8 * self.n * len(self.crc)


def block_path(folder: Path, number: int) -> Path:
    """Return the file of block `number`."""
    return folder / "blocks" / f"block-{number:06d}.bin"


def encode(arrays: Arrays) -> bytes:
    """Return the bytes of a block file: checked on reading, the same for the same arrays."""
    return b"".join(_content(arrays))


def _content(arrays: Arrays) -> list[bytes | memoryview]:
    """Return first line, header and arrays, column after column."""
    n = len(next(iter(arrays.values())))
    fields, crc, columns = [], [], []
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name].T)
        if array.dtype.itemsize != 8 or array.shape[-1] != n:
            raise ValueError(f"{name}: {array.dtype} of shape {arrays[name].shape} in a block")
        fields.append((name, array.dtype.str, None if array.ndim == 1 else array.shape[0]))
        rows = array.reshape(-1, n).view(np.uint8)
        crc += [zlib.crc32(row.data) for row in rows]
        columns.append(array)
    header = json.dumps({"n": n, "fields": fields, "crc": crc}).encode()
    return [_first_line(header), header, *(c.reshape(-1).view(np.uint8).data for c in columns)]


def decode(content: bytes, name: str = "block") -> Arrays:
    """Return the arrays of a block's bytes, replication first.

    Raises
    ------
    DamagedBlock
        If a checksum does not fit.
    """
    header = _parsed(content, name)
    if len(content) != header.size:
        raise DamagedBlock(f"{name} is torn: {len(content)} bytes, expected {header.size}")
    view, step = memoryview(content), 8 * header.n
    for x, crc in enumerate(header.crc):
        at = header.start + x * step
        if zlib.crc32(view[at : at + step]) != crc:
            raise DamagedBlock(f"{name} is damaged (a column does not fit its checksum)")
    arrays: Arrays = {}
    for field, (first, dtype, width) in header.place.items():
        count = header.n * (1 if width is None else width)
        flat = np.frombuffer(content, dtype, count, header.start + first * step)
        arrays[field] = flat if width is None else flat.reshape(width, header.n).T
    return arrays


def _first_line(header: bytes) -> bytes:
    return MAGIC + f"{len(header):08d} {hashlib.sha256(header).hexdigest()}\n".encode()


def _parsed(content: bytes, name: str) -> Header:
    """Return the header at the start of some bytes."""
    first = content[:_FIRST]
    try:
        length = int(first[len(MAGIC) : len(MAGIC) + 8])
        text = content[_FIRST : _FIRST + length]
        if first != _first_line(text):
            raise ValueError("its header does not fit its checksum")
        told = json.loads(text)
        fields = tuple((str(f), str(d), w) for f, d, w in told["fields"])
        return Header(int(told["n"]), fields, array("I", told["crc"]), _FIRST + length)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise DamagedBlock(f"{name} is damaged ({error})") from error


def read_header(path: Path) -> Header:
    """Return the header of a block file, and with it whether the file is as long as it says.

    Raises
    ------
    DamagedBlock
        If it is absent, torn or its header was edited.
    """
    try:
        with open(path, "rb") as file:
            header, size = header_of(file, str(path)), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise DamagedBlock(f"{path} cannot be read ({error.strerror})") from error
    if size != header.size:
        raise DamagedBlock(f"{path} is torn: {size} bytes, expected {header.size}")
    return header


def header_of(file: BinaryIO, name: str) -> Header:
    """Return the header of an open block file."""
    first = file.read(_FIRST)
    if len(first) < _FIRST or not first.startswith(MAGIC):
        raise DamagedBlock(f"{name} is not a block of this version")
    length = first[len(MAGIC) : len(MAGIC) + 8]
    return _parsed(first + file.read(int(length) if length.isdigit() else 0), name)


def write_block(folder: Path, number: int, arrays: Arrays) -> None:
    """Write a block with its checksums, whole or not at all."""
    content = _content(arrays)
    write_whole(block_path(folder, number), lambda file: file.writelines(content))


def load_block(path: Path) -> Arrays:
    """Return the arrays of a block file, replication first.

    Raises
    ------
    DamagedBlock
        If the file is absent, torn or edited.
    """
    try:
        return decode(path.read_bytes(), str(path))
    except OSError as error:
        raise DamagedBlock(f"{path} cannot be read ({error.strerror})") from error


def verify_block(path: Path) -> int:
    """Return how many replications a block file holds, after checking every column of it.

    Raises
    ------
    DamagedBlock
        If the file is absent, torn or edited.
    """
    header = read_header(path)
    with open(path, "rb") as file:
        file.seek(header.start)
        for crc in header.crc:
            if zlib.crc32(file.read(8 * header.n)) != crc:
                raise DamagedBlock(f"{path} is damaged (a column does not fit its checksum)")
    return header.n


def read_block(folder: Path, number: int) -> Arrays | None:
    """Return a block's arrays, replication first; None where it is absent, torn or was edited."""
    try:
        return load_block(block_path(folder, number))
    except DamagedBlock:
        return None


def join(blocks: list[Arrays]) -> Arrays:
    """Return blocks joined along the replications."""
    return {name: np.concatenate([b[name] for b in blocks]) for name in blocks[0]}
