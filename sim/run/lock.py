"""One run a folder at a time: a lock of the operating system that ends with its process."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.base.errors import Fault, UserError
from sim.results.files import unwritable

LOCK = ".lock"


@contextmanager
def locked(folder: Path, shard: str | None = None) -> Iterator[None]:
    """Hold a folder for one run; shards share it, but each of them runs once at a time.

    The lock (flock) ends with the process, even by kill -9: nothing is left to clean up. Where the
    system has none (Windows) folders are not locked.

    Parameters
    ----------
    folder : pathlib.Path
        Of the run; exists.
    shard : str, optional
        Such as "2/8".

    Raises
    ------
    UserError
        If another process has it.
    """
    if shard is None:
        with _held(folder / LOCK, folder, "another run"):
            yield
    else:
        own = folder / f"{LOCK}-{shard.replace('/', '-of-')}"
        with (
            _held(folder / LOCK, folder, "a run of the whole", shared=True),
            _held(own, folder, f"shard {shard}"),
        ):
            yield


@contextmanager
def _held(path: Path, folder: Path, who: str, shared: bool = False) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:
        yield
        return
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise unwritable(folder, error) from error
    try:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(_refusal(folder, who, handle)) from None
        if not shared:
            with suppress(OSError):  # a full disk must not stop a run that has room for its blocks
                os.truncate(handle, 0)
                os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)
        yield
    finally:
        os.close(handle)


def _refusal(folder: Path, who: str, handle: int) -> Fault:
    holder = os.pread(handle, 200, 0).decode(errors="replace")
    told = f" ({holder})" if holder else ""
    return Fault(
        "output.dir",
        str(folder),
        f"{who} is computing there just now{told}; wait for it, or name another folder with "
        "output.dir=...",
    )
