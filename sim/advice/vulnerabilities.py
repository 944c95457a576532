"""``shortfall vulnerabilities``: remove, play, judge, rank, write. The whole story on one page."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

from sim import __version__
from sim.advice import n_minus_one, outage
from sim.advice.cost import Agree, cost_of_removals
from sim.advice.kept import kept_by
from sim.advice.pairs import pairs_to_try
from sim.advice.removals_played import Case, Desk, Question, block, case_of
from sim.advice.vulnerability_rows import Harm, Row, pair_rows, single_rows, user_rows
from sim.advice.whose_loss import Yardstick
from sim.network.dictionary import Network
from sim.results.files import make_folder
from sim.results.write import write_json, write_rows
from sim.run.audit_size import Size, size_of
from sim.run.progress import ShowProgress, silent


@dataclasses.dataclass(frozen=True)
class Found:
    """What was found.

    Parameters
    ----------
    singles, users, pairs, covers : list of dict
        Rows of the tables, worst first.
    all_pairs : bool
        Whether every pair was tried.
    measure : Yardstick
        By whose loss.
    folder : pathlib.Path
        Where the tables lie.
    """

    singles: list[Row]
    users: list[Row]
    pairs: list[Row]
    covers: list[Row]
    all_pairs: bool
    measure: Yardstick
    folder: Path


def explore(
    network: Network,
    asked: Question,
    folder: Path,
    *,
    pairs: bool = False,
    audits: int | str = "auto",
    workers: int = 1,
    top: int = 15,
    shard: str | None = None,
    dask: str | None = None,
    progress: ShowProgress | None = None,
    agree: Agree = lambda cost: None,
) -> Found:
    """Remove everything from a network, one at a time, and write what happens.

    Parameters
    ----------
    network : Network
        Checked, with a policy's changes in it where there is one.
    asked : Question
        Whose shortfall, how long, how hard.
    folder : pathlib.Path
        For ``vulnerabilities.csv``, ``by_user.csv``, ``n_minus_1.csv``, ``pairs.csv``,
        ``question.json``, the figures, and finished blocks in ``work/``, which the same question
        asked again reuses.
    pairs : bool, optional
        Also remove two at a time.
    audits : int or "auto", optional
        Removals that the SimPy model plays again, the worst ones; as ``run.audit`` by default.
    workers : int, optional
        Threads; changes no bit.
    top : int, optional
        Bars of the figure.
    shard, dask : str, optional
        As ``run.shard`` and ``run.dask``: a share of the blocks, or where they are computed.
    progress : callable, optional
        As ``sim.run.progress.progress``.
    agree : callable, optional
        Is told what it will take, before anything is written.

    Raises
    ------
    UserError
        If a region has no end user, the tables do not fit into this machine's memory, or the
        folder cannot be written.
    AuditFailure
        If the two engines disagree.
    Waiting
        With ``shard``, once its share is there.
    """
    case = case_of(network, asked)
    compiled, n_lane = case.compiled, case.compiled.chain.lane_feed.size
    size = size_of(audits, len(case.things), n_lane, asked.n_period)
    agree(cost_of_removals(compiled, case.views, case.things, case.stop, pairs=pairs, audited=size,
                           workers=workers))  # fmt: skip
    with kept_by(shard, dask, block, workers) as kept:
        desk = Desk(case, folder, kept, workers, progress or silent)
        desk.begin()
        alone = desk.played("removals")
        places, whole = pairs_to_try(compiled, case.things, alone.loss) if pairs else ([], True)
        both = desk.played("pairs", places) if pairs else None
        kept.end()
    found = _written(case, alone, both, whole, folder)
    stretch = dataclasses.replace(case.stop, n_period=size.n_period)
    outage.check(compiled, [alone.sets[x] for x in alone.order()[: size.n]], stretch)
    write_json(folder / "question.json", _manifest(asked, found, pairs, size))
    draw(network, asked, found, top)
    return found


def _written(case: Case, alone: Harm, both: Harm | None, whole: bool, folder: Path) -> Found:
    """Write the tables; return what is in them."""
    cover_rows = n_minus_one.rows_of(
        n_minus_one.covers(case.network, case.compiled), n_minus_one.published_covers()
    )
    write_rows(folder / "n_minus_1.csv", cover_rows)
    singles = single_rows(alone, case.views, case.compiled, case.measure)
    users = user_rows(alone, case.views)
    write_rows(folder / "vulnerabilities.csv", singles)
    write_rows(folder / "by_user.csv", users)
    together: list[Row] = []
    if both is not None:
        together = pair_rows(both, alone, case.views, case.measure)
        write_rows(folder / "pairs.csv", together)
    return Found(singles, users, together, cover_rows, whole, case.measure, folder)


def draw(network: Network, asked: Question, found: Found, top: int) -> list[Path]:
    """Draw the figures of what was found; return the files."""
    from sim.plots import n_minus_one as covers
    from sim.plots import style, vulnerabilities

    rows = [
        vulnerabilities.Broken(r["kind"], titled(network, r["kind"], r["name"]),
                               r["shortfall_share"],
                               r["time_to_survive_days"], r["time_to_recover_days"])
        for r in found.singles[:top] if r["loss"] > 0
    ]  # fmt: skip
    horizon = float(asked.n_period * asked.step_days)
    note = caption(asked)
    worst = vulnerabilities.figure(
        rows, network.title, found.measure.who, asked.days, horizon, note
    )
    bars = [covers.CoverBar(r["product"], r["country"], r["cover_share"], r["rest_share"],
                            r["rest_capacity_share"], _number(r["published_low"]),
                            _number(r["published_high"])) for r in found.covers]  # fmt: skip
    cited = " ".join(
        dict.fromkeys(r["published_source"] for r in found.covers if r["published_source"])
    )
    published = f"Published: {cited}. " if cited else "No published figure was found. "
    n_minus = covers.figure(bars, network.title, published + _source(asked))
    folder = found.folder / "figures"
    make_folder(folder)
    return [*style.save(worst, folder / "vulnerabilities"),
            *style.save(n_minus, folder / "n_minus_1")]  # fmt: skip


def titled(network: Network, kind: str, name: str) -> str:
    """Return what is removed by its title: sites and routes have one; other names are words."""
    from sim.plots.flow_map import ROUTES, route_name

    def site(key: str) -> str:
        return (network.sites[key].title if key in network.sites else "") or key

    if kind == "route" and name in ROUTES:
        return route_name(name)
    ends = name.split("->")
    if kind == "site" or (kind == "lane" and all(key in network.sites for key in ends)):
        return " -> ".join(site(key) for key in ends)
    return name


def caption(asked: Question) -> str:
    """Return what the figure of removals rests on."""
    hard = "everything of it stops" if asked.severity == 1 else f"{asked.severity:.0%} of it stops"
    return (
        f"Each thing alone: {hard} for {asked.days:,} days from day 0. No chance in it, so no "
        "interval; stocks, reserves and re-ordering act; of the projects only certain ones. "
        f"{_source(asked)}"
    )


def _source(asked: Question) -> str:
    return (
        f"Network {asked.network}, policy {asked.policy}. Source: Shortfall {__version__}, data as "
        "cited in the network file."
    )


def _manifest(asked: Question, found: Found, pairs: bool, audited: Size) -> dict[str, Any]:
    from sim.run.source_hash import source_revision

    return {
        **dataclasses.asdict(asked),
        "for": found.measure.who,
        "unit": found.measure.unit,
        "version": __version__,
        "source_revision": source_revision(),
        "removals": len(found.singles),
        "pairs": len(found.pairs) if pairs else None,
        "all_pairs": found.all_pairs if pairs else None,
        "audited": audited.n,
        "audited_periods": audited.n_period,
    }


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
