"""Losses of a changed network on the shocks that all candidates meet; finished blocks are kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.advice.candidates import Candidate, overlays
from sim.base.errors import AuditFailure, UserError
from sim.config.settings import Settings
from sim.metrics.loss import measure
from sim.metrics.views import views_of
from sim.network.arrays import F8
from sim.network.checks import check_network
from sim.network.dictionary import Network
from sim.network.validate import validate
from sim.results.blocks import Arrays
from sim.results.files import make_folder
from sim.run.audit import audit, pick
from sim.run.case import CHUNK, Study
from sim.run.local import read_blocks, run_blocks
from sim.run.plan import plan_of

SettingsWith = Callable[[Sequence[str]], Settings]
"""Policies beyond those in force -> settings with all of them."""

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
    """

    settings_with: SettingsWith
    folder: Path
    workers: int = 1
    tick: Tick = lambda n: None
    _settings: dict[tuple[str, ...], Settings] = field(default_factory=dict)

    def study(self, candidates: Sequence[Candidate], without: Sequence[Candidate] = ()) -> Study:
        """Return the study in which some candidates are done, and others are not there at all.

        Raises
        ------
        UserError
            If they do not fit the network or each other.
        """
        names = tuple(sorted({p for c in candidates for p in c.policies}))
        if names not in self._settings:
            self._settings[names] = self.settings_with(names)
        settings = self._settings[names]
        parts = [c.overlay for c in candidates if c.overlay]
        parts += [c.without for c in without if c.without]
        if not parts:
            return Study(settings)
        data = settings.network.model_dump(mode="json", exclude_unset=True)
        network = validate(Network, overlays(data, parts), "network")
        faults = check_network(network)
        if faults:
            raise UserError(faults)
        return Study(settings.model_copy(update={"network": network}))

    def shortfalls(self, study: Study, n: int) -> F8:
        """Return the shortfall of every replication and end user, tonnes, shape (n, n_group).

        Replication i meets the shocks of number i whatever the network, for every stream belongs
        to a hazard, project or parameter by its name; a longer run reuses a shorter one.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C; finished blocks are kept.
        """
        plan = dataclasses.replace(plan_of(study), block=CHUNK)
        place = self.folder / "work" / plan.digest[:16]
        make_folder(place / "blocks")
        run_blocks(place, plan, n, computing(study), self.workers, self.tick)
        return read_blocks(place, plan, n)["shortfall_t"]

    def check(self, study: Study, n: int, count: int) -> None:
        """Play some of the replications again in the SimPy model.

        Raises
        ------
        AuditFailure
            If the engines differ, or what was kept is not what the SimPy model gives.
        """
        kept = self.shortfalls(study, n)
        seed = study.settings.run.seed
        for number in pick(seed, n, count):
            tape = study.tape(np.array([number], np.int64))
            flow = audit(study.play, tape, seed)
            if not np.array_equal(_of_groups(study, flow)[0], kept[number]):
                raise AuditFailure(
                    f"audit failed: seed {seed}, replication {number}: the kept shortfall is not "
                    "what the SimPy model gives; please report it"
                )


def computing(study: Study) -> Callable[[NDArray[np.int64], NDArray[np.uint8]], Arrays | None]:
    """Return the pure function that plays some replications of a study."""

    def compute(replications: NDArray[np.int64], stop: NDArray[np.uint8]) -> Arrays | None:
        flow = study.flow(study.tape(replications), stop=stop)
        if stop[0]:
            return None
        return {"replication": replications, "shortfall_t": _of_groups(study, flow)}

    return compute


def _of_groups(study: Study, flow: Any) -> F8:
    """Return the shortfall of each end user over the horizon, (n, n_group)."""
    views = views_of(study.compiled.labels)
    table = measure(flow, views, study.settings.scenario.step_days)
    return np.ascontiguousarray(table["shortfall_t"][:, : len(study.compiled.labels.group)])
