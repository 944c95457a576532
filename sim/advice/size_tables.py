"""What ``shortfall size`` found, and how it is written."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sim import __version__
from sim.advice.size_answer import Row, Size, Stock, Wish
from sim.advice.size_words import finding
from sim.base.sections import INDEPENDENT, Sections
from sim.metrics import precision
from sim.metrics.answer import Answer, Estimate
from sim.network.arrays import F8
from sim.plots.words import facts_until
from sim.results.blocks import Arrays
from sim.results.files import make_folder
from sim.results.write import write_json, write_rows
from sim.run.case import Study
from sim.run.source_hash import source_revision

CURVE = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.99)
"""Sureties of the curve, beside the one that is asked for."""


def curve_rows(
    days: F8, sure: float, stocks: Sequence[Stock], sections: Sections = INDEPENDENT
) -> list[Row]:
    """Return the rows of ``size.csv``: what suffices with each surety, and with that asked for."""
    levels = sorted({*CURVE, sure})
    return [_row(s, precision.quantile(days, s, sections=sections), stocks) for s in levels]


def _row(surety: float, answer: Answer, stocks: Sequence[Stock]) -> Row:
    """Return a point of the curve: days with their interval, and what that is of every good."""
    values = answer[:3] if isinstance(answer, Estimate) else (math.nan,) * 3
    row: Row = {"surety": surety}
    for end, days in zip(("", "_low", "_high"), values, strict=True):
        row[f"days{end}"] = days
        for s in stocks:
            row[f"{s.good}{end}_t"] = days * s.use_t_per_day
            row[f"{s.good}{end}_usd"] = days * s.use_t_per_day * s.usd_per_t
    return row | {"note": answer.note}


def write(study: Study, wish: Wish, size: Size, found: Arrays) -> None:
    """Write the tables, the question and the figure of a size."""
    from sim.plots import size as plot
    from sim.plots import style

    write_rows(size.folder / "size.csv", size.curve)
    futures = zip(found["days"].tolist(), found["harmed"].tolist(), strict=True)
    write_rows(
        size.folder / "futures.csv",
        [{"replication": r, "days": d, "more_did_harm": "yes" if h else "no"}
         for r, (d, h) in enumerate(futures)],
    )  # fmt: skip
    write_json(size.folder / "question.json", _manifest(study, wish, size))
    place = size.folder / "figures"
    make_folder(place)
    per_day = size.stocks[0].use_t_per_day if len(size.stocks) == 1 else math.nan
    levels = _levels(found["days"], wish.sure, study.sections)
    drawn = plot.SizeCurve(*levels, wish.sure, per_day)
    fig = plot.figure(drawn, finding(size, wish), _subtitle(study, wish), _caption(study, size))
    style.save(fig, place / "size")


def _levels(
    days: F8, sure: float, sections: Sections
) -> tuple[list[float], list[float], list[float], list[float]]:
    """Return sureties and what suffices with each, with its limits; NaN where refused."""
    levels = sorted({*np.round(np.arange(0.5, 0.996, 0.005), 3).tolist(), sure})
    answers = [precision.quantile(days, s, sections=sections) for s in levels]
    three = [a[:3] if isinstance(a, Estimate) else (math.nan,) * 3 for a in answers]
    value, low, high = ([t[x] for t in three] for x in range(3))
    return levels, value, low, high


def _subtitle(study: Study, wish: Wish) -> str:
    allowed = "nothing that is wanted" if wish.allow == 0 else (
        f"no more than {100 * wish.allow:g} % of what is wanted")  # fmt: skip
    title = study.settings.scenario.title.rstrip(".")
    return f"{title}. Served: {allowed} is missing over the horizon"


def _caption(study: Study, size: Size) -> str:
    scenario, run = study.settings.scenario, study.settings.run
    facts = f"{told}. " if (told := facts_until(scenario.as_of)) else ""
    held = "; ".join(f"a day of {s.good} is {s.use_t_per_day:,.3g} t" for s in size.stocks)
    days = study.n_period * scenario.step_days
    return (
        f"{facts}{size.n:,} replications, seed {run.seed}, over {days:,} days: the least size of "
        f"each future, by bisection; {held}. Network {scenario.network}, policy "
        f"{study.settings.policy.name or 'none'}. Source: Shortfall {__version__}, data as cited "
        "in the network file."
    )


def _manifest(study: Study, wish: Wish, size: Size) -> Row:
    scenario = study.settings.scenario
    return {
        "reserves": {str(s.good): list(s.reserves) for s in size.stocks},
        "added": [str(s.good) for s in size.stocks if s.added],
        "sure": wish.sure,
        "allow": wish.allow,
        "for": list(size.who),
        "buy_days_per_year": None if wish.pace is None else wish.pace.days_per_year,
        "buy_from": None if wish.pace is None else str(wish.pace.since or scenario.start),
        "days": size.days[:3] if isinstance(size.days, Estimate) else size.days.note,
        "fresh": None if size.fresh is None else size.fresh[:3],
        "harmed": size.harmed,
        "scenario": scenario.name,
        "as_of": str(scenario.as_of or ""),
        "network": scenario.network,
        "policy": study.settings.policy.name or "none",
        "seed": study.settings.run.seed,
        "replications": size.n,
        "version": __version__,
        "source_revision": source_revision(),
    }
