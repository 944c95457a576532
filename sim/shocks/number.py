"""A number of a scenario: plain, or drawn."""

from __future__ import annotations

from typing import Any

from sim.network.distribution import Distribution

Number = float | Distribution


def as_number(value: Any) -> Distribution:
    """Return a distribution for a plain number or a distribution."""
    return value if isinstance(value, Distribution) else Distribution(value=float(value))
