"""Games: known matrices, dominated moves, lost sales by hand, what an answer changes."""

from __future__ import annotations

import csv
import shlex
from collections.abc import Sequence
from pathlib import Path

import by_hand as hand
import numpy as np
import pytest

from sim.advice.game import Wish, play_game, ranking
from sim.advice.game_matrix import solve
from sim.advice.game_moves import with_packet
from sim.advice.game_sales import exports_of, played
from sim.advice.game_words import sentences
from sim.advice.judged import COLUMNS, SHORTFALL
from sim.base.errors import UserError
from sim.cli import main
from sim.config.settings import Policy, Run, Scenario, Settings
from sim.network.load import read_network
from sim.run.case import Study

BAN, HORIZON = 30, 100


# matrices


@pytest.mark.parametrize(
    ("payoff", "value", "rows", "columns"),
    [
        ([[1, -1], [-1, 1]], 0.0, [0.5, 0.5], [0.5, 0.5]),  # matching pennies
        ([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], 0.0, [1 / 3] * 3, [1 / 3] * 3),  # rock, paper
        ([[3, 5], [4, 1]], 17 / 5, [3 / 5, 2 / 5], [4 / 5, 1 / 5]),  # by the formula of 2 x 2
        ([[2, 3], [1, 1]], 2.0, [1, 0], [1, 0]),  # a saddle: the second row is dominated
        ([[4, 1, 9], [2, 3, 9], [0, 0, 0]], 2.5, [0.25, 0.75, 0], [0.5, 0.5, 0]),
        ([[7]], 7.0, [1], [1]),
        ([[0, 0]], 0.0, [1], None),
    ],
)
def test_matrices_with_a_known_answer(payoff, value, rows, columns):
    found = solve(np.array(payoff, float))
    assert found.value == pytest.approx(value, abs=1e-9)
    assert found.rows == pytest.approx(rows, abs=1e-9)
    if columns is not None:
        assert found.columns == pytest.approx(columns, abs=1e-9)


def test_neither_gains_by_another_move_and_scale_and_shift_carry_over():
    rng = np.random.default_rng(2)
    for _ in range(20):
        a = rng.normal(0, 1e9, (4, 6))
        found = solve(a)
        assert (found.rows @ a).min() == pytest.approx(found.value, abs=1.0)
        assert (a @ found.columns).max() == pytest.approx(found.value, abs=10.0)
        assert solve(3 * a + 5e8).value == pytest.approx(3 * found.value + 5e8, abs=100.0)


def test_an_answer_takes_from_a_portfolio_what_another_packet_still_costs():
    """Against nothing the controller bans ore; a mine makes that harmless, not a ban of metal."""
    loss = np.array([[[0.0, 0.0, 0.0], [9.0, 1.0, 8.0], [7.0, 7.0, 0.0]]])
    draws = np.repeat(loss, 5, axis=0)
    mine, works = sorted(
        ranking(draws, draws, ("none", "ore", "metal"), ("none", "mine", "works"), np.zeros(9)),
        key=lambda r: r["portfolio"],
    )
    assert (mine["packet_before"], mine["packet_after"]) == ("ore", "metal")
    assert (mine["saves_if_it_stays_usd"], mine["saves_if_it_answers_usd"]) == (8.0, 2.0)
    assert (works["packet_after"], works["saves_if_it_answers_usd"]) == ("ore", 1.0)
    assert (mine["rank_if_it_stays"], mine["rank_if_it_answers"]) == (1, 1)


# a game on a network made by hand


def network() -> hand.Map:
    """Japan buys ore and metal of China, 10 t a day each; a mine abroad could make the ore."""
    ore = hand.feed({"pit": hand.lane(), "far": hand.lane(0.0)}, cover_days=0.0)
    metal = hand.feed({"works": hand.lane()}, cover_days=0.0)
    mapping = hand.network(
        {"dig": {"site": "far", "capacity": 10, "start": 2, "probability": 0.0,
                 "offtake": {"ore_user": {"share": 1.0}}}},
        pit=hand.mine(10, "ore"), far=hand.mine(0, "ore", country="AUS"),
        works=hand.mine(10, "metal"),
        ore_user=hand.user(10, {"ore": ore}), metal_user=hand.user(10, {"metal": metal}),
    )  # fmt: skip
    mapping["products"]["ore"]["value_usd_per_t"] = 3.0
    mapping["products"]["metal"]["value_usd_per_t"] = 4.0
    mapping["products"]["good"]["value_usd_per_t"] = 10.0
    return mapping


def control(product: str) -> hand.Map:
    origin = {"country": "CHN", "product": product}
    return {"onset": {"day": 40}, "duration_days": BAN, "severity": 1.0,
            "effects": {"ban": {"kind": "control", "type": "ban", "origin": origin}}}  # fmt: skip


def settings(mapping: hand.Map | None = None, n: int = 8) -> Settings:
    quake = {"onset": {"day": 5}, "duration_days": 1, "severity": 0.0,
             "effects": {"x": {"kind": "outage", "sites": {"country": "CHN"}}}}  # fmt: skip
    hazards = {"ore": control("ore"), "metal": control("metal"), "quake": quake}
    scenario = {"title": "Bans", "name": "bans", "start": "2025-01-01", "horizon_days": HORIZON,
                "step_days": 1, "network": "by_hand", "hazards": hazards}  # fmt: skip
    return Settings(
        network=read_network(mapping or network()),
        scenario=Scenario.model_validate(scenario),
        policy=Policy(title="none", name="none"),
        run=Run(replications=n, seed=7),
    )


def game(folder, made: Settings | None = None, **wish: object):
    made = made or settings()

    def settings_with(policies: Sequence[str]) -> Settings:
        assert not policies
        return made

    return play_game(settings_with, Wish(measure="tonnes", **wish), folder)  # type: ignore[arg-type]


