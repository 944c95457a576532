"""Files that are whole or absent: temporary name, fsync, rename, fsync of the folder."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from sim.base.errors import Fault, UserError

MAX_JSON_BYTES = 32_000_000
"""Of a file that is read whole into plain data; the plan of a very large network has a tenth."""


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file so that a crash leaves the old one, or none, and never a torn one.

    Parameters
    ----------
    path : pathlib.Path
        Where the file shall be; its folder must exist.
    write : callable
        Called with the open temporary file.

    Raises
    ------
    UserError
        If the disk is full or the folder may not be written; nothing is left behind.
    """
    # two containers that share a folder may share a process number too
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        with open(temporary, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8, whole or not at all."""
    write_whole(path, lambda file: file.write(text.encode("utf-8")))


def read_json(path: Path) -> Any:
    """Return the content of a JSON file that anybody may have written.

    Raises
    ------
    OSError, ValueError
        If it cannot be read, is no plain file, is too large, too deep, or is not JSON.
    """
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("is not a file")
    if found.st_size > MAX_JSON_BYTES:
        raise ValueError(f"is larger than {MAX_JSON_BYTES // 1_000_000} MB")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def sweep_parts(folder: Path) -> None:
    """Remove temporary files that a killed run left in its folder; nobody else may write there."""
    for path in [*folder.glob(".*.part"), *folder.glob("blocks/.*.part")]:
        with contextlib.suppress(OSError):
            path.unlink()


def make_folder(path: Path) -> None:
    """Make a folder and its parents, with a clear message where that cannot be done."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> UserError:
    """Return the message for a path that could not be written."""
    reason = error.strerror or str(error)
    return UserError(
        Fault(
            "output.dir",
            str(path),
            f"cannot be written ({reason}); free space, or name another folder with output.dir=...",
        )
    )


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder cannot be opened there, and rename is durable enough
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
