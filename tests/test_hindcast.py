"""Episodes of the past: a case by hand, scores, facts against their sources, messages, the page."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import math
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from sim.base.errors import UserError
from sim.cli import main
from sim.config.library import Library
from sim.config.settings import load_settings
from sim.hindcast import facts as facts_file
from sim.hindcast import replay as replay_file
from sim.hindcast.draw import draw
from sim.hindcast.episodes import Episode, constants, folder, read_episodes, scenario_path
from sim.hindcast.facts import COLUMNS, read_facts
from sim.hindcast.goals import goals, parts
from sim.hindcast.kinds import KINDS
from sim.hindcast.page import misses, page
from sim.hindcast.replay import FUTURES, replay
from sim.hindcast.score import crps, scored, total

ROOT = Path(__file__).resolve().parent.parent
KNOWN = read_episodes()
PLAYABLE = [e for e in KNOWN.values() if e.scenario]
MONTH = 365 / 12
LINES = itertools.count(1)

NETWORK = """\
title: one lane
rates_per: day
products:
  ore: {title: Ore}
  good: {title: Good}
sites:
  pit: {kind: mine, product: ore, country: CHN, capacity: 10}
  plant:
    kind: end_user
    product: good
    country: USA
    demand: 10
    feeds:
      ore:
        cover_days: {values: [20, 40], weights: [0.5, 0.5]}
        adjustment_days: 1000000
        lanes: {pit: {share: 1, transit_days: 7}}
    cohorts: 2
"""
SCENARIO = """\
title: a ban of February
network: ./one_lane.yaml
start: 2025-01-01
horizon_days: 182
hazards:
  ban:
    onset: {date: 2025-02-01}
    duration_days: 28
    severity: 1
    effects: {ore: {kind: control, type: ban, origin: {country: CHN, product: ore}}}
    sources: {onset: "by hand; high"}
