"""What the explorer of a page shows: every run's numbers, small, on one key of place and good."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from sim.brief.read import Told
from sim.metrics import findings
from sim.metrics.dear import dearest
from sim.network.arrays import F8
from sim.plots.words import ordered_regions, region_name
from sim.results.data import Fan, RunData, View
from sim.words.say import say
from sim.words.titles import title

MOST_BYTES = 860_000
"""Of all runs' numbers together: the page stays below a megabyte."""

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)

LETTERS = "".join(chr(c) for c in range(35, 127) if chr(c) not in "\\<")[:90]
"""Two of them are a number from 0 to 8099; none of them means anything to HTML or JSON."""

STEPS = 8000
"""To which a series' largest number is scaled."""

NONE = 8099
"""Stands for no number."""

WORDS = (
    "measure", "region", "good", "runs", "table", "date", "mean", "median", "band", "interval",
    "none", "csv", "svg", "chart", "help", "all_regions", "all_goods", "run", "to", "no_value",
)  # fmt: skip

MEASURES = (
    ("share", "time", "explorer.share", "%", 1),
    ("tonnes", "range", "explorer.tonnes", "t", 0),
    ("price", "time", "explorer.price", "", 2),
    ("value", "range", "explorer.value", "explorer.billions", 2),
)
"""Name, kind of drawing, title, unit, decimals."""

RANGES = {"tonnes": ("shortfall_t", 1.0), "value": ("value_added_lost_usd", 1e-9)}


def explorer(brief: Any) -> str:
    """Return the section in which a reader chooses; its script fills it."""
    lang, runs = brief.lang, brief.runs
    told = {
        key: escape(say(f"explorer.{key}", lang))
        for key in ("heading", "intro", "measure", "region", "good", "runs", "csv", "svg",
                    "table", "no_script")
    }  # fmt: skip
    return (
        '<section id="explorer">\n'
        f"<h2>{told['heading']}</h2>\n<p>{told['intro']}</p>\n"
        f"<noscript><p>{told['no_script']}</p></noscript>\n"
        '<div class="controls">'
        f'<label>{told["measure"]}<select id="measure"></select></label>'
        f'<label>{told["region"]}<select id="region"></select></label>'
        f'<label>{told["good"]}<select id="good"></select></label></div>\n'
        f'<fieldset><legend>{told["runs"]}</legend><div id="runs"></div></fieldset>\n'
        '<div id="chart" class="panels" tabindex="0" role="slider" aria-orientation="horizontal">'
        "</div>\n"
        '<div id="read" role="status"></div>\n'
        f'<button type="button" id="csv">{told["csv"]}</button>'
        f'<button type="button" id="svg">{told["svg"]}</button>\n'
        f'<details><summary>{told["table"]}</summary><div class="scroll" tabindex="0" '
        f'role="region" aria-label="{told["table"]}"><table id="numbers"></table></div></details>\n'
        f'<script type="application/json" id="data">{_json(packed(runs, lang))}</script>\n'
        "</section>"
    )


