"""Published losses beside what the shipped model makes of the same shocks.

    python -m benchmarks.published           # prints the table
    python -m benchmarks.published write     # writes docs/published.md as well

Rows and addresses: data/published/losses.csv; how each is put to the model, or why it cannot be:
data/published/shocks.csv. A row without a range is met within a factor of 3; one with a range from
a third of its smaller end to three times its larger; a zero within its range.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks import published_model as model
from benchmarks.published_page import page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "published.md"
FACTOR = 3.0 * (1.0 + 1e-9)
ROUNDED = 0.005
"""Of a published zero: nobody publishes a smaller part of a percent."""

USGS_ORDER = ("gallium", "germanium", "tungsten", "antimony", "graphite", "cobalt", "nickel",
              "lithium")  # fmt: skip
"""Products that we have, by the rank of their expected loss in USGS OFR 2025-1047."""


@dataclass(frozen=True)
class Row:
    """One published number and ours.

    Parameters
    ----------
    told, shock : dict
        Its rows of losses.csv and shocks.csv.
    ours : Found or None
        None where the shock cannot be put to the model: the reason stands in `shock`.
    """

    told: dict[str, str]
    shock: dict[str, str]
    ours: model.Found | None

    @property
    def value(self) -> float | None:
        """The published number, if it is one."""
        return float(self.told["value"]) if self.told["value"] else None

    @property
    def ends(self) -> tuple[float, float] | None:
        """The published range, smaller size first; None where there is none."""
        if not (self.told["low"] and self.told["high"]):
            return None
        low, high = sorted(abs(float(self.told[end])) for end in ("low", "high"))
        return low, high

    @property
    def is_zero(self) -> bool:
        """Whether the study says that nothing to speak of is lost."""
        return self.value == 0.0

    @property
    def ratio(self) -> float | None:
        """Ours by theirs; None where theirs is 0 or a range alone."""
        if self.ours is None or not self.value:
            return None
        return abs(self.ours.value) / abs(self.value)

    @property
    def is_met(self) -> bool:
        """Whether ours lies where theirs is, by the rule above."""
        assert self.ours is not None
        ours = abs(self.ours.value)
        if self.is_zero:
            return ours <= max(ROUNDED, self.ends[1] if self.ends else 0.0)
        if self.ends is not None:
            return self.ends[0] / FACTOR <= ours <= self.ends[1] * FACTOR
        assert self.ratio is not None
        return 1.0 / FACTOR <= self.ratio <= FACTOR


def compared(n: int = model.N) -> list[Row]:
    """Return every published row with ours."""
    shocks = {shock["id"]: shock for shock in model.rows("shocks")}
    return [
        Row(told, shock, None if shock["reason"] else model.found(shock, n))
        for told in model.rows("losses")
        for shock in [shocks[told["id"]]]
    ]


def score(rows: list[Row]) -> tuple[int, int]:
    """Return how many rows with a loss are met, and how many can be put to the model."""
    put = [row for row in rows if row.ours is not None and not row.is_zero]
    return sum(row.is_met for row in put), len(put)


def zeros(rows: list[Row]) -> tuple[int, int]:
    """Return how many published zeros are met, and how many can be put to the model."""
    put = [row for row in rows if row.ours is not None and row.is_zero]
    return sum(row.is_met for row in put), len(put)


def order(n: int = model.N) -> tuple[dict[str, float], float]:
    """Return our loss by product of the USGS rows, bn USD, and the correlation of the ranks."""
    from scipy.stats import spearmanr

    wanted = [s for s in model.rows("shocks") if s["network"] in USGS_ORDER and s["origin"] == "CHN"
              and s["severity"] == "1" and s["measure"] == "usd"]  # fmt: skip
    found = model.order_of({s["network"]: s for s in wanted}.values(), n)
    ours = [-found[product] for product in USGS_ORDER]
    return found, float(spearmanr(range(len(ours)), ours).statistic)


def main() -> None:
    """Print the comparison; with "write" write the page too."""
    rows, ranked = compared(), order()
    text = page(rows, score(rows), zeros(rows), ranked, USGS_ORDER)
    print(text)
    if sys.argv[1:] == ["write"]:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
