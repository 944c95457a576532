"""Choosing: known best portfolios, all of them enumerated, costs, the half that measures."""

from __future__ import annotations

import csv
import ctypes
import json
import math
import os
import re
import shlex
from collections.abc import Sequence
from itertools import chain, combinations
from pathlib import Path

import by_hand as hand
import numpy as np
import pytest

from sim.advice.avoided import half_of
from sim.advice.candidates import Candidate
from sim.advice.choose import choose
from sim.advice.choose_answer import Choice, Wish
from sim.advice.choose_costs import holding_cost
from sim.advice.choose_measured import difference
from sim.advice.choose_options import Option, Prices
from sim.advice.choose_pairs import pairs_to_play
from sim.advice.choose_programme import Aim, Programme, Set
from sim.advice.choose_words import dollars, sentences
from sim.advice.trial import Bench
from sim.base.errors import UserError
from sim.base.hushed import hushed
from sim.base.sections import Sections
from sim.cli import main
from sim.config.settings import Policy, Run, Scenario, Settings
from sim.metrics.risk import cvar
from sim.network.load import read_network
from sim.plots import frontier

ONSET, BAN, HORIZON = 50, 30, 120
MEAN = Aim(0.0)


def sets_of(n: int) -> list[Set]:
    sizes = (combinations(range(n), k) for k in range(n + 1))
    return [Set(s) for s in chain.from_iterable(sizes)]


def programme(base, cost, losses, aim: Aim = MEAN, rivals: Sequence[Sequence[int]] = ()):
    known = Programme(np.asarray(base, float), np.asarray(cost, float), rivals, aim)
    for members, loss in losses.items():
        known.learn(Set(members), np.asarray(loss, float))
    return known


# the programme


def test_two_that_are_useless_alone_are_taken_for_what_they_do_together():
    base = [10.0, 10.0]
    losses = {(0,): base, (1,): base, (2,): [7.0, 7.0], (0, 1): [2.0, 2.0], (0, 2): [7.0, 7.0],
              (1, 2): [7.0, 7.0]}  # fmt: skip
    known = programme(base, [1.0, 1.0, 1.0], losses)
    answer = known.solve(2.0)
    assert answer.chosen == {0, 1}
    assert answer.bound == pytest.approx(2.0, abs=1e-3)
    assert known.solve(1.0).chosen == {2}
    assert known.solve(3.0).bound == pytest.approx(0.0, abs=1e-3)  # -1 by pairs: none is below 0


def test_of_two_that_do_the_same_one_is_taken_and_the_cheaper_one():
    base, saved = [4.0, 8.0], [1.0, 2.0]
    known = programme(base, [3.0, 2.0], {(0,): saved, (1,): saved, (0, 1): saved})
    assert known.solve(10.0).chosen == {1}


def test_sizes_that_exclude_each_other_are_not_both_taken():
    known = programme([9.0], [1.0, 2.0], {(0,): [6.0], (1,): [5.0]}, rivals=[(0, 1)])
    assert known.solve(10.0).chosen == {1}
    assert known.barred(Set({0, 1}))


def test_what_does_not_fit_together_is_not_taken_together():
    known = programme([9.0], [1.0, 1.0], {(0,): [6.0], (1,): [5.0]})
    assert known.solve(10.0).chosen == {0, 1}
    known.bar(Set({0, 1}))
    assert known.solve(10.0).chosen == {1}


@pytest.mark.parametrize("aim", [MEAN, Aim(0.9), Aim(0.75)])
@pytest.mark.parametrize("seed", range(4))
def test_of_all_portfolios_the_programme_takes_the_best(aim, seed):
    """Losses that singles and pairs make up wholly, so that the programme knows every portfolio."""
    rng = np.random.default_rng(seed)
    n, m = 6, 20
    base = rng.gamma(2.0, 50.0, m)
    cost = rng.uniform(1.0, 5.0, n)
    single = rng.uniform(0.0, 0.3, (n, 1)) * base * rng.integers(0, 2, (n, m))
    pair = {p: rng.normal(0.0, 8.0, m) for p in combinations(range(n), 2)}

    def loss(s: Set) -> np.ndarray:
        both = sum((pair[p] for p in pair if s >= set(p)), np.zeros(m))
        return base - single[sorted(s)].sum(axis=0) - both

    known = programme(base, cost, {tuple(s): loss(s) for s in sets_of(n) if 1 <= len(s) <= 2}, aim)
    values = {s: aim.of(np.maximum(loss(s), 0.0)) for s in sets_of(n) if known.price(s) <= 9.0}
    answer = known.solve(9.0)
    assert values[answer.chosen] == pytest.approx(min(values.values()), rel=1e-3)
    assert answer.bound <= min(values.values()) + 1e-9
    assert answer.bound == pytest.approx(min(values.values()), rel=1e-3)