"""
NEWS = dt.date(2025, 2, 1)
EPISODE = Episode("case", "Case", "case", NEWS, NEWS, "set", "a ban", "case:1")


def fact(kind, value, low, high, when="2025-02", **other):
    row = dict.fromkeys(COLUMNS, "")
    row |= {"row": f"h{next(LINES)}", "kind": kind, "product": "ore", "origin": "CHN", "when": when}
    row |= {"value": value, "unit": "t", "low": low, "high": high, "role": "outcome"}
    return row | {"source": "by hand", "confidence": "high"} | other


def put(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def played(tmp_path, monkeypatch):
    """Return a function that plays the case by hand against some facts."""
    (tmp_path / "one_lane.yaml").write_text(NETWORK)
    (tmp_path / "case.yaml").write_text(SCENARIO)
    monkeypatch.setattr(replay_file, "folder", lambda: tmp_path)
    monkeypatch.setattr(replay_file, "scenario_path", lambda episode: tmp_path / "case.yaml")

    def play(*rows, n=3):
        put(tmp_path / "case.csv", rows)
        return replay(EPISODE, n)

    return play


def test_a_ban_of_february_worked_by_hand(played):
    """A ban from day 31 to day 59, by the week; 10 t a day, 7 days at sea; two firms, with 20 and
    40 days of stock.

    Period 4 (days 28 to 34) ships 3/7 of 70 t, periods 5 to 7 nothing, period 8 (days 56 to 62)
    4/7. January has 3 days of period 4, February 4 of it and 3 of period 8; of arrivals, a week
    later, February has 4 days of 70 t (period 4) and 30 t (period 5). March has 4 days of period 8
    and is at 0.945 of normal: not yet back. The first firm has
    10 t of 35 left before period 8, and 20 come in period 9; the other never runs out.
    """
    user = {"product": "good", "origin": "", "to": "USA", "when": "2025-02-01..2025-06-30"}
    to_march = {"when": "2025-02..2025-04"}
    rows = played(
        fact("export_flow", 40, 30, 40, base=300),
        fact("export_flow", 9, 9, 9, when="2025-01", base=10),
        fact("export_trough", 0.1, 0.1, 0.13, base=1, **to_march),
        fact("export_loss", 240, 200, 250, base=300),
        fact("export_nil_months", 0, 0, 0, **to_march),
        fact("export_is_back", 1, 1, 1, **to_march),
        fact("export_months_to_recover", 2.5, 2.4, 2.5, **to_march),
        fact("import_flow", 100, 70, 100, base=280),
        fact("import_months_to_fall", 0.46, 0.4, 0.5, **to_march),
        fact("first_stop_day", 25, 20, 30, **user),
        fact("stop_days", 10, 7, 10, **user),
        fact("stock_months", 25 / MONTH, 0, 2, **user),
        fact("utilisation", 0.1, 0, 1, origin="", to="CHN"),
    ).rows
    february = (4 * 30 / 7 + 3 * 40 / 7) / 280
    expected = [
        300 * february,
        10 * (280 + 3 * 30 / 7) / 310,
        february,
        300 * (1 - february) * 28 / MONTH,
        0,
        1,
        (28 + 31 + 15) / MONTH,
        280 * (4 * 70 / 7 + 30) / 280,
        14 / MONTH,
        25,
        7,
        math.inf,
        february,
    ]
    assert [r.median for r in rows] == pytest.approx(expected)
    assert all(r.low == r.median == r.high for r in rows), "nothing is drawn"
    hit = [True, False, True, True, True, True, True, True, True, True, True, False, True]
    assert [r.hit for r in rows] == hit
    never = math.inf
    still = [300, 10, 1, 0, 0, 1, 0, 280, never, never, 0, never, 1]
    assert [r.no_change for r in rows] == still
    got = 300 * february
    assert rows[0].crps == pytest.approx((40 - got) / 5), "one value: the error, in half widths"
    assert rows[0].crps_no_change == pytest.approx(260 / 5)
    assert rows[9].crps_no_change == pytest.approx((182 - 31 - 25) / 5), (
        "never: the end of watching"
    )


def test_a_price_is_told_over_that_of_a_day_or_of_rest(played):
    """Rest until the news, whatever the day; then the index of the period, weighted by days."""
    place = {"origin": "", "to": "USA"}
    case = played(
        fact("price_ratio", 2, 1, 3, when="2025-03-01", since="2025-01-30", **place),
        fact("price_ratio", 2, 1, 3, when="2025-03-01", since="2025-02-20", **place),
        fact("price_ratio", 2, 1, 3, when="2025-02", since="2025-01-01", **place),
        fact(
            "price_ratio", 2, 1, 3, when="2025-03-01", since="2025-01-30", origin="", to="outside"
        ),
        n=2,
    )
    tape = case.study.tape(np.arange(2))
    path = case.study.flow(tape).price[:, case.study.play.market.goods.pair.index(("ore", "USA"))]
    day_59, day_50 = path[8], path[7]  # 1 March, 20 February, by the week from 1 January
    february = (4 * path[4] + 7 * path[5:8].sum(axis=0) + 3 * path[8]) / 28
    assert (day_59 > 1.01).all()
    for row, expected in zip(case.rows, (day_59, day_59 / day_50, february, day_59), strict=True):
        assert row.values == pytest.approx(expected)
        assert row.no_change == 1


def test_the_crps_is_its_definition():
    """The integral of (F(x) - 1{y <= x})², F the distribution of the sample."""
    rng = np.random.default_rng(7)
    for y in (-1.0, 0.2, 5.0):
        x = np.sort(rng.normal(size=40))
        grid = np.linspace(-8, 8, 400_001)
        step = np.searchsorted(x, grid, side="right") / x.size - (grid >= y)
        assert crps(x, y) == pytest.approx(float((step**2).sum() * (grid[1] - grid[0])), abs=1e-3)
    assert crps(np.array([1.0, 3.0]), 2.0) == 0.5
    assert crps(np.array([4.0]), 2.0) == 2.0


def test_hits_cover_and_totals(tmp_path):
    rows = [
        fact("export_flow", 5, 4, 6),
        fact("export_flow", 19.5, 19, 20),
        fact("export_flow", 30, 20, 40, role="input"),
    ]
    told = read_facts(put(tmp_path / "facts.csv", rows), tuple(KINDS))
    values = np.arange(1.0, 21.0)  # 5 %: 1, median: 10, 95 %: 19
    found = [scored(f, values, 0.0, 99.0) for f in told]
    assert [(r.low, r.median, r.high) for r in found] == [(1, 10, 19)] * 3
    assert [(r.hit, r.covered) for r in found] == [(False, True), (False, False), (False, False)]
    score = total(found)
    assert (score.n, score.hits, score.covered) == (2, 0, 1), "an input is not scored"
    assert score.crps == pytest.approx((found[0].crps + found[1].crps) / 2)
    assert math.isnan(total([]).crps)


def test_never_counts_as_the_end_of_what_is_watched(tmp_path):
    told = read_facts(put(tmp_path / "f.csv", [fact("first_stop_day", 50, 40, 60)]), tuple(KINDS))
    row = scored(told[0], np.array([40.0, np.inf, np.inf]), np.inf, 100.0)
    assert row.median == math.inf and row.high == math.inf and not row.hit and row.covered
    assert row.crps == pytest.approx(crps(np.array([40.0, 100.0, 100.0]), 50.0) / 10)
    assert row.crps_no_change == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"product": "ores"},
            "product: ores, the network (one lane) lacks it; did you mean 'ore'?",
        ),
        ({"product": ""}, "product: a fact of this kind names what it is of"),
        ({"to": "JPN"}, "to: JPN, the network (one lane) lacks it"),
        ({"origin": "USA"}, "product: ore, nothing of it flows there in this network at rest"),
        ({"kind": "export_flo"}, "no such kind of fact; did you mean 'export_flow'?"),
        ({"kind": ""}, "a fact without a kind must say why the model cannot express it"),
        ({"role": "outcom"}, "no such role; did you mean 'outcome'?"),
        ({"when": "February"}, "when: February, must be a day (2025-05-26), a month"),
        ({"when": "2025-03..2025-02"}, "ends before it begins"),
        ({"when": "2024-12"}, "when: 2024-12, the scenario case plays 2025-01-01 to 2025-07-02"),
        ({"when": ""}, "the scenario case plays"),
        ({"since": "2026-01-01"}, "since: 2026-01-01, the scenario case plays 2025-01-01"),
        ({"kind": "price_ratio", "to": "JPN"}, "to: JPN, the network (one lane) lacks it"),
        ({"kind": "price_ratio", "to": "CHN"}, "to: CHN, nobody there buys ore"),
        ({"value": "much"}, "value: much, must be a number"),
        ({"value": "inf"}, "value: inf, must be finite"),
        ({"value": "50"}, "low: 0, the tolerance 0 to 40 must hold the value 50"),
    ],
)
def test_a_fact_that_cannot_be_told_is_refused_by_file_line_and_key(played, changed, expected):
    right = fact("export_flow", 30, 0, 40, base=300) | {"row": "h0"}
    with pytest.raises(UserError) as error:
        played(right, right | {"row": "h2"} | changed)
    text = str(error.value)
    assert expected in text and "case.csv:3" in text and "case.csv:2" not in text


def test_a_table_without_a_column_is_refused(tmp_path):
    (tmp_path / "facts.csv").write_text("row,kind\nh1,export_flow\n")
    with pytest.raises(UserError, match="lacks the columns product"):
        read_facts(tmp_path / "facts.csv", tuple(KINDS))


def test_words_that_name_no_episode(capsys):
    assert main(["hindcast", "ree_magnet_2025", "--output", "x"]) == 2
    assert "no such episode; did you mean 'ree_magnets_2025'?" in capsys.readouterr().err
    assert main(["hindcast", "neon_2022"]) == 2
    assert "cannot be played: no chain of neon" in capsys.readouterr().err
    assert main(["hindcast", "--futures", "0"]) == 2


def rows_of(name):
    with (ROOT / "data" / "events" / name).open(newline="", encoding="utf-8") as file:
        return dict(enumerate(csv.DictReader(file), 2))


def told_rows(episode):
    with (folder() / f"{episode.name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_no_reported_figure_is_dropped():
    """Every row of hindcasts.csv is among an episode's facts, or its episode has no chain."""
    titles = {e.title: e for e in KNOWN.values()}
    told = {row["row"] for e in PLAYABLE for row in told_rows(e)}
    for line, row in rows_of("hindcasts.csv").items():
        episode = titles[row["episode"]]
        assert episode.why
        assert not episode.scenario or f"h{line}" in told, f"line {line} is missing"