def test_loss_and_lost_sales_by_hand(tmp_path):
    found = game(tmp_path)
    assert found.controller == "CHN"
    assert found.packets == ("none", "ore", "metal", "ore+metal")
    assert found.portfolios == ("none", "dig")
    short = 10 * 10 * BAN  # 10 USD a tonne of 10 t a day for 30 days
    assert found.loss.mean(axis=0)[:, 0] == pytest.approx([0, short, short, 2 * short])
    assert found.loss.mean(axis=0)[:, 1] == pytest.approx([0, 0, short, short])
    # China sells 10 t a day of ore at 3 and of metal at 4; once Australia digs, no ore
    ore, metal = 3 * 10 * BAN, 4 * 10 * BAN
    assert found.own.mean(axis=0)[:, 0] == pytest.approx([0, ore, metal, ore + metal])
    assert found.own.mean(axis=0)[:, 1] == pytest.approx([0, 0, metal, metal])
    assert found.value.value == pytest.approx(short - metal)
    assert found.sure_value.value == pytest.approx(short)
    assert found.mixed.columns == pytest.approx([0, 1])
    (row,) = found.rows
    assert row["packet_before"] == "ore+metal"
    assert row["saves_if_it_answers_usd"] == pytest.approx(short)
    text = " ".join(sentences(found))
    assert "worth 1,800 USD" in text
    assert "hold it to 3,000 USD (95 %: 3,000 USD to 3,000 USD) by dig" in text


def test_a_controller_that_weighs_its_sales_more_than_the_harm_does_nothing(tmp_path):
    found = game(tmp_path, own_weight=4.0)
    assert found.mixed.rows[0] == pytest.approx(1.0)
    assert found.value.value == pytest.approx(0.0)
    assert found.sure_value.value > 0


def test_only_what_leaves_the_country_and_has_a_value_counts_as_sold():
    mapping = network()
    mapping["sites"]["metal_user"]["country"] = "CHN"
    del mapping["products"]["ore"]["value_usd_per_t"]
    study = with_packet(Study(settings(mapping)), "CHN", ())  # of metal nothing leaves China
    exports = exports_of(study.network, study.compiled, "CHN")
    assert exports.lanes.size == 0
    assert exports.unvalued == ("ore",)
    found = played(
        study, COLUMNS["tonnes"], exports, np.arange(3, dtype=np.int64), np.zeros(1, np.uint8)
    )
    assert found is not None
    kept, sold = found[SHORTFALL], found["sold_usd"]
    assert kept.shape == (3, len(study.views))
    assert (sold == 0).all()


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"packets": "or"}, "is no control of CHN; did you mean 'ore'"),
        ({"packets": "quake"}, "is no control of CHN"),
        ({"portfolios": "digg"}, "did you mean 'dig'"),
        ({"portfolios": "none"}, "leaves nothing to play with"),
        ({"portfolios": "no/such"}, "is no folder of `shortfall choose`"),
        ({"controller": "CHL"}, "did you mean 'CHN'"),
        ({"regions": ("JPM",)}, "did you mean 'JPN'"),
    ],
)
def test_what_cannot_be_played_is_refused_before_anything_is_written(tmp_path, wish, told):
    with pytest.raises(UserError, match=told):
        game(tmp_path / "new", **wish)
    assert not (tmp_path / "new").exists()


def test_goods_without_a_value_are_refused(tmp_path):
    mapping = network()
    del mapping["products"]["good"]["value_usd_per_t"]
    with pytest.raises(UserError, match="has no value in US dollars"):
        game(tmp_path, settings(mapping))


DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--measure", "share"], "--measure: share, is no sum of dollars"),
        (["--own-weight", "-1"], "--own-weight: -1, must be from 0"),
        (["--own-weight", "nan"], "--own-weight: nan, must be from 0"),
        (["--measure", "value_aded"], "did you mean 'value_added'"),
        (["--controller", "JPN"], "controls no exports in this scenario"),
    ],
)
def test_bad_words_are_one_line_and_exit_2(capsys, tmp_path, words, told):
    scenario = f"scenario={DATA / 'tiny_ban.yaml'}"
    folder = str(tmp_path / "new")
    words = ["--measure", "tonnes", *words]
    assert main(["game", scenario, "--portfolios", "msp", *words, "--output", folder]) == 2
    err = capsys.readouterr().err
    assert told in err or "has no value in US dollars" in err
    assert "Traceback" not in err
    assert not (tmp_path / "new").exists()


def test_the_tables_hold_what_was_found(tmp_path):
    found = game(tmp_path)
    tables = {}
    for name in ("payoff", "strategies", "ranking"):
        with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    assert len(tables["payoff"]) == 8
    both = next(r for r in tables["payoff"] if (r["packet"], r["portfolio"]) == ("ore", "none"))
    assert float(both["payoff_usd"]) == pytest.approx(10 * 10 * BAN - 3 * 10 * BAN)
    assert sum(float(r["chance"]) for r in tables["strategies"]) == pytest.approx(2.0)
    assert tables["ranking"][0]["portfolio"] == found.rows[0]["portfolio"]


@pytest.mark.slow
def test_the_command_of_its_page_runs_as_it_stands(tmp_path, monkeypatch, capsys):
    """With few futures, and few portfolios."""
    page = Path(__file__).parents[1] / "docs" / "game.md"
    text = page.read_text(encoding="utf-8")
    (command,) = (line for line in text.splitlines() if line.startswith("    shortfall game "))
    monkeypatch.chdir(tmp_path)
    few = ["run.replications=8", "--portfolios", "lynas_heavy"]
    assert main([*shlex.split(command)[1:], *few]) == 0, capsys.readouterr().err
