"""Block files: the finished replications of a run, in pieces that survive anything.

A block file holds plain arrays, column after column, so that one measure of one view can be read
from all blocks without the rest: a line with the SHA-256 of the header, the header (JSON: whose
replications they are, names, types, widths and the CRC-32 of every column), then the columns. A
file that is torn, edited, of another run or of other replications is named and computed again; a
column that does not fit its checksum is never used.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import zlib
from array import array
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import UserError
from sim.results.files import write_whole

Arrays = dict[str, NDArray[Any]]

Fields = tuple[tuple[str, str, int | None], ...]
"""Name, dtype and number of columns of each array, in name order; None for one dimension."""

MAGIC = b"shortfall block 3 "
_FIRST = len(MAGIC) + 8 + 1 + 64 + 1
"""Bytes of the first line: magic, length of the header, its SHA-256."""

_TYPES = ("<f8", ">f8", "<i8", ">i8")


class DamagedBlock(UserError):  # noqa: N818  it is the block that is damaged
    """A block file is absent, torn, edited or of another run; the message names it."""


class Origin(NamedTuple):
    """Which replications of which run a block holds.

    Parameters
    ----------
    plan : str
        Digest of what decides the run's numbers.
    first : int
        The first replication.
    most : int, optional
        Replications that a block of the run may hold; not written.
    fields : tuple, optional
        What a block of the run holds; not written.
    """

    plan: str = ""
    first: int = 0
    most: int | None = None
    fields: Fields | None = None


@dataclass(frozen=True)
class Header:
    """What a block file holds.

    Parameters
    ----------
    plan : str
        Digest of the plan of its run.
    first : int
        Its first replication.
    n : int
        Replications.
    fields : tuple of (str, str, int or None)
        See ``Fields``.
    crc : array of unsigned int
        CRC-32 of each column, in order.
    start : int
        Bytes before the first column.
    """

    plan: str
    first: int
    n: int
    fields: Fields
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

    def check(self, origin: Origin, name: str) -> None:
        """Refuse a block of another run, or of other replications.

        Raises
        ------
        DamagedBlock
            If it is not what `origin` says.
        """
        if self.plan != origin.plan:
            raise DamagedBlock(f"{name} belongs to another run")
        if self.first != origin.first:
            raise DamagedBlock(
                f"{name} holds replications from {self.first} on, not from {origin.first}"
            )
        if origin.most is not None and self.n > origin.most:
            raise DamagedBlock(f"{name} holds more replications than a block of this run")
        if origin.fields is not None and self.fields != origin.fields:
            raise DamagedBlock(f"{name} holds other measures than this run")


def block_path(folder: Path, number: int) -> Path:
    """Return the file of block `number`."""
    return folder / "blocks" / f"block-{number:06d}.bin"


def blocks_in(folder: Path) -> list[int]:
    """Return the numbers of the block files of a folder, ascending; what they hold is not read."""
    names = (path.stem.removeprefix("block-") for path in (folder / "blocks").glob("block-*.bin"))
    numbers = {int(name) for name in names if name.isdecimal() and len(name) < 19}
    return sorted(x for x in numbers if block_path(folder, x).exists())


def fields_in(arrays: Arrays) -> Fields:
    """Return name, type and width of each array, replication first, in name order."""
    return tuple(
        (name, arrays[name].dtype.str, None if arrays[name].ndim == 1 else arrays[name].shape[1])
        for name in sorted(arrays)
    )


def encode(arrays: Arrays, origin: Origin = Origin()) -> bytes:  # noqa: B008  it cannot change
    """Return the bytes of a block file: checked on reading, the same for the same arrays."""
    return b"".join(_content(arrays, origin))


def _content(arrays: Arrays, origin: Origin) -> list[bytes | memoryview]:
    """Return first line, header and arrays, column after column."""
    n = len(next(iter(arrays.values())))
    crc, columns = [], []
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name].T)
        if array.dtype.itemsize != 8 or array.shape[-1] != n:
            raise ValueError(f"{name}: {array.dtype} of shape {arrays[name].shape} in a block")
        rows = array.reshape(-1, n).view(np.uint8)
        crc += [zlib.crc32(row.data) for row in rows]
        columns.append(array)
    facts = {"plan": origin.plan, "first": origin.first, "n": n}
    header = json.dumps({**facts, "fields": fields_in(arrays), "crc": crc}).encode()
    return [_first_line(header), header, *(c.reshape(-1).view(np.uint8).data for c in columns)]


def decode(content: bytes, name: str = "block", origin: Origin | None = None) -> Arrays:
    """Return the arrays of a block's bytes, replication first.

    Raises
    ------
    DamagedBlock
        If a checksum does not fit, or it is not the block of `origin`.
    """
    header = _parsed(content, name)
    if origin is not None:
        header.check(origin, name)
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
        return _header(json.loads(text), _FIRST + length)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise DamagedBlock(f"{name} is damaged ({error})") from error


def _header(facts: Any, start: int) -> Header:
    """Return a header from the plain data of one; a checksum of its own proves no sense."""
    fields = tuple((name, dtype, width) for name, dtype, width in facts["fields"])
    plan, first, n, crc = facts["plan"], facts["first"], facts["n"], array("I", facts["crc"])
    if not (isinstance(plan, str) and type(first) is int and type(n) is int and n > 0 <= first):
        raise ValueError("its header says nothing of its replications")
    for name, dtype, width in fields:
        if not isinstance(name, str) or dtype not in _TYPES:
            raise ValueError("its header names no arrays")
        if width is not None and (type(width) is not int or width < 0):
            raise ValueError("its header gives no widths")
    if len(crc) != sum(1 if width is None else width for *_, width in fields):
        raise ValueError("its header has not a checksum for each column")
    return Header(plan, first, n, fields, crc, start)


def read_header(path: Path, origin: Origin | None = None) -> Header:
    """Return the header of a block file, and with it whether the file is as long as it says.

    Raises
    ------
    DamagedBlock
        If it is absent, torn, its header was edited, or it is not the block of `origin`.
    """
    try:
        with _opened(path) as file:
            header, size = header_of(file, str(path)), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise DamagedBlock(f"{path} cannot be read ({error.strerror})") from error
    if origin is not None:
        header.check(origin, str(path))
    if size != header.size:
        raise DamagedBlock(f"{path} is torn: {size} bytes, expected {header.size}")
    return header


def _opened(path: Path) -> BinaryIO:
    """Open a block file; nothing that could keep a reader waiting."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise DamagedBlock(f"{path} is not a file")
    return open(path, "rb")


