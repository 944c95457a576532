"""What holds for all tests."""

import signal

import pytest

from sim.base import precompile


def pytest_configure(config: pytest.Config) -> None:
    """Hear Ctrl-C; have the kernels compiled once, before the workers of ``make test`` start.

    What a shell starts in the background ignores Ctrl-C, and so do its children.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    is_worker = hasattr(config, "workerinput")
    if config.getoption("numprocesses", None) and not is_worker:
        precompile.ready()  # workers find them in NUMBA_CACHE_DIR, which they inherit