def test_what_was_played_is_known_exactly_in_whatever_order():
    rng = np.random.default_rng(3)
    losses = {s: rng.uniform(0, 9, 5) for s in sets_of(4) if s}
    known = programme(np.full(5, 9.0), np.ones(4), {})
    for s in rng.permutation(np.array(list(losses), dtype=object)):
        known.learn(s, losses[s])
    for s, loss in losses.items():
        assert known.foreseen(s) == pytest.approx(loss)
        assert known.value(s) == pytest.approx(loss.mean())


# whole searches, on networks made by hand


def network() -> hand.Map:
    """China sells all metal, and is barred for 30 days. A mine and a works abroad make half of it
    together; the mine alone is useless, the works alone does harm, for buyers rely on it and it has
    no ore; a small works makes a tenth; a costly one four tenths."""
    lanes = {"china": hand.lane(), "works": hand.lane(0.0), "small": hand.lane(0.0),
             "dear": hand.lane(0.0)}  # fmt: skip
    works = hand.refiner(0, "metal", {"ore": hand.feed({"pit": hand.lane()}, cover_days=0.0)},
                         country="AUS")  # fmt: skip
    planned = {"start": 5, "probability": 0.0}
    takes = {"user": {"share": 0.5}}
    mapping = hand.network(
        {
            "dig": {"site": "pit", "capacity": 50, "cost_usd": 40, **planned},
            "smelt": {"site": "works", "capacity": 50, "cost_usd": 60, "offtake": takes, **planned},
            "small": {"site": "small", "capacity": 10, "cost_usd": 50,
                      "offtake": {"user": {"share": 0.1}}, **planned},
            "dear": {"site": "dear", "capacity": 40, "cost_usd": 150,
                     "offtake": {"user": {"share": 0.4}}, **planned},
            "moon": {"site": "small", "capacity": 5, **planned},
        },
        china=hand.mine(100, "metal"), pit=hand.mine(0, "ore", country="AUS"), works=works,
        small=hand.mine(0, "metal", country="BRA"), dear=hand.mine(0, "metal", country="CAN"),
        user=hand.user(100, {"metal": hand.feed(lanes, cover_days=0.0)}),
    )  # fmt: skip
    mapping["products"]["metal"] |= {"reserve_usd_per_t": 0.05, "storage_usd_per_t_year": 0.01}
    return mapping


def settings(n: int = 16, mapping: hand.Map | None = None) -> Settings:
    ban = {
        "onset": {"day": ONSET}, "duration_days": {"min": 10, "mode": BAN, "max": 50},
        "severity": 1.0,
        "effects": {"ban": {"kind": "control", "type": "ban", "origin": {"country": "CHN"}}},
    }  # fmt: skip
    scenario = {"title": "A ban", "name": "ban", "start": "2025-01-01", "horizon_days": HORIZON,
                "step_days": 1, "network": "by_hand", "hazards": {"ban": ban}}  # fmt: skip
    return Settings(
        network=read_network(mapping or network()),
        scenario=Scenario.model_validate(scenario),
        policy=Policy(title="none", name="none"),
        run=Run(replications=n, audit=1, seed=7),
    )


def answer(folder, wish: Wish, made: Settings | None = None, **options) -> Choice:
    made = made or settings()

    def settings_with(policies: Sequence[str]) -> Settings:
        assert not policies
        return made

    return choose(settings_with, wish, folder, **options)


def bought(choice: Choice) -> list[str]:
    return sorted(item.option.name for item in choice.items)


def test_a_mine_and_its_works_are_bought_together_though_neither_helps_alone(tmp_path):
    choice = answer(tmp_path, Wish(100.0, aim=MEAN, candidates="projects"))
    assert bought(choice) == ["dig", "smelt"]
    alone = {option.name: choice.table.known.played[Set({j})]
             for j, option in enumerate(choice.options)}  # fmt: skip
    assert np.array_equal(alone["dig"], choice.table.known.base)
    assert (alone["smelt"] > choice.table.known.base).all()  # promises metal, and has no ore
    assert choice.point.said == pytest.approx(0.5 * choice.point.said_none, rel=0.05)
    assert choice.point.gap == pytest.approx(0.0, abs=1e-9)
    assert [left.candidate.name for left in choice.left] == ["moon"]
    assert "no cost is known of it" in choice.left[0].reason
    # Without one of the two, nothing is left of what both avoid
    assert all(item.last.value >= 0.999 * choice.point.avoided.value for item in choice.items)


