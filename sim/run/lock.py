"""One run a folder at a time: a lock of the operating system that ends with its process."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.errors import Fault, UserError
from sim.results.files import unwritable, write_text

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK = ".lock"

GATE_SECONDS = 20.0
"""A lock is taken behind a gate that everybody holds for an instant only."""


@contextmanager
def locked(folder: Path, shard: str | None = None) -> Iterator[None]:
    """Hold a folder for one run; shards share it, but each of them runs once at a time.

    A whole run holds ``.lock``, a shard a file of its own; both look for the other kind behind a
    gate, so that neither begins while the other does. The locks (``filelock``: flock, on Windows
    msvcrt) end with the process, even by kill -9: nothing is left to clean up. On a network file
    system they hold between machines where it passes flock on, as NFS 4 does; blocks are whole or
    absent and have the same bits whoever writes them, so without a lock work is done twice at most.

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
    whole = folder / LOCK
    with ExitStack() as held:
        with ExitStack() as gate:
            gate.enter_context(_held(folder / f"{LOCK}-gate", folder, "a run", GATE_SECONDS))
            if shard is None:
                held.enter_context(_held(whole, folder, "another run"))
                for path in sorted(folder.glob(f"{LOCK}-*-of-*")):
                    if path.suffix != ".by":
                        gate.enter_context(_held(path, folder, "another run"))
            else:
                gate.enter_context(_held(whole, folder, "a run of the whole"))
                own = folder / f"{LOCK}-{shard.replace('/', '-of-')}"
                held.enter_context(_held(own, folder, f"shard {shard}"))
        yield


@contextmanager
def _held(path: Path, folder: Path, who: str, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold one lock, and say beside it who does."""
    from filelock import Timeout

    lock = _lock(path)
    try:
        lock.acquire(timeout=wait_seconds, poll_interval=0.01)
    except Timeout:
        raise UserError(_refusal(folder, who, path)) from None
    except (OSError, NotImplementedError) as error:
        raise unwritable(folder, OSError(f"it cannot be locked: {error}")) from error
    try:
        with suppress(UserError):  # a full disk must not stop a run that has room for its blocks
            write_text(_holder(path), f"process {os.getpid()} on {socket.gethostname()}")
        yield
    finally:
        lock.release()


def _lock(path: Path) -> BaseFileLock:
    from filelock import FileLock

    return FileLock(path, thread_local=False)


def _holder(path: Path) -> Path:
    """Return the file that says who holds a lock: on Windows the lock itself cannot be read."""
    return path.with_name(f"{path.name}.by")


def _refusal(folder: Path, who: str, path: Path) -> Fault:
    holder = ""
    with suppress(OSError):
        holder = _holder(path).read_bytes()[:200].decode(errors="replace")
    by = f" ({holder})" if holder else ""
    return Fault(
        "output.dir",
        str(folder),
        f"{who} is computing there just now{by}; wait for it, or name another folder with "
        "output.dir=...",
    )
