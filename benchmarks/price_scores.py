"""Prices of the hindcasts beside naive rivals: how far off each is, as rms of ln price.

    python -m benchmarks.price_scores           # prints the tables (some minutes)
    python -m benchmarks.price_scores write     # writes docs/price_scores.md as well

Quotations outside the region that makes most of a product, from the facts of the hindcasts; each
as a ratio to the day before the news. Errors are of the median of `FUTURES` futures. "Fitted
without it" means that the rule's numbers were chosen on the other products alone.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.price_scores_page import page
from sim.config.settings import load_settings
from sim.hindcast.episodes import Episode, constants, folder, read_episodes, scenario_path
from sim.hindcast.facts import Fact, read_facts
from sim.hindcast.kinds import KINDS, window
from sim.hindcast.played import INSIDE, Played
from sim.run.case import Study

PAGE = Path(__file__).resolve().parent.parent / "docs" / "price_scores.md"
FUTURES = 32
EARLY_DAYS = 243
"""Eight months from the onset."""

MINERALS = {
    "gallium_refined": "gallium", "germanium_refined": "germanium", "antimony_refined": "antimony",
    "cobalt_refined": "cobalt", "cobalt_intermediate": "cobalt", "dytb_oxide": "Dy/Tb",
}  # fmt: skip
"""Products whose mean is held against the goals; others are shown beside it."""

GRID = {"elasticity": (0.6, 0.75, 0.9, 1.1, 1.35), "credibility": (0.2, 0.35, 0.5)}
FALL_DAYS = (500.0, 750.0, 1100.0)
USGS_ELASTICITY = 1.15
"""Of USGS OFR 2024-1057 for gallium: 1.0 to 1.3."""


class Quoted(NamedTuple):
    """A quotation and what is made of it.

    Parameters
    ----------
    mineral, episode, row, product : str
        What it is of.
    series : tuple
        Product, place and day that it refers to: quotations of one series follow each other.
    day : int
        Days since the onset.
    fact : float
        Ratio to before.
    rule : float
        Median of the futures.
    delivered : float
        Share of normal that was sent to buyers there, smoothed over 28 days, median.
    """

    mineral: str
    episode: str
    row: str
    product: str
    series: tuple[str, str, str]
    day: int
    fact: float
    rule: float
    delivered: float


Guess = Callable[[Quoted], float]


def play(changes: Mapping[str, Any], n: int = FUTURES) -> list[Quoted]:
    """Return all quotations outside as the model has them, with changed numbers of the network."""
    out = []
    for episode in read_episodes().values():
        path = folder() / f"{episode.name}.csv"
        if episode.scenario and path.exists():
            facts = [f for f in read_facts(path, tuple(KINDS)) if f.counts and _is_price(f)]
            out += _of(episode, facts, changes, n) if facts else []
    return out


def _is_price(fact: Fact) -> bool:
    return fact.kind == "price_ratio"


def _of(
    episode: Episode, facts: Sequence[Fact], changes: Mapping[str, Any], n: int
) -> list[Quoted]:
    quiet = {"scenario.value_added": "none", "run.sampling": "plain", **changes}
    study = Study(load_settings(scenario_path(episode), changes=quiet))
    assert episode.news is not None
    assert episode.onset is not None
    flow = study.flow(study.tape(np.arange(n, dtype=np.int64)))
    played = Played(study, episode.news, episode.onset, flow, constants())
    out = []
    for fact in facts:
        if _is_inside(study, fact):
            continue
        product = fact.product[0]
        out.append(
            Quoted(
                MINERALS.get(product, product.split("_")[0]), episode.name, fact.row, product,
                (product, fact.to[0], str(fact.since)), (window(fact)[0] - episode.onset).days,
                fact.value, float(np.median(KINDS[fact.kind].rule(played, fact))),
                _delivered(played, fact),
            )
        )  # fmt: skip
    return out


def _is_inside(study: Study, fact: Fact) -> bool:
    market, place = study.market, fact.to[0]
    assert market is not None
    home = market.home[list(market.goods.product).index(fact.product[0])]
    return place in (INSIDE, home)


def _delivered(played: Played, fact: Fact) -> float:
    """Return the median share of normal that is sent to a fact's buyers in its days."""
    market, goods = played.study.market, played.flow.goods
    assert market is not None
    assert goods is not None
    weight = np.zeros(len(market.goods.pair))
    for q, (product, region) in enumerate(market.goods.pair):
        if product == fact.product[0] and fact.to[0] in (region, "outside"):
            weight[q] = market.outside[q]
    days = played.weights(*window(fact))
    share = np.einsum("k,kqn,q->n", days, goods["delivery_share"], weight)
    return float(np.median(share / (days.sum() * weight.sum())))


