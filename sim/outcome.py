"""What a run has found: finished blocks as labelled data, its summary, course and manifest."""

from __future__ import annotations

import platform
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sim import __version__
from sim.flow.trajectories import Flow
from sim.metrics.fan import fan
from sim.metrics.loss import share_trajectories, value_per_tonne
from sim.metrics.summary import summarize
from sim.metrics.views import Views
from sim.network.arrays import F8
from sim.policy.whole_chain import chain_warnings
from sim.results.blocks import Arrays
from sim.results.columns import Columns, Table
from sim.results.data import Fan, RunData
from sim.results.store import Store
from sim.revision import revision, source_revision
from sim.run.plan import Plan
from sim.study import CHUNK, Study, n_workers

NEUTRAL = ("replications", "audit", "workers", "block", "engine", "precision", "max_replications",
           "shard", "dask")  # fmt: skip
"""Keys of `run` that change no bit of a replication: a run may be resumed with others."""


def plan_of(study: Study) -> Plan:
    """Return what decides every bit of the run."""
    config = study.dump()
    config.pop("output", None)
    config.pop("notes", None)
    config["run"] = {k: v for k, v in config["run"].items() if k not in NEUTRAL}
    return Plan(config, revision(), study.settings.run.block)


class Course:
    """The course over time of a run's first replications, kept while their blocks are computed.

    It is the share of demand that went short, by period and view.

    Replications that were not computed through it (an earlier run's, another machine's) are played
    again when the fan is asked for: cheaper than to store them.

    Parameters
    ----------
    study : Study
        Whose replications they are.
    n : int
        How many are watched, from the first.
    """

    def __init__(self, study: Study, n: int) -> None:
        self._study = study
        self._share = np.zeros((study.n_period, len(study.views), n), np.float32)
        self._has = np.zeros(n, np.bool_)

    def compute(self, replications: NDArray[np.int64], stop: NDArray[np.uint8]) -> Arrays | None:
        """Return what ``Study.compute`` does, and keep the course of those that are watched."""
        watched = replications[0] < self._has.size
        return self._study.compute(replications, stop, self._keep if watched else None)

    def fan(self, n: int, workers: int) -> Fan:
        """Return the fan of the first n replications; asked for once, for it frees the memory."""
        starts = [at for at in range(0, n, CHUNK) if not self._has[at : min(at + CHUNK, n)].all()]
        with ThreadPoolExecutor(max_workers=workers) as pool:
            list(pool.map(lambda at: self._play(at, min(at + CHUNK, n)), starts))
        share, self._share = self._share[:, :, :n], np.zeros((0, 0, 0), np.float32)
        return fan(share)

    def _play(self, first: int, end: int) -> None:
        part = np.arange(first, end, dtype=np.int64)
        self._keep(part, self._study.flow(self._study.tape(part)))

    def _keep(self, replications: NDArray[np.int64], flow: Flow) -> None:
        """Keep consecutive replications, as many of them as are watched."""
        first = int(replications[0])
        n = max(0, min(replications.size, self._has.size - first))
        share = share_trajectories(flow, self._study.views, np.float32)
        self._share[:, :, first : first + n] = share[:, :, :n]
        self._has[first : first + n] = True


def fan_of(study: Study, n: int, workers: int) -> Fan:
    """Return the course over time of the first n replications, played again."""
    return Course(study, n).fan(n, workers)


def run_data(study: Study, store: Store, course: Fan | None) -> RunData:
    """Return finished blocks as labelled data that is read when it is used."""
    settings, labels = study.settings, study.compiled.labels
    return RunData(
        title=settings.scenario.title,
        story=settings.scenario.story,
        start=settings.scenario.start,
        step_days=settings.scenario.step_days,
        n_period=study.n_period,
        seed=settings.run.seed,
        views=study.views.view,
        table=Table(store),
        first_shock_day=cast(F8, Columns(store, "first_shock_day")),
        reserve_released_t=cast(F8, Columns(store, "reserve_released_t")),
        reserves=labels.reserve,
        structural_t=cast(F8, Columns(store, "structural_t")),
        value_usd_per_t=value_per_tonne(study.views),
        fan=course,
        folder=store.folder,
        meta={
            "network": settings.scenario.network,
            "policy": settings.policy.name or "none",
            "demand": settings.scenario.demand,
            "supply": settings.scenario.supply,
            "version": __version__,
            "scenario": settings.scenario.name,
            "goods": " and ".join(sorted(set(labels.group_product))).replace("_", " "),
        },
    )


@dataclass(frozen=True)
class ValueLost:
    """Value of the shortfall (``sim.metrics.loss.value_lost``), a view at a time.

    Parameters
    ----------
    short : Columns
        Shortfall, shape (n, n_view).
    views : Views
        Its first views are the end users, in group order.
    """

    short: F8
    views: Views

    def __getitem__(self, key: tuple[slice, int | slice]) -> F8:
        x = key[1]
        if isinstance(x, slice):
            return np.stack([self[:, one] for one in range(*x.indices(len(self.views)))]).T
        groups = self.views.groups(x)
        value = self.views.value_usd_per_t[groups]
        if np.isnan(value).any():
            return np.full(len(self.short), np.nan)
        if np.all(value == value[0]):
            return self.short[:, x] * value[0]
        total = np.zeros(len(self.short))
        for group, of_group in zip(groups, value, strict=True):
            total += self.short[:, group] * of_group
        return total


def summary_of(study: Study, data: RunData) -> list[dict[str, Any]]:
    """Return the rows of the summary."""
    rows = summarize(
        data.table,
        data.views,
        first_shock_day=np.asarray(data.first_shock_day),
        structural_t=data.structural_t,
        value_lost_usd=ValueLost(data.table["shortfall_t"], study.views),
        reserve_released_t=data.reserve_released_t,
        reserves=data.reserves,
        horizon_days=float(study.n_period * data.step_days),
        all_yearly=all_yearly(study),
        workers=n_workers(study.settings.run.workers),
    )
    return [row._asdict() for row in rows]


def all_yearly(study: Study) -> bool:
    """Return whether every hazard has a yearly rate, so that return periods mean something."""
    hazards = study.settings.scenario.hazards
    return bool(hazards) and all(h.onset.rate_per_year is not None for h in hazards.values())


def manifest_of(study: Study, plan: Plan, store: Store) -> dict[str, Any]:
    """Return what vouches for a run: versions, seed, digests."""
    from importlib.metadata import version

    import numba
    import scipy

    return {
        "version": __version__,
        "source_revision": source_revision(),
        "plan": plan.digest,
        "notes": study.settings.notes,
        "warnings": chain_warnings(study.settings.network),
        "seed": study.settings.run.seed,
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
