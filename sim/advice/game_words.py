"""What a game says in sentences; each follows from its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from sim.advice.choose_words import dollars
from sim.advice.game import Game
from sim.metrics.answer import Estimate
from sim.network.arrays import F8

PLAYED = 0.005
"""Chance from which a move is told."""


def sentences(game: Game) -> list[str]:
    """Return what both play and what comes of it, what the rank changes, what is not counted."""
    told = [
        f"Loss less own lost sales, taken as zero-sum: worth {_amount(game.value)} to "
        f"{game.controller}; it plays {_mix(game.packets, game.mixed.rows)}, the others "
        f"{_mix(game.portfolios, game.mixed.columns)}.",
        f"The loss alone: the others can hold it to {_amount(game.sure_value)} by "
        f"{_mix(game.portfolios, game.sure.columns)}, whatever {game.controller} wants.",
        _changes(game),
    ]
    if game.unvalued:
        told.append(f"Lost sales leave out what has no value: {', '.join(game.unvalued)}.")
    return [*told, f"{game.measure.says}."] if game.measure.says else told


def _amount(answer: Estimate) -> str:
    low, high = (_signed(x) for x in (answer.low, answer.high))
    return f"{_signed(answer.value)} (95 %: {low} to {high})"


def _signed(usd: float) -> str:
    return f"-{dollars(-usd)}" if usd < 0 else dollars(usd)


def _mix(moves: Sequence[str], chances: F8) -> str:
    played = sorted(
        ((c, m) for c, m in zip(chances.tolist(), moves, strict=True) if c >= PLAYED),
        key=lambda x: (-x[0], x[1]),
    )
    return ", ".join(m if c > 1 - PLAYED else f"{m} ({100 * c:.0f} %)" for c, m in played)


def _changes(game: Game) -> str:
    moved = [r for r in game.rows if r["rank_if_it_stays"] != r["rank_if_it_answers"]]
    if not moved:
        return "That the controller answers changes no rank."
    return (
        f"That the controller answers changes the rank of {len(moved)} of {len(game.rows)} "
        "portfolios."
    )