def test_no_quotation_is_dropped():
    """Every row of prices_monthly.csv is a fact, the base of one, or set apart with a reason."""
    told = [row for e in PLAYABLE for row in told_rows(e)]
    lines = {row["row"] for row in told}
    lines |= {p for row in told for p in re.findall(r"line (p\d+)", row["source"] + row["note"])}
    with (folder() / "prices_apart.csv").open(newline="", encoding="utf-8") as file:
        apart = {row["row"]: row["why"] for row in csv.DictReader(file)}
    assert all(apart.values())
    assert not set(apart) & {row["row"] for row in told}
    for line in rows_of("prices_monthly.csv"):
        assert f"p{line}" in lines | set(apart), f"line {line} is missing"


def test_quotations_are_ratios_of_what_was_quoted():
    quoted = rows_of("prices_monthly.csv")
    for episode in PLAYABLE:
        for row in told_rows(episode):
            base = re.search(r"over .*? \(line p(\d+)\)", row["source"])
            if row["row"].startswith("p") and "free on board; told as" in row["note"]:
                assert float(row["value"]) == 1.16
            elif row["row"].startswith("p"):
                price, below = quoted[int(row["row"][1:])], quoted[int(base.group(1))]
                assert price["unit"] == below["unit"] and price["product"] == below["product"]
                ratio = float(price["price"]) / float(below["price"])
                assert float(row["value"]) == pytest.approx(ratio, rel=1e-3)
                assert float(row["high"]) == pytest.approx(1.25 * ratio, rel=1e-3)
                assert float(row["low"]) == pytest.approx(ratio / 1.25, rel=1e-3)