def test_for_less_money_the_small_one_is_bought_and_for_more_all_that_helps(tmp_path):
    wish = Wish(60.0, aim=MEAN, candidates="projects", frontier=True)
    choice = answer(tmp_path, wish)
    assert bought(choice) == ["small"]
    assert choice.following is not None
    assert {choice.options[j].name for j in choice.following.point.chosen} == {"dig", "smelt"}
    assert choice.following.extra_usd == 50.0
    assert [p.loss for p in choice.points] == sorted((p.loss for p in choice.points), reverse=True)
    text = " ".join(sentences(choice))
    assert "The next 50 USD would buy dig, smelt in place of small" in text
    assert "10 USD are left" in text


@pytest.mark.parametrize("aim", [MEAN, Aim(0.75)])
@pytest.mark.parametrize("budget", [60.0, 110.0, 160.0, 260.0])
def test_of_all_portfolios_played_for_real_the_best_is_bought(tmp_path, aim, budget):
    choice = answer(tmp_path, Wish(budget, aim=aim, candidates="projects"))
    table = choice.table
    every = [s for s in sets_of(len(choice.options)) if table.known.price(s) <= budget]
    table.play(every)
    best = min(aim.of(table.known.played.get(s, table.known.base)) for s in every)
    assert choice.point.said == pytest.approx(best, rel=1e-9)
    assert choice.point.bound <= best + 1e-9


def test_the_half_that_measures_had_no_say(tmp_path):
    choice = answer(tmp_path, Wish(100.0, aim=MEAN, candidates="projects"))
    made = settings()
    place = Bench(lambda _: made, tmp_path / "again")
    study = place.study(choice.table.things(choice.point.chosen))
    n = choice.n
    none, with_it = (place.shortfalls(s, n)[:, 0] for s in (place.study([]), study))
    assert choice.point.loss == pytest.approx(with_it[choice.half :].mean())
    assert choice.point.said == pytest.approx(with_it[: choice.half].mean())
    expected = difference(
        none[choice.half :], with_it[choice.half :], MEAN, choice.measure.sections
    )
    assert choice.point.avoided == expected
    assert choice.table.known.base == pytest.approx(none[: choice.half])


def test_a_reserve_costs_purchase_storage_and_interest_and_one_size_is_bought(tmp_path):
    wish = Wish(300.0, aim=MEAN, candidates="reserves", sizes_days=(10.0, 20.0, 40.0))
    choice = answer(tmp_path, wish)
    years = HORIZON / 365
    a_day = 100 * (0.05 * (1 + 0.05 * years) + 0.01 * years)
    costs = {o.name: o.cost_usd for o in choice.options}
    assert costs["reserve_jpn_metal_10d"] == pytest.approx(10 * a_day)
    assert costs["reserve_jpn_metal_40d"] == pytest.approx(40 * a_day)
    assert len(choice.items) == 1
    made = settings().network
    assert math.isnan(holding_cost(made, "ore", 5.0, 1.0, 0.05))
    assert holding_cost(made, "metal", 5.0, 2.0, 0.1) == pytest.approx(5 * (0.06 + 0.02))


def test_a_cost_is_assumed_only_where_it_is_asked_for(tmp_path):
    wish = Wish(60.0, aim=MEAN, candidates="projects", prices=Prices(0.05, {"moon": 7.0}))
    choice = answer(tmp_path, wish)
    (moon,) = (o for o in choice.options if o.name == "moon")
    assert (moon.cost_usd, moon.assumed) == (7.0, True)
    assert [left.candidate.name for left in choice.left] == ["dear"]
    assert choice.left[0].reason == "costs more than twice the budget"
    assert not any(o.assumed for o in choice.options if o.name != "moon")


