"""Memory that is freed goes back to the system at once."""

from __future__ import annotations

import ctypes
import sys

_MMAP_THRESHOLD, _FROM_BYTES = -3, 1 << 20


def return_large_arrays() -> None:
    """Ask glibc to return large arrays to the system as soon as they are freed.

    Left alone it keeps more the longer the arrays were that it has met (its threshold follows
    them), so that a run of a million replications would hold on to columns it is done with. Does
    nothing elsewhere.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if mallopt is not None:
            mallopt(_MMAP_THRESHOLD, _FROM_BYTES)
