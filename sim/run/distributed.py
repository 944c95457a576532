"""Blocks on a Dask cluster: one of this machine's, or one that is there already."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import Fault, UserError
from sim.results.blocks import Arrays
from sim.run.processes import Task, outcome
from sim.run.slices import Compute

if TYPE_CHECKING:
    from concurrent.futures import Executor

DEATHS_ALLOWED = 20
"""Workers that may die over one block: each time it is begun again elsewhere."""


@dataclass(frozen=True)
class Cluster:
    """A connection to a Dask scheduler.

    Parameters
    ----------
    task : callable
        What the workers do.
    executor : concurrent.futures.Executor
        Over the client.
    client : distributed.Client
        The connection.
    slots : int
        Blocks to keep in flight: two a thread of the workers.
    """

    task: Task
    executor: Executor
    client: Any
    slots: int

    def compute(self, settings: str) -> Compute:
        """Return a function that has blocks of these settings computed on the cluster."""
        from distributed import KilledWorker

        def compute(replications: NDArray[np.int64], stop: NDArray[np.uint8]) -> Arrays | None:
            first, end = int(replications[0]), int(replications[-1]) + 1
            try:
                return outcome(self.executor.submit(self.task, settings, first, end), stop)
            except KilledWorker as error:
                raise UserError(
                    Fault("run.dask", "", f"a block lost its worker too often ({error}); is there "
                          "too little memory? Finished blocks are kept")
                ) from error  # fmt: skip

        return compute


@contextmanager
def cluster(where: str, task: Task, workers: int) -> Iterator[Cluster]:
    """Yield a connection to a cluster.

    Parameters
    ----------
    where : str
        "local" starts one here, else the scheduler's address.
    task : callable
        Importable on the workers, which need this version of the package.
    workers : int
        Processes of a local one, of one thread each.

    Raises
    ------
    UserError
        If Dask is not installed or the scheduler does not answer.
    """
    try:
        import dask
        import distributed
    except ImportError as error:
        raise UserError(
            Fault("run.dask", where, "needs Dask, which is not installed: pip install "
                  "'shortfall[dask]', or leave run.dask out")
        ) from error  # fmt: skip
    settings = {
        "distributed.scheduler.allowed-failures": DEATHS_ALLOWED,
        "distributed.comm.timeouts.connect": "10s",
    }
    with dask.config.set(settings), _client(distributed, where, workers) as client:
        threads = sum(client.nthreads().values())
        if not threads:
            print(f"{where}: no worker yet; waiting for one", file=sys.stderr, flush=True)
            client.wait_for_workers(1)
            threads = sum(client.nthreads().values())
        executor = client.get_executor(pure=False, retries=DEATHS_ALLOWED)
        yield Cluster(task, executor, client, 2 * threads)


@contextmanager
def _client(distributed: Any, where: str, workers: int) -> Iterator[Any]:
    if where == "local":
        with (
            distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                silence_logs=50,
                env={"NUMBA_NUM_THREADS": "1"},
            ) as local,
            distributed.Client(local) as client,
        ):
            yield client
        return
    try:
        client = distributed.Client(where)
    except (OSError, ValueError) as error:
        raise UserError(
            Fault("run.dask", where, f"no scheduler answers there ({error}); start one with: "
                  "dask scheduler")
        ) from error  # fmt: skip
    with client:
        yield client