def test_what_is_built_anyway_is_not_bought(tmp_path):
    mapping = network()
    mapping["projects"]["small"] |= {"probability": 1.0}
    choice = answer(tmp_path, Wish(60.0, aim=MEAN, candidates="projects"), settings(16, mapping))
    reasons = {left.candidate.name: left.reason for left in choice.left}
    assert reasons["small"] == "is built for sure and on time already"


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (Wish(5.0, candidates="projects"), "buys nothing: the cheapest candidate, dig, costs 40"),
        (Wish(50.0, regions=("JPM",)), "did you mean 'JPN'"),
        (Wish(50.0, candidates="digg"), "did you mean 'dig'"),
        (Wish(50.0, candidates="moon"), "leaves nothing that has a cost"),
        (Wish(50.0, prices=Prices(0.0, {"mon": 1.0})), "did you mean 'moon'"),
        (Wish(50.0, measure="value_added"), "states no value added"),
    ],
)
def test_what_cannot_be_answered_is_refused_before_anything_is_written(tmp_path, wish, told):
    with pytest.raises(UserError, match=told):
        answer(tmp_path / "new", wish)
    assert not (tmp_path / "new").exists()


def test_a_network_without_costs_is_told_so(tmp_path):
    mapping = network()
    for project in mapping["projects"].values():
        project.pop("cost_usd", None)
    del mapping["products"]["metal"]["reserve_usd_per_t"]
    with pytest.raises(UserError, match="the network states no cost"):
        answer(tmp_path, Wish(50.0), settings(16, mapping))


def test_the_files_are_the_same_with_more_threads_and_when_it_goes_on(tmp_path):
    wish = Wish(100.0, aim=MEAN, candidates="projects,reserves", sizes_days=(10.0,))

    def stopped(n: int) -> None:
        raise KeyboardInterrupt

    class Stop:
        def __enter__(self):
            return stopped

        def __exit__(self, *_):
            return False

    answer(tmp_path / "one", wish)
    with pytest.raises(KeyboardInterrupt):
        answer(tmp_path / "two", wish, progress=lambda *_: Stop())
    assert not (tmp_path / "two" / "choice.json").exists()
    answer(tmp_path / "two", wish, workers=3)
    names = ["choice.json", "portfolio.csv", "candidates.csv", "pairs.csv", "frontier.csv"]
    for name in [*names, "figures/frontier.png"]:
        one, two = ((tmp_path / f / name).read_bytes() for f in ("one", "two"))
        assert one == two, name
    told = json.loads((tmp_path / "one" / "choice.json").read_text())
    assert told["bought"] == bought(answer(tmp_path / "one", wish))
    assert told["aim"] == "mean"


# which pairs are played


def test_where_not_all_pairs_are_played_those_of_one_chain_come_first():
    made = read_network(network())
    names = ("dig", "smelt", "small", "dear")
    options = [Option(Candidate(n, "project", n, overlay={"projects": {n: {}}}), 1.0, n)
               for n in names]  # fmt: skip
    base = np.full(4, 9.0)
    losses = {(0,): base, (1,): base, (2,): base - 4, (3,): base - 5}
    known = programme(base, np.ones(4), losses)
    pairs, n_all = pairs_to_play(made, options, known, 10.0, 2)
    assert n_all == 6
    assert Set({0, 1}) in pairs  # the mine feeds the works
    assert Set({2, 3}) in pairs  # both save most, in the same futures
    assert len(pairs_to_play(made, options, known, 10.0, 6)[0]) == 6
    assert pairs_to_play(made, options, known, 1.5, 6) == ([], 0)  # too dear together


# words


def test_money_is_told_in_words():
    assert dollars(1e9) == "1 billion USD"
    assert dollars(2.5e6) == "2.5 million USD"
    assert dollars(950.0) == "950 USD"


def test_the_figure_says_what_the_points_hold():
    points = [
        frontier.Spent(1e9, 8e8, 25.0, 20.0, 30.0),
        frontier.Spent(2e9, 1.8e9, 10.0, 8.0, 13.0),
    ]
    assert frontier.finding(points, 100.0, 1e9, "JPN") == (
        "0.8 billion dollars avoid 75 % of the loss of Japan"
    ).replace("0.8 billion", "800 million")
    assert "nothing" in frontier.finding([frontier.Spent(1e9, 0.0, 9.0, 9.0, 9.0)], 9.0, 1e9, "JPN")
    fig = frontier.figure(points, 100.0, 1e9, "A ban", "JPN", "t", "cvar95", "note")
    (ax,) = fig.axes
    assert list(ax.lines[0].get_ydata()) == [100.0, 25.0, 10.0]
    assert list(ax.lines[0].get_xdata()) == [0.0, 0.8, 1.8]
    assert "CVaR 95 %" in ax.get_ylabel()


def test_the_cvar_of_the_programme_is_that_of_the_house():
    rng = np.random.default_rng(5)
    base = rng.gamma(1.0, 10.0, 37)  # the cut falls inside one future
    known = programme(base, [1.0], {(0,): base * 0.5}, Aim(0.9))
    assert known.solve(1.0).bound == pytest.approx(cvar(base * 0.5, 0.9), rel=1e-3)


