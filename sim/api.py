"""What notebooks call: load a study, run it, open a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.base.errors import Fault, UserError, nearest
from sim.config.library import NAMED, Library
from sim.config.settings import load_settings
from sim.results import data as results
from sim.run import case
from sim.tabular.frames import network_from, to_frames, to_networkx

__all__ = [
    "RunData",
    "Study",
    "compare",
    "load",
    "names",
    "network_from",
    "open_run",
    "to_frames",
    "to_networkx",
]


if TYPE_CHECKING:
    from concurrent.futures import Executor

    from matplotlib.figure import Figure


class RunData(results.RunData):
    """All that a run has found, ready for notebooks: tables, figures, a short look.

    The fields are those of ``sim.results.data.RunData``; ``of`` gives one measure of one view.

    Examples
    --------
    >>> import sim
    >>> study, data = sim.open("results/background")             # doctest: +SKIP
    >>> data                                                      # doctest: +SKIP
    <run "Background": 1,000 futures of 1,098 days, 16 measures x 8 views; .measures, .views, ...>
    >>> data.of("shortfall_share", "region", "JPN").mean()        # doctest: +SKIP
    >>> data.to_pandas().describe(); data.plot.fan()               # doctest: +SKIP
    """

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of what a replication is measured by."""
        return tuple(self.table)

    def of(self, measure: str, kind: str = "total", name: str = "all") -> results.F8:
        """Return a measure of a view, one number a replication.

        Parameters
        ----------
        measure : str
            One of `measures`.
        kind, name : str, optional
            Of the view, such as "region" and "JPN".

        Raises
        ------
        KeyError
            If there is no such measure or view, with the nearest name.
        """
        if measure not in self.table:
            hint = nearest(measure, self.table) or f"; one of {', '.join(self.table)}"
            raise KeyError(f"no measure {measure!r}{hint}")
        return super().of(measure, kind, name)

    def to_pandas(self) -> Any:
        """Return a data frame: a row a replication, columns (measure, kind, name).

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        import pandas as pd

        keys = [(m, v.kind, v.name) for m in self.table for v in self.views]
        columns = pd.MultiIndex.from_tuples(keys, names=["measure", "kind", "name"])
        wide = np.concatenate([np.asarray(self.table[m][:]) for m in self.table], axis=1)
        index = pd.RangeIndex(self.n, name="replication")
        if self.sections.weighted:
            return pd.DataFrame(wide, columns=columns, index=index).assign(weight=self.weights)
        return pd.DataFrame(wide, columns=columns, index=index)

    def to_xarray(self) -> Any:
        """Return a dataset of the measures over replication and view (extra ``shortfall[frames]``).

        Raises
        ------
        ImportError
            If xarray is not installed.
        """
        import xarray as xr

        views = [f"{v.kind}:{v.name}" for v in self.views]
        arrays = {m: (("replication", "view"), np.asarray(self.table[m][:])) for m in self.table}
        coords: dict[str, Any] = {"view": views, "title": ("view", [v.title for v in self.views])}
        if self.sections.weighted:
            coords["weight"] = ("replication", self.weights)
        attrs = {"title": self.title, "seed": self.seed, "start": str(self.start)}
        return xr.Dataset(arrays, coords=coords, attrs=attrs | {k: str(v) for k, v in
                                                                self.meta.items()})  # fmt: skip

    @property
    def plot(self) -> Plots:
        """Figures of the run: ``plot.fan()``, ``plot.exceedance()``."""
        return Plots(self)

    def __repr__(self) -> str:
        return (
            f'<run "{self.title}": {self.n:,} futures of {self.n_period * self.step_days:,} days, '
            f"{len(self.measures)} measures x {len(self.views)} views; of(), to_pandas(), plot>"
        )

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the title and the headline rows of the summary."""
        from html import escape

        from sim.run.report_numbers import numbers

        return f"<h4>{escape(self.title)}</h4>{numbers(self)}"


class Plots:
    """Figures of a run, each a matplotlib Figure.

    Parameters
    ----------
    data : RunData
        The run.
    """

    def __init__(self, data: RunData):
        self._data = data

    def fan(self) -> Figure:
        """Return the course over time of those hit hardest."""
        from sim.plots.fan import figure

        return figure(self._data)

    def exceedance(self) -> Figure:
        """Return the chance that the shortfall exceeds a size."""
        from sim.plots.exceedance import figure

        return figure(self._data)

    def __repr__(self) -> str:
        return "<figures: fan(), exceedance()>"


