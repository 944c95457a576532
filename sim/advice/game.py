"""``shortfall game``: a controller's packets against portfolios, on common futures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim import __version__
from sim.advice.cost import Agree
from sim.advice.game_matrix import Mixed, interval, resampled, solve
from sim.advice.game_moves import NONE, controller_of, packets_of, portfolios_of
from sim.advice.game_played import Cases, cost_of_game
from sim.advice.opening import opened
from sim.advice.trial import Bench, SettingsWith
from sim.advice.whose_loss import Yardstick
from sim.base.errors import Fault, UserError
from sim.metrics import precision
from sim.metrics.answer import Answer, Estimate
from sim.network.arrays import F8
from sim.results.write import write_json, write_rows
from sim.run.case import Study
from sim.run.progress import ShowProgress, silent
from sim.run.source_hash import source_revision


@dataclass(frozen=True)
class Wish:
    """What is played.

    Parameters
    ----------
    regions : tuple of str
        Whose loss counts.
    controller : str
        Country; "": the one whose exports the scenario controls.
    packets, portfolios : str
        As ``--packets`` and ``--portfolios`` take them.
    measure : str
        "value_added", "gdp" or "tonnes" (at the value of the goods).
    own_weight : float
        What a dollar of sales that its exporters lose is to the controller, in dollars of the
        defenders' loss.
    """

    regions: tuple[str, ...] = ()
    controller: str = ""
    packets: str = ""
    portfolios: str = "projects"
    measure: str = "value_added"
    own_weight: float = 1.0


@dataclass(frozen=True)
class Game:
    """What was found.

    Parameters
    ----------
    controller : str
        Who controls.
    packets, portfolios : tuple of str
        Moves.
    loss, own : ndarray, shape (n, n_packet, n_portfolio)
        Of the defenders, and sales that the controller's exporters lost, US dollars.
    mixed, sure : Mixed
        The game on the difference, and the game on the defenders' loss alone.
    value, sure_value : Estimate
        Their values.
    rows : list of dict
        Rows of ``ranking.csv``.
    unvalued : tuple of str
        Products that the controller exports and that are not counted.
    measure : Yardstick
        Whose loss.
    folder : pathlib.Path
        Where it lies.
    """

    controller: str
    packets: tuple[str, ...]
    portfolios: tuple[str, ...]
    loss: F8
    own: F8
    mixed: Mixed
    sure: Mixed
    value: Estimate
    sure_value: Estimate
    rows: list[dict[str, Any]]
    unvalued: tuple[str, ...]
    measure: Yardstick
    folder: Path


def play_game(
    settings_with: SettingsWith,
    wish: Wish,
    folder: Path,
    *,
    policies: Mapping[str, str] | None = None,
    workers: int = 1,
    progress: ShowProgress | None = None,
    agree: Agree = lambda cost: None,
) -> Game:
    """Play every packet against every portfolio on the same futures; write the tables.

    Parameters
    ----------
    settings_with : callable
        Settings of the scenario with more policies than it has.
    wish : Wish
        What is played.
    folder : pathlib.Path
        For ``payoff.csv``, ``strategies.csv``, ``ranking.csv`` and ``game.json``, and finished
        blocks in ``work/``, which the same question asked again reuses.
    policies : mapping of str to str, optional
        Name -> title of the policies that may be in a portfolio.
    workers : int, optional
        Threads; changes no bit.
    progress : callable, optional
        As ``sim.run.progress.progress``.
    agree : callable, optional
        Is told what it will take, before anything is written.

    Raises
    ------
    UserError
        If a move does not exist or does not fit, or the loss has no value in US dollars.
    """
    bench = Bench(settings_with, folder, workers, measure=wish.measure)
    study, measure, places = opened(bench, wish.regions, everybody=True)
    if np.isnan(measure.value(np.zeros((1, 2 * len(study.views))))).any():
        told = "has no value in US dollars for all who count; take value_added"
        raise UserError(Fault("--measure", wish.measure, told))
    controller = controller_of(study, wish.controller)
    packets = packets_of(study, controller, wish.packets)
    portfolios = portfolios_of(study, places, policies or {}, wish.portfolios)
    if len(packets) < 2 or len(portfolios) < 2:
        raise UserError(Fault("--portfolios", wish.portfolios, "leaves nothing to play with"))
    studies = [bench.study(things) for things in portfolios.values()]
    cases = Cases(controller, packets, studies)
    agree(cost_of_game(study, cases.n))
    bench.begin("game")
    n = study.settings.run.replications
    with (progress or silent)("games", n * cases.n) as bench.tick:
        kept, sold, unvalued = cases.played(bench, n)
    loss = np.array([[measure.value(one) for one in row] for row in kept]).transpose(2, 0, 1)
    own = sold[:, :1] - sold
    game = _solved(wish, controller, tuple(packets), tuple(portfolios), loss, own,
                   unvalued, measure, folder)  # fmt: skip
    _write(study, wish, game)
    return game


def _solved(
    wish: Wish, controller: str, packets: tuple[str, ...], portfolios: tuple[str, ...],
    loss: F8, own: F8, unvalued: tuple[str, ...], measure: Yardstick, folder: Path,
) -> Game:  # fmt: skip
    together = measure.sections
    payoff, alone = (resampled(x, together) for x in (loss - wish.own_weight * own, loss))
    value = interval(np.array([solve(a).value for a in payoff]), loss)
    sure = interval(np.array([solve(a).value for a in alone]), loss)
    rows = ranking(payoff, alone, packets, portfolios, loss)
    return Game(controller, packets, portfolios, loss, own, solve(payoff[0]), solve(alone[0]),
                value, sure, rows, unvalued, measure, folder)  # fmt: skip


def ranking(
    payoff: F8, loss: F8, packets: tuple[str, ...], portfolios: tuple[str, ...], futures: F8
) -> list[dict[str, Any]]:
    """Return what each portfolio saves the defenders, if the packet stays and if it answers.

    The controller sees the portfolio and takes the packet that is best for it; where it stays, it
    takes the one that is best against nothing done.

    Parameters
    ----------
    payoff, loss : ndarray, shape (1 + resamples, n_packet, n_portfolio)
        To the controller, and of the defenders; none done is the first portfolio.
    packets, portfolios : tuple of str
        Moves.
    futures : ndarray
        Whose first axis counts the futures.
    """
    draws = np.arange(loss.shape[0])
    answers = payoff.argmax(axis=1)  # (1 + resamples, n_portfolio)
    before = loss[draws, answers[:, 0], 0]
    rows: list[dict[str, Any]] = []
    for q, name in enumerate(portfolios):
        if name == NONE:
            continue
        stays = interval(before - loss[draws, answers[:, 0], q], futures)
        answered = interval(before - loss[draws, answers[:, q], q], futures)
        rows.append({
            "portfolio": name, "packet_before": packets[answers[0, 0]],
            "packet_after": packets[answers[0, q]],
            **_three("saves_if_it_stays", stays), **_three("saves_if_it_answers", answered),
        })  # fmt: skip
    for key, place in (("saves_if_it_stays_usd", "rank_if_it_stays"),
                       ("saves_if_it_answers_usd", "rank_if_it_answers")):  # fmt: skip
        order = sorted(rows, key=lambda r: (-r[key], r["portfolio"]))
        for row in rows:
            row[place] = 1 + order.index(row)
    return sorted(rows, key=lambda r: r["rank_if_it_answers"])


def _three(name: str, answer: Answer) -> dict[str, float]:
    assert isinstance(answer, Estimate)
    return {f"{name}_usd": answer.value, f"{name}_low_usd": answer.low,
            f"{name}_high_usd": answer.high}  # fmt: skip


def _write(study: Study, wish: Wish, game: Game) -> None:
    """Write the tables, and last ``game.json``, which says that all is there."""
    write_rows(game.folder / "payoff.csv", _payoffs(wish, game))
    write_rows(game.folder / "strategies.csv", _strategies(game))
    write_rows(game.folder / "ranking.csv", game.rows)
    scenario = study.settings.scenario
    write_json(game.folder / "game.json", {
        **vars(wish), "controller": game.controller, "for": game.measure.who,
        "packets": game.packets, "portfolios": game.portfolios,
        "value_usd": game.value, "value_of_loss_alone_usd": game.sure_value,
        "not_counted": game.unvalued, "scenario": scenario.name, "network": scenario.network,
        "policy": study.settings.policy.name or "none", "seed": study.settings.run.seed,
        "replications": game.loss.shape[0], "as_of": str(scenario.as_of or ""),
        "version": __version__, "source_revision": source_revision(),
    })  # fmt: skip


def _payoffs(wish: Wish, game: Game) -> list[dict[str, Any]]:
    rows = []
    for p, packet in enumerate(game.packets):
        for q, portfolio in enumerate(game.portfolios):
            loss, own = game.loss[:, p, q], game.own[:, p, q]
            row: dict[str, Any] = {"packet": packet, "portfolio": portfolio}
            for name, x in (("loss", loss), ("own_loss", own),
                            ("payoff", loss - wish.own_weight * own)):  # fmt: skip
                told = precision.mean(x, sections=game.measure.sections)
                low, high = getattr(told, "low", np.nan), getattr(told, "high", np.nan)
                row |= {f"{name}_usd": float(x.mean()), f"{name}_low_usd": low,
                        f"{name}_high_usd": high}  # fmt: skip
            rows.append(row)
    return rows


def _strategies(game: Game) -> list[dict[str, Any]]:
    """Return how often each move is played in both games."""
    return [
        {"who": who, "move": move, "chance": float(a), "chance_for_the_loss_alone": float(b)}
        for who, moves, one, other in (
            ("controller", game.packets, game.mixed.rows, game.sure.rows),
            ("defender", game.portfolios, game.mixed.columns, game.sure.columns),
        )
        for move, a, b in zip(moves, one, other, strict=True)
    ]