# --- scores --------------------------------------------------------------------------------------


def rms(quoted: Sequence[Quoted], guess: Guess) -> float:
    """Return the root mean square of ln guess / fact; NaN of none."""
    errors = [np.log(guess(q) / q.fact) for q in quoted]
    return float(np.sqrt(np.mean(np.square(errors)))) if errors else float("nan")


def of_mineral(quoted: Sequence[Quoted], mineral: str) -> list[Quoted]:
    """Return the quotations of a mineral."""
    return [q for q in quoted if q.mineral == mineral]


def minerals_of(quoted: Sequence[Quoted]) -> list[str]:
    """Return the minerals, those that count first."""
    counted, known = list(dict.fromkeys(MINERALS.values())), {q.mineral for q in quoted}
    return [m for m in counted if m in known] + sorted(known - set(counted))


def mean_rms(quoted: Sequence[Quoted], guess: Guess) -> float:
    """Return the mean of the minerals that count, each weighing alike."""
    each = [of_mineral(quoted, m) for m in dict.fromkeys(MINERALS.values())]
    return float(np.mean([rms(rows, guess) for rows in each if rows]))


def first_of(quoted: Sequence[Quoted]) -> dict[tuple[str, str, str], Quoted]:
    """Return the first quotation of every series."""
    first: dict[tuple[str, str, str], Quoted] = {}
    for q in sorted(quoted, key=lambda q: q.day):
        first.setdefault(q.series, q)
    return first


def flat_without(quoted: Sequence[Quoted]) -> dict[str, float]:
    """Return for each mineral the one factor that fits the other minerals best."""
    counted = [m for m in dict.fromkeys(MINERALS.values()) if of_mineral(quoted, m)]
    means = {m: np.mean([np.log(q.fact) for q in of_mineral(quoted, m)]) for m in counted}
    return {
        m: float(np.exp(np.mean([x for other, x in means.items() if other != m])))
        for m in minerals_of(quoted)
    }


Fits = dict[tuple[float, float, float], list[Quoted]]


def fitted_without(quoted: Sequence[Quoted], say: Callable[[str], object]) -> dict[str, Any]:
    """Return for each mineral the numbers of the rule that fit the others best, and its rows."""
    played: Fits = {}

    def at(numbers: tuple[float, float, float]) -> list[Quoted]:
        if numbers not in played:
            names = ("elasticity", "credibility", "fall_days")
            changes = {f"network.price.{k}": v for k, v in zip(names, numbers, strict=True)}
            played[numbers] = play(changes)
            say(f"{len(played)} fits")
        return played[numbers]

    for elasticity, credibility in itertools.product(*GRID.values()):
        at((elasticity, credibility, 750.0))
    found = {}
    for mineral in minerals_of(quoted):

        def error(numbers: tuple[float, float, float], left: str = mineral) -> float:
            return mean_rms([q for q in at(numbers) if q.mineral != left], lambda q: q.rule)

        best = min((k for k in played if k[2] == 750.0), key=error)
        best = min(((*best[:2], days) for days in FALL_DAYS), key=error)
        found[mineral] = (best, of_mineral(at(best), mineral))
    return found


def guesses(quoted: Sequence[Quoted], fits: Mapping[str, Any]) -> dict[str, Guess]:
    """Return the rule and its rivals by name."""
    first, flat = first_of(quoted), flat_without(quoted)
    fitted = {(q.episode, q.row): q.rule for _, rows in fits.values() for q in rows}

    def kept(q: Quoted) -> float:
        one = first[q.series]
        return one.fact if one.row != q.row else 1.0

    return {
        "rule, defaults": lambda q: q.rule,
        "rule, fitted without it": lambda q: fitted[q.episode, q.row],
        "no change": lambda q: 1.0,
        "flat, fitted without it": lambda q: flat[q.mineral],
        "first quotation kept": kept,
        "constant elasticity (1.15) of what is delivered": lambda q: float(
            min(1.0, max(0.04, q.delivered)) ** (-1.0 / USGS_ELASTICITY)
        ),
    }


def main() -> None:
    """Print the tables, and write the page where asked."""
    quoted = play({})
    fits = fitted_without(quoted, lambda text: print(text, file=sys.stderr, flush=True))
    text = page(quoted, guesses(quoted, fits), fits, sys.modules[__name__])
    print(text)
    if "write" in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
