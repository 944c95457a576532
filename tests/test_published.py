"""Published losses: every row is put to the model or has a reason; the page is true."""

from __future__ import annotations

import pytest

from benchmarks import published, published_model
from benchmarks.published import PAGE, Row, score, zeros
from benchmarks.published_model import Found


def row(value: str, low: str = "", high: str = "", ours: float = -1.0) -> Row:
    told = {"id": "X", "value": value, "low": low, "high": high}
    return Row(told, {"reason": ""}, Found(ours, ours, ours))


def test_every_published_row_is_put_to_the_model_or_has_a_reason():
    losses, shocks = published_model.rows("losses"), published_model.rows("shocks")
    assert [r["id"] for r in losses] == [s["id"] for s in shocks]
    assert all(bool(s["reason"]) != bool(s["measure"]) for s in shocks)
    assert all(r["address"] and r["confidence"] and r["date"] for r in losses)


@pytest.mark.parametrize(
    ("ours", "met"), [(-0.34, True), (-3.0, True), (-0.33, False), (-3.1, False)]
)
def test_a_number_is_met_within_a_factor_of_three(ours, met):
    assert row("-1", ours=ours).is_met is met


@pytest.mark.parametrize(
    ("ours", "met"), [(-0.1, True), (-1.8, True), (-0.09, False), (-1.9, False)]
)
def test_a_range_is_met_from_a_third_of_its_smaller_end_to_three_times_its_larger(ours, met):
    assert row("-0.45", "-0.6", "-0.3", ours).is_met is met


def test_a_zero_is_met_within_its_range():
    assert row("0", "-0.1", "0", -0.1).is_met
    assert not row("0", "-0.1", "0", -0.11).is_met
    assert row("0", "0", "0", -0.004).is_met


def test_zeros_and_losses_are_counted_apart():
    rows = [row("-1"), row("-1", ours=-9.0), row("0", "-0.1", "0", 0.0)]
    assert score(rows) == (1, 2)
    assert zeros(rows) == (1, 1)


def test_the_formula_of_one_step_is_the_published_one():
    shocks = {s["id"]: s for s in published_model.rows("shocks")}
    assert published_model.found(shocks["BACH-2022"]).value == pytest.approx(-1.5686, abs=1e-4)


def test_a_row_is_put_as_a_stop_of_what_it_names():
    shocks = {s["id"]: s for s in published_model.rows("shocks")}
    study = published_model.study_of(shocks["USGS-GA"])
    (hazard,) = study.settings.scenario.hazards.values()
    (effect,) = hazard.effects.values()
    assert effect.origin.region == ["CHN"] and "CHN" not in effect.to.region
    assert study.settings.scenario.value_added == "network"


@pytest.mark.slow
def test_the_page_is_what_the_command_prints(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["published"])
    published.main()
    assert capsys.readouterr().out.rstrip("\n") == PAGE.read_text("utf-8").rstrip("\n")
