"""``plot`` as it is wanted: parts of a run, sizes, numbers and words beside each figure."""

from __future__ import annotations

import csv
import re
import struct
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import plots_case as case
import pytest

from sim.base.errors import UserError
from sim.cli import main
from sim.commands.plot import wanted_of
from sim.metrics import findings
from sim.plots import exceedance, fan, heatmap
from sim.plots.choice import Choice, chosen
from sim.plots.headlines import Headlines
from sim.plots.layout import wrap
from sim.plots.page import SIZES, drawn_for, page_of
from sim.plots.style import save
from sim.results.data import Parted, View
from sim.run.parted import parted_by

SCENARIO = Path(__file__).parent / "data" / "tiny_ban.yaml"
USERS = {u: (r, s, "magnet") for u, (r, s) in case.users_of().items()}


@pytest.fixture(scope="module")
def data():
    return case.run_data(n=200)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run of a tiny network."""
    folder = tmp_path_factory.mktemp("plot") / "run"
    words = ["run.replications=60", "run.audit=1", "output.figures=false", f"output.dir={folder}"]
    assert main(["run", f"scenario={SCENARIO}", *words]) == 0
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- a part of a run -----------------------------------------------------------------------------


def test_a_part_of_a_run_holds_the_numbers_of_the_whole(data):
    part = chosen(data, Choice(regions=("USA", "JPN")), USERS)
    assert {v.name for v in part.views if v.kind == "region"} == {"JPN", "USA"}
    for name in ("JPN", "USA"):
        np.testing.assert_array_equal(
            part.of("shortfall_t", "region", name), data.of("shortfall_t", "region", name)
        )
        column, whole = part.index("region", name), data.index("region", name)
        np.testing.assert_array_equal(part.fan.mean[:, column], data.fan.mean[:, whole])
    assert np.asarray(part.table["wanted_t"]).shape == (data.n, len(part.views))


def test_sentences_of_a_part_are_about_it_and_say_so(data):
    said = Headlines(chosen(data, Choice(regions=("KOR", "CHN")), USERS))
    assert said.main.startswith("South Korea; China alone: Hardest hit: South Korea")
    nobody = Headlines(chosen(data, Choice(regions=("CHN",)), USERS)).nobody
    assert nobody.startswith("China alone: Nobody runs short in any of 200 futures")
    assert "alone" not in Headlines(data).main


def test_regions_with_sectors_are_end_users(data):
    part = chosen(data, Choice(regions=("JPN",), sectors=("wind", "defence")), USERS)
    assert findings.kind_of_places(part) == "user"
    assert {v.name for v in part.views if v.kind == "user"} == {"jpn_wind", "jpn_defence"}
    by_sector = chosen(data, Choice(sectors=("wind",)), USERS)
    assert findings.kind_of_places(by_sector) == "sector"


# --- where futures part --------------------------------------------------------------------------


def test_futures_part_by_the_hazard_that_makes_the_largest_difference():
    n = 200
    hit, idle = np.arange(n) < 90, np.arange(n) % 2 == 0
    share = np.zeros((3, 1, n), np.float32)
    share[1, 0, hit] = 0.5
    view = (View("region", "JPN", "JPN"),)
    found = parted_by(share, view, {"Idle": idle, "Ban": hit, "Rare": np.arange(n) < 5})
    assert found is not None and found.hazard == "Ban"
    assert (found.came.n, found.rest.n) == (90, 110)
    assert found.came.mean[1, 0] == pytest.approx(0.5) and found.rest.mean[1, 0] == 0
    assert parted_by(share, view, {"Rare": np.arange(n) < 5}) is None
    assert parted_by(0 * share, view, {"Ban": hit}) is None


def parted(data):
    share = np.repeat(data.fan.share[-1][:, [data.index("region", "JPN")], None], 80, axis=2)
    took = np.arange(80) < 40
    return parted_by((share * took).astype(np.float32), (View("region", "JPN", "JPN"),),
                     {"Ban": took})  # fmt: skip


def test_two_panels_stand_beside_each_other_where_futures_part(data):
    both = parted(data)
    assert isinstance(both, Parted)
    fig = fan.figure(case.replace(data, parted=both))
    titles = [ax.get_title("left") for ax in fig.axes]
    assert titles == ["If it comes: 40 futures\nJapan", "If not: 40 futures\nJapan"]
    assert "Ban" in fig.subtitle and "on the left" in fig.reading
    assert fig.axes[0].get_ylim() == fig.axes[1].get_ylim()
    assert {row["futures"] for row in fig.rows} == {t.split("\n")[0] for t in titles}
    assert "Never short in 200 futures: China" in fig.caption


def test_how_to_read_a_fan_is_true_of_its_numbers(data):
    x = data.index("region", "JPN")
    told = fan.reading(data, data.fan, x, data.views[x])
    k = int(np.argmax(data.fan.share[-1][:, x]))
    high = 100 * data.fan.share[-1, k, x]
    assert told.startswith("How to read it: in ")
    above = float(told.split(" than ")[-1].split(" %")[0]) if "more than" in told else None
    assert above is not None and above <= high < above + 1


# --- numbers and words beside a figure -----------------------------------------------------------


def test_the_numbers_beside_a_figure_are_those_that_it_draws(data):
    figure = fan.figure(data)
    x = data.index("region", "JPN")
    mine = [row for row in figure.rows if row["region"] == "JPN"]
    np.testing.assert_array_equal([r["mean"] for r in mine], data.fan.mean[:, x])
    np.testing.assert_array_equal([r["q95"] for r in mine], data.fan.share[4, :, x])
    points = [row for row in exceedance.figure(data).rows if row["region"] == "USA"]
    share = findings.shares(data, data.index("region", "USA"))
    assert all(p["chance"] == np.mean(share > p["share_of_want_above"]) for p in points)
    cells = heatmap.figure(data, case.users_of()).rows
    assert len(cells) == 6 * 5


def test_chances_are_told_as_one_in_so_many():
    assert exceedance.chance_label(0.05) == "5 % (1 in 20)"
    assert exceedance.chance_label(1.0) == "100 %"


@pytest.mark.parametrize("size", ["slide", "page", "column"])
def test_a_figure_has_the_size_of_its_place_and_nothing_leaves_it(data, size, tmp_path):
    with drawn_for(page_of(size)):
        for name, figure in (("fan", fan.figure(data)), ("exceedance", exceedance.figure(data))):
            (png,) = save(figure, tmp_path / name, ["png"])
            wide, high = struct.unpack(">II", png.read_bytes()[16:24])
            assert wide == pytest.approx(SIZES[size].width * SIZES[size].dpi, abs=1)
            if size == "slide":
                assert (wide, high) == (1919, 1080) or (wide, high) == (1920, 1080)
            box = figure.get_tightbbox(figure.canvas.get_renderer())
            assert box.x0 > -0.05 and box.x1 < figure.get_figwidth() + 0.05, (name, box)
            assert box.y0 > -0.05 and box.y1 < figure.get_figheight() + 0.05, (name, box)


def test_japanese_breaks_between_letters_and_no_line_begins_with_a_full_stop():
    from sim.plots.layout import new_figure

    lines = wrap("全期間の不足が需要のある割合を超える確率。" * 3, new_figure(2, 2), 10).split("\n")
    assert len(lines) > 2
    assert not any(line.startswith("。") for line in lines)


# --- the command ---------------------------------------------------------------------------------


def test_plot_draws_what_is_wanted_with_numbers_and_words_beside_it(run, capsys):
    words = ["figures=fan,exceedance", "size=column", "format=svg,pdf", "lang=fr", "dpi=90"]
    assert main(["plot", str(run), *words]) == 0
    names = sorted(Path(line).name for line in capsys.readouterr().out.split())
    stems = ("exceedance-column-fr", "fan-column-fr")
    assert names == sorted(f"{s}.{e}" for s in stems for e in ("svg", "pdf", "csv", "txt"))
    svg = ElementTree.parse(run / "plots" / "fan-column-fr.svg").getroot()
    kinds = [child.tag.rpartition("}")[2] for child in svg]
    assert kinds[:2] == ["title", "desc"] and svg[0].text
    assert any(e.tag.endswith("}text") for e in svg.iter())
    told = (run / "plots" / "fan-column-fr.txt").read_text(encoding="utf-8")
    assert told.startswith("Headline\n") and "Alternative text\n" in told
    assert "Scénario" in told
    assert len(rows_of(run / "plots" / "fan-column-fr.csv")) > 10


def test_without_title_a_figure_has_neither_headline_nor_caption(run, capsys):
    assert main(["plot", str(run), "figures=fan", "title=off", "format=svg"]) == 0
    text = (run / "plots" / "fan-untitled.svg").read_text(encoding="utf-8")
    drawn = text[text.index("</desc>") :]
    assert "replications" not in drawn and "Source: Shortfall" not in drawn
    assert "Source: Shortfall" in (run / "plots" / "fan-untitled.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["figures=fam"], "did you mean 'fan'"),
        (["size=slides"], "did you mean 'slide'"),
        (["figure=fan"], "did you mean 'figures'"),
        (["lang=de"], "must be of en, fr, ja"),
        (["from=2027"], "must be a day such as"),
        (["dpi=9"], "from 30 to 1200"),
        (["format=svgg"], "did you mean 'svg'"),
        (["size="], "needs a value"),
        (["size=page", "size=page"], "is given twice"),
        (["measure=price", "figures=fan"], "price_fan, exceedance can"),
    ],
)
def test_a_wrong_word_is_told_with_the_nearest_right_one(words, told):
    with pytest.raises(UserError, match=told):
        wanted_of(words)


def test_a_region_that_the_run_does_not_have_is_told(run, capsys):
    assert main(["plot", str(run), "regions=JPM", "from=1999-01-01"]) == 2
    err = capsys.readouterr().err
    assert "did you mean" in err and "the run is from" in err
    assert main(["plot", "figures=fan"]) == 2


# --- several runs -----------------------------------------------------------------------------


def test_a_table_of_runs_marks_the_cells_that_surely_differ_from_the_first():
    from sim.plots import policies
    from sim.plots.compare import Bar, Difference

    places = {p: [Bar("No policy", 5.0, 4.5, 5.5, 0, 9), Bar("Reserve", 2.0, 1.5, 2.5, 0, 5)]
              for p in ("JPN", "USA")}  # fmt: skip
    found = [Difference("JPN", "Reserve", -3.0, -3.5, -2.5),
             Difference("USA", "Reserve", 0.1, -0.2, 0.4)]  # fmt: skip
    fig = policies.figure(["No policy", "Reserve"], places, found, "note")
    marks = [t.get_text() for t in fig.axes[0].texts]
    assert (marks.count(policies.LESS), marks.count(policies.MORE)) == (1, 0)
    assert fig.title.startswith("Reserve: Japan is 3.0 percentage points less short")
    assert [row["mean"] for row in fig.rows if row["run"] == "Reserve"] == [2.0, 2.0]


def test_small_multiples_draw_a_curve_a_run_and_name_who_is_never_short(data):
    from sim.plots import multiples

    loss = 100 * findings.shares(data, data.index("region", "USA"))
    fig = multiples.figure({"USA": {"a": loss, "b": loss / 2}, "China": {"a": 0 * loss}}, "note")
    shown = [ax for ax in fig.axes if ax.get_visible()]
    assert [len(ax.get_lines()) for ax in shown] == [2]
    assert "Never short: China" in fig.caption


def test_runs_are_told_apart_by_what_differs_between_them(data):
    from sim.run.comparison import labels_of

    other = case.replace(data, meta={**data.meta, "policy": "p", "policy_title": "A reserve"})
    assert labels_of({"a": data, "b": other}) == {"a": "No policy", "b": "A reserve"}
    later = case.replace(data, title="Another ban")
    assert labels_of({"a": data, "b": later}) == {"a": "Made-up controls", "b": "Another ban"}
    both = labels_of({"a": data, "b": case.replace(other, title="Another ban")})
    assert both["b"] == "Another ban, A reserve"


@pytest.mark.parametrize("lang", ["fr", "ja"])
def test_no_english_is_left_in_figures_of_another_language(run, lang, capsys):
    names = "goods,fan,exceedance,flow_map,chain_map"
    assert main(["plot", str(run), f"figures={names}", f"lang={lang}", "format=svg"]) == 0
    capsys.readouterr()
    for name in names.split(","):
        words = (run / "plots" / f"{name}-{lang}.txt").read_text("utf-8")
        for made_up in ("A ban on metal, for tests", "Export ban", "A mine, a refiner, two users"):
            words = words.replace(made_up, "")  # titles of the test's own data
        told = words.split("Alternative text")[1]
        left = " (the|of|and|buyers|assumed chance|period|flows?|stock that|days) "
        assert not re.search(left, told), (name, re.search(left, told))


def test_the_numbers_of_a_comparison_lie_beside_its_table_and_chances(data, tmp_path):
    from sim.run.comparison import comparison_figure

    comparison_figure({"a": data, "b": case.run_data(n=200, height=0.5)}, tmp_path / "compare")
    for name in ("compare_table", "compare_chances"):
        rows = rows_of(tmp_path / f"{name}.csv")
        assert rows and (tmp_path / f"{name}.png").is_file()
        assert "Japan" in {v for row in rows for v in row.values()} or "JPN" in str(rows)