def header_of(file: BinaryIO, name: str) -> Header:
    """Return the header of an open block file."""
    first = file.read(_FIRST)
    if len(first) < _FIRST or not first.startswith(MAGIC):
        raise DamagedBlock(f"{name} is not a block of this version")
    length = first[len(MAGIC) : len(MAGIC) + 8]
    return _parsed(first + file.read(int(length) if length.isdigit() else 0), name)


def write_block(
    folder: Path,
    number: int,
    arrays: Arrays,
    origin: Origin = Origin(),  # noqa: B008  it cannot change
) -> None:
    """Write a block with its checksums, whole or not at all."""
    content = _content(arrays, origin)
    write_whole(block_path(folder, number), lambda file: file.writelines(content))


def load_block(path: Path, origin: Origin | None = None) -> Arrays:
    """Return the arrays of a block file, replication first.

    Raises
    ------
    DamagedBlock
        If the file is absent, torn, edited, or not the block of `origin`.
    """
    read_header(path, origin)  # before all of a file is read that may be of any size
    try:
        return decode(path.read_bytes(), str(path), origin)
    except OSError as error:
        raise DamagedBlock(f"{path} cannot be read ({error.strerror})") from error


def verify_block(path: Path, origin: Origin | None = None) -> int:
    """Return how many replications a block file holds, after checking every column of it.

    Raises
    ------
    DamagedBlock
        If the file is absent, torn, edited, or not the block of `origin`.
    """
    header = read_header(path, origin)
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
