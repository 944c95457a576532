"""The figure of value added lost: what is drawn is what was found, and nothing where none is."""

from __future__ import annotations

from typing import Any

import plots_case as case
import pytest
from matplotlib.text import Text

from sim.plots import loss
from sim.plots.style import style
from sim.run.report import HEADINGS

BILLION = 1e9
REGIONS, SECTORS = ("JPN", "USA", "EU"), ("wind", "electronics")
USERS = case.users_of(REGIONS, SECTORS)
LOST = {"jpn_wind": 4.0, "jpn_electronics": 1.0, "usa_wind": 0.5, "usa_electronics": 0.0,
        "eu_wind": 0.0, "eu_electronics": 0.0, "JPN": 4.5, "USA": 0.5, "EU": 0.0}  # fmt: skip


def rows(lost: dict[str, float]) -> list[dict[str, Any]]:
    """Return rows of a summary: a tenth to each side, and ten times as much at risk."""
    found = []
    for measure, times in ((loss.LOST, 1.0), (loss.AT_RISK, 10.0)):
        for name, value in lost.items():
            mean = value * times * BILLION
            found.append({"kind": "region" if name in REGIONS else "user", "view": name,
                          "measure": measure, "statistic": "mean", "value": mean,
                          "low": 0.9 * mean, "high": 1.1 * mean})  # fmt: skip
    return found


def data(lost: dict[str, float]):
    made = case.run_data(n=40, n_period=20, users=USERS)
    return case.replace(made, summary=[*made.summary, *rows(lost)])


def told(fig) -> str:
    return " ".join(" ".join(t.get_text() for t in fig.findobj(Text) if t.get_visible()).split())


def test_bars_are_the_means_of_those_who_lose_in_billions_with_their_intervals():
    fig = loss.figure(data(LOST), USERS)
    japan, usa = fig.axes
    assert [p.get_width() for p in japan.patches] == pytest.approx([40.0, 4.0, 10.0, 1.0])
    assert [p.get_width() for p in usa.patches] == pytest.approx([5.0, 0.5])
    pale, full = japan.patches[:2]
    assert pale.get_alpha() < 0.5
    assert full.get_alpha() is None
    ends = [pytest.approx(line.get_xdata()) for line in japan.lines]
    assert ends[0] == [3.6, 4.4]
    assert ends[1] == [36.0, 44.0]
    assert [t.get_text() for t in japan.get_yticklabels()] == ["wind", "electronics"]


def test_it_says_the_region_s_own_sum_and_that_it_is_no_forecast():
    words = told(loss.figure(data(LOST), USERS))
    assert "not a forecast of GDP" in words
    assert "Largest mean loss: Japan, 4.5 billion USD (4 to 5) of value added, most" in words
    assert "most of it in wind" in words
    assert "United States 0.5 billion USD (0.45 to 0.55)" in words
    assert "95 % interval of lost" in words
    assert "European Union" not in words
    assert "not a forecast of GDP" in HEADINGS["loss"]
    alone = {k: 0.0 if "usa" in k.lower() else v for k, v in LOST.items()}
    assert "Only Japan loses: 4.5 billion USD" in told(loss.figure(data(alone), USERS))


@pytest.mark.parametrize("lost", [dict.fromkeys(LOST, 0.0), {}])
def test_nothing_is_drawn_where_nobody_loses_or_no_value_added_is_stated(lost):
    assert loss.figure(data(lost), USERS) is None


@pytest.mark.parametrize("times", [1e-6, 1.0, 1e5])
def test_nothing_leaves_the_figure_of_five_regions_and_the_fifth_is_told(times):
    users = case.users_of(("JPN", "USA", "EU", "KOR", "ROW"))
    lost = {name: times * (3.0 + i / 7) for i, name in enumerate(users)}
    made = case.run_data(n=40, n_period=20, users=users)
    codes = {"JPN": 9.0, "USA": 7.0, "EU": 5.0, "KOR": 4.0, "ROW": 2.0}
    summary = rows(lost) + [
        {**row, "kind": "region"} for row in rows({c: v * times for c, v in codes.items()})
    ]
    fig = loss.figure(case.replace(made, summary=summary), users)
    assert "Not drawn: the rest of the world" in told(fig)
    with style():
        fig.draw_without_rendering()
    box = fig.get_tightbbox(fig.canvas.get_renderer())
    assert min(box.x0, box.y0) > -0.01
    assert box.x1 < fig.get_figwidth() + 0.01
    assert box.y1 < fig.get_figheight() + 0.01


def test_regions_that_intervals_do_not_tell_apart_are_named_together():
    def region(code, mean, low, high):
        return loss.Region(code=code, lost=(mean, low, high), sectors=())

    usa, eu = region("USA", 16.6, 16.3, 16.9), region("EU", 12.8, 12.5, 13.1)
    assert loss.finding([usa, eu]).startswith("Largest mean loss: the United States, 17 billion")
    near = region("EU", 16.4, 16.0, 16.7)
    told = loss.finding([usa, near, region("JPN", 0.3, 0.2, 0.4)])
    assert "not told apart" in told and "the European Union 16 billion" in told
    assert "Japan" not in told