# the command

DATA = Path(__file__).parent / "data"
SCENARIO = f"scenario={DATA / 'tiny_ban.yaml'}"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "--budget: must be a number above 0 (US dollars, such as 1e9)"),
        (["--budget", "0"], "--budget: 0, must be a number above 0"),
        (["--budget", "nan"], "--budget: nan, must be a number above 0"),
        (["--budget", "1e999"], "--budget: 1e999, must be a number above 0"),
        (["--budget", "1 billion"], "--budget: 1 billion, must be"),
        (["--budget", "1e9", "--measure", "cvar9"], "did you mean 'cvar95'"),
        (["--budget", "1e9", "--measure", "mean,cvar95"], "one statistic and one measure at most"),
        (["--budget", "1e9", "--reserve-days", "30,-1"], "--reserve-days: -1, must be"),
        (["--budget", "1e9", "--interest", "5"], "--interest: 5, must be a number from 0 to 1"),
        (["--budget", "1e9", "--assume-cost", "a=b"], "--assume-cost: b, must be"),
        (["--budget", "1e9", "--for", "JPM"], "no end user in such a region; did you mean 'JPN'"),
        (["--budget", "1e9"], "the network states no cost"),
        (["--budget", "1e9", "--candidates", "resrves"], "did you mean 'reserves'"),
        (
            ["--budget", "1", "--assume-cost", "7e4"],
            "the cheapest candidate, reserve_chn_metal_30d",
        ),
    ],
)
def test_bad_words_are_one_line_and_exit_2(capsys, tmp_path, words, told):
    code = main(["choose", SCENARIO, *words, "--output", str(tmp_path / "new")])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
    assert not (tmp_path / "new").exists()


def test_the_command_prints_the_answer_and_its_folder(capsys, tmp_path):
    words = ["choose", SCENARIO, "--for", "JPN", "--budget", "4e4", "--measure", "mean",
             "--candidates", "reserves", "--assume-cost", "6e4", "run.replications=40",
             "run.sampling=plain"]  # fmt: skip
    assert main([*words, "--output", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path}\n"
    assert "1 thing for 30,000 USD avoids" in err
    assert "10,000 USD are left" in err
    assert "30,000 USD (assumed)" in err
    assert "The next 30,000 USD would buy reserve_jpn_metal_180d" in err
    with (tmp_path / "portfolio.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["name"], row["assumed"]) == ("reserve_jpn_metal_90d", "yes")
    assert (tmp_path / "figures" / "frontier.png").is_file()


def test_what_native_code_prints_does_not_reach_stdout(capfd):
    print("before")
    with hushed():
        os.write(1, b"chatter")
        ctypes.CDLL(None).puts(b"more")
    print("after")
    assert capfd.readouterr().out == "before\nafter\n"


@pytest.mark.slow
def test_the_command_of_its_page_runs_as_it_stands(tmp_path, monkeypatch, capsys):
    """With few futures, and few candidates."""
    page = Path(__file__).parents[1] / "docs" / "choose.md"
    text = page.read_text(encoding="utf-8")
    (command,) = (line for line in text.splitlines() if line.startswith("    shortfall choose "))
    monkeypatch.chdir(tmp_path)
    words = [
        *shlex.split(command)[1:],
        *["run.replications=16", "--candidates", "lynas_heavy,caremag_plant,reserves"],
    ]
    assert main(words) == 0, capsys.readouterr().err


@pytest.mark.slow
def test_the_answer_that_its_page_quotes_is_the_one_that_is_printed(tmp_path, monkeypatch, capsys):
    """Some ten minutes of processor time."""
    page = (Path(__file__).parents[1] / "docs" / "choose.md").read_text(encoding="utf-8")
    quoted = [line[1:].strip() for line in page.splitlines() if line.startswith(">")]
    answers = " ".join(quoted or [""]).split("  ")
    (command,) = re.findall(r"`(shortfall choose [^`]*)`, 1,024 futures", page)
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command)[1:]) == 0
    told = capsys.readouterr().err
    assert len(answers) == 3
    assert [x for x in answers if x.strip() not in told] == []


def test_halves_are_whole_blocks_of_futures_drawn_together():
    assert half_of(1000, Sections()) == 500
    assert half_of(320, Sections(64)) == 128  # two blocks choose, three measure
    assert half_of(16, Sections(16)) == 8  # one block alone: nothing else is left