def _ready(data: results.RunData) -> RunData:
    """Return the same data with what notebooks use."""
    return RunData(**vars(data))


class Study(case.Study):  # which lies below what runs it: this one can run itself
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

    def __repr__(self) -> str:
        scenario, run = self.settings.scenario, self.settings.run
        return (
            f"<study {scenario.name!r} on {scenario.network}, policy "
            f"{self.settings.policy.name or 'none'}: {run.replications:,} futures of "
            f"{scenario.horizon_days:,} days; run(), change(), settings>"
        )

    def run(self, folder: str | Path | None = None, *, executor: Executor | None = None) -> RunData:
        """Run the study and return its results; see ``sim.run.execute.run``.

        Parameters
        ----------
        folder : str or path, optional
            Where to; default as the settings say.
        executor : concurrent.futures.Executor, optional
            Who computes the blocks: a pool of processes, of MPI ranks, of a cloud's machines. They
            need this version of the package; the result is the same to the bit.
        """
        from sim.run.execute import run

        target = None if folder is None else Path(folder)
        return _ready(run(self, target, executor=executor))


def load(
    scenario: str | Path | Sequence[str | Path],
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
        Name of a shipped scenario, or a YAML file; several as a list, all on one network.
    changes : dict, optional
        Settings to change, by dotted key.
    network, policy, demand, supply : str or path, optional
        Instead of those that the scenario names; several policies as a list.

    Raises
    ------
    UserError
        If anything in it is wrong; all mistakes at once.

    Examples
    --------
    >>> import sim
    >>> sim.load("background", {"run.seed": 7}).settings.run.seed
    7
    >>> sim.load(["background", "myanmar_kachin"]).settings.scenario.name
    'background+myanmar_kachin'
    """
    settings = load_settings(scenario, network, policy, changes, demand=demand, supply=supply)
    return Study(settings)


def open_run(folder: str | Path) -> tuple[Study, RunData]:
    """Return the study and the results that a folder of a finished run holds.

    Parameters
    ----------
    folder : str or path
        Of the run.

    Returns
    -------
    Study
        As it was run; ``study.change({...})`` gives a neighbour of it.
    RunData
        Labelled columns, the summary and the fan.

    Raises
    ------
    UserError
        If it is not the folder of a finished run of this version.

    Examples
    --------
    >>> import sim
    >>> study, data = sim.open_run("results/background")         # doctest: +SKIP
    >>> data.of("shortfall_t", "total", "all").mean()             # doctest: +SKIP
    """
    from sim.run import reopen

    study, data = reopen.open_run(Path(folder), whole=True)
    return Study(study.settings), _ready(data)


def names(group: str = "scenario") -> list[str]:
    """Return the names of the shipped files of a group.

    Parameters
    ----------
    group : str, optional
        "scenario", "network", "demand", "supply" or "policy".

    Raises
    ------
    UserError
        If there is no such group.

    Examples
    --------
    >>> import sim
    >>> "china_ree_embargo" in sim.list()
    True
    """
    known = ("scenario", *NAMED)
    if group not in known:
        raise UserError(Fault("list", group, f"must be one of {', '.join(known)}"))
    return list(Library().files(group))


def compare(
    base: str | Path, *others: str | Path, folder: str | Path = "results/compare"
) -> list[dict[str, Any]]:
    """Return the differences between finished runs and a base, with intervals.

    Parameters
    ----------
    base : str or path
        Folder of a finished run.
    *others : str or path
        Folders of runs of the same seed; runs that share hazards are compared pair by pair.
    folder : str or path, optional
        Where ``compare.csv`` and the figure go.

    Returns
    -------
    list of dict
        A row a run, view, measure and statistic; ``pandas.DataFrame(rows)`` makes a table.

    Raises
    ------
    UserError
        If the runs do not share seed or end users, or one is no finished run.
    """
    from sim.run.compare import compare as compare_runs

    return compare_runs([Path(f) for f in (base, *others)], Path(folder))[1]