def test_facts_say_what_their_sources_say():
    reported = rows_of("hindcasts.csv")
    for episode in PLAYABLE:
        for row in told_rows(episode):
            if not row["row"].startswith("h"):
                continue
            origin = reported[int(row["row"][1:])]
            assert origin["episode"] == episode.title
            assert row["source"] == origin["source"] and row["confidence"] == origin["confidence"]
            if origin["role"] == "input":
                assert row["role"] in ("input", "check")
            if "told as" not in row["note"]:
                assert float(row["value"]) == float(origin["value"])


@pytest.mark.parametrize("episode", PLAYABLE, ids=lambda e: e.name)
def test_every_episode_plays_and_its_facts_fit_its_network(episode):
    found = replay(episode, 4)
    assert len(found.rows) + len(found.apart) == len(told_rows(episode))
    for row in found.rows:
        assert not np.isnan(row.values).any()
        assert row.values.shape == (4,)
        assert row.crps >= 0


def test_scenarios_of_hindcasts_are_not_among_the_shipped_ones_and_say_their_sources():
    assert not {e.scenario for e in PLAYABLE} & set(Library().files("scenario"))
    for episode in PLAYABLE:
        text = scenario_path(episode).read_text(encoding="utf-8")
        assert "as_of:" in text and "sources:" in text


def test_constants_are_few_and_have_reasons():
    told = constants()
    assert 0 < len(told) <= 15
    with (folder() / "constants.csv").open(newline="", encoding="utf-8") as file:
        assert all(row["reason"] for row in csv.DictReader(file))
    halves = [e.half for e in PLAYABLE]
    assert abs(halves.count("set") - halves.count("scored")) <= 1


def test_constants_of_the_price_index_are_its_defaults():
    told = constants()
    names = ("elasticity", "credibility", "fall_days")
    price = load_settings("background").network.price
    law = {name: getattr(price, name) for name in names}
    assert told["price_elasticity"] == law["elasticity"].median
    assert told["price_news"] == law["credibility"].median
    assert told["price_fall_days"] == law["fall_days"].median


