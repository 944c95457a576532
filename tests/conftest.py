"""What holds for all tests."""

import signal


def pytest_configure() -> None:
    """Hear Ctrl-C: what a shell starts in the background ignores it, and so do its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
