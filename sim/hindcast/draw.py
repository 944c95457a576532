"""What an episode's figure shows."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

from sim import __version__
from sim.hindcast.facts import Fact
from sim.hindcast.replay import Hindcast, Series
from sim.hindcast.score import Scored, total
from sim.plots import hindcast as plot
from sim.plots.style import save


def draw(found: Hindcast, folder: Path) -> Path:
    """Draw an episode's figure into a folder; return the file."""
    counted = [r for r in found.rows if r.fact.counts]
    score = total(counted)
    scenario = found.study.settings.scenario
    fig = plot.figure(
        f"{found.episode.title}: {score.hits} of {score.n} facts hit, {score.covered} in the band",
        "Above: what was reported, with its tolerance, on the fan of the model. Below: every "
        "scored fact, with the median and the 90 % band of the model",
        [_panel(s) for s in found.series],
        [_distance(r) for r in counted],
        f"Scenario hindcast/{found.episode.scenario}, {scenario.start} to "
        f"{scenario.start + dt.timedelta(days=scenario.horizon_days)}, {found.n} futures, seed "
        f"{found.study.settings.run.seed}. Facts: its table in data/hindcasts. Source: "
        f"Shortfall {__version__}, data as cited in the network file.",
    )
    return save(fig, folder / f"hindcast_{found.episode.name}", formats=("png",))[0]


def _panel(series: Series) -> plot.Panel:
    fact = series.facts[0]
    verb = "arrived from" if fact.kind.startswith("import") else "left"
    to = f" for {', '.join(fact.to)}" if fact.to else ""
    what = ", ".join(p.replace("_", " ") for p in fact.product)
    return plot.Panel(
        f"{what}: {verb} {fact.origin or 'abroad'}{to}",
        fact.unit,
        [d + dt.timedelta(days=15) for d in series.month],
        series.values,
        series.base,
        [_point(f) for f in series.facts],
    )


def _point(fact: Fact) -> tuple[dt.date, float, float, float, bool]:
    assert fact.first is not None
    assert fact.end is not None
    middle = fact.first + (fact.end - fact.first) / 2
    return middle, fact.value, fact.low, fact.high, fact.counts


def _distance(row: Scored) -> plot.Distance:
    off = [(v - row.fact.value) / row.fact.half_width for v in (row.low, row.median, row.high)]
    label = f"{row.fact.row} {row.fact.kind.replace('_', ' ')}: {row.fact.name}"
    low, median, high = (math.copysign(1e9, v) if math.isinf(v) else v for v in off)
    return plot.Distance(label, low, median, high, row.hit)
