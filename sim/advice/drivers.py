"""``shortfall drivers``: what made futures bad, from what chance decided in a finished run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.advice.drivers_boxes import Bad, Found, boxes_of
from sim.base.errors import Fault, UserError, nearest
from sim.base.sections import Sections
from sim.metrics import precision
from sim.metrics.answer import Answer, Estimate
from sim.metrics.importance import Importance, importance
from sim.metrics.part import Mask, mean_where, share_where
from sim.network.arrays import F8
from sim.results.data import RunData, View
from sim.results.write import write_rows

LEAST = 100
"""Futures below which nothing is said."""
TENTH = 0.1
LOOKED_AT = 12
"""Inputs, those that matter most, among which boxes are looked for."""
Q = 0.95

Row = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """What is to be explained.

    Parameters
    ----------
    measure : str
        A measure of the run.
    region : str
        Whose; empty: the judged end users, else all.
    bad : float
        Quantile of the loss above which a future is bad.
    """

    measure: str = "shortfall_t"
    region: str = ""
    bad: float = 0.9


@dataclass(frozen=True)
class Driver:
    """One input, or several that are drawn as one.

    Parameters
    ----------
    name : str
        Of the first of them.
    alike : tuple of str
        The others.
    importance : Importance
        How much it matters.
    low, high : Estimate or Refused
        Mean loss in the lowest tenth of it and in the highest, or where it is 0 and 1.
    """

    name: str
    alike: tuple[str, ...]
    importance: Importance
    low: Answer
    high: Answer


@dataclass(frozen=True)
class If:
    """The loss if something comes, and if it does not.

    Parameters
    ----------
    name : str
        An input that is 1 or 0.
    share : float
        Of the futures in which it is 1.
    yes, no : tuple of (Answer, Answer, Answer)
        Mean, quantile of 95 %, and chance of any loss.
    """

    name: str
    share: float
    yes: tuple[Answer, Answer, Answer]
    no: tuple[Answer, Answer, Answer]


@dataclass(frozen=True)
class Drivers:
    """What was found.

    Parameters
    ----------
    drivers : list of Driver
        What matters most first, by delta.
    ifs : list of If
        Hazards first, then what makes the largest difference to the mean.
    boxes : Found
        When it is bad.
    view : View
        Whose loss.
    n : int
        Futures.
    mean : float
        Loss in all of them.
    """

    drivers: list[Driver]
    ifs: list[If]
    boxes: Found
    view: View
    n: int
    mean: float


def explain(data: RunData, wish: Wish) -> Drivers:
    """Return what drives a loss of a run.

    Parameters
    ----------
    data : RunData
        With its inputs.
    wish : Wish
        Which loss.

    Raises
    ------
    UserError
        If there is no such measure or region, no input, or too few futures.
    """
    x = _view(data, wish)
    inputs = data.inputs
    n = min(data.n, next(iter(inputs.values())).size) if inputs else 0
    if not inputs:
        told = "nothing that chance decides varies in it, or its version wrote no inputs.parquet"
        raise UserError(Fault("RUN", str(data.folder), told))
    if n < LEAST:
        raise UserError(Fault("RUN", str(data.folder), f"has {n} futures; {LEAST} at least"))
    loss = np.asarray(data.table[wish.measure][:n, x], dtype=float)
    loss = np.where(np.isnan(loss), 0.0, loss)
    apart = {name: values[:n] for name, values in inputs.items()}
    return _explained(apart, loss, data.sections, data.views[x], wish)


def _explained(
    inputs: Mapping[str, F8], loss: F8, sections: Sections, view: View, wish: Wish
) -> Drivers:
    groups = alike(inputs)
    drivers = []
    for name, others in groups.items():
        x = inputs[name]
        matters = importance(x, loss, sections, len(groups))
        drivers.append(Driver(name, others, matters, *_ends(x, loss, sections)))
    drivers.sort(key=lambda d: (-d.importance.delta.value, d.name))
    ifs = [_if(name, inputs[name], loss, sections) for name in groups if _is_binary(inputs[name])]
    ifs.sort(key=lambda i: (not i.name.startswith("hazard/"), -_difference(i), i.name))
    most = {d.name: inputs[d.name] for d in drivers[:LOOKED_AT]}
    return Drivers(drivers, ifs, boxes_of(most, loss, Bad.above(loss, wish.bad), sections), view,
                   loss.size, float(loss.mean()))  # fmt: skip


def _view(data: RunData, wish: Wish) -> int:
    """Return the column of whose loss it is."""
    if wish.measure not in data.table:
        hint = nearest(wish.measure, data.table) or f"; one of {', '.join(data.table)}"
        raise UserError(Fault("--measure", wish.measure, f"no such measure{hint}"))
    names = [(v.kind, v.name) for v in data.views]
    if not wish.region:
        return names.index(("judged", "all") if ("judged", "all") in names else ("total", "all"))
    if ("region", wish.region) not in names:
        known = [name for kind, name in names if kind == "region"]
        told = f"no end user in such a region{nearest(wish.region, known)}"
        raise UserError(Fault("--for", wish.region, f"{told}; regions: {', '.join(known)}"))
    return names.index(("region", wish.region))


def alike(inputs: Mapping[str, F8]) -> dict[str, tuple[str, ...]]:
    """Return inputs by name with the names of those that order the futures in the same way.

    They are one draw, told of several sites; nothing of them can be told apart.
    """
    first: dict[bytes, str] = {}
    found: dict[str, list[str]] = {}
    for name, x in inputs.items():
        different, rank = np.unique(np.where(np.isnan(x), np.inf, x), return_inverse=True)
        if different.size > 2:  # of what is 1 or 0 one may be the cause and not the other
            key = rank.astype(np.int32).tobytes()
            if key in first:
                found[first[key]].append(name)
                continue
            first[key] = name
        found[name] = []
    return {name: tuple(others) for name, others in found.items()}


def _is_binary(x: F8) -> bool:
    return bool(np.isin(x, (0.0, 1.0)).all())


def _ends(x: F8, loss: F8, sections: Sections) -> tuple[Answer, Answer]:
    """Return the mean loss at both ends of an input."""
    known = x[~np.isnan(x)]
    low, high = np.quantile(known, [TENTH, 1.0 - TENTH])
    if _is_binary(x):
        low, high = 0.0, 1.0
    return mean_where(x <= low, loss, sections), mean_where(x >= high, loss, sections)


def _if(name: str, x: F8, loss: F8, sections: Sections) -> If:
    yes, no = (_three(x == here, loss, sections) for here in (1.0, 0.0))
    return If(name, float((x == 1.0).mean()), yes, no)


def _three(here: Mask, loss: F8, sections: Sections) -> tuple[Answer, Answer, Answer]:
    part = loss[here]
    some = share_where(here, loss > 0, sections)
    return mean_where(here, loss, sections), precision.quantile(part, Q), some


def _difference(one: If) -> float:
    yes, no = one.yes[0], one.no[0]
    both = isinstance(yes, Estimate) and isinstance(no, Estimate)
    return abs(yes.value - no.value) if both else 0.0  # type: ignore[union-attr]


def write(folder: Path, found: Drivers) -> None:
    """Write ``importance.csv``, ``conditional.csv`` and ``boxes.csv``."""
    write_rows(folder / "importance.csv", [_driver_row(d) for d in found.drivers])
    write_rows(folder / "conditional.csv", [_if_row(i) for i in found.ifs])
    write_rows(folder / "boxes.csv", found.boxes.rows())


def _driver_row(d: Driver) -> Row:
    row: Row = {"input": d.name}
    for name, answer in (("delta", d.importance.delta), ("first_order", d.importance.first_order),
                         ("mean_low_end", d.low), ("mean_high_end", d.high)):  # fmt: skip
        row |= cells(name, answer)
    return row | {"sure": "yes" if d.importance.sure else "no", "drawn_with_it": ", ".join(d.alike)}


def _if_row(one: If) -> Row:
    row: Row = {"input": one.name, "share_of_futures": one.share}
    for word, three in (("if", one.yes), ("if_not", one.no)):
        for name, answer in zip(("mean", "q95", "chance_of_loss"), three, strict=True):
            row |= cells(f"{word}_{name}", answer)
    return row


def cells(name: str, answer: Answer) -> Row:
    """Return an answer as three columns; NaN where it is refused."""
    three = answer[:3] if isinstance(answer, Estimate) else (np.nan,) * 3
    return dict(zip((name, f"{name}_low", f"{name}_high"), map(float, three), strict=True))
