"""Figures and report: what is drawn is what was found, and it is drawn for any run."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import plots_case as case
import pytest
from matplotlib.figure import Figure
from scipy import stats

from sim.config.settings import Policy, Run, Scenario, Settings
from sim.metrics import findings, precision
from sim.metrics.risk import cvar, var
from sim.network.compile import compile_network
from sim.network.load import read_network
from sim.network.references import stage_shares
from sim.plots import (
    beyond,
    cells,
    chain_map,
    compare,
    curves,
    exceedance,
    fan,
    heatmap,
    stage_bars,
    timeline,
)
from sim.plots.chain_map import Link, Stage
from sim.plots.chain_stages import USERS, blocks_of, stages_and_links
from sim.plots.compare import Bar, Difference
from sim.plots.headlines import Headlines
from sim.plots.layout import new_figure, text_width, wrap
from sim.plots.style import (
    BAND,
    DEEP,
    FAINT,
    INNER,
    OTHER,
    PALETTE,
    date_ticks,
    day_numbers,
    save,
    style,
)  # fmt: skip
from sim.plots.words import ordered_regions, percent, pretty, region_name, the
from sim.run import report

LONG = "A very long name of a scenario that nobody would put on a slide but somebody will " * 4


@pytest.fixture(scope="module")
def data():
    return case.run_data()


def texts(fig: Figure) -> str:
    """All words of a figure, line breaks as spaces."""
    from matplotlib.text import Text

    found = [t.get_text() for t in fig.findobj(Text) if t.get_visible()]
    return " ".join(" ".join(found).split())


def plain_axes():
    with style():
        fig = new_figure(8, 5)
        return fig, fig.subplots()


def figures(data) -> dict[str, Figure]:
    users = {
        v.name: (v.name.split("_")[0].upper(), v.name.split("_", 1)[1])
        for v in data.views
        if v.kind == "user"
    }
    return {
        "fan": fan.figure(data),
        "exceedance": exceedance.figure(data),
        "heatmap": heatmap.figure(data, users),
        "timeline": timeline.figure(data, case.timeline(data)),
    }


# --- what each figure says ---------------------------------------------------------------------


def test_every_figure_tells_scenario_dates_replications_seed_and_source(data):
    for name, fig in figures(data).items():
        told = texts(fig)
        for part in (
            "Made-up controls",
            "9 Oct 2025 to 11 Oct 2028",
            "400 replications",
            "seed 20251009",
            "rare_earths",
            "Shortfall 0.1.0",
        ):
            assert part in told, (name, part)


def test_every_figure_tells_its_unit_and_its_interval_or_that_there_is_none(data):
    words = {
        "fan": ("% of what was wanted", "95 % interval"),
        "exceedance": ("% of what was wanted", "Clopper-Pearson"),
        "heatmap": ("% of what was wanted", "95 % interval"),
        "timeline": ("days of normal use", "no interval"),
    }
    for name, fig in figures(data).items():
        assert all(word in texts(fig) for word in words[name]), name


def all_figures(data) -> dict[str, Figure]:
    return figures(data) | {
        "compare": compare.figure(bars(), "note"),
        "pairs": compare.figure(
            bars(), "note", [Difference("JPN", "embargo", -2.0, -2.5, -1.5)], "x"
        ),
        "chain_map": chain_map.figure("Chain", *stages_and_links(chain()), ""),
        "crowded_map": chain_map.figure("Chain", crowded(), [], "Many streams"),
        "stage_bars": stage_bars.figure("Chain", crowded(), "Many stages"),
    }


def crowded() -> list[list[Stage]]:
    """Return columns of one, two and eight stages, each with a giant and many small countries."""
    small = ("AUS", "CAN", "CHL", "IDN", "KOR", "other")
    shares = {"CHN": 0.88} | dict.fromkeys(small, 0.02)
    return [
        [Stage(f"p{n}_{i}", f"Product {n} {i}", shares, 1e4) for i in range(n)] for n in (8, 2, 1)
    ]


def test_nothing_leaves_a_figure_and_no_text_is_smaller_than_nine_points(data):
    from matplotlib.text import Text

    for name, fig in all_figures(data).items():
        with style():
            fig.draw_without_rendering()
        assert min(t.get_fontsize() for t in fig.findobj(Text) if t.get_text().strip()) >= 9, name
        box = fig.get_tightbbox(fig.canvas.get_renderer())  # inches
        assert min(box.x0, box.y0) > -0.01, (name, box)
        assert box.x1 < fig.get_figwidth() + 0.01, (name, box)
        assert box.y1 < fig.get_figheight() + 0.01, (name, box)


def test_no_two_texts_overlap(data):
    for name, fig in all_figures(data).items():
        with style():
            fig.draw_without_rendering()
        renderer = fig.canvas.get_renderer()
        free = [t for ax in fig.axes if ax.get_visible() for t in [*ax.texts, ax._left_title]]
        free += [t for ax in fig.axes[:1] if name == "timeline" for t in ax.get_yticklabels()]
        free = [t for t in [*fig.texts, *free] if t.get_text().strip()]
        boxes = [(t.get_text(), t.get_window_extent(renderer).padded(-1)) for t in free]
        for x, (one, box) in enumerate(boxes):
            for other, its in boxes[x + 1 :]:
                assert not box.overlaps(its), (name, one, other)


@pytest.mark.parametrize("title", ["Short", LONG])
def test_headline_and_caption_stay_clear_of_the_axes(title):
    fig = fan.figure(case.run_data(n=40, title=title))
    with style():
        fig.draw_without_rendering()
    renderer = fig.canvas.get_renderer()
    panels = [ax.get_tightbbox(renderer) for ax in fig.axes if ax.get_visible()]
    for text in fig.texts:
        if text.get_rotation() == 0:
            box = text.get_window_extent(renderer)
            assert all(box.y0 >= p.y1 - 1 or box.y1 <= p.y0 + 1 for p in panels), text.get_text()


def luminance(color: str) -> float:
    """Relative luminance (WCAG)."""
    parts = [int(color[x : x + 2], 16) / 255 for x in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_colours_stand_out_on_white_and_stay_apart_in_grey_print():
    assert all(contrast(color, "#ffffff") >= 3 for color in (*PALETTE, OTHER, FAINT, DEEP))
    pairs = [(a, b) for x, a in enumerate(PALETTE) for b in PALETTE[x + 1 :]]
    assert min(contrast(a, b) for a, b in pairs) >= 1.3
    assert contrast(BAND, INNER) >= 1.3 and contrast(INNER, DEEP) >= 3


# --- fan ---------------------------------------------------------------------------------------


def test_fan_draws_the_quantiles_and_the_mean_that_the_run_holds(data):
    _, ax = plain_axes()
    fan.fan(ax, data, "region", "JPN")
    column = data.index("region", "JPN")
    lines = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    median, mean = lines["median future"], lines["mean"]
    np.testing.assert_array_equal(median, 100 * data.fan.share[2, :, column])
    np.testing.assert_array_equal(mean, 100 * data.fan.mean[:, column])
    outer, inner, of_mean = (c.get_paths()[0].vertices[:, 1].max() for c in ax.collections)
    assert outer == 100 * data.fan.share[4, :, column].max()
    assert inner == 100 * data.fan.share[3, :, column].max()
    assert of_mean == 100 * data.fan.mean_high[:, column].max()


def test_fan_panels_share_one_scale_that_holds_all_that_is_drawn(data):
    panels = [ax for ax in fan.figure(data).axes if ax.get_visible()]
    assert [ax.get_title(loc="left") for ax in panels] == [
        "Japan",
        "United States",
        "European Union",
        "South Korea",
        "Rest of world",
    ]
    assert len({ax.get_ylim() for ax in panels}) == 1
    assert panels[0].get_ylim()[1] >= 100 * data.fan.share[-1][:, data.columns("region")].max()


def test_fan_headline_is_the_run_s_and_says_when_the_hardest_hit_lack_most(data):
    column = data.index("region", "JPN")
    k = int(data.fan.mean[:, column].argmax())
    when = data.start + dt.timedelta(days=7 * k)
    said = texts(fan.figure(data))
    assert Headlines(data).main in said
    assert f"most in {when:%B %Y} ({percent(data.fan.mean[k, column])})" in said


def test_fan_marks_the_dates_of_hazards_and_shows_a_median_that_lies_on_the_axis():
    dated = case.run_data(n=50, height=0.2, meta={"dated": [(28.0, "Stop"), (5000.0, "Stop")]})
    ax = fan.figure(dated).axes[0]
    lines = {line.get_label(): line for line in ax.get_lines()}
    mark = lines["a hazard begins or may begin: 6 Nov 2025"]
    assert mark.get_xdata()[0] == day_numbers(dated)[0] + 28
    assert not lines["median future"].get_clip_on()


# --- exceedance --------------------------------------------------------------------------------


def test_exceedance_curve_is_the_share_of_losses_beyond_each_point():
    loss = np.r_[np.zeros(40), np.linspace(1, 60, 60)]
    x, p, low, high = beyond.curve(loss)
    np.testing.assert_array_equal(p, [(loss > a).mean() for a in x])
    assert (x[0], x[-1]) == (0.0, loss[-11])
    for a, b, c in zip(p, low, high, strict=True):
        known = stats.binomtest(round(a * 100), 100).proportion_ci(0.95, "exact")
        assert (b, c) == pytest.approx((known.low, known.high), rel=1e-9)


def test_exceedance_of_many_replications_is_thinned_to_points_of_the_same_curve():
    loss = np.random.Generator(np.random.Philox(3)).exponential(1, 20_000)
    x, p, _, _ = beyond.curve(loss)
    assert x.size <= 402
    np.testing.assert_array_equal(p, [(loss > a).mean() for a in x])
    assert np.max(-np.diff(np.log(p))) < 0.1 or x.size > 200
    assert p[-1] == beyond.TAIL / 20_000


def test_exceedance_marks_var_and_cvar_on_the_curve():
    loss = np.random.Generator(np.random.Philox(4)).exponential(1, 1000)
    _, ax = plain_axes()
    exceedance.exceedance(ax, loss, "x")
    marks = {line.get_marker(): line.get_xydata()[0] for line in ax.get_lines()[1:]}
    assert tuple(marks["o"]) == (var(loss, 0.95), (loss > var(loss, 0.95)).mean())
    assert tuple(marks["D"]) == (cvar(loss, 0.95), (loss > cvar(loss, 0.95)).mean())


def test_exceedance_says_too_few_runs_where_the_tail_is_not_supported():
    few = curves.legend_label("Japan", np.linspace(1, 2, 30))
    assert few == "Japan\ntoo few runs | too few runs"
    assert curves.legend_label("Japan", np.zeros(30)) == "Japan\nno shortfall"


def test_exceedance_headline_holds_with_the_chance_told_and_is_withheld_below_its_support(data):
    share = findings.shares(data, data.index("region", "JPN"))
    said = Headlines(data).how_bad
    above = float(re.fullmatch(
        r"One chance in ten: Japan is more than ([\d.]+) % short over 3 years", said
    )[1])  # fmt: skip
    assert np.mean(share > above / 100) >= 0.1
    assert np.mean(share > above / 100 + (0.01 if above >= 10 else 0.001)) < 0.1
    assert said in texts(exceedance.figure(data))
    assert "too few" in Headlines(case.run_data(n=12)).how_bad


# --- heat map ----------------------------------------------------------------------------------


def test_heat_map_cells_hold_mean_shortfall_over_mean_wanted(data):
    share, half, sectors, regions = heatmap.table(data, case.users_of())
    i, j = sectors.index("wind"), regions.index("EU")
    short, wanted = (
        data.of("shortfall_t", "user", "eu_wind"),
        data.of("wanted_t", "user", "eu_wind"),
    )
    assert share[i, j] == pytest.approx(short.mean() / wanted.mean())
    answer = precision.ratio(short, wanted)
    assert half[i, j] == pytest.approx((answer.high - answer.low) / 2)
    assert np.isnan(share[sectors.index("defence"), regions.index("KOR")])


def test_heat_map_writes_each_number_and_hatches_what_is_not_there():
    _, ax = plain_axes()
    cells.heatmap(
        ax,
        np.array([[0.123, 0.0], [np.nan, 0.5]]),
        ["a", "b"],
        ["c", "d"],
        np.array([[0.01, 0.0], [np.nan, np.nan]]),
    )
    told = {(round(t.get_position()[0] - 0.5), int(t.get_position()[1])): [] for t in ax.texts}
    for t in ax.texts:
        told[round(t.get_position()[0] - 0.5), int(t.get_position()[1])].append(t.get_text())
    assert told == {(0, 0): ["12.3", "± 1.0"], (1, 0): ["0.0"], (0, 1): ["n/a"], (1, 1): ["50.0"]}
    assert [p.get_hatch() for p in ax.patches if p.get_hatch()] == ["///"]


def test_heat_map_ink_contrasts_with_its_cell():
    assert cells._ink((0.0, 0.13, 0.31)) == "white"
    assert cells._ink((1.0, 0.92, 0.27)) == "black"


# --- timeline ----------------------------------------------------------------------------------


def test_timeline_draws_every_series_and_shock_where_it_is(data):
    line = case.timeline(data)
    axes = timeline.figure(data, line).axes
    drawn = axes[3].get_lines()[0]
    np.testing.assert_array_equal(drawn.get_ydata(), 100 * line.shortfall_share["JPN"])
    from matplotlib.dates import date2num

    day0 = date2num(data.start)
    spans = [(b.get_x() - day0, b.get_width()) for b in axes[0].patches]
    assert (60.0, 40.0) in spans  # the second shock's announcement ...
    assert not any(x == 100.0 for x, _ in spans)  # ... which was called off: never in force
    assert (120.0, 40.0) in spans and any(x == 160.0 for x, _ in spans)
    assert "October package (called off)" in texts(axes[0].figure)


def test_timeline_cuts_shocks_to_the_horizon_and_counts_those_left_out():
    short = case.run_data(n=30, n_period=20)
    line = case.timeline(short, n_shock=14)
    fig = timeline.figure(short, line)
    right = fig.axes[0].get_xlim()[1]
    assert all(p.get_x() + p.get_width() <= right + 1e-6 for p in fig.axes[0].patches)
    assert "and 4 more" in texts(fig)


# --- comparison --------------------------------------------------------------------------------


def bars(n: int = 3) -> dict[str, list[Bar]]:
    return {
        r: [Bar(f"run {x}", 4.0 + x, 3.5 + x, 4.5 + x, 0.0, 9.0 + x) for x in range(n)]
        for r in case.REGIONS
    }


def test_comparison_draws_mean_interval_and_spread_of_each_run():
    _, ax = plain_axes()
    compare.compare(ax, [Bar("a", 4.0, 3.5, 4.5, 0.0, 9.0)])
    spread, interval, dot = (tuple(line.get_xdata()) for line in ax.get_lines())
    assert (spread, interval, dot) == ((0.0, 9.0), (3.5, 4.5), (4.0,))
    assert [t.get_text() for t in ax.texts] == ["4.0"]


def test_comparison_panels_share_one_scale_and_without_pairs_nothing_is_ranked():
    several = bars()
    several["KOR"][1] = Bar("embargo", 30.0, 28.0, 32.0, 0.0, 55.0)
    fig = compare.figure(several, "1,000 replications each")
    assert len({ax.get_xlim() for ax in fig.axes if ax.get_visible()}) == 1
    assert fig.axes[0].get_xlim()[1] > 55
    assert "so no difference is told" in texts(fig)
    assert "1,000 replications each" in texts(fig)


def test_comparison_draws_the_paired_differences_and_tells_the_largest_sure_one():
    found = [
        Difference("JPN", "stockpile", -2.0, -2.5, -1.5),
        Difference("EU", "stockpile", -9.0, -19.0, 1.0),
    ]
    fig = compare.figure(bars(), "note", found, "none")
    assert "stockpile: Japan is 2.0 percentage points less short than under none" in texts(fig)
    dots = [tuple(line.get_xdata()) for line in fig.axes[-1].get_lines()]
    assert {(-2.5, -1.5), (-2.0,), (-19.0, 1.0), (-9.0,)} <= set(dots)
    unsure = compare.finding(bars(), found[1:], "none")
    assert unsure == "No run differs from none by more than chance"


# --- chain map ---------------------------------------------------------------------------------


def chain(**other):
    """Two ores, an oxide from each, a magnet of both, users in Japan and China; t a day."""

    def site(kind, product, country, amount, feeds=None):
        size = {"demand": amount} if kind == "end_user" else {"capacity": 2 * amount + 1}
        return {"kind": kind, "product": product, "country": country, **size, "feeds": feeds or {}}

    def lanes(coefficient=1.0, **shares):
        return {
            "coefficient": coefficient,
            "cover_days": 30,
            "lanes": {s: {"share": v, "transit_days": 7} for s, v in shares.items()},
        }

    sites = {
        "a": site("mine", "light", "CHN", 70),
        "b": site("mine", "light", "AUS", 29),
        "c": site("mine", "light", "IND", 0.9),
        "d": site("mine", "light", "BRA", 0.9),
        "h": site("mine", "heavy", "MMR", 10),
        "nd": site(
            "refiner", "ndpr_oxide", "CHN", 90, {"light": lanes(a=0.7, b=0.28, c=0.01, d=0.01)}
        ),
        "dy": site("refiner", "dytb_oxide", "CHN", 10, {"heavy": lanes(h=1.0)}),
        "m": site(
            "refiner",
            "ndfeb_magnet",
            "CHN",
            90,
            {"ndpr_oxide": lanes(1.0, nd=1.0), "dytb_oxide": lanes(0.1, dy=1.0)},
        ),
        "mj": site(
            "refiner",
            "ndfeb_magnet",
            "JPN",
            10,
            {"ndpr_oxide": lanes(1.0, nd=1.0), "dytb_oxide": lanes(0.1, dy=1.0)},
        ),
        "u": site("end_user", "cars", "JPN", 20, {"ndfeb_magnet": lanes(m=0.5, mj=0.5)}),
        "v": site("end_user", "cars", "CHN", 80, {"ndfeb_magnet": lanes(m=1.0)}),
        **other,
    }
    products = {s["product"] for s in sites.values()}
    network = read_network(
        {
            "title": "by hand",
            "rates_per": "day",
            "sites": sites,
            "products": {p: {"title": p} for p in sorted(products)},
        }
    )
    return compile_network(network, start=dt.date(2025, 1, 1), n_period=10, step_days=7)


def test_chain_map_columns_follow_the_depth_of_products_with_users_last():
    stages, _ = stages_and_links(chain())
    assert [[s.name for s in column] for column in stages] == [
        ["light", "heavy"],
        ["ndpr_oxide", "dytb_oxide"],
        ["ndfeb_magnet"],
        [USERS],
    ]
    assert stages[0][0].total_t_per_year == pytest.approx(100 * 365)
    assert stages[3][0].total_t_per_year == pytest.approx(100 * 365)


def test_chain_map_shares_are_those_of_the_reference_flow_with_small_countries_joined():
    compiled = chain()
    stages, _ = stages_and_links(compiled)
    known = stage_shares(compiled)
    assert stages[0][0].shares == pytest.approx({"CHN": 0.7, "AUS": 0.28, "other": 0.02})
    assert stages[2][0].shares["JPN"] == pytest.approx(known["ndfeb_magnet", "JPN"])
    assert all(sum(s.shares.values()) == pytest.approx(1) for c in stages for s in c)


def test_chain_map_links_sum_to_what_each_stage_uses_of_each_product():
    _, links = stages_and_links(chain())
    used = {}
    for link in links:
        pair = link.source[0], link.target[0]
        used[pair] = used.get(pair, 0.0) + link.share
    assert used == pytest.approx(dict.fromkeys(used, 1.0))
    assert ("dytb_oxide", "ndfeb_magnet") in used and ("ndfeb_magnet", USERS) in used
    home = next(k for k in links if k.target == (USERS, "JPN") and k.source[1] == "JPN")
    assert home.share == pytest.approx(0.1)


def test_chain_map_prints_the_focus_share_of_every_stage_and_fills_each_box():
    stages, links = stages_and_links(chain())
    fig = chain_map.figure("By hand", stages, links, "A made-up chain")
    told = texts(fig)
    assert "China 70 %" in told and "China 90 %" in told and "other 2 %" in told
    assert "A made-up chain." in told and "36 kt a year" in told
    assert "China: 90 % of NdFeB magnet output" in told
    boxes = [p for p in fig.axes[0].patches if p.get_zorder() == 3]
    assert len(boxes) == sum(len(s.shares) for c in stages for s in c)


def test_chain_map_draws_a_stage_without_the_focus_and_without_links():
    one = [[Stage("ore", "Ore", {"AUS": 1.0}, 5.0)]]
    with_user = [*one, [Stage("u", "Users", {"JPN": 1.0}, 5.0)]]
    assert "Australia 100 %" in texts(chain_map.figure("x", one, [], ""))
    link = Link(("ore", "AUS"), ("u", "JPN"), 1.0)
    assert "Japan 100 %" in texts(chain_map.figure("x", with_user, [link], ""))
    assert "x" in texts(chain_map.figure("x", [], [], ""))


def test_end_users_of_several_products_are_drawn_by_value_not_by_tonnes():
    sites = {
        "ore": {"kind": "mine", "product": "ore", "country": "CHN", "capacity": 100},
        "gem": {"kind": "mine", "product": "gem", "country": "AUS", "capacity": 1},
        "steel": {"kind": "end_user", "product": "steel", "country": "CHN", "demand": 90,
                  "feeds": {"ore": {"lanes": {"ore": {"share": 1}}}}},
        "ring": {"kind": "end_user", "product": "ring", "country": "JPN", "demand": 1,
                 "feeds": {"gem": {"lanes": {"gem": {"share": 1}}}}},
    }  # fmt: skip
    worth = {"ore": None, "gem": None, "steel": 1.0, "ring": 30.0}
    products = {p: {"title": p} | ({"value_usd_per_t": v} if v else {}) for p, v in worth.items()}
    told = {"title": "x", "rates_per": "year", "sites": sites, "products": products}
    compiled = compile_network(
        read_network(told), start=dt.date(2025, 1, 1), n_period=4, step_days=7
    )
    stages, links = stages_and_links(compiled)
    assert stages[-1][0].shares == pytest.approx({"CHN": 0.75, "JPN": 0.25})
    assert stages[-1][0].usd and chain_map.amount(stages[-1][0]) == "0.0 bn USD a year"
    to_users = {link.source[0]: link.share for link in links if link.target[0] == USERS}
    assert to_users == pytest.approx({"ore": 0.75, "gem": 0.25})
    blocks = blocks_of(compiled)
    assert [[stage.name for stage in block] for block in blocks] == [["ore"], ["gem"]]


def test_stages_of_one_chain_stand_in_one_block_from_the_mines_on():
    blocks = blocks_of(chain())
    assert [[s.name for s in block] for block in blocks] == [
        ["light", "heavy", "ndpr_oxide", "dytb_oxide", "ndfeb_magnet"]
    ]


def test_stage_bars_say_how_often_the_focus_makes_more_than_half():
    told = texts(stage_bars.figure("All", crowded(), "A note"))
    assert "China makes more than half of 11 of 11 products" in told
    assert "China 88 %" in told and "A note." in told and "10 kt a year" in told


# --- extremes ----------------------------------------------------------------------------------


def nan_run():
    data = case.run_data(n=50)
    course = data.fan
    share, mean = course.share.copy(), course.mean.copy()
    share[:, 10:20], mean[10:20] = np.nan, np.nan
    share[:, :, data.index("region", "EU")] = np.nan
    mean[:, data.index("region", "EU")] = np.nan
    return case.replace(data, fan=dataclasses.replace(course, share=share, mean=mean))


EXTREMES = {
    "no shortfall": lambda: case.run_data(n=50, height=0.0),
    "one replication": lambda: case.run_data(n=1),
    "one region": lambda: case.run_data(n=50, users=case.users_of(("JPN",))),
    "one user": lambda: case.run_data(n=50, users=case.users_of(("KOR",), ("wind",))),
    "one period": lambda: case.run_data(n=50, n_period=1),
    "all short": lambda: case.run_data(n=50, height=1e9),
    "NaN": nan_run,
    "unknown regions": lambda: case.run_data(
        n=50, users=case.users_of(tuple(f"R{x}" for x in range(9)))
    ),
    "long names": lambda: case.run_data(
        n=50,
        title=LONG,
        users=case.users_of(("JPN", "X" * 60), ("s" * 70, "_".join(["sector"] * 12))),
    ),
    "dollar signs": lambda: case.run_data(n=50, title="Costs $3 to $5_{x}"),
    "ten years": lambda: case.run_data(n=50, n_period=522),
}


@pytest.mark.parametrize("name", EXTREMES)
def test_every_figure_draws_in_the_extreme_case(name, tmp_path):
    import warnings

    data = EXTREMES[name]()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for figure_name, fig in figures(data).items():
            (file,) = save(fig, tmp_path / figure_name, ("svg",))
            assert file.stat().st_size > 1000


def test_nobody_short_is_one_line_with_its_bound_and_what_held():
    calm = case.run_data(n=50, height=0.0)
    bound = stats.binomtest(0, 50).proportion_ci(0.95, "exact").high
    for name, fig in figures(calm).items():
        if name == "timeline":
            continue
        said = texts(fig)
        assert "Nobody runs short in any of 50 futures" in said, name
        (told,) = re.findall(r"at most ([\d.]+) %\)", said)
        assert bound <= float(told) / 100 < bound + 0.001, name
        assert "A hazard took effect in" in said, name
        assert fig.axes == [], name


# --- files, words, dates -----------------------------------------------------------------------


def test_a_figure_saved_twice_has_the_same_bytes_in_every_format(data, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        save(exceedance.figure(data), tmp_path / folder / "x.y", ("png", "svg", "pdf"))
    for ending in ("png", "svg", "pdf"):
        one, two = ((tmp_path / f / f"x.y.{ending}").read_bytes() for f in "ab")
        assert one == two, ending
        assert len(one) > 1000, ending


def test_a_drawing_has_a_title_a_description_and_text_that_can_be_read(data, tmp_path):
    (file,) = save(exceedance.figure(data), tmp_path / "x", ("svg",))
    root = ElementTree.fromstring(file.read_text("utf-8"))
    space = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{space}title").text == Headlines(data).how_bad
    assert "400 replications, seed 20251009" in root.find(f"{space}desc").text
    words = " ".join("".join(e.itertext()) for e in root.iter(f"{space}text"))
    assert "Clopper-Pearson" in words


def test_every_colour_of_the_palette_has_a_contrast_of_three_to_one_on_white():
    from sim.plots.style import PALETTE

    for color in PALETTE:
        rgb = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (luminance + 0.05) >= 3, color


def test_a_drawn_figure_leaves_no_mark_on_matplotlib(data):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    fan.figure(data)
    assert dict(mpl.rcParams) == before


def test_wrapped_lines_fit_and_lose_no_letter():
    fig = new_figure(5, 4)
    words = f"{LONG} {'x' * 300}"
    lines = wrap(words, fig, 12, "bold").split("\n")
    assert max(text_width(line, 12, "bold") for line in lines) <= 5
    assert "".join("".join(lines).split()) == "".join(words.split())


@pytest.mark.parametrize("days", [1, 7, 40, 89, 200, 400, 1098, 3650, 36500])
def test_a_time_axis_has_two_to_seven_ticks_inside_it_and_names_a_year(days):
    first = dt.date(2025, 10, 9)
    last = first + dt.timedelta(days=days)
    ticks = date_ticks(first, last)
    assert 1 <= len(ticks) <= 8
    assert all(first <= day <= last for day, _ in ticks)
    assert any(re.search(r"\d{4}", name) for _, name in ticks)


def test_names_are_spelled_for_people():
    assert pretty("ndfeb_magnet, CHN to EU") == "NdFeB magnet, China to European Union"
    assert pretty("dytb_oxide") == "Dy/Tb oxide"
    assert (the("USA"), the("USA", True)) == ("the United States", "The United States")
    assert region_name("XYZ") == "XYZ"
    assert ordered_regions(["ZZ", "ROW", "JPN"]) == ["JPN", "ROW", "ZZ"]
    assert [percent(x) for x in (0.1234, 0.0123, 0.0001)] == ["12 %", "1.2 %", "under 0.1 %"]


# --- report ------------------------------------------------------------------------------------


def settings(title: str = "Made-up controls", source: str = "a book") -> Settings:
    user = {
        "kind": "end_user",
        "product": "cars",
        "country": "JPN",
        "demand": 1,
        "feeds": {"ore": {"lanes": {"a": {"share": 1.0, "transit_days": 7}}}},
    }
    network = read_network(
        {
            "title": "By hand",
            "products": {"ore": {"title": "ore"}, "cars": {"title": "cars"}},
            "sites": {
                "a": {"kind": "mine", "product": "ore", "country": "CHN", "capacity": 2},
                "u": user,
            },
            "sources": {"s": {"citation": "a guess", "confidence": "low"}},
        }
    )
    hazard = {
        "title": "Ban",
        "onset": {"day": 30},
        "duration_days": 90,
        "severity": 1.0,
        "effects": {"x": {"kind": "control", "type": "ban", "origin": {"country": "CHN"}}},
        "sources": {"onset": source},
        "confidence": "low",
    }
    scenario = Scenario.model_validate(
        {
            "name": "made_up",
            "title": title,
            "start": "2025-10-09",
            "horizon_days": 1099,
            "hazards": {"ban": hazard},
        }
    )
    return Settings(network=network, scenario=scenario, policy=Policy(title="No policy"), run=Run())


@pytest.fixture(scope="module")
def page(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    drawn = {n: save(f, folder / n, ("svg",))[0] for n, f in figures(data).items()}
    return report.write(folder / "report.html", settings(), data, drawn).read_text("utf-8")


def test_report_holds_story_numbers_sources_command_and_limits(page, data):
    for part in (
        data.title,
        data.story,
        "a book",
        "a guess",
        "What it does not say",
        "shortfall run scenario=made_up network=rare_earths policy=none "
        "run.seed=20251009 run.replications=400",
        "Shortfall 0.1.0",
    ):
        assert part in page, part
    row = next(
        r
        for r in data.summary
        if (r["kind"], r["view"], r["measure"], r["statistic"])
        == ("region", "JPN", "shortfall_share", "ratio")
    )
    assert f"{100 * row['value']:.2f}" in page
    assert f"{100 * row['low']:.2f} to {100 * row['high']:.2f}" in page


def test_report_tells_why_a_number_is_missing(tmp_path):
    few = case.run_data(n=5)
    text = report.html(settings(), few, {})
    reason = next(r["note"] for r in few.summary if r["statistic"] == "cvar95")
    assert 'n/a <span class="mark">[' in text
    assert reason in text


def test_report_fetches_nothing_and_runs_nothing(page):
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.append((tag, dict(attributes)))

    Reader().feed(page)
    assert not {"script", "link", "iframe", "img", "object"} & {tag for tag, _ in found}
    for _, attributes in found:
        for key in ("src", "href", "xlink:href"):
            # the colour bar is a picture inside the page
            assert (attributes.get(key) or "#").startswith(("#", "data:image/png;base64,"))
    assert sum(tag == "svg" for tag, _ in found) == 4


def test_report_ids_are_unique_and_every_reference_finds_its_own(page):
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', page))
    assert used and used <= set(ids)


def test_report_drawings_stay_well_formed(page):
    for drawing in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        ElementTree.fromstring(drawing)


def test_report_escapes_what_people_wrote():
    hostile = '<script>alert(1)</script> & "x"'
    named = case.replace(case.run_data(n=30), title=hostile, story=hostile)
    text = report.html(settings(hostile, hostile), named, {})
    assert "<script>" not in text
    assert text.count("&lt;script&gt;") >= 4


def test_report_has_the_same_bytes_twice(data):
    assert report.html(settings(), data, {}) == report.html(settings(), data, {})


def test_matplotlib_waits_until_something_is_drawn():
    import subprocess
    import sys

    code = "import sim.run.figures, sys; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
