"""The figure of a comparison: runs side by side, and what lies between them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.metrics import findings, precision
from sim.metrics.answer import Estimate
from sim.network.arrays import F8
from sim.plots.page import lang
from sim.results.data import RunData, View
from sim.results.write import write_rows
from sim.words.numbers import whole
from sim.words.say import say
from sim.words.titles import title


def comparison_figure(runs: Mapping[str, RunData], path: Path) -> None:
    """Draw runs side by side, a panel a region (or good), with the paired differences below.

    Parameters
    ----------
    runs : mapping
        Name -> run; the first is the base of the differences.
    path : pathlib.Path
        Of the figure, without an ending.
    """
    from sim.plots import style

    if any(data.sections.weighted for data in runs.values()):
        print("no figure is drawn of runs whose futures are weighted (run.strata)", file=sys.stderr)
        return
    for name, figure in comparison_figures(runs).items():
        target = path.with_name(f"{path.name}{name.removeprefix('compare')}")
        style.save(figure, target)
        if target != path:  # beside the first lies the table of the whole comparison
            write_rows(target.with_name(f"{target.name}.csv"), [dict(row) for row in figure.rows])


def comparison_figures(runs: Mapping[str, RunData], word: str = "share") -> dict[str, Any]:
    """Return the figures of a comparison by name; those for which there are too many runs are not.

    Parameters
    ----------
    runs : mapping
        Name -> run; the first is the base of the differences.
    word : str, optional
        What is compared: share, tonnes or value_added.
    """
    from sim.plots import compare as picture
    from sim.plots import multiples, policies
    from sim.plots.against import Against
    from sim.plots.panels import label_of

    labels = labels_of(runs)
    base = next(iter(runs.values()))
    views = [view for view in _views(base, word) if _in_all(view, runs)]
    scale, unit = _unit(runs, views, word)
    by = Against(word, unit)
    bars: dict[str, list[picture.Bar]] = {}
    found: list[picture.Difference] = []
    for view in _views(base, word):
        place = view.name if view.kind == "region" else label_of(view)
        for name, data in runs.items():
            if (view.kind, view.name) not in {(v.kind, v.name) for v in data.views}:
                continue
            bars.setdefault(place, []).append(_bar(labels[name], data, view, word, scale))
            if data is not base and _pairs(base, data):
                found += _difference(labels[name], place, base, data, view, word, scale)
    note, rows = _note(runs), list(labels.values())
    drawn = {"compare": picture.figure(bars, note, found, rows[0], by)}
    shown = {place: told for place, told in bars.items() if len(told) == len(rows)}
    if len(shown) > 1 and len(runs) <= MOST_RUNS:
        drawn["compare_table"] = policies.figure(rows, shown, found, note, by)
    if len(runs) <= MOST_CURVES:
        curves = {
            label_of(view): {
                labels[name]: _losses(d, d.index(view.kind, view.name), word) / scale
                for name, d in runs.items()
            }
            for view in views
        }
        drawn["compare_chances"] = multiples.figure(curves, note, by)
    return drawn


def _views(base: RunData, word: str) -> list[View]:
    """Return for whom runs are compared, at most so many as fit a page."""
    from sim.plots.measure import VALUE, views_of
    from sim.plots.panels import panels_of

    if word == VALUE:
        return list(views_of(base, word))[:MOST_PANELS]
    return list(panels_of(base, MOST_PANELS).views)


def _unit(runs: Mapping[str, RunData], views: list[View], word: str) -> tuple[float, str]:
    """Return the unit that suits what is compared, and its name."""
    from sim.plots.measure import SHARE, unit_for

    if word == SHARE:
        return 1.0, ""
    tails = (float(np.quantile(_losses(d, d.index(v.kind, v.name), word), 0.95))
             for d in runs.values() for v in views)  # fmt: skip
    return unit_for(tails, word)


def _losses(data: RunData, column: int, word: str) -> F8:
    """Return the loss of each future: % of what was wanted, or a measure as the tables have it."""
    from sim.plots.measure import MEASURES, SHARE

    if word == SHARE:
        return 100 * findings.shares(data, column)
    return np.asarray(data.table[MEASURES[word].column][:, column], float)


def _linear(data: RunData, view: View, word: str, n: int) -> F8:
    """Return numbers of the first n futures whose mean is the one that is compared."""
    column = data.index(view.kind, view.name)
    if word != "share":
        return _losses(data, column, word)[:n]
    short, wanted = (np.asarray(data.table[m][:n, column]) for m in ("shortfall_t", "wanted_t"))
    return 100 * findings.linear(short, wanted)


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
    scenarios = {name: title(data.title.rstrip(". "), lang()) for name, data in runs.items()}
    policies = {name: _policy(data) for name, data in runs.items()}
    if len(set(scenarios.values())) == 1:
        titles = policies
    elif len(set(policies.values())) == 1:
        titles = scenarios
    else:
        titles = {name: say("compare.both", lang(), scenario=scenarios[name], policy=policies[name])
                  for name in runs}  # fmt: skip
    count = Counter(titles.values())
    return {n: t if count[t] == 1 else f"{t} ({n})" for n, t in titles.items()}


def _policy(data: RunData) -> str:
    if data.meta.get("policy", "none") == "none":
        return say("compare.no_policy", lang())
    return title(str(data.meta.get("policy_title") or data.meta["policy"]), lang())


def _bar(label: str, data: RunData, view: View, word: str, scale: float) -> Any:
    from sim.plots.compare import Bar

    answer = precision.mean(_linear(data, view, word, data.n) / scale, sections=data.sections)
    loss = _losses(data, data.index(view.kind, view.name), word) / scale
    value = float(loss.mean())
    mean, low, high = answer[:3] if isinstance(answer, Estimate) else (value, value, value)
    return Bar(label, mean, low, high, *(float(q) for q in np.quantile(loss, (0.05, 0.95))))


def _pairs(a: RunData, b: RunData) -> bool:
    """Return whether a difference of two runs, replication by replication, means something."""
    days = [run.n_period * run.step_days for run in (a, b)]
    return a.seed == b.seed and len(a.views) == len(b.views) and days[0] == days[1]


def _difference(
    label: str, place: str, base: RunData, data: RunData, view: View, word: str, scale: float
) -> list[Any]:
    from sim.plots.compare import Difference

    n = min(base.n, data.n)
    one, two = (_linear(d, view, word, n) for d in (data, base))
    answer = precision.mean((one - two) / scale, sections=base.sections)
    return [Difference(place, label, *answer[:3])] if isinstance(answer, Estimate) else []


def _note(runs: Mapping[str, RunData]) -> str:
    """Return what a comparison rests on: scenarios, policies, dates, replications, seed."""
    from sim.plots.layout import hangs_on, joined
    from sim.plots.words import day_name, end_day, facts_until

    of, datas = lang(), list(runs.values())
    each = say("headline.list", of)

    def all_of(told: Iterable[str], between: str = each) -> str:
        return between.join(dict.fromkeys(text for text in told if text))

    names = say("brief.list", of)
    spans = all_of(say("figure.period", of, first=day_name(d.start, of),
                       last=day_name(end_day(d), of)) for d in datas)  # fmt: skip
    version = str(datas[0].meta.get("version", ""))
    sizes = all_of((whole(d.n, of) for d in datas), names)
    return joined(
        say("compare.scenario", of, titles=all_of(title(d.title.rstrip(". "), of) for d in datas)),
        say("compare.policy", of, titles=all_of((_policy(d) for d in datas), names)),
        spans,
        all_of(facts_until(d.meta.get("as_of"), of) for d in datas),
        say("compare.each", of, sizes=sizes, seed=str(datas[0].seed)),
        all_of(hangs_on(d.meta) for d in datas),
        say("figure.source", of, version=version) + say("figure.stop", of).rstrip(),
    )
