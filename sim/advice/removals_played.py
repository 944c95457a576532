"""Removals of a network, played by blocks that are kept: here, on a cluster, or by shards."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.advice import outage
from sim.advice.kept import Kept, Work
from sim.advice.removals import Removal, removals
from sim.advice.vulnerability_rows import Harm, harm_of
from sim.advice.whose_loss import Yardstick, yardstick
from sim.base.errors import UserError
from sim.metrics.views import Views
from sim.network.arrays import CompiledNetwork
from sim.network.compile import compile_network
from sim.network.dictionary import Network
from sim.network.validate import validate
from sim.results.blocks import Arrays, Fields, encode
from sim.results.owner import claim
from sim.run.local import read_blocks
from sim.run.plan import Plan
from sim.run.progress import ShowProgress
from sim.run.source_hash import revision
from sim.run.worker import refuse_other_version

Pairs = Sequence[tuple[int, int]]
"""Places of two removals."""


@dataclasses.dataclass(frozen=True)
class Question:
    """What is asked of a network.

    Parameters
    ----------
    network, policy : str
        Names, for captions.
    regions : tuple of str
        Whose shortfall counts; empty: everybody's.
    days, horizon_days : int
        How long a stop lasts, and how long one watches.
    severity : float
        Share that stops.
    step_days : int
        Length of a period.
    start : datetime.date
        Day 0, for growth paths.
    """

    network: str
    policy: str = "none"
    regions: tuple[str, ...] = ()
    days: int = 365
    horizon_days: int = 1095
    severity: float = 1.0
    step_days: int = 7
    start: dt.date = dt.date(2025, 1, 1)

    @property
    def n_period(self) -> int:
        """Periods watched; a begun one counts."""
        return -(-self.horizon_days // self.step_days)


class Case(NamedTuple):
    """A network and what is asked of it, worked out.

    Parameters
    ----------
    network : Network
        Checked, with a policy's changes in it where there is one.
    asked : Question
        Whose shortfall, how long, how hard.
    compiled : CompiledNetwork
        The network as arrays.
    stop : Stop
        How hard and how long.
    measure : Yardstick
        By whose loss.
    views : Views
        Sets of end users, those who count as the last one.
    things : list of Removal
        All that can be removed.
    """

    network: Network
    asked: Question
    compiled: CompiledNetwork
    stop: outage.Stop
    measure: Yardstick
    views: Views
    things: list[Removal]


def case_of(network: Network, asked: Question) -> Case:
    """Return a network and what is asked of it, worked out.

    Raises
    ------
    UserError
        If a region has no end user.
    """
    n_period, step = asked.n_period, asked.step_days
    compiled = compile_network(network, start=asked.start, n_period=n_period, step_days=step)
    starts = outage.certain_starts(network, compiled, asked.start)
    measure = yardstick(network, compiled, list(asked.regions))
    return Case(
        network, asked, compiled, outage.Stop(asked.severity, asked.days, n_period, step, starts),
        measure, outage.views_for(compiled, measure.groups), removals(network, compiled),
    )  # fmt: skip


class Desk(NamedTuple):
    """Where removals are played.

    Parameters
    ----------
    case : Case
        The network and what is asked of it.
    folder : pathlib.Path
        For finished blocks, in ``work/``.
    kept : Kept
        Who makes the blocks.
    workers : int
        Threads; changes no bit.
    show : callable
        As ``sim.run.progress.progress``.
    """

    case: Case
    folder: Path
    kept: Kept
    workers: int
    show: ShowProgress

    def begin(self) -> None:
        """Claim the folder.

        Raises
        ------
        UserError
            If it holds something else.
        """
        try:
            claim(self.folder, "vulnerabilities", "--output")
        except UserError:
            if self.kept.shard is None:
                raise
            claim(self.folder, "vulnerabilities", "--output")  # another shard made it just now

    def played(self, title: str, pairs: Pairs | None = None) -> Harm:
        """Return what every removal does, or every one of some pairs."""
        case, sets = self.case, sets_of(self.case, pairs)
        text = as_text(case, pairs)
        plan = Plan(json.loads(text), revision(), outage.CHUNK)
        every = [(), *sets]

        def compute(numbers: NDArray[np.int64], stop: NDArray[np.uint8]) -> Arrays | None:
            return None if stop[0] else _block(case, every, numbers)

        fields: Fields = (*((m, "<f8", len(case.views)) for m in sorted(outage.MEASURES)),
                          ("replication", "<i8", None))  # fmt: skip
        place = self.folder / "work" / plan.digest[:16]
        work = Work(place, plan, fields, len(every), compute, lambda: text)
        with self.show(title, len(every)) as tick:
            self.kept.make([work], self.workers, tick)
        found = read_blocks(place, plan, len(every))
        table = outage.harm({m: found[m] for m in outage.MEASURES}, case.stop)
        return harm_of(sets, table, case.measure)


def sets_of(case: Case, pairs: Pairs | None) -> list[tuple[Removal, ...]]:
    """Return what stops at the same time: each thing alone, or each of some pairs."""
    things = case.things
    return [(x,) for x in things] if pairs is None else [(things[a], things[b]) for a, b in pairs]


def _block(case: Case, every: Sequence[Sequence[Removal]], numbers: NDArray[np.int64]) -> Arrays:
    sets = [every[j] for j in numbers]
    found = outage.judged(case.compiled, case.views, sets, case.stop)
    return {"replication": numbers, **found}


def as_text(case: Case, pairs: Pairs | None) -> str:
    """Return all that decides what removals do, as text."""
    asked = dataclasses.asdict(case.asked) | {"start": case.asked.start.isoformat()}
    network = case.network.model_dump(mode="json", exclude_unset=True)
    return json.dumps({"network": network, "asked": asked, "pairs": pairs, "version": revision()})


def block(text: str, first: int, end: int) -> bytes:
    """Return the bytes of a block of removals, on whatever machine this is.

    Raises
    ------
    RuntimeError
        If this machine has another version of the package: its bits could differ.
    """
    case, every = _opened(text)
    return encode(_block(case, every, np.arange(first, end, dtype=np.int64)))


@lru_cache(maxsize=2)
def _opened(text: str) -> tuple[Case, list[tuple[Removal, ...]]]:
    told = json.loads(text)
    refuse_other_version(told["version"])
    asked = told["asked"] | {"start": dt.date.fromisoformat(told["asked"]["start"]),
                             "regions": tuple(told["asked"]["regions"])}  # fmt: skip
    case = case_of(validate(Network, told["network"], "network"), Question(**asked))
    return case, [(), *sets_of(case, told["pairs"])]
