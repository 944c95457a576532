"""A process beside the blocks: it audits while they are computed, then draws half of the figures.

It is started by its own command line, so it needs no guard in the main module and works from
notebooks. Only text, numbers and bytes travel.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

_MAIN = "from sim.run.beside_main import main; main()"


class Answer(NamedTuple):
    """What comes back: plain data and bytes."""

    said: dict[str, Any]
    content: bytes


class ProcessGoneError(Exception):
    """The process could not be started, or it died: what it was asked for is to be done here."""


class Beside:
    """A process that does one thing after the other.

    Parameters
    ----------
    study : callable
        Gives settings and version as ``sim.run.worker.as_text`` does, when they are needed.
    """

    def __init__(self, study: Callable[[], str]) -> None:
        self._study = study
        self._child: subprocess.Popen[bytes] | None = None
        self._has_study = False

    def start(self) -> None:
        """Start the process, which reads the study, unless it runs already or cannot."""
        if self._child is None:
            with contextlib.suppress(OSError):
                self._child = _started()
        if self._child is not None and not self._has_study:
            self._has_study = True
            with contextlib.suppress(ProcessGoneError):
                self._send({"study": self._study()}, b"")

    def ask(self, what: str, content: bytes = b"", **words: Any) -> None:
        """Ask for something of ``beside_main.TASKS``; return at once.

        Raises
        ------
        ProcessGoneError
            If there is no process to ask.
        """
        self.start()
        if self._child is None:
            raise ProcessGoneError
        self._send({"what": what, "words": words}, content)

    def answer(self) -> Answer:
        """Wait for the answer to the first question that has none yet.

        Raises
        ------
        ProcessGoneError
            If the process died.
        """
        assert self._child is not None
        assert self._child.stdout is not None
        header = self._child.stdout.readline()
        if not header:
            raise ProcessGoneError
        said = json.loads(header)
        content = self._child.stdout.read(said["bytes"])
        if len(content) < said["bytes"]:
            raise ProcessGoneError
        return Answer(said["said"], content)

    def end(self) -> None:
        """End the process, whatever it is at; it ends by itself when this one does."""
        if self._child is None:
            return
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._child = None

    def _send(self, words: Mapping[str, Any], content: bytes) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(message(words, content))
            self._child.stdin.flush()
        except OSError as error:
            raise ProcessGoneError from error


def message(words: Mapping[str, Any], content: bytes) -> bytes:
    """Return a message: a line of JSON, then bytes."""
    line = json.dumps({"said": dict(words), "bytes": len(content)})
    return line.encode() + b"\n" + content


@contextmanager
def beside(study: Callable[[], str]) -> Iterator[Beside]:
    """Yield a process that is started when it is first asked, and end it."""
    process = Beside(study)
    try:
        yield process
    finally:
        process.end()


def _started() -> subprocess.Popen[bytes]:
    """Start the process, out of the reach of this one's Ctrl-C."""
    here = str(Path(__file__).resolve().parents[2])
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "NUMBA_NUM_THREADS": "1"}
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return subprocess.Popen(
        [sys.executable, "-c", _MAIN],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **apart,
    )
