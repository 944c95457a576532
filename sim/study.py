"""Settings -> network -> tapes -> engine -> results: the whole story on one page."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import Fault, UserError
from sim.flow.engine import simulate
from sim.flow.flow import Flow
from sim.metrics.loss import judge
from sim.metrics.views import Views, views_of, with_judged
from sim.network.arrays import CompiledNetwork
from sim.network.compile import compile_network
from sim.results.blocks import Arrays
from sim.results.data import RunData
from sim.settings import Settings, load_settings
from sim.shocks.hazard import Selector
from sim.shocks.sampler import HazardPlan, compile_hazards, sample
from sim.shocks.select import atlas, select_sites
from sim.shocks.tape import Tape

CHUNK = 128
"""Replications judged at once: bounds the memory that trajectories take."""


@dataclasses.dataclass(frozen=True)
class Study:
    """A scenario on a network under a policy, ready to run.

    Parameters
    ----------
    settings : Settings
        Everything that was chosen, validated.

    Examples
    --------
    >>> import sim
    >>> study = sim.load("china_ree_controls_2025_10")          # doctest: +SKIP
    >>> study = study.change({"run.replications": 1000})         # doctest: +SKIP
    >>> study.run().of("shortfall_t", "region", "JPN").mean()    # doctest: +SKIP
    """

    settings: Settings

    @cached_property
    def n_period(self) -> int:
        """Periods of the horizon; a begun one counts."""
        s = self.settings.scenario
        return -(-s.horizon_days // s.step_days)

    @cached_property
    def compiled(self) -> CompiledNetwork:
        """The network as arrays."""
        s = self.settings.scenario
        return compile_network(
            self.settings.network, start=s.start, n_period=self.n_period, step_days=s.step_days
        )

    @cached_property
    def hazards(self) -> HazardPlan:
        """The hazards as arrays."""
        s = self.settings.scenario
        return compile_hazards(
            s.hazards,
            s.tensions,
            s.parameters,
            self.compiled,
            self.settings.network,
            start=s.start,
            horizon_days=self.n_period * s.step_days,
            step_days=s.step_days,
        )

    @cached_property
    def views(self) -> Views:
        """The sets of end users that results are summed over."""
        views = views_of(self.compiled.labels)
        judged = self.settings.scenario.judged
        return views if judged is None else with_judged(views, self.judged_groups(judged))

    def judged_groups(self, judged: Selector) -> list[int]:
        """Return the groups of the end users that `judged` selects.

        Raises
        ------
        UserError
            If it names what is not there, or selects no end user.
        """
        faults: list[Fault] = []
        book = atlas(self.compiled, self.settings.network)
        mask = select_sites(judged, book, "scenario.judged", faults)
        groups = sorted(set(self.compiled.chain.group[mask].tolist()) - {-1})
        if not groups and not faults:
            faults.append(Fault("scenario.judged", "", "selects no end user"))
        if faults:
            raise UserError(faults)
        return groups

    def tape(self, replications: NDArray[np.int64]) -> Tape:
        """Draw the bad luck of some replications."""
        return sample(self.hazards, self.settings.run.seed, replications)

    def flow(
        self,
        tape: Tape,
        *,
        trace: bool = False,
        stop: NDArray[np.uint8] | None = None,
        engine: str | None = None,
    ) -> Flow:
        """Replay a tape through the chain, in the engine that the settings name."""
        args = (self.compiled, self.hazards.targets, self.hazards.draws, tape, self.n_period)
        if (engine or self.settings.run.engine) == "simpy":
            from sim.flow.model import simulate_simpy

            return simulate_simpy(*args, trace=trace)
        return simulate(*args, trace=trace, stop=stop)

    def judge(self, tape: Tape, flow: Flow) -> Arrays:
        """Return what each replication is judged by; replication first."""
        step = self.settings.scenario.step_days
        arrays: Arrays = {
            f"m.{name}": values for name, values in judge(flow, self.views, step).items()
        }
        arrays["replication"] = tape.replication
        arrays["first_shock_day"] = first_shock_days(tape)
        arrays["reserve_released_t"] = np.ascontiguousarray(flow.released.sum(axis=0).T)
        return arrays

    @cached_property
    def has_structure(self) -> bool:
        """Whether growth, projects or uncertain numbers can make a shortfall without a shock."""
        chain = self.compiled.chain
        return bool(chain.path.size or chain.project_site.size or self.hazards.draws.key.size)

    def compute(self, replications: NDArray[np.int64], stop: NDArray[np.uint8]) -> Arrays | None:
        """Return the judged replications, a pure function of their numbers; None if stopped."""
        parts = []
        for at in range(0, replications.size, CHUNK):
            tape = self.tape(replications[at : at + CHUNK])
            flow = self.flow(tape, stop=stop)
            if stop[0]:
                return None
            arrays = self.judge(tape, flow)
            arrays["structural_t"] = self._structural(tape, arrays["m.shortfall_t"], stop)
            parts.append(arrays)
        if stop[0]:
            return None
        return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}

    def _structural(self, tape: Tape, gross: NDArray, stop: NDArray[np.uint8]) -> NDArray:
        """Return the shortfall of the same replications without shocks."""
        if not self.has_structure:
            return np.zeros_like(gross)  # no shock, no shortfall: exactly zero (a tested law)
        quiet = without_shocks(tape)
        flow = self.flow(quiet, stop=stop)
        if stop[0]:
            return np.zeros_like(gross)
        return judge(flow, self.views, self.settings.scenario.step_days)["shortfall_t"]

    def dump(self) -> dict[str, Any]:
        """Return all settings as plain data, resolved."""
        return self.settings.model_dump(mode="json", exclude_none=True)

    def run(self, folder: str | Path | None = None) -> RunData:
        """Run the study and return its results; see ``sim.execute.run``."""
        from sim.execute import run

        return run(self, None if folder is None else Path(folder))

    def change(self, changes: dict[str, Any]) -> Study:
        """Return a study with some settings changed, by dotted key.

        Parameters
        ----------
        changes : dict
            Such as ``{"scenario.hazards.embargo.severity.mean": 0.5, "run.replications": 500}``.

        Raises
        ------
        UserError
            If a key is unknown or a value is not allowed.
        """
        from sim.settings import change_settings

        return Study(change_settings(self.settings, changes))


def load(
    scenario: str | Path,
    changes: dict[str, Any] | None = None,
    *,
    network: str | Path | None = None,
    policy: str | Path | Sequence[str | Path] | None = None,
    demand: str | Path | None = None,
    supply: str | Path | None = None,
) -> Study:
    """Return a study of a scenario by name or path.

    Parameters
    ----------
    scenario : str or path
        Name of a shipped scenario, or a YAML file.
    changes : dict, optional
        Settings to change, by dotted key.
    network, policy, demand, supply : str or path, optional
        Instead of those that the scenario names; several policies as a list.

    Raises
    ------
    UserError
        If anything in it is wrong; all mistakes at once.
    """
    settings = load_settings(scenario, network, policy, changes, demand=demand, supply=supply)
    return Study(settings)


def first_shock_days(tape: Tape) -> NDArray[np.float64]:
    """Return the day of each replication's first shock that takes effect; NaN where none does."""
    days = np.full(tape.replication.size, np.nan)
    for j in range(days.size):
        part = slice(tape.shock_ptr[j], tape.shock_ptr[j + 1])
        onset = tape.onset_days[part][~tape.called_off[part]]
        if onset.size:
            days[j] = onset[0]
    return days


def without_shocks(tape: Tape) -> Tape:
    """Return the same replications with projects and parameters as drawn and no shock."""
    none_i, none_f = np.zeros(0, np.int32), np.zeros(0)
    zero = np.zeros(tape.replication.size + 1, np.int32)
    return tape._replace(
        shock_ptr=zero,
        shock_hazard=none_i,
        announce_days=none_f,
        onset_days=none_f,
        end_days=none_f,
        called_off=np.zeros(0, np.bool_),
        row_ptr=zero,
        row_shock=none_i,
        row_effect=none_i,
        row_kind=none_i,
        point_ptr=np.zeros(1, np.int32),
        point_day=none_f,
        point_value=none_f,
    )


def n_workers(setting: int | str) -> int:
    """Return the number of threads that "auto" or a number means."""
    return (os.cpu_count() or 1) if setting == "auto" else int(setting)
