"""``shortfall autonomy``: what share of its wants each region could have without a country.

For each year and region: the share that can be served at best, and the stage that binds; with the
projects that are certain, and with the whole pipeline on its planned days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import __version__
from sim.advice.autonomy_flow import Served, Year, served, year_of
from sim.advice.outage import certain_starts
from sim.base.errors import Fault, UserError, nearest
from sim.base.units import day_of
from sim.network.arrays import F8, CompiledNetwork
from sim.network.compile import compile_network
from sim.network.dictionary import Network
from sim.results.files import make_folder
from sim.results.owner import claim
from sim.results.write import write_json, write_rows
from sim.run.source_hash import source_revision

STEP_DAYS = 7
LANES = "lanes"
"""What binds where an end user has no lane left that anything can come on."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """What is asked.

    Parameters
    ----------
    network, policy : str
        By name, for the caption.
    without : str
        Country, or bloc of the network.
    years : tuple of int
        First and last.
    """

    network: str
    policy: str
    without: str
    years: tuple[int, int]


@dataclass(frozen=True)
class Autonomy:
    """What was found.

    Parameters
    ----------
    rows : list of dict
        Rows of ``autonomy.csv``: pipeline, year, region, share, binds, wanted_t.
    folder : pathlib.Path
        Where it lies.
    """

    rows: list[Row]
    folder: Path


def find_autonomy(network: Network, asked: Question, folder: Path) -> Autonomy:
    """Work out what can be served without a country; write the table and the figure.

    Raises
    ------
    UserError
        If there is no such country or bloc, or nobody elsewhere wants anything.
    """
    first, last = asked.years
    start, end = dt.date(first, 1, 1), dt.date(last + 1, 1, 1)
    n_period = -(-(end - start).days // STEP_DAYS)
    compiled = compile_network(network, start=start, n_period=n_period, step_days=STEP_DAYS)
    without = sites_of(network, compiled, asked.without)
    claim(folder, "autonomy", "--output")
    rows: list[Row] = []
    for pipeline, starts in (("certain", certain_starts(network, compiled, start)),
                             ("planned", planned_starts(network, compiled, start))):  # fmt: skip
        for year in range(first, last + 1):
            at = [-(-(dt.date(y, 1, 1) - start).days // STEP_DAYS) for y in (year, year + 1)]
            flows = year_of(compiled, at[0], min(at[1], n_period), starts)
            rows += _rows(compiled, flows, served(compiled, flows, without), pipeline, year)
    write_rows(folder / "autonomy.csv", rows)
    manifest = {"network": asked.network, "policy": asked.policy, "without": asked.without,
                "years": list(asked.years), "version": __version__,
                "source_revision": source_revision()}  # fmt: skip
    write_json(folder / "question.json", manifest)
    _draw(rows, network, asked, folder)
    return Autonomy(rows, folder)


def sites_of(network: Network, compiled: CompiledNetwork, code: str) -> NDArray[np.bool_]:
    """Return the sites of a country or bloc.

    Raises
    ------
    UserError
        If there is none, or all are.
    """
    labels = compiled.labels
    countries = set(labels.site_country)
    members = set(network.blocs.get(code, [code]))
    places = zip(labels.site_country, labels.site_region, strict=True)
    found = np.array([not members.isdisjoint(place) for place in places], np.bool_)
    if not found.any():
        known = sorted({*countries, *network.blocs})
        hint = nearest(code, known) or f"; there are {', '.join(known)}"
        raise UserError(Fault("--without", code, f"no site of such a country or bloc{hint}"))
    if not any(g >= 0 and not out for g, out in zip(compiled.chain.group, found, strict=True)):
        raise UserError(Fault("--without", code, "leaves no end user elsewhere"))
    return found


def planned_starts(network: Network, compiled: CompiledNetwork, start: dt.date) -> F8:
    """Return the planned start of every project, as if all came and none were late, in days."""
    days = []
    for name in compiled.labels.project:
        planned = network.projects[name].start
        is_date = isinstance(planned, dt.date)
        days.append(day_of(planned, start) if is_date else float(planned))  # type: ignore[arg-type]
    return np.array(days, np.float64)


def _rows(
    compiled: CompiledNetwork, year: Year, found: Served, pipeline: str, number: int
) -> list[Row]:
    """Return a row a region."""
    labels = compiled.labels
    rows: list[Row] = []
    for region in sorted({labels.site_region[i] for i in found.binding}):
        users = [i for i in found.binding if labels.site_region[i] == region]
        wanted = float(year.wanted[users].sum())
        got = float((found.share[users] * year.wanted[users]).sum())
        rows.append({"pipeline": pipeline, "year": number, "region": region,
                     "share": got / wanted, "binds": _binds(found, year, users),
                     "wanted_t": wanted})  # fmt: skip
    return rows


def _binds(found: Served, year: Year, users: Sequence[int]) -> str:
    """Return the product that holds back most of what is wanted; "" where nothing is missing."""
    missing: dict[str, float] = {}
    for i in users:
        if found.share[i] < 1.0:
            first = found.binding[i][0] if found.binding[i] else LANES
            lack = float((1.0 - found.share[i]) * year.wanted[i])
            missing[first] = missing.get(first, 0.0) + lack
    return min(missing, key=lambda p: (-missing[p], p)) if missing else ""


def finding(rows: Sequence[Row], without: str) -> str:
    """Return the sentence that the figure shows: the first and last year, of all regions."""
    from sim.plots.words import the

    first, last = (min(r["year"] for r in rows), max(r["year"] for r in rows))
    told = [f"{100 * _share(rows, 'certain', first):.0f} % of wants in {first}"]
    if last > first:
        told.append(f"{100 * _share(rows, 'certain', last):.0f} % in {last}")
    planned = 100 * _share(rows, "planned", last)
    return (
        f"Without {the(without)} the others can have {' and '.join(told)}; {planned:.0f} % if the "
        "whole pipeline is built as planned"
    )


def _share(rows: Sequence[Row], pipeline: str, year: int) -> float:
    some = [r for r in rows if r["pipeline"] == pipeline and r["year"] == year]
    wanted = float(sum(r["wanted_t"] for r in some))
    return float(sum(r["share"] * r["wanted_t"] for r in some) / wanted)


def _draw(rows: Sequence[Row], network: Network, asked: Question, folder: Path) -> None:
    from sim.plots import autonomy, style

    make_folder(folder / "figures")
    titles = {name: product.title or name for name, product in network.products.items()}
    note = (
        f"Steady flows of each year at capacity, along the network's lanes, all end users alike; "
        f"no stocks. Network {asked.network}, policy {asked.policy}. Source: Shortfall "
        f"{__version__}, data as cited in the network file."
    )
    fig = autonomy.figure(rows, titles, finding(rows, asked.without), network.title, note)
    style.save(fig, folder / "figures" / "autonomy")
