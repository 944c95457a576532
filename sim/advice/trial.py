"""Losses of a changed network on the shocks that all candidates meet; finished blocks are kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.advice import elsewhere
from sim.advice.candidates import Candidate, overlays
from sim.advice.judged import COLUMNS
from sim.advice.kept import Kept, Work
from sim.base.errors import UserError
from sim.config.settings import Settings
from sim.network.arrays import F8
from sim.network.checks import check_network
from sim.network.dictionary import Network
from sim.network.validate import validate
from sim.results.blocks import Arrays, Fields
from sim.results.owner import claim
from sim.run.audit import check
from sim.run.audit_size import audited_of
from sim.run.case import CHUNK, Study
from sim.run.local import read_blocks
from sim.run.plan import Plan, plan_of
from sim.run.settling import say_rounded, settled

SettingsWith = Callable[[Sequence[str]], Settings]
"""Policies beyond those in force -> settings with all of them."""

Trial = tuple[Sequence[Candidate], Sequence[Candidate]]
"""Candidates that are done, and candidates that are not there at all."""

Tick = Callable[[int], Any]


@dataclass
class Bench:
    """Where candidates are tried: one scenario, one seed, one folder of finished blocks.

    Parameters
    ----------
    settings_with : callable
        Settings with more policies.
    folder : pathlib.Path
        For finished blocks, in ``work/``.
    workers : int
        Threads; changes no bit.
    tick : callable
        Called with the number of replications that have become ready.
    measure : str
        By what is judged: a key of ``sim.advice.judged.COLUMNS``.
    kept : Kept
        Who makes the blocks: threads here, a cluster, shards.
    """

    settings_with: SettingsWith
    folder: Path
    workers: int = 1
    tick: Tick = lambda n: None
    measure: str = "tonnes"
    kept: Kept = field(default_factory=Kept)
    _settings: dict[tuple[str, ...], Settings] = field(default_factory=dict)

    def begin(self, command: str) -> None:
        """Claim the folder once no mistake was found, and say if futures were rounded up.

        Raises
        ------
        UserError
            If the folder holds something else.
        """
        say_rounded(self.settings_with(()), self.study([]).settings)
        try:
            claim(self.folder, command, "--output")
        except UserError:
            if self.kept.shard is None:
                raise
            claim(self.folder, command, "--output")  # another shard may have made it just now

    def study(self, candidates: Sequence[Candidate], without: Sequence[Candidate] = ()) -> Study:
        """Return the study in which some candidates are done, and others are not there at all.

        Raises
        ------
        UserError
            If they do not fit the network or each other.
        """
        names = tuple(sorted({p for c in candidates for p in c.policies}))
        if names not in self._settings:
            self._settings[names] = settled(self.settings_with(names), quiet=True)
        settings = self._settings[names]
        parts = [c.overlay for c in candidates if c.overlay]
        parts += [c.without for c in without if c.without]
        if not parts:
            return Study(settings)
        data = settings.network.model_dump(mode="json", exclude_unset=True)
        network = validate(Network, overlays(data, parts), "network")
        study = Study(settings.model_copy(update={"network": network}))
        faults = check_network(study.network)
        if faults:
            raise UserError(faults)
        return study

    def shortfalls(self, study: Study, n: int) -> F8:
        """Return the shortfall of every replication and view, tonnes, shape (n, n_view).

        End users come first; where the measure needs more of every view, it stands after them in
        the same rows, shape (n, 2 n_view). Replication i meets the shocks of number i whatever the
        network, for every stream belongs to a hazard, project or parameter by its name; a longer
        run reuses a shorter one.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C; finished blocks are kept.
        """
        work = self._work(study, n)
        self.kept.make([work], self.workers, self.tick)
        return self._read(work.place, work.plan, n)

    def tried(self, trials: Iterable[Trial], n: int) -> list[F8 | UserError]:
        """Return the shortfalls of many trials, worked through at once, or why one does not fit."""
        places: list[tuple[Path, Plan] | UserError] = []

        def works() -> Iterator[Work]:
            for trial in trials:
                try:
                    study = self.study(*trial)
                    study.hazards, study.views  # noqa: B018  mistakes show here
                    place = self._place(study)
                except UserError as error:
                    places.append(error)
                    self.tick(n)
                    continue
                if place in places:
                    self.tick(n)
                else:
                    yield self._work(study, n)
                places.append(place)

        self.kept.make(works(), self.workers, self.tick)
        return [
            place if isinstance(place, UserError) else self._read(*place, n) for place in places
        ]

    def _place(self, study: Study) -> tuple[Path, Plan]:
        """Return where a study's blocks are kept; those of another measure lie elsewhere."""
        plan = dataclasses.replace(plan_of(study), block=CHUNK)
        more = "" if self.measure == "tonnes" else f"-{self.measure}"
        return self.folder / "work" / f"{plan.digest[:16]}{more}", plan

    def _read(self, place: Path, plan: Plan, n: int) -> F8:
        """Return the rows of finished blocks."""
        found = read_blocks(place, plan, n)
        parts = [found[name] for name in COLUMNS[self.measure]]
        return parts[0] if len(parts) == 1 else np.hstack(parts)

    def _work(self, study: Study, n: int) -> Work:
        """Return a study's blocks, to be had ready."""
        place, plan = self._place(study)
        names = COLUMNS[self.measure]

        def compute(replications: NDArray[np.int64], stop: NDArray[np.uint8]) -> Arrays | None:
            found = elsewhere.kept_of(study, names, replications, stop)
            return None if stop[0] else found

        widths = [(name, "<f8", len(study.views)) for name in sorted(names)]
        fields: Fields = (*widths, ("replication", "<i8", None))
        return Work(place, plan, fields, n, compute, partial(elsewhere.as_text, study, names))

    def check(self, study: Study, n: int) -> None:
        """Play some of the replications again in the SimPy model, as ``run.audit`` says.

        Raises
        ------
        AuditFailure
            If the engines differ, or what was kept is not what the SimPy model gives.
        """
        kept, audited = self.shortfalls(study, n), audited_of(study, n)
        for number in audited.numbers:
            parts = np.hsplit(kept[number : number + 1], len(COLUMNS[self.measure]))
            found = dict(zip(COLUMNS[self.measure], parts, strict=True))
            check(study, number, found, audited.n_period)
