"""Size of a reserve: a ban less the stock at hand, by hand; harm, binding, surety, bad words."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import by_hand as hand
import numpy as np
import pytest

from sim.advice.size import find_size
from sim.advice.size_answer import Wish
from sim.advice.size_binds import FULL
from sim.advice.size_build import Pace
from sim.advice.size_reserve import Good, Sizing, check_goods, goods_of, reserves_of, with_reserves
from sim.advice.size_search import BISECTIONS, least_sizes, sizes_of
from sim.advice.size_words import finding, notes
from sim.base.errors import UserError
from sim.config.settings import Policy, Run, Scenario, Settings
from sim.metrics import precision
from sim.network.load import read_network
from sim.run.case import Study

ORE = Good("ore", "JPN")
COVER = 10
UNIFORM = {"min": 20.0, "max": 60.0}


def chain(**salt: object) -> hand.Map:
    """China sells ore to one user who holds ten days of it; a reserve opens below five, at once."""
    feeds = {"ore": hand.feed({"china": hand.lane()}, cover_days=COVER)}
    sites = {"china": hand.mine(100), "vault": hand.reserve(0, {"user": None}, trigger_days=5)}
    if salt:
        feeds["salt"] = hand.feed({"flats": hand.lane()}, **salt)
        sites["flats"] = hand.mine(100, product="salt")
    return hand.network(**sites, user=hand.user(100, feeds))


def study(mapping: hand.Map, n: int = 60, days: object = UNIFORM, **parameters: object) -> Study:
    ban = {
        "onset": {"day": 30}, "duration_days": days, "severity": 1.0,
        "effects": {"all": {"kind": "control", "type": "ban", "origin": {"country": "CHN"}}},
    }  # fmt: skip
    scenario = {"title": "A ban", "name": "ban", "start": "2025-01-01", "horizon_days": 120,
                "step_days": 1, "network": "by_hand", "hazards": {"ban": ban},
                "parameters": parameters}  # fmt: skip
    return Study(
        Settings(
            network=read_network(mapping),
            scenario=Scenario.model_validate(scenario),
            policy=Policy(title="none", name="none"),
            run=Run(replications=n, audit=2, seed=7),
        )
    )


def bans(one: Study, n: int) -> np.ndarray:
    tape = one.tape(np.arange(n))
    return tape.end_days - tape.onset_days


# --- the search -----------------------------------------------------------------------------------


def test_the_search_finds_what_suffices_from_then_on():
    needs = np.array([0.0, 0.3, 7.0, 99.0, 100.0, 101.0])
    found = least_sizes(lambda r, d: d >= needs[r], np.arange(6), 100.0)
    exact = 100.0 / 2 / 2**BISECTIONS
    assert found["days"][:5] == pytest.approx(needs[:5], abs=exact)
    assert (found["days"][:5] >= needs[:5]).all()
    assert found["days"][5] == math.inf
    assert not found["harmed"].any()


def test_a_size_that_does_harm_is_seen_and_the_answer_lies_beyond_it():
    # from 2 to 20 it is served, from 20 to 40 it is not, beyond it is again
    found = least_sizes(lambda r, d: (d >= 2) & ~((d >= 20) & (d < 40)), np.arange(3), 100.0)
    assert found["days"] == pytest.approx(40.0, abs=0.1)
    assert found["harmed"].all()
    # with the most it is not served any more
    found = least_sizes(lambda r, d: d < 50, np.arange(2), 100.0)
    assert np.isinf(found["days"]).all() and found["harmed"].all()


def test_what_needs_no_stock_is_played_twice_only():
    played = []

    def served(replications, days):
        played.append(replications.size)
        return np.ones(replications.size, np.bool_)

    assert (least_sizes(served, np.arange(9), 64.0)["days"] == 0).all()
    assert played == [9, 9] and sizes_of(64.0)[[0, 1, -1]].tolist() == [0.0, 0.5, 64.0]


# --- a chain whose answer is known ----------------------------------------------------------------


def test_the_size_is_the_length_of_the_ban_less_the_stock_at_hand(tmp_path):
    one = study(chain())
    size = find_size(one, Wish((ORE,), 0.9), tmp_path)
    rows = [r.split(",") for r in (tmp_path / "futures.csv").read_text().splitlines()[1:]]
    found = np.array([float(r[1]) for r in rows])
    exact = bans(one, 60) - COVER
    assert np.abs(found - exact).max() <= 1.0  # a day: bans end within one
    assert size.days.low <= size.days.value <= size.days.high
    assert size.days.value == pytest.approx(np.sort(found)[53])  # 54 of 60 are 90 %
    truth = UNIFORM["min"] + 0.9 * (UNIFORM["max"] - UNIFORM["min"]) - COVER
    assert size.days.low <= truth <= size.days.high
    # on other futures it suffices as often as bans are that short
    suffices = (size.days.value + COVER - UNIFORM["min"]) / (UNIFORM["max"] - UNIFORM["min"])
    assert size.fresh.low - 0.025 <= suffices <= size.fresh.high + 0.025  # a day
    assert [size.none_needed.value, size.no_size.value, size.harmed] == [0.0, 0.0, 0]
    assert size.binding is None
    row = next(r for r in size.curve if r["surety"] == 0.9)
    assert row["ore@JPN_t"] == pytest.approx(100 * row["days"])
    assert f"{size.days.value:,.0f} days of ore keep Japan served in 90 %" in finding(
        size, Wish((ORE,), 0.9)
    )


def test_the_interval_is_that_of_the_blocks_in_which_futures_were_drawn(tmp_path):
    one = study(chain(), n=1000)
    block = one.sections.size
    size = find_size(one, Wish((ORE,), 0.8), tmp_path)
    assert block > 8 and size.n == -(-1000 // block) * block == size.fresh.n
    days = np.array([float(r.split(",")[1])
                     for r in (tmp_path / "futures.csv").read_text().splitlines()[1:]])  # fmt: skip
    alone = precision.quantile(days, 0.8)
    truth = UNIFORM["min"] + 0.8 * (UNIFORM["max"] - UNIFORM["min"]) - COVER
    assert size.days.low <= truth + 1.0 and size.days.high >= truth - 1.0  # a day
    assert size.days.high - size.days.low < 0.6 * (alone.high - alone.low)
    row = next(r for r in size.curve if r["surety"] == 0.8)
    assert (row["days_low"], row["days_high"]) == (size.days.low, size.days.high)


def test_what_is_sized_replaces_the_reserves_own_draw():
    stock = {"key": "stock", "sites": {"site": "vault"},
             "distribution": {"min": 0.0, "max": 2.0}}  # fmt: skip
    numbers = np.arange(8)
    groups = np.ones(1, np.bool_)
    short = [
        Sizing(one, (0,), groups).short_share(numbers, np.full(8, 12.0), np.zeros(1, np.uint8))
        for one in (study(chain()), study(chain(), vault=stock))
    ]
    assert short[0].max() > 0
    assert np.array_equal(*short)


def test_some_want_may_be_allowed_to_go_missing(tmp_path):
    one = study(chain(), days=40.0)
    none = find_size(one, Wish((ORE,), 0.5), tmp_path / "none")
    some = find_size(one, Wish((ORE,), 0.5, allow=12.0 / 120), tmp_path / "some")
    assert none.days.value - some.days.value == pytest.approx(12.0, abs=0.5)


def test_where_no_size_helps_it_says_what_would(tmp_path):
    one = study(chain(cover_days=COVER), n=40)
    wish = Wish((ORE,), 0.9)
    size = find_size(one, wish, tmp_path)
    assert math.isinf(size.days.value) and size.no_size.value == 1.0
    cures = {c.what: (c.cured, c.n) for c in size.binding.cures}
    # both are barred: only a stock of the other good helps; its reserve opens after 30 days, when
    # bans of more than that have left the user short already
    assert set(cures) <= {"as large a stock of salt for JPN", "all of these together"}
    assert cures["all of these together"][0] > 0
    assert "No stock of ore keeps Japan served in 90 %" in finding(size, wish)
    assert any("as large a stock of salt" in line or "all of these" in line for line in
               notes(size, wish))  # fmt: skip


def test_goods_are_sized_together_by_one_number_of_days(tmp_path):
    mapping = chain(cover_days=COVER)
    mapping["sites"]["cellar"] = hand.reserve(0, {"user": None}, product="salt", trigger_days=5)
    one = study(mapping, days=40.0)
    size = find_size(one, Wish((ORE, Good("salt", "JPN")), 0.5), tmp_path)
    assert size.days.value == pytest.approx(30.0, abs=0.5)
    assert [s.use_t_per_day for s in size.stocks] == [100.0, 100.0]


def test_a_reserve_is_added_where_there_is_none():
    mapping = chain()
    del mapping["sites"]["vault"]
    one, added = with_reserves(study(mapping), [ORE])
    assert added == ["reserve_jpn_ore"] and reserves_of(one, ORE) == [0]


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("good", "said"),
    [("oar@JPN", "did you mean 'ore'"), ("ore@JPP", "did you mean 'JPN'"),
     ("ore@CHN", "no such region")],
)  # fmt: skip
def test_an_unknown_good_or_region_is_told_with_the_nearest(good, said):
    with pytest.raises(UserError, match=said):
        check_goods(study(chain()), goods_of([good]))


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--reserve", "ore"], "product@REGION"), ([], "product@REGION"),
     (["--reserve", "ore@JPN", "--sure", "1"], "--sure: 1, must be above 0 and below 1"),
     (["--reserve", "ore@JPN", "--sure", "0"], "--sure: 0, must be above 0 and below 1"),
     (["--reserve", "ore@JPN", "--sure", "nan"], "--sure: nan, must be"),
     (["--reserve", "ore@JPN", "--allow", "1"], "--allow: 1, must be")],
)  # fmt: skip
def test_a_wrong_word_is_one_line_and_no_traceback(capsys, words, said):
    from sim.cli import main

    assert main(["size", "scenario=china_ree_embargo", *words]) == 2
    told = capsys.readouterr().err
    assert said in told and "Traceback" not in told


# --- built up -------------------------------------------------------------------------------------


def days_in(path: Path) -> np.ndarray:
    return np.array([float(row.split(",")[1]) for row in path.read_text().splitlines()[1:]])


def test_what_is_built_up_at_a_pace_suffices_only_for_what_was_bought_by_then(tmp_path):
    # The mine has a tenth of use to spare; 146 days a year are 0.4 a day. By the ban's first day
    # that many days less two on the way are held; a ban that lasts longer no size helps.
    mapping = chain()
    for site in mapping["sites"].values():
        if site["kind"] == "mine":
            site["capacity"] *= 2
    one = study(mapping)
    wish = Wish((ORE,), 0.5, pace=Pace(146.0))
    size = find_size(one, wish, tmp_path)
    days = days_in(tmp_path / "futures.csv")
    at_once = find_size(one, Wish((ORE,), 0.5), tmp_path / "full")
    full = days_in(tmp_path / "full" / "futures.csv")
    tape = one.tape(np.arange(60))
    held = 0.4 * (tape.onset_days + 1.0)
    known = np.abs(full - held) > 3.0  # days: on the way, and where bans begin within one
    assert np.isinf(days[known & (full > held)]).all()
    helped = known & (full < held)
    assert np.abs(days[helped] - full[helped]).max(initial=0.0) <= 1.0
    assert np.isinf(days).any() and at_once.no_size.value == 0.0
    assert any(cure.what == FULL for cure in size.binding.cures)
    assert "at most 146 days of use are bought a year from day 0 on" in " ".join(notes(size, wish))


def test_a_reserve_that_is_built_up_is_the_one_that_is_sized(tmp_path):
    """Its suppliers move it behind another reserve, which buys nothing."""
    mapping = chain()
    mapping["sites"]["a_vault"] = mapping["sites"].pop("vault")
    feeds = mapping["sites"]["user"]["feeds"]
    feeds["salt"] = hand.feed({"flats": hand.lane()}, cover_days=COVER)
    mapping["sites"]["flats"] = hand.mine(100, product="salt")
    mapping["sites"]["z_vault"] = hand.reserve(0, {"user": None}, product="salt", trigger_days=5)
    mapping["products"]["salt"] = {"title": "salt"}
    size = find_size(study(mapping), Wish((ORE,), 0.5, pace=Pace(100.0)), tmp_path)
    assert size.stocks[0].reserves == ("a_vault",)


@pytest.mark.parametrize("day", ["2024-06-01", "2026-06-01"])
def test_a_build_up_begins_within_the_horizon(tmp_path, day):
    wish = Wish((ORE,), 0.5, pace=Pace(100.0, dt.date.fromisoformat(day)))
    with pytest.raises(UserError, match=r"--from: .*must lie within the horizon, 120 days"):
        find_size(study(chain()), wish, tmp_path)
    assert not any(tmp_path.iterdir())
