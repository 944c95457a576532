"""What the process beside a run does: reads what is asked, does it, answers (``beside.py``)."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from sim.base.errors import AuditFailure
from sim.results.blocks import encode
from sim.results.data import RunData
from sim.run.audit import rows_of
from sim.run.beside import message
from sim.run.case import Study, with_replications
from sim.run.drawing import unpacked
from sim.run.figures import drawn
from sim.run.worker import study_of


@dataclass
class Desk:
    """What the process has before it: the study, and once it draws what the run found."""

    study: Study
    data: RunData | None = None


Words = dict[str, Any]
Found = tuple[dict[str, Any], bytes]


class Asked(NamedTuple):
    """A message: plain data and bytes."""

    said: dict[str, Any]
    content: bytes


def main() -> None:
    """Do what is asked on stdin until it is closed; then end at once, whatever is at hand."""
    answers = sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not get between the answers
    asked: queue.SimpleQueue[Asked] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, asked), daemon=True).start()
    desk = Desk(study_of(asked.get().said["study"]))
    while True:
        said, content = asked.get()
        found, more = TASKS[said["what"]](desk, said["words"], content)
        answers.write(message(found, more))
        answers.flush()


def _listen(pipe: BinaryIO, asked: queue.SimpleQueue[Asked]) -> None:
    """Take messages; where the run that asks is gone, end this process."""
    while line := pipe.readline():
        header = json.loads(line)
        asked.put(Asked(header["said"], pipe.read(header["bytes"])))
    os._exit(0)


def audit(desk: Desk, words: Words, _: bytes) -> Found:
    """Audit a replication; answer with its measures as a block, or with what failed."""
    try:
        return {}, encode(rows_of(desk.study, words["number"], words["n_period"]))
    except AuditFailure as failure:
        return {"failure": str(failure)}, b""


def take(desk: Desk, words: Words, content: bytes) -> Found:
    """Take what a run has found, to draw it."""
    desk.study = with_replications(desk.study, words["n"])
    desk.data = unpacked(desk.study, words, content)
    return {}, b""


def draw(desk: Desk, words: Words, _: bytes) -> Found:
    """Draw a figure, if the run gets it; answer whether it does."""
    assert desk.data is not None
    assert desk.data.folder is not None
    target = desk.data.folder / "figures"
    return {"drawn": drawn(words["name"], desk.study, desk.data, target)}, b""


TASKS: dict[str, Callable[[Desk, Words, bytes], Found]] = {
    "audit": audit,
    "take": take,
    "draw": draw,
}
