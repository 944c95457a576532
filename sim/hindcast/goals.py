"""What the back-tests are to reach, and by how much they miss it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sim.hindcast.replay import Hindcast
from sim.hindcast.score import Scored, Total, total


class Goal(NamedTuple):
    """A goal and what was reached."""

    what: str
    asked: float
    reached: float
    is_share: bool

    @property
    def met(self) -> bool:
        """Whether it is reached."""
        return self.reached >= self.asked * (1 - 1e-9)

    def told(self, value: float) -> str:
        """Return a value of it in words."""
        return f"{100 * value:.0f} %" if self.is_share else f"{value:.0f}"

    @property
    def missing(self) -> str:
        """By how much it is missed, in words; "" where it is met."""
        if self.met:
            return ""
        gap = self.asked - self.reached
        return f"{100 * gap:.0f} points" if self.is_share else f"{gap:.0f} facts"


def parts(found: Sequence[Hindcast]) -> dict[str, list[Scored]]:
    """Return the scored rows by what they are, and those that are not prices by half."""
    rows = [r for h in found for r in h.rows if r.fact.counts]
    real = [r for r in rows if not r.fact.is_price]
    halves = {
        f"not prices, episodes of the half '{half}'": [
            r for h in found if h.episode.half == half for r in h.rows
            if r.fact.counts and not r.fact.is_price
        ]
        for half in ("set", "scored")
    }  # fmt: skip
    return {
        "all that are not prices": real,
        "of these, outcomes": [r for r in real if r.fact.role == "outcome"],
        "of these, monthly series not imposed": [r for r in real if r.fact.role == "check"],
        **halves,
        "prices": [r for r in rows if r.fact.is_price],
        "all": rows,
    }


def goals(found: Sequence[Hindcast]) -> list[Goal]:
    """Return the goals of the back-tests and what some episodes reach."""
    score = total(parts(found)["all that are not prices"])
    better = [by_episode(h).better for h in found if by_episode(h).n]
    n_all = total(parts(found)["all"]).n
    return [
        Goal("facts that are not prices and can be told by the model", 20, score.n, False),
        Goal("facts with prices that can be told", 60, n_all, False),
        Goal("hits, of those that are not prices", 0.6, score.hit_share if score.n else 0, True),
        Goal("facts in the 90 % band, of those that are not prices", 0.75,
             score.covered_share if score.n else 0, True),
        Goal("episodes better than no change", 2 / 3,
             sum(better) / len(better) if better else 0, True),
    ]  # fmt: skip


def by_episode(found: Hindcast) -> Total:
    """Return an episode's score, prices among its facts."""
    return total(found.rows)
