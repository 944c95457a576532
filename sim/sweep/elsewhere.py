"""What a worker on a cluster does for a design: a row's study as text in, a block out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sim.results.blocks import encode
from sim.run import worker
from sim.run.case import Study, n_workers
from sim.run.distributed import cluster
from sim.run.slices import Compute
from sim.sweep.pinned import Pinned


class Engine(NamedTuple):
    """Who computes: study -> its function of replications, and how many rows at a time."""

    compute: Callable[[Study], Compute]
    slots: int


@contextmanager
def engine_of(study: Study) -> Iterator[Engine]:
    """Yield who computes the rows of a design: threads here, or a Dask cluster."""
    run = study.settings.run
    workers = n_workers(run.workers)
    if run.dask is None:
        yield Engine(lambda s: s.compute, workers)
    else:
        with cluster(run.dask, block, workers) as there:
            yield Engine(lambda s: there.compute(as_text(s)), there.slots)


def as_text(study: Study) -> str:
    """Return the study of a row as text, with the numbers that it pins."""
    pins = dict(study.pins) if isinstance(study, Pinned) else None
    return json.dumps({"study": worker.as_text(study), "pins": pins})


def block(text: str, first: int, end: int) -> bytes:
    """Return the bytes of a block with replications first .. end of a row."""
    arrays = _study_of(text).compute(np.arange(first, end, dtype=np.int64), np.zeros(1, np.uint8))
    assert arrays is not None  # nobody raises the flag here
    return encode(arrays)


@lru_cache(maxsize=8)
def _study_of(text: str) -> Study:
    row = json.loads(text)
    study = worker.study_of(row["study"])
    return study if row["pins"] is None else Pinned(study.settings, row["pins"])
