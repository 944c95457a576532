"""How often do 95 % intervals hold: studies of known laws, counted; ``docs/intervals.md``.

``python -m benchmarks.coverage`` measures the whole table and writes it into the page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from scipy import integrate

from sim.metrics import precision
from sim.metrics.answer import F8, Answer, Estimate
from sim.metrics.hall import Bounds

SIZES = (200, 1000, 10_000)
REPEATS = 2000
SEED = 20_261
PAGE = Path(__file__).parent.parent / "docs" / "intervals.md"
BEGIN, END = "<!-- begin of the table -->", "<!-- end of the table -->"
AT_ONCE = 2_000_000
"""Numbers drawn together."""


class Law(NamedTuple):
    """A law of losses, by its quantile function.

    Parameters
    ----------
    title : str
        In a table.
    quantile : callable
        From uniform numbers to losses.
    breaks : tuple of float
        Where the quantile function jumps or bends.
    most : float
        Largest loss; inf where there is none.
    atoms : bool
        Whether most of the weight lies on single values.
    """

    title: str
    quantile: Callable[[F8], F8]
    breaks: tuple[float, ...] = ()
    most: float = math.inf
    atoms: bool = False

    def integral(self, low: float, power: int = 1) -> float:
        """Return the integral of quantile**power from `low` to 1."""

        def of(u: float) -> float:
            return float(self.quantile(np.array([u]))[0]) ** power

        edges = [low, *(b for b in self.breaks if b > low), 1.0]
        return float(sum(integrate.quad(of, a, b, epsabs=1e-11)[0] for a, b in pairwise(edges)))


def _beyond(share: float, size: Callable[[F8], F8]) -> Callable[[F8], F8]:
    """Return the quantile function of 0, and `size` of the rest's own uniform number in a share."""
    start = 1.0 - share
    return lambda u: np.where(u < start, 0.0, size(np.clip((u - start) / share, 0.0, 1.0)))


def _steps(u: F8) -> F8:
    """Return 0 in 40 %, 7, 14 .. 35 in equal shares, 42 in 3 %."""
    step = np.floor(np.clip((u - 0.4) / 0.57, 0.0, 1.0) * 5.0) + 1.0
    return np.where(u < 0.4, 0.0, np.where(u >= 0.97, 42.0, 7.0 * np.minimum(step, 5.0)))


LAWS = (
    Law("ordinary (exponential)", lambda u: -10.0 * np.log1p(-u)),
    Law("rare 2 %, bounded", _beyond(0.02, lambda v: 40.0 * v * v), (0.98,), 40.0),
    Law("rare 2 %, exponential", _beyond(0.02, lambda v: -9.0 * np.log1p(-v)), (0.98,)),
    Law("ties and atoms", _steps, (0.4, *(0.4 + 0.114 * i for i in range(1, 5)), 0.97), 42.0, True),
    Law("gap at the cut, 35", _beyond(0.048, lambda v: 35.0 + 0.0 * v), (0.952,), 35.0, True),
    Law("gap at the cut, 30 to 40", _beyond(0.048, lambda v: 30.0 + 10.0 * v), (0.952,), 40.0),
)


class Case(NamedTuple):
    """A statistic: how it is answered for rows of losses, and what is true."""

    title: str
    answers: Callable[[F8, np.random.Generator, Law], list[Answer]]
    truth: Callable[[Law], float]


def _bounds(law: Law) -> Bounds:
    return Bounds(0.0, law.most, law.most)


def _ratio(x: F8, rng: np.random.Generator, law: Law) -> list[Answer]:
    """Return losses as a share of wants that vary by a fifth, and losses with them."""
    wanted = 80.0 + 40.0 * rng.random(x.shape)
    return precision.ratios(x * wanted / 100.0, wanted)


def _paired(x: F8, rng: np.random.Generator, law: Law) -> list[Answer]:
    """Return the mean of what a policy avoids: from all of a loss to minus half of it."""
    return precision.means(x * (1.5 * rng.random(x.shape) - 0.5))


def _chance(x: F8, rng: np.random.Generator, law: Law) -> list[Answer]:
    return [precision.probability(int(k), x.shape[1]) for k in np.count_nonzero(x > 5.0, axis=1)]


def _quantile(level: float) -> Case:
    def answers(x: F8, rng: np.random.Generator, law: Law) -> list[Answer]:
        return precision.quantiles(np.sort(x, axis=1), level)

    return Case(
        f"q{100 * level:.0f}", answers, lambda law: float(law.quantile(np.array([level]))[0])
    )