def test_every_episode_of_licences_has_the_same_law():
    told, seen = constants(), 0
    law = {"median": told["licence_days_median"], "sigma": told["licence_days_sigma"]}
    for episode in PLAYABLE:
        for hazard in yaml.safe_load(scenario_path(episode).read_text("utf-8"))["hazards"].values():
            for effect in hazard["effects"].values():
                if "approval" in effect:
                    seen += 1
                    assert effect["approval"]["days"] == law
                    assert hazard["copula"]["correlation"] == told["licence_mood"]
    assert seen >= 5


def test_months_end_where_the_next_begins():
    assert facts_file.next_month(dt.date(2024, 12, 31)) == dt.date(2025, 1, 1)
    row = {"when": "2024-02..2024-03", "at": ""}
    assert facts_file.days_of(row, "when") == (dt.date(2024, 2, 1), dt.date(2024, 4, 1))
    row = {"when": "2024-02-28", "at": ""}
    assert facts_file.days_of(row, "when") == (dt.date(2024, 2, 28), dt.date(2024, 2, 29))


def test_goals_say_by_how_much_they_are_missed(played):
    case = played(fact("export_flow", 40, 30, 40, base=300), fact("export_flow", 9, 8, 9, base=300))
    by_what = {g.what: g for g in goals([case])}
    assert by_what["facts that are not prices and can be told by the model"].missing == "18 facts"
    assert by_what["hits, of those that are not prices"].missing == "10 points"
    assert by_what["episodes better than no change"].met
    assert len(parts([case])["all"]) == 2


def test_the_page_tells_every_fact_its_mark_and_its_misses(played):
    rows = [
        fact("export_flow", 40, 30, 40, base=300, row="h1"),
        fact("export_flow", 9, 8, 9, base=300, note="told", role="input", row="h2"),
        fact("", "", "", "", note="no such thing in the model", row="h3"),
    ]
    case = played(*rows)
    text = page([case], {EPISODE.name: EPISODE})
    assert "| h1 | export_flow | ore, CHN to all others 2025-02 | 40 t | 30 to 40 | 36.7 |" in text
    assert "| hit |" in text and "| not scored |" in text
    assert "median inside, fact outside the band" in text
    assert "- h3: no such thing in the model" in text
    assert "| all that are not prices | 1 | 1 (100 %) | 0 (0 %) | 0.65 | 52.00 |" in text
    assert "| facts that are not prices and can be told by the model | 20 | 1 | 19 facts |" in text


def test_the_figure_is_drawn_and_told(played, tmp_path):
    case = played(
        fact("export_flow", 40, 30, 40, base=300, unit="t/month"),
        fact("export_flow", 299, 290, 300, when="2025-01", base=300, unit="t/month", role="input"),
    )
    file = draw(case, tmp_path)
    assert file.name == "hindcast_case.svg" and file.stat().st_size > 10_000
    (series,) = case.series
    assert series.base == 300 and series.normal_t == pytest.approx(10 * MONTH)
    assert series.values[1] == pytest.approx(300 * (4 * 30 / 7 + 3 * 40 / 7) / 280)


@pytest.fixture(scope="module")
def whole():
    """Return every episode as the page has it."""
    return [replay(e, FUTURES) for e in PLAYABLE]


def scored_rows(whole, chosen):
    """Return episode and row of the scored facts that are chosen."""
    rows = ((h.episode.name, r) for h in whole for r in h.rows)
    return {(name, r.fact.row) for name, r in rows if r.fact.counts and chosen(r)}


@pytest.mark.slow
def test_the_page_is_what_the_program_finds(whole):
    assert (ROOT / "docs" / "hindcasts.md").read_text(encoding="utf-8") == page(whole, KNOWN)


@pytest.mark.slow
def test_every_miss_has_its_word(whole):
    missed = scored_rows(whole, lambda r: not (r.hit and r.covered))
    assert missed == set(misses()), "a miss without a word, or a word on what is no miss"


@pytest.mark.slow
def test_no_hit_is_lost(whole):
    """What was hit stays hit; a change that loses one takes its line out, and says why."""
    with (folder() / "hits.csv").open(newline="", encoding="utf-8") as file:
        kept = {tuple(row.values()) for row in csv.DictReader(file)}
    assert kept
    assert kept <= scored_rows(whole, lambda r: r.hit)
