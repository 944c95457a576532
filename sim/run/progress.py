"""Progress on stderr: a bar in a terminal, a plain line each tenth elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sim.base.plain_text import plain, raw_of

ShowProgress = Callable[[str, int], AbstractContextManager[Callable[[int], Any]]]
"""(title, number in all) -> what takes the number that has become ready; as ``progress``."""


@contextmanager
def progress(title: str, n: int, noun: str = "replications") -> Iterator[Callable[[int], None]]:
    """Yield a function that takes the number of replications that have become ready.

    Parameters
    ----------
    title : str
        What is running.
    n : int
        Replications in all.
    noun : str, optional
        What is counted, where it is something else.
    """
    if sys.stderr.isatty():
        with _bar(title, n) as tick:
            yield tick
    else:
        yield _lines(title, n, noun)


def _lines(title: str, n: int, noun: str) -> Callable[[int], None]:
    done, said = 0, 0

    def tick(step: int) -> None:
        nonlocal done, said
        done += step
        tenth = 10 * done // n
        if tenth > said:
            said = tenth
            print(
                f"{title}: {done:,} of {n:,} {noun} ({10 * tenth} %)",
                file=sys.stderr,
                flush=True,
            )

    return tick


@contextmanager
def _bar(title: str, n: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=raw_of(sys.stderr)), transient=True) as bar:
        task = bar.add_task(plain(title), total=n)
        yield lambda step: bar.advance(task, step)


@contextmanager
def silent(title: str, n: int) -> Iterator[Callable[[int], None]]:
    """Show no progress."""
    yield lambda _: None
