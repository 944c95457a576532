"""Projects judged by more than tonnes: a case by hand in which the best one is another."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import by_hand as hand
import numpy as np
import pytest
from matplotlib.text import Text
from test_advice_ranking import BAN, HORIZON, bench, settings

from sim.advice.judged import COLUMNS, judged_by
from sim.advice.rank_projects import Advice, Wish, advise
from sim.base.errors import UserError
from sim.config.settings import Settings
from sim.run.case import Study
from sim.run.measured import MEASURED

BILLION, YEAR, GDP = 1e9, 365.0, 4000e9
BULK_USD, FINE_USD, ABROAD_USD = 2 * BILLION, 50 * BILLION, 10 * BILLION
RIGID = {"share": 1.0, "value_of_input_share": 0.001, "elasticity": 1e-9,
         "elasticity_later": 1e-9, "buffer_days": 0.0, "recapture": 0.0}  # fmt: skip


def project(site: str, capacity: float, user: str, share: float) -> hand.Map:
    return {"site": site, "capacity": capacity, "start": 0, "probability": 0.5,
            "title": site, "offtake": {user: {"share": share}}}  # fmt: skip


def user(demand: float, mines: Sequence[str], value_added: float, **other: object) -> hand.Map:
    lanes = {"china": hand.lane()} | {mine: hand.lane(0.0) for mine in mines}
    return hand.user(demand, {"ore": hand.feed(lanes, cover_days=0.0)},
                     value_added_usd_per_year=value_added, **other)  # fmt: skip


def network() -> hand.Map:
    """China sells all. `coarse` may serve half of who uses much, `rare` all of who makes much."""
    mapping = hand.network(
        {"coarse": project("pit", 50, "bulk", 0.5), "rare": project("seam", 10, "fine", 1.0)},
        china=hand.mine(120), pit=hand.mine(0, country="AUS"), seam=hand.mine(0, country="BRA"),
        bulk=user(100, ["pit"], BULK_USD), fine=user(10, ["seam"], FINE_USD),
        abroad=user(5, [], ABROAD_USD, country="USA"),
    )  # fmt: skip
    mapping["products"]["good"]["dependence"] = RIGID
    mapping["gdp_usd_per_year"] = {"JPN": GDP, "USA": 7 * GDP}
    return mapping


def made(n: int = 40, mapping: hand.Map | None = None) -> Settings:
    return settings(n, mapping or network())


def ranked(folder: Path, measure: str, regions: tuple[str, ...] = ("JPN",), **other) -> Advice:
    wish = Wish(regions, "projects", steps=1, measure=measure)
    return advise(lambda _: made(**other), wish, folder)


def rows_of(advice: Advice) -> dict[str, dict]:
    return {row["name"]: row for row in advice.rows}


def lost(usd_per_year: float) -> float:
    """Nothing for the days of the ban, and nothing replaces it."""
    return usd_per_year * BAN / YEAR


def test_the_best_project_by_tonnes_is_not_the_best_by_value_added(tmp_path):
    tonnes, value = (ranked(tmp_path / m, m) for m in ("tonnes", "value_added"))
    assert [row["name"] for row in tonnes.rows] == ["coarse", "rare"]
    assert [row["name"] for row in value.rows] == ["rare", "coarse"]
    assert rows_of(tonnes)["coarse"]["against_none_mean"] == pytest.approx(50 * BAN)
    assert rows_of(tonnes)["rare"]["against_none_mean"] == pytest.approx(10 * BAN)
    assert rows_of(value)["rare"]["against_none_mean"] == pytest.approx(lost(FINE_USD))
    assert rows_of(value)["coarse"]["against_none_mean"] == pytest.approx(lost(BULK_USD) / 2)
    assert value.steps[0]["name"] == "rare"
    assert {row["unit"] for row in value.rows + value.steps} == {"USD of value added"}
    row = rows_of(value)["rare"]
    assert row["avoided_mean_low"] < row["avoided_mean"] < row["avoided_mean_high"]
    assert row["avoided_value_usd"] == row["avoided_mean"]


def test_a_share_of_gdp_is_of_the_horizon_and_of_the_regions_together(tmp_path):
    one, both = (ranked(tmp_path / str(len(r)), "gdp", r) for r in (("JPN",), ("JPN", "USA")))
    of_japan = lost(FINE_USD) / (GDP * HORIZON / YEAR)
    assert rows_of(one)["rare"]["against_none_mean"] == pytest.approx(of_japan)
    assert rows_of(both)["rare"]["against_none_mean"] == pytest.approx(of_japan / 8)
    for advice in (one, both):
        row = rows_of(advice)["rare"]
        usd = row["avoided_mean"] * lost(FINE_USD) / row["against_none_mean"]
        assert row["avoided_value_usd"] == pytest.approx(usd)


def test_a_share_short_is_of_what_all_of_them_wanted(tmp_path):
    found = rows_of(ranked(tmp_path, "share"))
    assert found["coarse"]["against_none_mean"] == pytest.approx(50 * BAN / (110 * HORIZON))
    assert found["coarse"]["unit"] == "share of what was wanted"


@pytest.mark.parametrize("measure", sorted(COLUMNS))
@pytest.mark.parametrize("regions", [(), ("USA",), ("USA", "JPN")])
def test_both_engines_judge_alike_to_the_bit(measure, regions, tmp_path):
    chosen = made(6)
    slow = chosen.model_copy(update={"run": chosen.run.model_copy(update={"engine": "simpy"})})
    found = []
    for name, one in (("fast", chosen), ("slow", slow)):
        place = bench(tmp_path / name, one, measure=measure)
        study = place.study([])
        loss = judged_by(study, measure, list(regions)).loss(place.shortfalls(study, 6))
        place.check(study, 6)
        found.append(loss)
    assert np.array_equal(*found)
    assert (found[0] > 0).all()


def test_every_word_means_what_compare_means_by_it():
    assert set(COLUMNS) == set(MEASURED)


def test_finished_blocks_serve_their_own_measure_only(tmp_path, monkeypatch):
    names = ("ranking.csv", "combination.csv", "question.json")
    fresh = {}
    for measure in ("tonnes", "value_added", "gdp"):
        ranked(tmp_path / measure, measure)
        ranked(tmp_path / "one", measure)
        fresh[measure] = [(tmp_path / measure / name).read_bytes() for name in names]
        assert fresh[measure] == [(tmp_path / "one" / name).read_bytes() for name in names]

    def refuse(*_):
        raise AssertionError("computed again")

    monkeypatch.setattr(Study, "shortfalls", refuse)
    monkeypatch.setattr(Study, "told", refuse)
    for measure, first in fresh.items():
        ranked(tmp_path / "one", measure)
        assert first == [(tmp_path / "one" / name).read_bytes() for name in names]


def test_what_is_not_stated_is_told_before_anything_is_written(tmp_path):
    silent, no_gdp, by_wish = network(), network(), made(4)
    for site in ("bulk", "fine", "abroad"):
        del silent["sites"][site]["value_added_usd_per_year"]
    del silent["products"]["good"]["dependence"]
    del no_gdp["gdp_usd_per_year"]["JPN"]
    quiet = {"scenario": by_wish.scenario.model_copy(update={"value_added": "none"})}
    cases = (
        (made(4, silent), "value_added", "network by_hand states no value added of JPN"),
        (made(4, no_gdp), "gdp", "gdp_usd_per_year of JPN is not stated"),
        (
            by_wish.model_copy(update=quiet),
            "value_added",
            "scenario.value_added is none; judge by tonnes",
        ),
    )
    for chosen, measure, told in cases:
        with pytest.raises(UserError, match=told) as error:
            advise(lambda _, s=chosen: s, Wish(("JPN",), measure=measure), tmp_path / "none")
        assert len(error.value.faults) == 1
    assert not (tmp_path / "none" / "ranking.csv").exists()


def test_the_figures_say_that_it_is_no_forecast_in_billions(tmp_path, monkeypatch):
    from sim.plots import style

    drawn = []
    monkeypatch.setattr(style, "save", lambda fig, path: drawn.append(fig) or [])
    advice = ranked(tmp_path, "value_added")
    for fig in drawn:
        told = " ".join(" ".join(t.get_text() for t in fig.findobj(Text)).split())
        assert "Value added lost is not a forecast of GDP" in told
        assert "Loss avoided" in told
        assert "(billion USD of value added)" in told
    assert len(drawn) == 2
    (interval, *_) = [
        line.get_xdata()
        for line in drawn[0].axes[0].lines
        if len(line.get_xdata()) == 2 and line.get_linewidth() == 2.5
    ]
    row = advice.rows[0]
    assert interval == pytest.approx([row[f"avoided_mean_{x}"] / BILLION for x in ("low", "high")])
    with (tmp_path / "ranking.csv").open(newline="") as file:
        assert float(next(csv.DictReader(file))["avoided_mean"]) > BILLION / 10  # the table: USD