def _json(value: Any) -> str:
    """Return data for inside a page: no text of it can end the element that holds it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def packed(runs: Sequence[Told], lang: str) -> dict[str, Any]:
    """Return all that the script needs: words, names, and the runs' numbers.

    Parameters
    ----------
    runs : sequence of Told
        All that are shown.
    lang : str
        Language of words and names.
    """
    names: dict[str, str] = {}
    each = [_run(run, names, MOST_BYTES // len(runs), lang) for run in runs]
    used = {name for run in each for name in run["series"]}
    units = {unit: say(unit, lang) if "." in unit else unit for _, _, _, unit, _ in MEASURES}
    regions = {key.partition("|")[0] for run in each for s in run["series"].values() for key in s}
    return {
        "lang": {"en": "en-GB"}.get(lang, lang),
        "file": "shortfall",
        "letters": LETTERS,
        "words": {word: say(f"explorer.{word}", lang) for word in WORDS},
        "measures": [
            {"id": name, "kind": kind, "title": say(told, lang), "unit": units[unit],
             "decimals": decimals}
            for name, kind, told, unit, decimals in MEASURES
            if name in used
        ],
        "order": ["", *(r for r in ordered_regions(sorted(regions)) if r)],
        "names": names,
        "runs": each,
    }  # fmt: skip


def _run(run: Told, names: dict[str, str], budget: int, lang: str) -> dict[str, Any]:
    """Return a run's numbers, the largest sets of end users first, until its room is used."""
    data, keys = run.data, _keys(run, names, lang)
    every = max(1, -(-data.n_period // 160))
    series: dict[str, dict[str, Any]] = {}
    room, left_out = budget, 0
    for measure, key, told in _told(run, keys, names, every, lang):
        size = len(json.dumps(told)) + len(key) + 6
        if size > room:
            left_out += 1
            continue
        room -= size
        series.setdefault(measure, {})[key] = told
    return {
        "label": run.label,
        "start": data.start.isoformat(),
        "step": data.step_days * every,
        "n": -(-data.n_period // every),
        "left": say("explorer.left_out", lang, n=left_out) if left_out else "",
        "marks": _marks(data),
        "series": series,
    }


def _marks(data: RunData) -> list[float]:
    """Return the days on which hazards with a date begin, of those that are drawn."""
    days = data.meta.get("dated_days", ())
    return [float(d) for d in days if 0 <= d < data.step_days * data.n_period]


def _keys(run: Told, names: dict[str, str], lang: str) -> dict[int, str]:
    """Return the key REGION|GOOD of every column, and give their names; "" is all of them."""
    labels, keys = run.study.compiled.labels, {}
    taken: set[str] = set()
    for x, view in enumerate(run.data.views):
        region, good = "", ""
        if view.kind == "region":
            region = view.name
        elif view.kind in ("sector", "product"):
            good = f"{view.kind}:{view.name}"
        elif view.kind == "user":
            at = labels.group.index(view.name)
            region, sector = labels.group_region[at], labels.group_sector[at]
            good = f"sector:{sector}" if sector else f"product:{labels.group_product[at]}"
        elif view.kind != "total":
            continue
        key = f"{region}|{good}"
        if key in taken:
            good = f"user:{view.name}"
            key = f"{region}|{good}"
        taken.add(key)
        keys[x] = key
        if region:
            names[region] = region_name(region, lang)
        if (good and view.kind != "user") or good.startswith("user:"):
            names[good] = title(view.title, lang)
    return _without_twins(run.data.views, keys, names)


def _without_twins(
    views: Sequence[View], keys: Mapping[int, str], names: Mapping[str, str]
) -> dict[int, str]:
    """Return keys without goods that are called as a sector is: their users are the same."""
    sectors = {names[k.partition("|")[2]] for x, k in keys.items() if views[x].kind == "sector"}
    return {
        x: key
        for x, key in keys.items()
        if views[x].kind != "product" or names[key.partition("|")[2]] not in sectors
    }


def _told(
    run: Told, keys: Mapping[int, str], names: dict[str, str], every: int, lang: str
) -> Iterator[tuple[str, str, Any]]:
    """Yield measure, key and numbers: what is summed over most first."""
    data = run.data
    rank = {"total": 0, "region": 1, "sector": 2, "product": 3, "user": 4}
    share = {x: data.sections.mean(findings.linear_column(data, x)) for x in keys}
    columns = sorted(keys, key=lambda x: (rank[data.views[x].kind], -share[x], x))
    summary = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in data.summary}
    prices = _prices(run, names, every, lang)
    for several in (True, False):
        chosen = [x for x in columns if (data.views[x].kind != "user") == several]
        for name, (measure, scale) in RANGES.items():
            for x in chosen:
                told = _range(summary, data.views[x], measure, scale)
                if told is not None:
                    yield name, keys[x], told
        if data.fan is not None:
            for x in chosen:
                yield "share", keys[x], series_of(data.fan, x, every, 100.0)
        if several:
            yield from prices


def _prices(run: Told, names: dict[str, str], every: int, lang: str) -> list[tuple[str, str, Any]]:
    """Return the price index of the goods that become dearest, where it is made and elsewhere."""
    prices = run.data.prices
    if prices is None or prices.fan is None:
        return []
    shown = {view.title for view in dearest(run.data)}
    told = []
    for x, view in enumerate(prices.course):
        if view.title in shown:
            names[f"price:{view.name}"] = title(view.title, lang)
            told.append(("price", f"|price:{view.name}", series_of(prices.fan, x, every, 1.0)))
    return told


def _range(
    summary: Mapping[tuple[str, str, str, str], Mapping[str, Any]],
    view: View,
    measure: str,
    scale: float,
) -> list[float | None] | None:
    """Return mean, its interval, and the quantiles of `LEVELS`; None where it is not told."""
    rows = {s: summary.get((view.kind, view.name, measure, s))
            for s in ("mean", "q05", "q25", "q50", "q75", "q95")}  # fmt: skip
    mean = rows.pop("mean")
    if mean is None or math.isnan(float(mean["value"])):
        return None
    told = [float(mean[k]) for k in ("value", "low", "high")]
    told += [math.nan if row is None else float(row["value"]) for row in rows.values()]
    return [_rounded(scale * value) for value in told]


def _rounded(value: float) -> float | None:
    """Return a number with four digits; None for none."""
    return None if math.isnan(value) else float(f"{value:.4g}")


def series_of(fan: Fan, column: int, every: int, scale: float) -> Any:
    """Return the course of a view: [largest, letters] of mean, its limits and `LEVELS`; 0 for 0.

    Parameters
    ----------
    fan : Fan
        Of all views.
    column : int
        Which.
    every : int
        Only every so many periods.
    scale : float
        From the fan's numbers to those that are read.
    """
    at = [fan.levels.index(q) for q in LEVELS]
    parts = [fan.mean[::every, column], fan.mean_low[::every, column],
             fan.mean_high[::every, column], *fan.share[at, ::every, column]]  # fmt: skip
    values = scale * np.concatenate(parts)
    top = float(np.nanmax(values, initial=0.0))
    if not top > 0:
        return 0
    return [_rounded(top), written(values, _rounded(top) or top)]


def written(values: F8, top: float) -> str:
    """Return numbers from 0 to `top` as letters, two each."""
    steps = np.rint(np.clip(np.nan_to_num(values), 0, None) / top * STEPS)
    steps = np.where(np.isnan(values), NONE, np.minimum(steps, NONE - 1)).astype(int)
    return "".join(LETTERS[s // 90] + LETTERS[s % 90] for s in steps.tolist())
