"""What the process beside a run does: reads what is asked, does it, answers (``beside.py``)."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple

from sim.base.errors import AuditFailure
from sim.results.blocks import encode
from sim.run.audit import rows_of
from sim.run.beside import message
from sim.run.case import Study
from sim.run.worker import study_of


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
    study = study_of(asked.get().said["study"])
    while True:
        said, content = asked.get()
        found, more = TASKS[said["what"]](study, said["words"], content)
        answers.write(message(found, more))
        answers.flush()


def _listen(pipe: BinaryIO, asked: queue.SimpleQueue[Asked]) -> None:
    """Take messages; where the run that asks is gone, end this process."""
    while line := pipe.readline():
        header = json.loads(line)
        asked.put(Asked(header["said"], pipe.read(header["bytes"])))
    os._exit(0)


def audit(study: Study, words: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
    """Audit a replication; answer with its measures as a block, or with what failed."""
    try:
        return {}, encode(rows_of(study, words["number"], words["n_period"]))
    except AuditFailure as failure:
        return {"failure": str(failure)}, b""


TASKS: dict[str, Callable[[Study, dict[str, Any], bytes], tuple[dict[str, Any], bytes]]] = {
    "audit": audit,
}
