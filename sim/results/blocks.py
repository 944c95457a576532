"""Block files: the finished replications of a run, in pieces that survive anything.

A block file is an ``.npz`` of plain arrays (never pickled), replication first, with the SHA-256 of
its content inside; a torn or edited one is named and computed again.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.results.files import write_whole

Arrays = dict[str, NDArray]


def digest(arrays: Arrays) -> str:
    """Return the SHA-256 of names, types, shapes and bits of the arrays, in name order."""
    h = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        h.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        h.update(array.tobytes())
    return h.hexdigest()


def block_path(folder: Path, number: int) -> Path:
    """Return the file of block `number`."""
    return folder / "blocks" / f"block-{number:06d}.npz"


def write_block(folder: Path, number: int, arrays: Arrays) -> None:
    """Write a block with its digest, whole or not at all."""
    buffer = io.BytesIO()
    np.savez(buffer, __digest__=np.array(digest(arrays)), **arrays)  # type: ignore[arg-type]
    write_whole(block_path(folder, number), lambda file: file.write(buffer.getvalue()))


def read_block(folder: Path, number: int) -> Arrays | None:
    """Return a block's arrays; None where it is absent, torn or was edited.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the run.
    number : int
        Number of the block.

    Returns
    -------
    dict of ndarray or None
        Arrays by name, replication first.
    """
    path = block_path(folder, number)
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        written = str(arrays.pop("__digest__"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return arrays if written == digest(arrays) else None


def join(blocks: list[Arrays]) -> Arrays:
    """Return blocks joined along the replications."""
    return {name: np.concatenate([b[name] for b in blocks]) for name in blocks[0]}
