"""What a worker on a cluster does for advice: a case as text and replications in, a block out."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.advice.judged import SHORTFALL
from sim.results.blocks import Arrays, encode
from sim.run import worker
from sim.run.case import Study


def as_text(study: Study, names: Sequence[str]) -> str:
    """Return a study, and the names of what is kept of it, as text."""
    return json.dumps({"study": worker.as_text(study), "names": list(names)})


def block(text: str, first: int, end: int) -> bytes:
    """Return the bytes of a block with what is kept of replications first .. end."""
    case = json.loads(text)
    study, numbers = worker.study_of(case["study"]), np.arange(first, end, dtype=np.int64)
    return encode(kept_of(study, case["names"], numbers, np.zeros(1, np.uint8)))


def kept_of(
    study: Study,
    names: Sequence[str],
    replications: NDArray[np.int64],
    stop: NDArray[np.uint8],
) -> Arrays:
    """Return what is kept of some replications, and their numbers.

    Parameters
    ----------
    study : Study
        What is played.
    names : sequence of str
        A value of ``sim.advice.judged.COLUMNS``.
    replications : ndarray of int
        Their numbers.
    stop : ndarray, shape (1,)
        Not 0: end early; what is returned is then of no use.
    """
    tape = study.tape(replications)
    if tuple(names) == (SHORTFALL,):
        return {"replication": replications, SHORTFALL: study.shortfalls(tape, stop)}
    told = study.told(tape, stop)
    return {"replication": replications,
            **{name: told[name.removeprefix("m.")] for name in names}}  # fmt: skip
