"""``shortfall rank-projects``: try everything on the same shocks, rank, combine, write."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim import __version__
from sim.advice import candidates as options
from sim.advice import elsewhere
from sim.advice.avoided import LEVEL, half_of
from sim.advice.candidates import Candidate
from sim.advice.cost import Agree, cost_of_ranking, plays_alone, plays_together
from sim.advice.greedy import Step, greedy, greedy_rows
from sim.advice.judged import COLUMNS
from sim.advice.kept import kept_by
from sim.advice.opening import Opened, opened
from sim.advice.ranking import Row, Single, rank_rows, try_alone
from sim.advice.trial import Bench, SettingsWith
from sim.advice.whose_loss import Yardstick
from sim.metrics.risk import cvar
from sim.network.arrays import F8
from sim.plots.words import facts_until
from sim.results.files import make_folder
from sim.results.write import write_json, write_rows
from sim.run.case import Study
from sim.run.progress import ShowProgress, silent
from sim.run.source_hash import source_revision


@dataclasses.dataclass(frozen=True)
class Wish:
    """What to rank, for whom.

    Parameters
    ----------
    regions : tuple of str
        Whose loss counts; empty: the scenario's judged end users, else everybody.
    candidates : str
        Kinds or names, as ``--candidates`` takes them.
    steps : int
        Of the combination at most; 0 for none.
    by : str
        "mean" or "cvar": what the order and the combination look at.
    reserve_days : float
        Size of the reserves that are tried.
    top : int
        Rows of the figure.
    measure : str
        By what is judged: a key of ``sim.advice.judged.COLUMNS``.
    """

    regions: tuple[str, ...] = ()
    candidates: str = "all"
    steps: int = 3
    by: str = "mean"
    reserve_days: float = 90.0
    top: int = 15
    measure: str = "tonnes"


@dataclasses.dataclass(frozen=True)
class Advice:
    """What was found.

    Parameters
    ----------
    rows, steps : list of dict
        Rows of ``ranking.csv`` and ``combination.csv``.
    base_mean, base_cvar : float
        Loss with nothing done.
    measure : Yardstick
        By whose loss.
    n : int
        Replications.
    folder : pathlib.Path
        Where it lies.
    """

    rows: list[Row]
    steps: list[Row]
    base_mean: float
    base_cvar: float
    measure: Yardstick
    n: int
    folder: Path


def advise(
    settings_with: SettingsWith,
    wish: Wish,
    folder: Path,
    *,
    policies: Mapping[str, str] | None = None,
    workers: int = 1,
    progress: ShowProgress | None = None,
    agree: Agree = lambda cost: None,
) -> Advice:
    """Rank candidates and search for the best combination.

    Parameters
    ----------
    settings_with : callable
        Settings of the scenario with more policies than it has.
    wish : Wish
        What to rank, for whom.
    folder : pathlib.Path
        For ``ranking.csv``, ``combination.csv``, ``question.json``, the figures, and finished
        blocks in ``work/``, which the same question asked again reuses.
    policies : mapping of str to str, optional
        Name -> title of the policies to try.
    workers : int, optional
        Threads; changes no bit.
    progress : callable, optional
        As ``sim.run.progress.progress``.
    agree : callable, optional
        Is told what it will take, before anything is written.

    Raises
    ------
    UserError
        If a region or candidate is not there, or it is more than this machine's memory holds.
    AuditFailure
        If the two engines disagree.
    KeyboardInterrupt
        On Ctrl-C; finished blocks are kept.
    """
    bench = Bench(settings_with, folder, workers, measure=wish.measure)
    start = opened(bench, wish.regions)
    study = start.study
    things = _things(start, wish, policies or {})
    study.hazards  # noqa: B018  mistakes show before anything is written
    agree(cost_of_ranking(study, things, wish.steps, len(COLUMNS[wish.measure])))
    run = study.settings.run
    with kept_by(run.shard, run.dask, elsewhere.block, workers) as bench.kept:
        bench.begin("rank-projects")
        found, loss = _ranked(bench, start, things, wish, progress or silent)
    write_json(folder / "question.json", _manifest(study, wish, found))
    first = half_of(found.n, start.measure.sections)
    draw(study, wish, found, float(_measuring_half(loss, first, wish.by)))
    return found


def _ranked(
    bench: Bench, start: Opened, things: Sequence[Candidate], wish: Wish, show: ShowProgress
) -> tuple[Advice, F8]:
    """Return what was found, its tables written, and the loss of each future with nothing done."""
    study, measure, folder = start.study, start.measure, bench.folder
    n, is_whole = study.settings.run.replications, bench.kept.shard is None
    with show(f"{len(things)} candidates", n * plays_alone(things)) as bench.tick:
        base = bench.shortfalls(study, n)
        singles = try_alone(bench, things, base)
    rows = rank_rows(singles, base, measure, wish.by) if is_whole else []
    if is_whole:
        write_rows(folder / "ranking.csv", rows)
    steps = _combine(bench, singles, base, measure, wish, show)
    bench.kept.end()
    write_rows(folder / "combination.csv", greedy_rows(steps, measure, wish.by))
    _audit(bench, rows, singles, n)
    loss = measure.loss(base)
    return Advice(rows, greedy_rows(steps, measure, wish.by), float(loss.mean()),
                  cvar(loss, LEVEL), measure, n, folder), loss  # fmt: skip


def _things(start: Opened, wish: Wish, policies: Mapping[str, str]) -> list[Candidate]:
    """Return the candidates that were asked for."""
    study = start.study
    network, have = study.settings.network, study.settings.policy.name.split("+")
    days = wish.reserve_days
    return options.chosen(
        [
            *options.project_candidates(network),
            *options.policy_candidates(policies, have),
            *options.reserve_candidates(network, study.compiled, start.places, days),
        ],
        wish.candidates,
    )


def _combine(
    bench: Bench,
    singles: Sequence[Single],
    base: F8,
    measure: Yardstick,
    wish: Wish,
    show: ShowProgress,
) -> list[Step]:
    alone = {s.candidate.name: s.shortfall_t for s in singles if s.shortfall_t is not None}
    things = [s.candidate for s in singles if s.shortfall_t is not None]
    n, m, k = base.shape[0], len(things), min(wish.steps, len(things))
    with show("combination", max(1, plays_together(m, k, n))) as bench.tick:
        return greedy(bench, things, alone, base, measure, k, wish.by)


def _audit(bench: Bench, rows: Sequence[Row], singles: Sequence[Single], n: int) -> None:
    """Play some replications of the base and of the best candidate again in the SimPy model."""
    bench.tick = lambda _: None
    bench.check(bench.study([]), n)
    best = [s.candidate for s in singles if rows and s.candidate.name == rows[0]["name"]]
    bench.check(bench.study(best), n)


def _measuring_half(loss: F8, first: int, by: str) -> float:
    """Return the loss of the futures that measure the combination."""
    half = loss[first:]
    return float(half.mean()) if by == "mean" or half.size < 2 else cvar(half, LEVEL)


def draw(study: Study, wish: Wish, found: Advice, base: float) -> list[Path]:
    """Draw the figures; return the files."""
    from sim.plots import combination, ranking, style

    scenario = study.settings.scenario
    place = found.folder / "figures"
    make_folder(place)
    kept = [r for r in found.rows if r["rank"] != ""][: wish.top]
    note = _caption(study, found)
    unit, by = found.measure.shown
    rows = [ranking.Ranked(r["title"], r["kind"], _three(r, "avoided_mean", by),
                           _three(r, "avoided_cvar95", by), _three(r, "against_none_mean", by),
                           _three(r, "against_none_cvar95", by)) for r in kept]  # fmt: skip
    files = style.save(
        ranking.figure(rows, scenario.title, found.measure.who, unit, note), place / "ranking"
    )
    if found.steps:
        stairs = [combination.Stair(s["title"], s["kind"], _three(s, "together", by),
                                    s["taken"] == "yes") for s in found.steps]  # fmt: skip
        fig = combination.figure(stairs, base * by, scenario.title, found.measure.who, unit, note)
        files += style.save(fig, place / "combination")
    return files


def _three(row: Row, name: str, by: float) -> tuple[float, float, float]:
    return row[name] * by, row[f"{name}_low"] * by, row[f"{name}_high"] * by


def _caption(study: Study, found: Advice) -> str:
    scenario, run = study.settings.scenario, study.settings.run
    (unit, by), days = found.measure.shown, study.n_period * scenario.step_days
    says = f"{found.measure.says}. " if found.measure.says else ""
    facts = f"{told}. " if (told := facts_until(scenario.as_of)) else ""
    return (
        f"{facts}{found.n:,} replications, seed {run.seed}. Loss with nothing done: mean "
        f"{_spelt(found.base_mean * by)} {unit}, CVaR 95 % {_spelt(found.base_cvar * by)} {unit}, "
        f"over {days:,} days. {says}Network {scenario.network}, policy "
        f"{study.settings.policy.name or 'none'}. Source: Shortfall {__version__}, data as cited "
        "in the network file."
    )


def _spelt(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _manifest(study: Study, wish: Wish, found: Advice) -> dict[str, Any]:
    scenario = study.settings.scenario
    return {
        **dataclasses.asdict(wish),
        "for": found.measure.who,
        "unit": found.measure.unit,
        "scenario": scenario.name,
        "as_of": str(scenario.as_of or ""),
        "network": scenario.network,
        "policy": study.settings.policy.name or "none",
        "seed": study.settings.run.seed,
        "replications": found.n,
        "tried": len(found.rows),
        "base_mean": found.base_mean,
        "base_cvar95": found.base_cvar,
        "version": __version__,
        "source_revision": source_revision(),
    }