def _cvar(level: float) -> Case:
    def answers(x: F8, rng: np.random.Generator, law: Law) -> list[Answer]:
        return precision.cvars(np.sort(x, axis=1), level, _bounds(law))

    return Case(f"CVaR {100 * level:.0f}", answers, lambda law: law.integral(level) / (1.0 - level))


def _above_five(law: Law) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2.0
        if law.quantile(np.array([middle]))[0] > 5.0:
            high = middle
        else:
            low = middle
    return 1.0 - high


CASES = (
    Case(
        "mean", lambda x, rng, law: precision.means(x, _bounds(law)), lambda law: law.integral(0.0)
    ),
    Case("ratio", _ratio, lambda law: law.integral(0.0) / 100.0),
    Case("paired mean", _paired, lambda law: law.integral(0.0) / 4.0),
    Case(
        "sd",
        lambda x, rng, law: precision.sds(x, _bounds(law)),
        lambda law: math.sqrt(law.integral(0.0, 2) - law.integral(0.0) ** 2),
    ),
    _quantile(0.5),
    _quantile(0.95),
    _quantile(0.99),
    _cvar(0.95),
    _cvar(0.99),
    Case("P(> 5)", _chance, _above_five),
)


class Count(NamedTuple):
    """Of studies of one statistic, law and size: shares.

    Parameters
    ----------
    held : float
        Intervals that hold the truth, of those that are given.
    silent : float
        Studies that were wrong without a mark, of all.
    marked, refused : float
        Of all.
    """

    held: float
    silent: float
    marked: float
    refused: float


class Shares(Protocol):
    """What a cell of a table tells."""

    @property
    def held(self) -> float: ...
    @property
    def marked(self) -> float: ...
    @property
    def refused(self) -> float: ...


def count(case: Case, law: Law, n: int, repeats: int, seed: int = SEED) -> Count:
    """Return how often the interval of a statistic holds.

    Parameters
    ----------
    case, law : Case, Law
        Of the tables above.
    n : int
        Replications of a study.
    repeats : int
        Studies.
    seed : int, optional
        Of their generator.
    """
    rng = np.random.default_rng([seed, n])
    truth, answers = case.truth(law), []
    for size in _portions(repeats, max(1, AT_ONCE // n)):
        answers += case.answers(law.quantile(rng.random((size, n))), rng, law)
    given = [a for a in answers if isinstance(a, Estimate)]
    slack = 1e-9 * abs(truth)
    holds = [a.low - slack <= truth <= a.high + slack for a in given]
    wrong = sum(not h and not a.mark for h, a in zip(holds, given, strict=True))
    return Count(
        sum(holds) / len(given) if given else math.nan,
        wrong / repeats,
        sum(bool(a.mark) for a in given) / repeats,
        1.0 - len(given) / repeats,
    )


def _portions(total: int, most: int) -> Iterator[int]:
    for at in range(0, total, most):
        yield min(most, total - at)


def table(repeats: int = REPEATS) -> list[tuple[str, str, int, Count]]:
    """Return the counts of every statistic, law and size."""
    return [
        (case.title, law.title, n, count(case, law, n, repeats))
        for case in CASES
        for law in LAWS
        for n in SIZES
    ]


def text(found: list[tuple[str, str, int, Count]], repeats: int) -> str:
    """Return the counts as a Markdown table: per cent that hold, marked, refused."""
    cells: dict[tuple[str, str], list[str]] = {}
    for statistic, law, _, of in found:
        cells.setdefault((statistic, law), []).append(cell(of))
    lines = [
        f"{repeats:,} studies a cell, seed {SEED}.\n",
        "| statistic | losses | " + " | ".join(f"n = {n:,}" for n in SIZES) + " |",
        "| --- | --- |" + " --- |" * len(SIZES),
    ]
    lines += [f"| {' | '.join(key)} | {' | '.join(row)} |" for key, row in cells.items()]
    return "\n".join(lines) + "\n"


def cell(of: Shares) -> str:
    """Return per cent that hold, and how many are marked or refused."""
    if of.refused == 1.0:
        return "refused"
    some = [(of.marked, "marked"), (of.refused, "refused")]
    notes = [f"{100 * share:.0f} % {name}" for share, name in some if share >= 0.005]
    return f"{100 * of.held:.1f}" + (f" ({', '.join(notes)})" if notes else "")


def page(old: str, measured: str, begin: str = BEGIN, end: str = END) -> str:
    """Return the page with another table."""
    before, _, rest = old.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{measured}{end}{after}"


def main() -> None:
    """Measure the whole table and write it into the page."""
    measured = text(table(), REPEATS)
    print(measured)
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), measured), encoding="utf-8")


if __name__ == "__main__":
    main()
