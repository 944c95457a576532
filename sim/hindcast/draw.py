"""What an episode's figure shows."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

from sim import __version__
from sim.hindcast.facts import Fact
from sim.hindcast.replay import Hindcast
from sim.hindcast.score import Scored, total
from sim.hindcast.series import Series
from sim.plots import hindcast as plot
from sim.plots.style import save

ABOVE = "Above: what was reported, with its tolerance, on the fan of the model. Below: "


def draw(found: Hindcast, folder: Path) -> Path:
    """Draw an episode's figure into a folder; return the file."""
    counted = [r for r in found.rows if r.fact.counts]
    score = total(counted)
    scenario = found.study.settings.scenario
    fig = plot.figure(
        f"{found.episode.title}: {score.hits} of {score.n} facts hit, {score.covered} in the band",
        ABOVE
        * bool(found.series)
        + "Every scored fact: median and 90 % band of the model less the "
        "fact, in half widths of its tolerance",
        [_panel(s) for s in found.series],
        [_distance(r) for r in counted],
        f"Scenario hindcast/{found.episode.scenario}, {scenario.start} to "
        f"{scenario.start + dt.timedelta(days=scenario.horizon_days)}, {found.n} futures, seed "
        f"{found.study.settings.run.seed}. Facts: its table in data/hindcasts. Source: "
        f"Shortfall {__version__}, data as cited in the network file.",
    )
    return save(fig, folder / f"hindcast_{found.episode.name}", formats=("svg",))[0]


def _panel(series: Series) -> plot.Panel:
    fact = series.facts[0]
    what = ", ".join(p.replace("_", " ") for p in fact.product)
    where = ", ".join(fact.to)
    verb = "arrived from" if fact.kind.startswith("import") else "left"
    flow = f"{what}: {verb} {fact.origin or 'abroad'}{f' for {where}' if where else ''}"
    return plot.Panel(
        f"{what}: price {where}" if series.is_price else flow,
        "times the price before" if series.is_price else fact.unit,
        [d + dt.timedelta(days=3 if series.is_price else 15) for d in series.day],
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
    label = f"{row.fact.row} {row.fact.kind.replace('_', ' ')}, {_short(row.fact)}"
    low, median, high = (math.copysign(1e9, v) if math.isinf(v) else v for v in off)
    return plot.Distance(label, low, median, high, row.hit)


def _short(fact: Fact) -> str:
    """Return a name that fits a line: the first product, the place, the day or first month."""
    good = fact.product[0].replace("_", " ") if fact.product else ""
    return f"{good} {'/'.join(fact.to)} {fact.when.partition('..')[0]}".replace("  ", " ")
