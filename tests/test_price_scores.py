"""Prices beside naive rivals (PRICE's laws 9 and 12): the scores, and a harder control."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from benchmarks import price_scores
from benchmarks.price_scores import PAGE, Quoted, first_of, flat_without, guesses, mean_rms, rms
from benchmarks.price_scores_page import page
from sim.config.settings import load_settings
from sim.run.case import Study


def quoted(mineral: str, row: str, fact: float, rule: float, day: int = 10) -> Quoted:
    return Quoted(mineral, "e", row, mineral, (mineral, "outside", "d"), day, fact, rule, 0.5)


ROWS = [
    quoted("gallium", "a", 2.0, 2.0),
    quoted("gallium", "b", 4.0, 2.0, 300),
    quoted("cobalt", "c", 3.0, 1.5),
]


def test_errors_are_of_logarithms_and_minerals_weigh_alike():
    rule = lambda q: q.rule  # noqa: E731
    assert rms(ROWS[:2], rule) == pytest.approx(math.log(2) / math.sqrt(2))
    assert rms(ROWS[2:], rule) == pytest.approx(math.log(2))
    assert mean_rms(ROWS, rule) == pytest.approx(math.log(2) * (1 + 1 / math.sqrt(2)) / 2)
    assert math.isnan(rms([], rule))


def test_rivals_know_nothing_of_what_they_are_held_against():
    flat = flat_without(ROWS)
    assert flat["gallium"] == pytest.approx(3.0)  # cobalt's alone
    assert flat["cobalt"] == pytest.approx(math.sqrt(8.0))
    assert [q.row for q in first_of(ROWS).values()] == ["a", "c"]
    fits = {m: ((0.9, 0.35, 750.0), [q for q in ROWS if q.mineral == m]) for m in flat}
    kept = guesses(ROWS, fits)["first quotation kept"]
    assert [kept(q) for q in ROWS] == [1.0, 2.0, 1.0]
    text = page(ROWS, guesses(ROWS, fits), fits, price_scores)
    assert "| fitted without it, whole span | at most 0.35 | 0.59 | **missed** |" in text
    assert "x 2.00 **miss**" in text
    assert "x 1.00 |" in text


def test_the_page_shows_every_quotation_and_every_miss():
    text = PAGE.read_text("utf-8")
    rows = [line for line in text.split("## Every quotation")[1].splitlines() if "| x " in line]
    assert f"{len(rows)} of them" in text
    for line in rows:
        cells = [c.strip() for c in line.strip("|").split("|")]
        off = max(float(cells[6]), float(cells[4])) / min(float(cells[6]), float(cells[4]))
        assert off == pytest.approx(float(cells[-1].split()[1]), rel=0.02)
        if abs(off - 1.25) > 0.02:
            assert ("**miss**" in line) == (off > 1.25)


@pytest.mark.slow
def test_the_page_is_true():
    defaults = price_scores.play({})
    text = PAGE.read_text("utf-8")
    assert f"{len(defaults)} of them" in text
    cell = f"| rule, defaults | {mean_rms(defaults, lambda q: q.rule):.2f} |"
    assert cell in text


HARDER = """
title: A control
network: gallium
start: 2026-01-01
horizon_days: 364
hazards:
  control:
    onset: {day: 60}
    notice_days: 30
    duration_days: {min: 60, max: 300}
    effects:
      gallium: {kind: control, type: ban, severity: SEVERITY,
                origin: {country: CHN, product: gallium_refined}}
"""


def test_a_harder_control_never_lowers_the_mean_peak(tmp_path):
    peaks = []
    for severity in ("0.2", "0.5", "0.9"):
        path = tmp_path / f"{severity}.yaml"
        path.write_text(HARDER.replace("SEVERITY", severity))
        arrays = Study(load_settings(path)).compute(np.arange(200), np.zeros(1, np.uint8))
        assert arrays is not None
        peaks.append(arrays["price.price_index_peak"].mean(axis=0))
    for softer, harder in itertools.pairwise(peaks):
        assert (harder >= softer - 1e-12).all()
    assert (peaks[2] > peaks[0]).any()
