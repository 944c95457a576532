"""A question of ``shortfall choose`` and its answer."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.advice.choose_measured import Item, Next, Point
from sim.advice.choose_options import LeftOut, Option, Prices
from sim.advice.choose_programme import Aim
from sim.advice.choose_search import Table
from sim.advice.whose_loss import Yardstick


@dataclass(frozen=True)
class Wish:
    """What to choose, for whom.

    Parameters
    ----------
    budget : float
        US dollars.
    regions : tuple of str
        Whose loss counts; empty: the scenario's judged end users, else everybody.
    measure : str
        By what is judged: a key of ``sim.advice.judged.COLUMNS``.
    aim : Aim
        What of it is lowered.
    candidates : str
        Kinds or names, as ``--candidates`` takes them.
    sizes_days : tuple of float
        Sizes of reserves, days of use.
    prices : Prices
        How costs are counted.
    frontier : bool
        Whether to go through smaller budgets too.
    """

    budget: float
    regions: tuple[str, ...] = ()
    measure: str = "tonnes"
    aim: Aim = field(default_factory=lambda: Aim(0.95))
    candidates: str = "all"
    sizes_days: tuple[float, ...] = (30.0, 90.0, 180.0)
    prices: Prices = field(default_factory=lambda: Prices(0.05, {}))
    frontier: bool = False

    def plain(self) -> dict[str, Any]:
        """Return the question as plain data."""
        return {**dataclasses.asdict(self), "aim": self.aim.name}


@dataclass(frozen=True)
class Choice:
    """What was found.

    Parameters
    ----------
    point : Point
        The answer at the budget asked for.
    items : list of Item
        What is bought.
    points : list of Point
        Answers at all budgets that were tried, ascending.
    options, left : list
        What could be bought, and what was left out.
    table : Table
        What was played.
    measure : Yardstick
        By whose loss.
    following : Next or None
        What the next dollars buy; None where nothing was found.
    n, n_pairs, n_all_pairs : int
        Futures; pairs that were played, and that there are.
    folder : pathlib.Path
        Where it lies.
    """

    point: Point
    items: list[Item]
    points: list[Point]
    following: Next | None
    options: list[Option]
    left: list[LeftOut]
    table: Table
    measure: Yardstick
    n: int
    n_pairs: int
    n_all_pairs: int
    folder: Path

    @property
    def half(self) -> int:
        """Futures that chose."""
        return int(self.table.base.shape[0])
