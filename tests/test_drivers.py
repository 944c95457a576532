"""Drivers: closed forms of importance, boxes that are known, inputs against the tape."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats.qmc import Sobol
from test_size import chain, study

from sim.advice.drivers import Wish, alike, explain
from sim.advice.drivers_words import box_lines, finding, limit, name_of, sentence
from sim.base.errors import UserError
from sim.base.sections import INDEPENDENT, Sections
from sim.metrics.importance import groups_of, importance
from sim.metrics.part import mean_where
from sim.metrics.prim import Box, find_box, hit, peeled
from sim.results.inputs import read_inputs
from sim.run.inputs import inputs_of

RNG = np.random.default_rng


def ishigami(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    x = RNG(seed).uniform(-math.pi, math.pi, (n, 3))
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    return x, y


# --- importance -----------------------------------------------------------------------------------


def test_first_order_indices_of_ishigamis_function():
    x, y = ishigami(20_000)
    found = [importance(x[:, j], y).first_order for j in range(3)]
    for one, exact in zip(found, (0.3139, 0.4424, 0.0), strict=True):  # closed form
        assert one.value == pytest.approx(exact, abs=0.02)
        assert one.low - 0.015 <= exact <= one.high + 0.015


def test_delta_of_ishigamis_function_is_near_the_exact_one():
    x, y = ishigami(20_000)
    found = [importance(x[:, j], y) for j in range(3)]
    # by counts of two million futures in 200 x 200 classes
    for one, exact in zip(found, (0.234, 0.399, 0.172), strict=True):
        assert one.delta.value == pytest.approx(exact, abs=0.025)
        assert one.sure


def test_delta_of_a_coin_is_its_closed_form_and_atoms_are_no_trouble():
    coin = (RNG(2).uniform(size=20_000) < 0.3).astype(float)
    found = importance(coin, 5.0 * coin)
    p = coin.mean()
    assert found.delta.value == pytest.approx(2 * p * (1 - p), abs=0.01)
    assert found.first_order.value == pytest.approx(1.0, abs=1e-6)


def test_an_input_that_says_nothing_is_seldom_called_sure():
    rng, told = RNG(3), 0
    y = np.maximum(0.0, rng.normal(size=1000))  # half of it is 0
    for _ in range(200):
        one = importance(rng.uniform(size=1000), y, n_tried=1)
        told += one.sure
        assert one.delta.value < 0.12
    assert told / 200 < 0.1


def test_what_never_comes_is_a_class_of_its_own():
    day = np.where(RNG(4).uniform(size=4000) < 0.5, np.nan, RNG(5).uniform(0, 100, 4000))
    y = np.isnan(day).astype(float)
    assert importance(day, y).first_order.value == pytest.approx(1.0, abs=1e-6)


def test_futures_of_a_block_are_left_out_together():
    part = groups_of(8 * 1024, Sections(1024))
    assert [len(set(part[k * 1024 : (k + 1) * 1024])) for k in range(8)] == [1] * 8
    assert part.max() == 7 and groups_of(1000).max() == 19


# --- boxes ----------------------------------------------------------------------------------------


def test_a_box_is_found_and_what_does_not_matter_has_no_limit():
    x = RNG(6).uniform(size=(4000, 6))
    bad = (x[:, 1] > 0.6) & (x[:, 4] < 0.4)
    box = find_box(x, bad)
    assert box.restricted == [1, 4]
    assert box.low[1] == pytest.approx(0.6, abs=0.02)
    assert box.high[4] == pytest.approx(0.4, abs=0.02)
    told = hit(box, x, bad)
    assert told.coverage > 0.95 and told.density > 0.95


def test_where_nothing_tells_bad_futures_there_is_no_sharp_box():
    x = RNG(7).uniform(size=(3000, 4))
    bad = RNG(8).uniform(size=3000) < 0.1
    box = find_box(x, bad)
    assert box is None or hit(box, RNG(9).uniform(size=(3000, 4)), bad).density < 0.2


def test_a_coin_and_a_day_that_never_comes_are_cut_as_they_should():
    rng = RNG(10)
    came = (rng.uniform(size=2000) < 0.4).astype(float)
    day = np.where(rng.uniform(size=2000) < 0.5, np.inf, rng.uniform(0, 100, 2000))
    bad = (came == 1) & (day > 60)
    box = find_box(np.stack([came, day], axis=1), bad)
    assert box.low.tolist() == [1.0, pytest.approx(60, abs=6)] and np.isinf(box.high).all()


def test_boxes_are_those_of_the_ema_workbench():
    pytest.importorskip("ema_workbench")
    import pandas as pd
    from ema_workbench.analysis import prim

    x = RNG(11).uniform(size=(2000, 3))
    bad = (x[:, 0] > 0.55) & (x[:, 2] < 0.5)
    theirs = prim.Prim(pd.DataFrame(x, columns=list("abc")), bad.astype(float), threshold=0.5)
    last = theirs.find_box()
    *_, ours = peeled(x, bad)
    told = hit(ours, x, bad)
    assert told.density == pytest.approx(last.density, abs=0.02)
    assert told.coverage == pytest.approx(last.coverage, abs=0.06)
    limits = last.box_lims[-1]
    assert ours.low[0] == pytest.approx(limits["a"][0], abs=0.03)
    assert ours.high[2] == pytest.approx(limits["c"][1], abs=0.03)


# --- inputs ---------------------------------------------------------------------------------------


def risky(n: int = 400, **more: object):
    """A ban that comes in half of the futures, of 20 to 60 days; the mine's capacity is drawn."""
    one = study(chain(), n)
    hazard = one.settings.scenario.hazards["ban"]
    onset = hazard.onset.model_copy(update={"probability": 0.5})
    hazards = {"ban": hazard.model_copy(update={"onset": onset})}
    scenario = one.settings.scenario.model_copy(update={"hazards": hazards, **more})
    return type(one)(one.settings.model_copy(update={"scenario": scenario}))


