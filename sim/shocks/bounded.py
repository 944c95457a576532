"""How many shocks a hazard can make: each is drawn and played one by one, so they are bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.base.errors import Fault
from sim.shocks.compiling import Row
from sim.shocks.copies import Copy
from sim.shocks.hazard import Tension
from sim.shocks.kernel.quantile import quantile
from sim.shocks.kernel.shocks import POISSON, RENEWAL
from sim.shocks.records import Numbers

MAX_SHOCKS = 20_000
"""Most shocks expected of one hazard in one replication: a shock a day over half a century."""

MAX_SPELLS = 100_000
"""Most spells of a tension in one replication."""


def crowded(
    copies: list[Copy], rows: list[Row], numbers: Numbers, horizon_days: float
) -> Iterator[Fault]:
    """Yield a fault for each hazard that would make too many shocks.

    Parameters
    ----------
    copies, rows : list
        Hazards and their fields.
    numbers : Numbers
        The laws that the fields name.
    horizon_days : float
        Length of a replication.
    """
    for copy, row in zip(copies, rows, strict=True):
        expected = min(_expected(row, numbers, horizon_days), row["max_events"])
        if expected > MAX_SHOCKS:
            yield Fault(
                f"{copy.key}.onset",
                f"about {expected:,.0f} shocks a replication",
                f"must be {MAX_SHOCKS:,} or less: each is played one by one",
            )


def _expected(row: Row, numbers: Numbers, horizon_days: float) -> float:
    """Return about how many shocks a hazard makes in a replication."""
    if row["onset"] == POISSON:
        factor = max(row["calm_factor"], row["tense_factor"])
        return float(max(row["rate"], default=0.0) * factor * horizon_days)
    if row["onset"] != RENEWAL:
        return 1.0
    spell = sum(max(float(quantile(numbers.laws, row[k], 0.5)), 0) for k in ("up", "duration"))
    return float(horizon_days / spell) if spell > 0 else float("inf")


def restless(tensions: Mapping[str, Tension], horizon_days: float) -> Iterator[Fault]:
    """Yield a fault for each tension that would change its state too often."""
    for name, tension in tensions.items():
        spells = 2 * horizon_days / (tension.calm_days + tension.tense_days)
        if spells > MAX_SPELLS:
            yield Fault(
                f"scenario.tensions.{name}",
                f"about {spells:,.0f} spells a replication",
                f"must be {MAX_SPELLS:,} or less",
            )
