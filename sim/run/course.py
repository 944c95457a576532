"""The course over time of a run's first replications, kept while their blocks are computed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from sim.flow.kernel.measures import PATHS, Path
from sim.flow.trajectories import Flow
from sim.metrics.fan import fan
from sim.metrics.hall import Bounds
from sim.metrics.loss import share_trajectories
from sim.metrics.source import DEAREST
from sim.results.blocks import Arrays
from sim.results.data import Fan
from sim.run.case import Study

ROOM = 200_000_000
"""Bytes that paths of goods may take: fewer replications are kept of a large network."""
SHARE_ROOM = 600_000_000
"""Bytes that the shares of all views may take: a network of some hundred end users fits in."""
LEAST_KEPT = 200
PRICES = Bounds(1.0, DEAREST, DEAREST)


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
        How many are watched, from the first; of a large network fewer.
    """

    def __init__(self, study: Study, n: int) -> None:
        self._study = study
        n = min(n, max(LEAST_KEPT, SHARE_ROOM // (4 * study.n_period * len(study.views))))
        self._share = np.zeros((study.n_period, len(study.views), n), np.float32)
        self._price = np.ones((study.n_period, len(study.places.course), n), np.float32)
        self._regions = [x for x, view in enumerate(study.views) if view.kind == "region"]
        self._by_region = self._share[:, :0]
        self._has = np.zeros(n, np.bool_)
        self._goods = _room_for_goods(study, n)

    def compute(self, replications: NDArray[np.int64], stop: NDArray[np.uint8]) -> Arrays | None:
        """Return what ``Study.compute`` does, and keep the course of those that are watched."""
        watched = replications[0] < self._has.size
        return self._study.compute(replications, stop, self._keep if watched else None)

    def fan(self, n: int, workers: int) -> Fan:
        """Return the fan of the first n replications; asked for once, for it frees the memory."""
        chunk = self._study.chunk
        starts = [at for at in range(0, n, chunk) if not self._has[at : min(at + chunk, n)].all()]
        with ThreadPoolExecutor(max_workers=workers) as pool:
            list(pool.map(lambda at: self._play(at, min(at + chunk, n)), starts))
        share, self._share = self._share[:, :, :n], np.zeros((0, 0, 0), np.float32)
        self._by_region = share[:, self._regions]
        return fan(share, sections=self._study.sections)

    @property
    def by_region(self) -> NDArray[np.float32]:
        """The shares of regions, shape (n_period, n_region, n), after ``fan``."""
        return self._by_region

    def price_fan(self, n: int) -> Fan | None:
        """Return the fan of prices, after ``fan``; asked for once. None where there are none."""
        price, self._price = self._price[:, :, :n], np.zeros((0, 0, 0), np.float32)
        how = self._study.sections
        return fan(price, bounds=PRICES, sections=how) if price.shape[1] else None

    def goods_fans(self, n: int) -> dict[str, Fan]:
        """Return the fans of goods by name of ``PATHS``, after ``fan``; asked for once."""
        paths, self._goods = self._goods, {}
        return {
            path.name: fan(
                paths[path.name][:, :, :n], bounds=_bounds(path), sections=self._study.sections
            )
            for path in PATHS
            if path.name in paths and paths[path.name].shape[1]
        }

    def _play(self, first: int, end: int) -> None:
        part = np.arange(first, end, dtype=np.int64)
        self._keep(part, self._study.flow(self._study.tape(part)))

    def _keep(self, replications: NDArray[np.int64], flow: Flow) -> None:
        """Keep consecutive replications, as many of them as are watched."""
        first = int(replications[0])
        n = max(0, min(replications.size, self._has.size - first))
        share = share_trajectories(flow, self._study.views, np.float32)
        self._share[:, :, first : first + n] = share[:, :, :n]
        if flow.price is not None:
            paths = flow.price[:, self._study.places.course_path]
            self._price[:, :, first : first + n] = paths[:, :, :n]
        self._has[first : first + n] = True
        for name, kept in self._goods.items():
            n = max(0, min(replications.size, kept.shape[2] - first))
            if n and flow.goods is not None:
                values, part = flow.goods[name][:, :, :n], kept[:, :, first : first + n]
                np.copyto(part, values, casting="same_kind")
                np.copyto(part, np.nan, where=np.isinf(values))


def _room_for_goods(study: Study, n: int) -> dict[str, NDArray[np.float32]]:
    """Return empty paths of goods, of as many of the n replications as `ROOM` holds."""
    if study.goods is None:
        return {}
    labels = study.compiled.labels
    width = {"pair": len(study.goods.pair), "maker": len(study.goods.maker)}
    width["reserve"] = len(labels.reserve)
    each = 4 * study.n_period * sum(width[path.of] for path in PATHS)
    kept = min(n, max(LEAST_KEPT, ROOM // max(each, 1)))
    return {
        path.name: np.zeros((study.n_period, width[path.of], kept), np.float32) for path in PATHS
    }


def _bounds(path: Path) -> Bounds:
    """Return what is possible of a path's mean: orders unmet are a share, the others may exceed."""
    return Bounds(0.0, 1.0, 1.0) if path.name == "unmet_share" else Bounds(0.0)
