"""What vouches for a run: versions, seed, digests."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np

from sim import __version__
from sim.policy.whole_chain import chain_warnings
from sim.results.store import Store
from sim.run.case import Study
from sim.run.plan import Plan
from sim.run.source_hash import source_revision


def manifest_of(study: Study, plan: Plan, store: Store) -> dict[str, Any]:
    """Return what vouches for a run: versions, seed, digests."""
    from importlib.metadata import version

    import numba
    import scipy

    return {
        "version": __version__,
        "source_revision": source_revision(),
        "plan": plan.digest,
        "as_of": str(study.settings.scenario.as_of or ""),
        "notes": study.settings.notes,
        "warnings": chain_warnings(study.settings.network),
        "seed": study.settings.run.seed,
        **({"struck": study.sections.struck} if study.sections.weighted else {}),
        "replications": store.n,
        "replications_digest": store.digest(),
        "block_digests": store.block_digests(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "scipy": scipy.__version__,
        "simpy": version("simpy"),
        "machine": platform.machine(),
        "system": platform.system(),
    }
