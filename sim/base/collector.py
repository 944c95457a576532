"""Python's garbage collector at rest while much is built that stays."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Let nothing be collected meanwhile; also a decorator.

    Of a large network each collection walks over all that has been read so far, which takes longer
    than to read it; what is read stays, so there is nothing to collect.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
