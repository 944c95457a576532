"""Blocks that advice keeps in its folder: made here, on a cluster, or a share by each shard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sim.results.blocks import Fields
from sim.results.files import make_folder
from sim.run.distributed import Cluster, cluster
from sim.run.local import kept_in, missing_blocks
from sim.run.many import Block, Job, run_jobs
from sim.run.plan import Plan
from sim.run.processes import Task
from sim.run.shard import Shard
from sim.run.slices import Compute


class Work(NamedTuple):
    """Blocks of one case to have ready.

    Parameters
    ----------
    place : pathlib.Path
        Folder for them.
    plan : Plan
        What decides every bit of them.
    fields : tuple
        What each must hold.
    n : int
        Replications.
    compute : callable
        Pure function of the replications' numbers.
    text : callable
        Returns the case as text, for workers elsewhere.
    """

    place: Path
    plan: Plan
    fields: Fields
    n: int
    compute: Compute
    text: Callable[[], str]


class Waiting(Exception):  # noqa: N818  it is no error
    """A shard has made its share, and what comes next needs that of the others, or is not its part.

    Parameters
    ----------
    shard : Shard
        Which.
    missing : int
        Blocks of others that are not there yet.
    """

    def __init__(self, shard: Shard, missing: int):
        super().__init__(str(shard))
        self.shard, self.missing = shard, missing


@dataclass
class Kept:
    """Who makes blocks, and which of them.

    Parameters
    ----------
    shard : Shard, optional
        The share of them that is made; by default all.
    cluster : Cluster, optional
        Where; by default in threads here.
    """

    shard: Shard | None = None
    cluster: Cluster | None = None
    _turn: int = 0

    def make(self, works: Iterable[Work], workers: int, tick: Callable[[int], Any]) -> None:
        """Have the blocks of some cases ready, in order.

        Blocks are dealt out to shards in turn, in the order in which they are asked for; each shard
        asks for the same ones, for what it asks next depends on finished blocks only.

        Raises
        ------
        Waiting
            In a shard, once its share is there, if blocks of others are not.
        KeyboardInterrupt
            On Ctrl-C; finished blocks are kept.
        """
        asked: list[tuple[Path, Plan, int]] = []

        def jobs() -> Iterator[Job]:
            for work in works:
                asked.append((work.place, work.plan, work.n))
                make_folder(work.place / "blocks")
                there = self.cluster
                compute = work.compute if there is None else there.compute(work.text())
                make = kept_in(work.place, work.plan, work.fields)
                yield Job(make, self._dealt(work, tick), compute, tick)

        run_jobs(jobs(), workers if self.cluster is None else self.cluster.slots)
        if self.shard is not None:
            missing = [part for case in asked for part in missing_blocks(*case)]
            if missing:
                raise Waiting(self.shard, sum(map(len, missing)))

    def _dealt(self, work: Work, tick: Callable[[int], Any]) -> Iterator[Block]:
        """Yield the blocks of a case that are this shard's."""
        for block in work.plan.blocks(work.n):
            self._turn += 1
            if self.shard is None or self.shard.has(self._turn):
                yield block
            else:
                tick(block[2] - block[1])

    def end(self) -> None:
        """End a shard, whose share is made: tables are for the command without ``run.shard``.

        Raises
        ------
        Waiting
            In a shard.
        """
        if self.shard is not None:
            raise Waiting(self.shard, 0)


@contextmanager
def kept_by(shard: str | None, dask: str | None, task: Task, workers: int) -> Iterator[Kept]:
    """Yield who makes blocks, as ``run.shard`` and ``run.dask`` say.

    Parameters
    ----------
    shard, dask : str, optional
        Such as "2/8", and "local" or an address.
    task : callable
        What workers elsewhere do with a case as text and a range of replications.
    workers : int
        Processes of a local cluster.
    """
    if dask is None:
        yield Kept(Shard.of(shard) if shard else None)
    else:
        with cluster(dask, task, workers) as there:
            yield Kept(cluster=there)
