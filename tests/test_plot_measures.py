"""``plot measure=``: every figure by tonnes, value added and price says what it draws."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import plots_case as case
import pytest

import sim.plots
from sim.base.errors import UserError
from sim.commands.plot import wanted_of
from sim.metrics import findings
from sim.plots import exceedance, fan, heatmap
from sim.plots.against import Against
from sim.plots.measure import quantity, unit_for
from sim.plots.page import drawn_for, page_of
from sim.run.comparison import comparison_figures
from sim.run.plots import COMPARED, FIGURES, HONOURS, MEASURES
from sim.run.plotting import drawn_of
from sim.words.say import LANGUAGES, say


@pytest.fixture(scope="module")
def data():
    made = case.run_data(n=200)
    lost = 20_000.0 * np.asarray(made.table["shortfall_t"])
    return case.replace(made, table={**made.table, "value_added_lost_usd": lost})


@pytest.mark.parametrize(
    ("measure", "column"),
    [("tonnes", "shortfall_t"), ("value_added", "value_added_lost_usd")],
)
def test_chances_are_of_the_measure_in_the_runs_tables(data, measure, column):
    figure = exceedance.figure_of(data, measure)
    loss = data.of(column, "region", "JPN")
    mine = [row for row in figure.rows if row["region"] == "JPN"]
    assert mine and all(row["chance"] == np.mean(loss > row["above"]) for row in mine)
    scale, unit = unit_for([float(np.quantile(loss, 0.95))], measure)
    assert f"({unit})" in figure.axes[0].get_xlabel()
    assert max(figure.axes[0].get_lines()[0].get_xdata()) <= loss.max() / scale
    most = max(("JPN", "USA", "EU", "KOR"), key=lambda r: data.of(column, "region", r).mean())
    assert most == "EU" and "the European Union" in figure.title
    hardest = findings.hardest(data)  # by shares it is another one
    assert hardest is not None and hardest.places[0].view.name == "JPN"


def test_the_headline_of_a_measure_is_its_mean_with_an_interval(data):
    told = quantity(data, "tonnes")
    figure = exceedance.figure_of(data, "tonnes")
    found = re.search(r"Union, ([\d.,]+) .*\(95 %: ([\d.,]+) to ([\d.,]+)\)", figure.title)
    assert found, figure.title
    mean, low, high = (float(x.replace(",", "")) for x in found.groups())
    names = [view.name for view in told.views]
    assert mean == pytest.approx(float(told.values(names.index("EU")).mean()), rel=0.01)
    assert low < mean < high


def test_cells_of_tonnes_add_up_to_all_that_is_short(data):
    cells = heatmap.figure(data, case.users_of(), "tonnes").rows
    (unit,) = {row["unit"] for row in cells}
    scale = {"t": 1.0, "thousand t": 1e3}[unit]
    total = sum(row["mean"] for row in cells if not np.isnan(row["mean"]))
    assert scale * total == pytest.approx(data.of("shortfall_t").mean())


def test_no_price_means_no_figure_of_it(data):
    assert exceedance.figure_of(data, "price") is None


def test_runs_are_compared_by_tonnes_as_by_shares(data):
    half = case.run_data(n=200, height=0.5)
    figures = comparison_figures({"a": data, "b": half}, "tonnes")
    assert [*figures] == [*COMPARED]
    rows = figures["compare"].rows
    one, two = (r["mean"] for r in rows if (r["what"], r["place"]) == ("run", "JPN"))
    (less,) = (r for r in rows if (r["what"], r["place"]) == ("difference", "JPN"))
    assert less["mean"] == pytest.approx(two - one) and less["mean"] < 0
    assert less["unit"] in figures["compare"].title
    assert " lacks " in figures["compare"].title and "less than under" in figures["compare"].title
    assert " lacks " not in Against().sentence("b", "JPN", -1.0, "a")


def test_who_is_never_short_is_told_and_has_no_panel(data):
    figure = fan.figure(data)
    assert len([ax for ax in figure.axes if ax.get_visible()]) == 5  # all but China
    assert "Never short in 200 futures: China" in figure.caption
    assert {row["region"] for row in figure.rows} == {"JPN", "USA", "EU", "KOR", "ROW"}


# --- which words a figure honours ----------------------------------------------------------------


def test_a_figure_that_cannot_show_a_measure_is_refused_with_those_that_can():
    for measure, can in MEASURES.items():
        for name in FIGURES:
            words = [f"figures={name}", f"measure={measure}"]
            if name in can:
                assert wanted_of(words).measure == measure
                continue
            with pytest.raises(UserError) as told:
                wanted_of(words)
            text = str(told.value)
            assert text.count("\n") == 0 and all(other in text for other in can)


@pytest.mark.parametrize("word", ["regions=JPN", "goods=magnet", "sectors=wind", "from=2026-01-01"])
def test_a_figure_that_cannot_honour_a_choice_is_left_out_or_refused_by_name(word):
    key = word.partition("=")[0]
    wanted = wanted_of([word])
    assert all(key in HONOURS[name] for name in drawn_of(wanted)) and drawn_of(wanted)
    (other, *_) = (name for name in FIGURES if key not in HONOURS[name] and name != "timeline")
    with pytest.raises(UserError, match=f"knows no {key}="):
        wanted_of([f"figures={other}", word])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["figures=timeline"], "needs the future"),
        (["figures=fan", "replication=3"], "knows no replication="),
        (["replication=-1"], "must be a whole number"),
        (["figures=chain_map", "measure=share"], "fan, exceedance, heatmap"),
    ],
)
def test_the_future_of_a_timeline_is_asked_for(words, told):
    with pytest.raises(UserError, match=told):
        wanted_of(words)
    assert wanted_of(["replication=3"]).figures == ("timeline",)


# --- words ---------------------------------------------------------------------------------------

ENGLISH = {"autonomy", "combination", "frontier", "hindcast", "n_minus_one", "ranking", "size",
           "tornado", "vulnerabilities"}  # fmt: skip
"""Figures of commands that speak English only."""

MODULES = [p for p in sorted(Path(sim.plots.__file__).parent.glob("*.py")) if p.stem not in ENGLISH]
NO_WORDS = {"fonts", "style"}  # names of fonts and of the formats' fields
TABLES = re.compile(r"^(share of what was wanted|\w+ (USD|year|before|use|horizon).*|times the "
                    r"price before|days of normal use|share of normal|t over the horizon|at risk|"
                    r"(billion )?USD over the horizon|(upper|center) (left|right)|offset points|"
                    r"end users|Glyph .*|[a-z]+ a year)$")  # fmt: skip
"""Units in tables of numbers, which are English in all languages, and words of matplotlib."""


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_a_figure_has_no_words_of_its_own(path):
    if path.stem in NO_WORDS:
        return
    tree = ast.parse(path.read_text("utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    left = [node.value for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
            and id(node) not in docs and re.search(r"[a-z]{2,} [a-z]{2,}|^[A-Z][a-z]{3,}",
                                                   node.value)
            and not TABLES.match(node.value.strip())]  # fmt: skip
    assert left == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_figures_of_several_runs_and_of_one_future_speak_every_language(data, lang):
    half = case.run_data(n=200, height=0.5)
    from sim.plots import timeline

    with drawn_for(page_of("report", lang=lang)):
        drawn = comparison_figures({"a": data, "b": half})
        drawn["timeline"] = timeline.figure(data, case.timeline(data))
        assert say("compare.percent", lang) in drawn["compare_chances"].rows[0]["unit"]
        assert drawn["compare"].caption.endswith(say("figure.stop", lang).rstrip())
    for name, figure in drawn.items():
        told = f"{figure.title} {figure.subtitle} {figure.caption}".replace("Made-up controls", "")
        left = re.search(r" (the|of|and|than|short|each|future) ", told)
        assert (left is None) == (lang != "en"), (name, left)
