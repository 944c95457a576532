"""What a run tells of goods: rows, tables, files and sentences, all from the same numbers."""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest
from plots_case import replace, run_data

from sim.commands._run_table import goods_table
from sim.metrics.fan import fan
from sim.metrics.goods_findings import moved
from sim.metrics.hall import Bounds
from sim.metrics.risk import rank
from sim.metrics.summary import summarize_goods
from sim.plots.headlines import Headlines
from sim.results.data import GoodsData, GoodsFan, View

N = 400
PAIRS = (
    View("good", "ore/EU", "Ore, buyers in EU"),
    View("good", "ore/JPN", "Ore, buyers in JPN"),
    View("good", "metal/JPN", "Metal, buyers in JPN"),
    View("good", "metal/KOR", "Metal, buyers in KOR"),
)
REST = np.array([50.0, 40.0, 30.0, 0.0])
"""Normal stocks; Korea holds none."""


def goods(fall=0.8):
    """Return goods of which the metal of Japan falls most, to 1 - fall of its stock at worst."""
    rng = np.random.default_rng(3)
    down = rng.random((N, 1)) * np.array([[0.3, 0.5, 1.0, 1.0]]) * fall
    table = {
        "least_cover_days": REST * (1.0 - down),
        "least_cover_day": 7.0 * np.round(30 + 10 * down),
        "least_delivery_share": 1.0 - 0.5 * down,
    }
    paths = fan(rng.random((157, len(PAIRS), 50)) * 60.0, bounds=Bounds(0.0))
    return GoodsData(
        pairs=PAIRS,
        reserves=(View("reserve", "store", "Store"),),
        table=table,
        reserve_left_days=20.0 * rng.random((N, 1)),
        rest_days=REST,
        fans={"cover_days": GoodsFan("stock", "days", PAIRS, paths)},
    )


def calm_run(found):
    """Return a run in which nobody is short, with these goods."""
    data = run_data(N, height=0.0)
    rows = [*data.summary, *(row._asdict() for row in summarize_goods(found))]
    return replace(data, goods=found, summary=rows)


def test_rows_are_quantiles_of_the_tables_with_intervals_and_units():
    found = goods()
    rows = {(r.kind, r.view, r.measure, r.statistic): r for r in summarize_goods(found)}
    for x, view in enumerate(PAIRS):
        for measure, unit in (("least_cover_days", "days"), ("least_delivery_share", "share")):
            ordered = np.sort(found.table[measure][:, x])
            for statistic, level in (("q05", 0.05), ("q50", 0.5), ("q95", 0.95)):
                row = rows["good", view.name, measure, statistic]
                assert row.value == ordered[rank(N, level) - 1] and row.unit == unit
                assert row.low <= row.value <= row.high
    left = rows["reserve", "store", "reserve_left_days", "mean"]
    assert left.value == pytest.approx(found.reserve_left_days.mean(), rel=1e-12)


def test_that_which_falls_most_stands_first_and_who_holds_nothing_not_at_all():
    assert [one.view.name for one in moved(goods())] == ["metal/JPN", "ore/JPN", "ore/EU"]


def test_a_run_that_leaves_nobody_short_says_what_held_and_by_how_much():
    found = goods()
    said = Headlines(calm_run(found)).all
    (held,) = (s for s in said if s.startswith("What held"))
    assert "Metal, buyers in JPN" in held
    days = [float(x) for x in re.findall(r"([\d.]+) days", held)]
    shares = [float(x) for x in re.findall(r"([\d.]+) %", held)]
    cover, delivery = (np.sort(found.table[m][:, 2])
                       for m in ("least_cover_days", "least_delivery_share"))  # fmt: skip
    at = [rank(N, level) - 1 for level in (0.5, 0.05)]
    assert days == pytest.approx([30.0, *cover[at]], abs=0.5)
    assert shares == pytest.approx(list(100 * delivery[at]), abs=0.5)


def test_a_run_in_which_nothing_moves_says_so_and_one_without_books_says_nothing():
    calm = calm_run(goods(fall=0.05))
    assert "no region's stock of a good fell by as much as a tenth" in " ".join(Headlines(calm).all)
    bare = " ".join(Headlines(replace(calm, goods=None)).all)
    assert "stock of a good" not in bare and "What held" not in bare
    assert goods_table(replace(calm, goods=None)) is None


def test_a_run_in_which_somebody_is_short_leads_with_that():
    data = replace(run_data(N), goods=goods())
    assert not any(s.startswith("What held") for s in Headlines(data).all)


def test_the_printed_table_shows_the_summary_and_how_many_more_there_are():
    table = goods_table(calm_run(goods()))
    assert next(row[0] for row in table.rows) == "Metal, buyers in JPN"
    assert [row[1] for row in table.rows] == ["30", "40", "50"]
    assert len(table.rows[0]) == len(table.columns)


def test_the_figure_and_the_report_are_of_the_same_good():
    from sim.plots import goods as plot
    from sim.run import report_numbers

    data = calm_run(goods())
    assert "Metal, buyers in JPN" in plot.finding(moved(data.goods)[0])
    fig = plot.figure(data)
    assert any("Metal, buyers in JPN" in ax.get_title("left").replace("\n", " ") for ax in fig.axes)
    page = report_numbers.goods(data)
    assert page.index("Metal, buyers in JPN") < page.index("Ore, buyers in JPN")
    assert "Store" in page
    assert report_numbers.goods(replace(data, goods=None)) == ""
    assert plot.figure(replace(data, goods=None)) is None


# --- a whole run --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    from sim.config.settings import load_settings
    from sim.run.case import Study
    from sim.run.execute import run

    changes = {"run.replications": 60, "run.block": 32, "run.audit": 2, "output.figures": False}
    changes["run.sampling"] = "plain"  # any number of futures may be resumed
    study = Study(load_settings("australia_cyclone", network="gallium", changes=changes))
    folder = tmp_path_factory.mktemp("goods")
    return study, run(study, folder / "whole"), folder


def test_blocks_of_any_size_and_a_resumed_run_hold_the_same_goods(ran):
    from sim.run.case import Study
    from sim.run.execute import run

    study, data, folder = ran
    other = study.change({"run.block": 7, "run.replications": 20})
    first = run(other, folder / "parts")
    more = run(Study(other.change({"run.replications": 60}).settings), folder / "parts")
    assert first.n == 20 and more.n == 60
    for name in data.goods.table:
        found = np.asarray(more.goods.table[name])
        np.testing.assert_array_equal(found, np.asarray(data.goods.table[name]))


def test_files_hold_what_was_booked(ran):
    import pyarrow.parquet as pq

    _, data, folder = ran
    with (folder / "whole" / "goods.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {r["quantity"] for r in rows} == set(data.goods.fans)
    first = next(r for r in rows if r["quantity"] == "cover_days")
    assert float(first["q50"]) == pytest.approx(data.goods.fans["cover_days"].fan.share[2, 0, 0])
    names = pq.ParquetFile(folder / "whole" / "replications.parquet").schema_arrow.names
    assert f"least_cover_days/good/{data.goods.pairs[0].name}" in names
    assert {"good"} <= {row["kind"] for row in data.summary}


def test_without_books_a_run_is_the_same_but_for_them(ran):
    from sim.run.execute import run

    study, data, folder = ran
    bare = run(study.change({"run.book_goods": False}), folder / "bare")
    assert bare.goods is None and not (folder / "bare" / "goods.csv").exists()
    for name in data.table:
        np.testing.assert_array_equal(np.asarray(bare.table[name]), np.asarray(data.table[name]))
