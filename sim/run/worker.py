"""What a worker elsewhere does: settings as text and a range of replications in, a block out.

Imported by name in worker processes and on Dask workers; only text, numbers and bytes travel.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache

import numpy as np

from sim.config.settings import Settings
from sim.results.blocks import encode
from sim.run.case import Study
from sim.run.source_hash import revision


def as_text(study: Study) -> str:
    """Return a study's settings and this version as text."""
    return json.dumps({"version": revision(), "settings": study.dump()})


def block(text: str, first: int, end: int) -> bytes:
    """Return the bytes of a block with replications first .. end.

    Parameters
    ----------
    text : str
        Of ``as_text``, perhaps on another machine.
    first, end : int
        Replications.

    Raises
    ------
    RuntimeError
        If this machine has another version of the package: its bits could differ.
    """
    os.environ.setdefault("NUMBA_NUM_THREADS", "1")
    numbers = np.arange(first, end, dtype=np.int64)
    arrays = study_of(text).compute(numbers, np.zeros(1, np.uint8))
    assert arrays is not None  # nobody raises the flag here
    return encode(arrays)


@lru_cache(maxsize=8)
def study_of(text: str) -> Study:
    """Return the study of a text; kept, since a worker meets the same one in block after block."""
    found = json.loads(text)
    refuse_other_version(found["version"])
    return Study(Settings.model_validate(found["settings"]))


def refuse_other_version(version: str) -> None:
    """Refuse to compute for another version of the package: its bits could differ.

    Raises
    ------
    RuntimeError
        With both.
    """
    if version != revision():
        raise RuntimeError(
            f"a worker has version {revision()} of shortfall, the run was started with "
            f"{version}; install the same on all machines"
        )
