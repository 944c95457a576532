"""Every packet against every portfolio, played; finished blocks are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.advice.game_moves import with_packet
from sim.advice.game_sales import SOLD, Exports, exports_of, played
from sim.advice.judged import COLUMNS
from sim.advice.kept import Work
from sim.advice.trial import Bench
from sim.network.arrays import F8
from sim.results.blocks import Arrays, Fields
from sim.run.case import CHUNK, Study
from sim.run.cost import Cost, clock_s, guess_s, sample_of, workers_of
from sim.run.local import read_blocks
from sim.run.plan import Plan, plan_of
from sim.run.worker import as_text


class Played(NamedTuple):
    """What was played.

    Parameters
    ----------
    kept : list of list of ndarray, shape (n, columns x n_view)
        What is kept of the futures, by packet and portfolio.
    sold : ndarray, shape (n, n_packet, n_portfolio)
        What the controller's exporters sold, US dollars.
    unvalued : tuple of str
        Products that the controller exports and that are not counted.
    """

    kept: list[list[F8]]
    sold: F8
    unvalued: tuple[str, ...]


@dataclass(frozen=True)
class Cases:
    """All packets against all portfolios.

    Parameters
    ----------
    controller : str
        Country.
    packets : mapping of str to sequence of str
        Name -> hazards.
    studies : sequence of Study
        Under each portfolio.
    """

    controller: str
    packets: Mapping[str, Sequence[str]]
    studies: Sequence[Study]

    @property
    def n(self) -> int:
        """How many."""
        return len(self.packets) * len(self.studies)

    def played(self, bench: Bench, n: int) -> Played:
        """Return what is kept of the first n futures of each case."""
        places: list[tuple[Path, Plan]] = []
        unvalued: set[str] = set()

        def works() -> Iterator[Work]:
            for packet, one in product(self.packets.values(), self.studies):
                study = with_packet(one, self.controller, packet)
                exports = exports_of(study.network, study.compiled, self.controller)
                unvalued.update(exports.unvalued)
                work = self._work(bench, study, exports, n)
                places.append((work.place, work.plan))
                yield work

        bench.kept.make(works(), bench.workers, bench.tick)
        found = [read_blocks(*place, n) for place in places]
        rows = [np.hstack([one[name] for name in COLUMNS[bench.measure]]) for one in found]
        m = len(self.studies)
        sold = np.array([one[SOLD] for one in found]).reshape(-1, m, n).transpose(2, 0, 1)
        kept = [rows[at : at + m] for at in range(0, len(rows), m)]
        return Played(kept, sold, tuple(sorted(unvalued)))

    def _work(self, bench: Bench, study: Study, exports: Exports, n: int) -> Work:
        """Return the blocks of a case, to be had ready."""
        names = COLUMNS[bench.measure]
        plan = replace(plan_of(study), block=CHUNK)
        words = f"{plan.digest[:16]}-{self.controller}-{bench.measure}"

        def compute(replications: NDArray[np.int64], stop: NDArray[np.uint8]) -> Arrays | None:
            found = played(study, names, exports, replications, stop)
            return None if found is None else {"replication": replications, **found}

        widths = [(name, "<f8", len(study.views)) for name in sorted(names)]
        fields: Fields = (*widths, ("replication", "<i8", None), (SOLD, "<f8", None))
        place = bench.folder / "work" / words
        return Work(place, plan, fields, n, compute, lambda: as_text(study))


def cost_of_game(study: Study, n_case: int) -> Cost:
    """Return what a game takes at most; blocks that are finished already make it less."""
    n = study.settings.run.replications

    def play(count: int) -> object:
        return study.flow(study.tape(np.arange(count, dtype=np.int64)), trace=True)

    plays = n * n_case
    seconds = clock_s(plays, guess_s(study), workers_of(study), play, sample_of(study))
    return Cost(seconds, plays * 8.0 * (len(study.views) + 2), plays)
