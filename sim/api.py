"""What notebooks call: load a study, run it, open a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.base.errors import Fault, UserError
from sim.config.library import NAMED, Library
from sim.config.settings import load_settings
from sim.results.data import RunData
from sim.run import case


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

    def run(self, folder: str | Path | None = None) -> RunData:
        """Run the study and return its results; see ``sim.run.execute.run``."""
        from sim.run.execute import run

        return run(self, None if folder is None else Path(folder))


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
    return Study(study.settings), data


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
