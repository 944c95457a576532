"""Sobol's and Morris's designs: closed forms, the same futures for all rows, bad words."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from test_connect import linear
from test_size import chain, study

from sim.base.errors import UserError
from sim.cli import main
from sim.commands._spread import sweep_spread
from sim.run.case import Study
from sim.sweep import spread as designs
from sim.sweep.design import Row
from sim.sweep.pinned import PinnedPoints
from sim.sweep.spread import Wish, spread, wish_of

TINY = Path(__file__).parent / "data" / "tiny_ban.yaml"
TOTAL = ("total", "all", "shortfall_t", "mean")


def short(one: Study) -> Study:
    return one.change({"run.replications": 2, "run.audit": 1, "run.workers": 1})


def swept(one: Study, wish: Wish, folder: Path, **words: object) -> list[dict]:
    given = {"region": "", "table": "parquet", "yes": True, **words}
    sweep_spread(one, wish, folder, **given)
    with open(folder / "indices.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [r for r in rows if (r["kind"], r["view"], r["measure"], r["statistic"]) == TOTAL]


def numbers(rows: list[dict], column: str) -> list[float]:
    return [float(r[column]) for r in rows]


def test_the_indices_of_a_product_are_those_of_its_closed_form(tmp_path, capsys):
    pytest.importorskip("SALib")
    rows = swept(short(linear()), Wish("sobol", 64), tmp_path)
    assert [r["input"] for r in rows] == ["a", "b"]
    va, vb = 1 / 3, 0.16 / 12  # of a x b with means 1 and 1.2
    whole = 1.44 * va + vb + va * vb
    first, total = (
        [1.44 * va / whole, vb / whole],
        [(1.44 + vb) * va / whole, vb * (1 + va) / whole],
    )
    assert numbers(rows, "first_order") == pytest.approx(first, abs=0.1)
    assert numbers(rows, "total_order") == pytest.approx(total, abs=0.1)
    assert all(0 < w < 0.5 for w in numbers(rows, "total_order_within"))
    assert "sobol:64" in capsys.readouterr().err
    # inputs are columns of the table, and a row is what its inputs say
    table = pq.read_table(tmp_path / "sweep.parquet").to_pylist()
    mine = [r for r in table if (r["kind"], r["view"], r["measure"], r["statistic"]) == TOTAL]
    assert len(mine) == 64 * 4
    a, b, y = (np.array([r[c] for r in mine]) for c in ("parameter/a", "parameter/b", "value"))
    assert y == pytest.approx(3000 - 1000 * a * b, abs=110)  # a day


def test_morris_tells_how_far_each_input_moves_the_loss(tmp_path, capsys):
    pytest.importorskip("SALib")
    rows = swept(short(linear()), Wish("morris", 20), tmp_path, region="jpn", table="csv")
    # from the 5 % to the 95 % quantile: a by 1.8, b by 0.36
    assert numbers(rows, "mu_star") == pytest.approx([1800 * 1.2, 360 * 1.0], rel=0.3)
    assert all(m < 0 for m in numbers(rows, "mu"))
    assert numbers(rows, "sigma")[0] < 400
    assert "mu*" in capsys.readouterr().err


def test_every_row_meets_the_same_futures(tmp_path):
    pytest.importorskip("SALib")
    mapping = chain()
    stock = {"key": "cover_days", "distribution": {"min": 0.5, "max": 2.0}}
    one = study(mapping, stock=stock)
    points = PinnedPoints(one)
    n = np.arange(8)
    tapes = [points.study(Row(x, str(x), {"parameter/stock": x}, "")).tape(n) for x in (0.5, 1.5)]
    assert [t.parameter.tolist() for t in tapes] == [[[0.5] * 8], [[1.5] * 8]]
    for other in tapes:
        mine = one.tape(n)._replace(parameter=other.parameter)
        for a, b in zip(mine, other, strict=True):
            assert np.array_equal(a, b)


def test_a_draw_for_each_site_is_an_input_for_each_and_what_is_fixed_is_none():
    pytest.importorskip("SALib")
    each = {"key": "cover_days", "distribution": {"min": 0.5, "max": 2.0}, "each": True}
    fixed = {"key": "perception_days", "distribution": {"family": "fixed", "value": 3.0}}
    design = spread(study(chain(), covers=each, seen=fixed), Wish("sobol", 4))
    assert design.problem["names"] == ["covers/user", "covers/vault"]
    assert all(0.5 <= row.changes["parameter/covers/user"] <= 2.0 for row in design.rows)


def test_a_loss_that_nothing_moves_has_no_indices(tmp_path, capsys):
    pytest.importorskip("SALib")
    seen = {"key": "perception_days", "distribution": {"min": 1, "max": 2}}
    rows = swept(short(study(chain(), days=2.0, seen=seen)), Wish("sobol", 2), tmp_path)
    assert [r["note"] for r in rows] == ["the same at all rows"]
    assert "nothing to tell apart" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("sobol:60", "power of two, such as 32 or 64"),
        ("sobol:x", "whole number from 2"),
        ("morris:1", "whole number from 2"),
        ("morris:99999999", "whole number from 2"),
        ("morrs:8", "morris"),
        ("sobol", "sobol:64"),
    ],
)
def test_a_wrong_word_is_told_in_a_line(word, told, tmp_path, capsys):
    words = ["sweep", "--design", word, f"scenario={TINY}", f"output.dir={tmp_path}/out"]
    assert main(words) == 2
    error = capsys.readouterr().err
    assert told in error and "Traceback" not in error and not (tmp_path / "out").exists()


def test_the_command_of_the_page_runs(tmp_path, capsys):
    pytest.importorskip("SALib")
    page = Path(__file__).parents[1] / "docs" / "drivers.md"
    (line,) = re.findall("^shortfall (sweep .*)$", page.read_text("utf-8"), re.M)
    words = line.replace("sobol:32", "sobol:2").replace("replications=64", "replications=4").split()
    assert main([*words, "run.audit=1", f"output.dir={tmp_path}/out"]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/out/sweep.parquet\n"
    with open(tmp_path / "out" / "indices.csv", encoding="utf-8", newline="") as file:
        found = {r["input"] for r in csv.DictReader(file) if r["view"] == "JPN"}
    assert {"japan_reserves/jogmec_dytb", "rerouting", "home_weight/JPN"} <= found
    assert not any(name.startswith("elasticity") for name in found)


def test_a_file_of_rows_is_a_file():
    assert wish_of("points.csv") is None and wish_of("C:\\points.csv") is None


@pytest.mark.parametrize("words", [["--design", "sobol:4"], ["policy=none"]])
def test_a_wrong_region_is_told(words, tmp_path, capsys):
    out = f"output.dir={tmp_path}/out"
    assert main(["sweep", *words, "--for", "MARS", f"scenario={TINY}", out]) == 2
    assert "MARS" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_nothing_uncertain_and_no_salib_are_told(monkeypatch):
    with pytest.raises(UserError, match="no uncertain parameter"):
        spread(study(chain()), Wish("sobol", 4))
    monkeypatch.setattr(designs, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"shortfall\[importance\]"):
        spread(study(chain()), Wish("sobol", 4))
