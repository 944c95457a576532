"""The figure of a comparison: runs side by side, and what lies between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.metrics import findings, precision
from sim.metrics.answer import Estimate
from sim.results.data import RunData, View
from sim.results.write import write_rows


def comparison_figure(runs: Mapping[str, RunData], path: Path) -> None:
    """Draw runs side by side, a panel a region (or good), with the paired differences below.

    Parameters
    ----------
    runs : mapping
        Name -> run; the first is the base of the differences.
    path : pathlib.Path
        Of the figure, without an ending.
    """
    from sim.plots import compare as picture
    from sim.plots import multiples, policies, style
    from sim.plots.panels import label_of, panels_of

    labels = labels_of(runs)
    base = next(iter(runs.values()))
    panels: dict[str, list[picture.Bar]] = {}
    found: list[picture.Difference] = []
    drawn = [view for view in panels_of(base, MOST_PANELS).views if _in_all(view, runs)]
    for view in panels_of(base, MOST_PANELS).views:
        place = view.name if view.kind == "region" else label_of(view)
        for name, data in runs.items():
            if (view.kind, view.name) not in {(v.kind, v.name) for v in data.views}:
                continue
            panels.setdefault(place, []).append(_bar(labels[name], data, view))
            if data is not base and _pairs(base, data):
                found += _difference(labels[name], place, base, data, view)
    places = list(panels)
    figure = picture.figure(panels, _note(runs), found, labels[next(iter(runs))])
    style.save(figure, path)
    if len(places) > 1 and len(runs) <= MOST_RUNS:
        rows = list(labels.values())
        shown = {place: panels[place] for place in places if len(panels[place]) == len(rows)}
        table = policies.figure(rows, shown, found, _note(runs))
        _with_numbers(table, path.with_name(f"{path.name}_table"))
    if len(runs) > MOST_CURVES:
        return
    curves = {label_of(view): {labels[name]: 100 * findings.shares(d, d.index(view.kind, view.name))
                               for name, d in runs.items()} for view in drawn}  # fmt: skip
    _with_numbers(multiples.figure(curves, _note(runs)), path.with_name(f"{path.name}_chances"))


def _with_numbers(figure: Any, path: Path) -> None:
    """Save a figure and, beside it, the numbers that it draws."""
    from sim.plots import style

    style.save(figure, path)
    write_rows(path.with_name(f"{path.name}.csv"), [dict(row) for row in figure.rows])


def _in_all(view: View, runs: Mapping[str, RunData]) -> bool:
    return all((view.kind, view.name) in {(v.kind, v.name) for v in d.views} for d in runs.values())


MOST_RUNS, MOST_CURVES = 24, 6
"""Runs that fit the rows of a table, and that are told apart in one panel."""

MOST_PANELS = 9
"""Panels of a comparison that fit a page."""


def labels_of(runs: Mapping[str, RunData]) -> dict[str, str]:
    """Return what tells the runs apart, by name of the run: policy, scenario, or both, by title.

    Where two are alike, the name is added.
    """
    scenarios = {name: data.title.rstrip(". ") for name, data in runs.items()}
    policies = {name: _policy(data) for name, data in runs.items()}
    if len(set(scenarios.values())) == 1:
        titles = policies
    elif len(set(policies.values())) == 1:
        titles = scenarios
    else:
        titles = {name: f"{scenarios[name]}, {policies[name]}" for name in runs}
    count = Counter(titles.values())
    return {n: t if count[t] == 1 else f"{t} ({n})" for n, t in titles.items()}


def _policy(data: RunData) -> str:
    if data.meta.get("policy", "none") == "none":
        return "No policy"
    return str(data.meta.get("policy_title") or data.meta["policy"])


def _bar(label: str, data: RunData, view: View) -> Any:
    from sim.plots.compare import Bar

    column = data.index(view.kind, view.name)
    answer = precision.mean(100 * findings.linear_column(data, column), sections=data.sections)
    share = 100 * findings.shares(data, column)
    value = float(share.mean())
    mean, low, high = answer[:3] if isinstance(answer, Estimate) else (value, value, value)
    return Bar(label, mean, low, high, *(float(q) for q in np.quantile(share, (0.05, 0.95))))


def _pairs(a: RunData, b: RunData) -> bool:
    """Return whether a difference of two runs, replication by replication, means something."""
    days = [run.n_period * run.step_days for run in (a, b)]
    return a.seed == b.seed and len(a.views) == len(b.views) and days[0] == days[1]


def _difference(label: str, place: str, base: RunData, data: RunData, view: View) -> list[Any]:
    from sim.plots.compare import Difference

    n = min(base.n, data.n)
    one, two = (
        findings.linear(*(d.of(m, view.kind, view.name)[:n] for m in ("shortfall_t", "wanted_t")))
        for d in (data, base)
    )
    answer = precision.mean(100 * (one - two), sections=base.sections)
    return [Difference(place, label, *answer[:3])] if isinstance(answer, Estimate) else []


def _note(runs: Mapping[str, RunData]) -> str:
    """Return what a comparison rests on: scenarios, policies, dates, replications, seed."""
    from sim.plots.layout import hangs_on
    from sim.plots.words import day_name, end_day, facts_until

    datas = list(runs.values())
    titles = "; ".join(dict.fromkeys(d.title.rstrip(". ") for d in datas))
    policies = ", ".join(dict.fromkeys(_policy(d) for d in datas))
    spans = "; ".join(
        dict.fromkeys(f"{day_name(d.start)} to {day_name(end_day(d))}" for d in datas)
    )
    facts = "; ".join(dict.fromkeys(t for d in datas if (t := facts_until(d.meta.get("as_of")))))
    sizes = ", ".join(dict.fromkeys(f"{d.n:,}" for d in datas))
    chances = "; ".join(dict.fromkeys(hangs_on(d.meta) for d in datas))
    version = datas[0].meta.get("version", "")
    return (
        f"Scenario: {titles}. Policy: {policies}. {spans}. "
        f"{facts + '. ' if facts else ''}"
        f"{sizes} replications each, seed {datas[0].seed}, "
        "hazards of one name meet the same shocks. "
        f"{chances + '. ' if chances else ''}Source: Shortfall {version}."
    )