def test_inputs_are_what_the_tape_holds():
    one = risky()
    found = inputs_of(one, 400, workers=2)
    tape = one.tape(np.arange(400))
    came = np.diff(tape.shock_ptr) > 0
    assert {name for name in found if not name.startswith("price/")} == {
        "hazard/ban/came", "hazard/ban/days", "hazard/ban/severity"
    }  # fmt: skip
    assert 150 < came.sum() < 250
    assert np.array_equal(found["hazard/ban/came"] == 1, came)
    assert found["hazard/ban/days"][came] == pytest.approx(tape.end_days - 30, rel=1e-6)
    assert np.array_equal(found["hazard/ban/severity"], came.astype(float))


def test_a_run_keeps_its_inputs_and_an_opened_one_has_them(tmp_path):
    from sim.run.execute import run
    from sim.run.reopen import open_run

    one = risky(150)
    made = one.change({"output.figures": False, "run.audit": 0})
    data = run(made, tmp_path / "run")
    kept = read_inputs(tmp_path / "run" / "inputs.parquet")
    drawn = inputs_of(made, 150)
    for found in (kept, data.inputs, open_run(tmp_path / "run")[1].inputs):
        assert set(found) == set(drawn)
        assert all(np.array_equal(found[k], drawn[k], equal_nan=True) for k in drawn)

    found = explain(data, Wish(bad=0.7))
    assert found.drivers[0].name in ("hazard/ban/days", "hazard/ban/severity")
    (came,) = found.ifs[:1]
    assert came.name == "hazard/ban/came"
    loss = data.of("shortfall_t")
    is_in = drawn["hazard/ban/came"] == 1
    assert came.yes[0].value == pytest.approx(loss[is_in].mean())
    assert came.no[0].value == 0.0
    assert "if ban comes" in sentence(came, lambda v: f"{v:.0f}")
    assert "matters most" in finding(found)


def test_the_box_of_a_run_says_how_long_a_ban_must_last(tmp_path):
    import dataclasses

    from sim.advice.drivers_boxes import Bad, boxes_of

    days = RNG(12).uniform(20, 60, 2000)
    loss = np.maximum(0.0, days - 30)
    found = boxes_of({"hazard/ban/days": days, "parameter/x": RNG(13).uniform(size=2000)}, loss,
                     Bad.above(loss, 0.75))  # fmt: skip
    assert list(found.limits) == ["hazard/ban/days"]
    assert found.limits["hazard/ban/days"][0] == pytest.approx(50, abs=1)
    assert found.density.value > 0.95 and found.coverage.value > 0.9
    few = boxes_of({"parameter/x": days}, loss * 0, Bad.above(loss * 0, 0.9))
    assert few.limits == {} and "0 bad futures" in few.why_none
    assert dataclasses.is_dataclass(found) and found.rows()[0]["input"] == "hazard/ban/days"


def test_inputs_that_are_one_draw_are_told_once():
    x = RNG(14).uniform(size=50)
    coin = (x > 0.5).astype(float)
    found = alike({"a": x, "b": x**3, "c": -x, "d": coin, "e": coin})
    assert found == {"a": ("b",), "c": (), "d": (), "e": ()}


def test_names_and_limits_are_words():
    assert name_of("hazard/embargo/came") == "embargo comes"
    assert name_of("project/moon/day") == "start of moon"
    assert limit("hazard/embargo/day", 60.0, math.inf) == "day of embargo from 60 on, or never"
    assert limit("project/moon/built", -math.inf, 0.0) == "not: moon is built"
    assert limit("parameter/stock", 0.25, 0.5) == "stock from 0.25 to 0.5"
    assert Box(np.array([-np.inf]), np.array([np.inf])).restricted == []
    assert list(box_lines.__doc__ or "")


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--bad", "1"], "--bad: 1, must be above 0"), (["--top", "0"], "--top: 0, must be"),
     ([], "is not a folder of results")],
)  # fmt: skip
def test_a_wrong_word_is_one_line(tmp_path, capsys, words, said):
    from sim.cli import main

    assert main(["drivers", str(tmp_path), *words]) == 2
    told = capsys.readouterr().err
    assert said in told and "Traceback" not in told


def test_an_unknown_measure_or_region_is_told_with_the_nearest(tmp_path):
    from sim.run.execute import run

    data = run(risky(120).change({"output.figures": False, "run.audit": 0}), tmp_path / "run")
    with pytest.raises(UserError, match="did you mean 'shortfall_t'"):
        explain(data, Wish(measure="shortfal_t"))
    with pytest.raises(UserError, match="did you mean 'JPN'"):
        explain(data, Wish(region="JPP"))


def test_the_mean_in_a_part_of_evenly_spread_futures_has_the_interval_of_their_blocks():
    # loss (u + v) where u > 0.6: mean 0.8 + 0.5
    met, widths = 0, []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        u, v = np.concatenate([Sobol(2, rng=rng).random(64) for _ in range(16)]).T
        here = u > 0.6
        answer = mean_where(here, u + v, Sections(64))
        met += answer.low <= 1.3 <= answer.high
        alone = mean_where(here, u + v, INDEPENDENT)
        assert answer.value == alone.value == (u + v)[here].mean()
        widths.append((answer.high - answer.low) / (alone.high - alone.low))
    assert met >= 51 and max(widths) < 0.6
