"""Autonomy: flows worked by hand, what binds, projects by year, bad words."""

from __future__ import annotations

import by_hand as hand
import pytest

from sim.advice.autonomy import Question, find_autonomy, finding
from sim.base.errors import UserError
from sim.commands.autonomy import years_of
from sim.network.load import read_network


def network(projects: hand.Map | None = None):
    """Two end users need metal; China makes most of it; Australia's ore needs works elsewhere.

    Without China: 40 of ore a day, works for 30 of ore (2 of ore make 1 of metal: 15 of metal), of
    which Japan wants 20 and Korea 10; Korea also has 5 of metal of its own that Japan cannot get.
    """
    ore = {"ore": hand.feed({"dig": hand.lane()}, coefficient=2.0)}
    china_ore = {"ore": hand.feed({"dig": hand.lane(0.2), "pit": hand.lane(0.8)}, coefficient=2.0)}
    mapping = hand.network(
        projects,
        dig=hand.mine(40, country="AUS"), pit=hand.mine(100),
        china=hand.refiner(60, "metal", china_ore),
        works=hand.refiner(15, "metal", ore, country="AUS"),
        seoul=hand.mine(5, product="metal", country="KOR"),
        japan=hand.user(20, {"metal": hand.feed({"china": hand.lane(), "works": hand.lane(0.0)})}),
        korea=hand.user(10, {"metal": hand.feed({"china": hand.lane(), "works": hand.lane(0.0),
                                                 "seoul": hand.lane(0.0)})}, country="KOR"),
        home=hand.user(5, {"metal": hand.feed({"china": hand.lane()})}, country="CHN"),
    )  # fmt: skip
    return read_network(mapping)


def rows(tmp_path, net, without="CHN", years=(2027, 2028)):
    found = find_autonomy(net, Question("by_hand", "none", without, years), tmp_path / "out")
    return {(r["pipeline"], r["year"], r["region"]): r for r in found.rows}, found


def test_all_are_served_alike_and_who_has_more_at_home_gets_no_more_than_that(tmp_path):
    # 15 + 5 of metal for 30 that are wanted: two thirds for each; Korea's 5 are in it
    found, whole = rows(tmp_path, network())
    for region in ("JPN", "KOR"):
        row = found["certain", 2027, region]
        assert row["share"] == pytest.approx(2 / 3, abs=1e-6)
        assert row["binds"] == "metal"
    assert found["certain", 2027, "JPN"]["wanted_t"] == pytest.approx(20 * 364, rel=0.02)
    assert ("certain", 2027, "CHN") not in found
    assert (tmp_path / "out" / "figures" / "autonomy.png").is_file()
    assert "can have 67 % of wants in 2027 and 67 % in 2028" in finding(whole.rows, "CHN")


def test_the_ore_binds_where_there_are_works_enough(tmp_path):
    net = network({"more": {"site": "works", "capacity": 20, "start": 0, "probability": 1.0,
                            "ramp_days": 0}})  # fmt: skip
    found, _ = rows(tmp_path, net)
    # works for 35, ore for 20 of metal, and Korea's 5: 25 for 30
    assert found["certain", 2028, "JPN"]["share"] == pytest.approx(25 / 30, abs=1e-6)
    assert found["certain", 2028, "JPN"]["binds"] == "ore"


def test_a_project_counts_from_its_year_on_and_one_that_may_fail_only_as_planned(tmp_path):
    late = {"site": "works", "capacity": 5, "start": "2028-01-01", "ramp_days": 0}
    found, _ = rows(tmp_path, network({"more": {**late, "probability": 0.5}}))
    share = {key[:2]: row["share"] for key, row in found.items() if key[2] == "JPN"}
    assert share["certain", 2028] == pytest.approx(2 / 3, abs=1e-6)
    assert share["planned", 2027] == pytest.approx(2 / 3, abs=0.01)
    assert share["planned", 2028] == pytest.approx(25 / 30, abs=0.01)  # ore for 20 of metal


def test_who_is_left_without_lanes_is_told_so_and_does_not_hold_others_back(tmp_path):
    net = network()
    data = net.model_dump(mode="json", exclude_unset=True)
    del data["sites"]["japan"]["feeds"]["metal"]["lanes"]["works"]
    found, _ = rows(tmp_path, read_network(data))
    assert found["certain", 2027, "JPN"]["share"] == pytest.approx(0.0, abs=1e-6)
    assert found["certain", 2027, "JPN"]["binds"] == "lanes"
    assert found["certain", 2027, "KOR"]["share"] == pytest.approx(1.0, abs=1e-6)
    assert found["certain", 2027, "KOR"]["binds"] == ""


def test_an_unknown_country_is_told_with_the_nearest_one(tmp_path):
    with pytest.raises(UserError, match="did you mean 'CHN'"):
        rows(tmp_path, network(), without="CHM")


@pytest.mark.parametrize("text", ["2035..2027", "soon", "27..35", "2027..2099"])
def test_years_that_are_none_are_refused(text):
    with pytest.raises(UserError, match="--years"):
        years_of(text)
    assert years_of("2030") == (2030, 2030)
