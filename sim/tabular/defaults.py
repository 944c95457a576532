"""What is assumed where a table says nothing: each number with its reason, and listed by import."""

from __future__ import annotations

from dataclasses import dataclass, field

COVER_DAYS = 30.0
"""Stock of an input: a month of use, as purchasing handbooks and our own tables have it; low."""

TRANSIT_DAYS = {"country": 3.0, "region": 7.0, "world": 35.0}
"""By road within a country or region; by sea between regions (Shanghai to Europe 30 to 40 days)."""

UTILISATION = 0.9
"""Reference output over capacity where no capacity is given: a plant that is well used; low."""

ASSUMED = "assumed"
"""Name of the source of what is filled in."""

CITATION = (
    "assumed by `shortfall import`: cover 30 days; transit 3 days within a country, 7 within a "
    "region, 35 between regions; capacity = reference output / 0.9; coefficient 1"
)


@dataclass
class Filled:
    """What was filled in: kind of number -> who it was filled in for.

    Parameters
    ----------
    of : dict
        Words such as "cover of 30 days" -> names.
    moved : list of str
        What balancing moved, in words.
    """

    of: dict[str, list[str]] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)

    def add(self, what: str, whom: str) -> None:
        """Note that something was assumed for somebody."""
        self.of.setdefault(what, []).append(whom)

    def lines(self, most: int = 6) -> list[str]:
        """Return what was filled in as lines for people, the first names of each kind."""
        told = []
        for what, names in self.of.items():
            more = f" and {len(names) - most:,} more" if len(names) > most else ""
            told.append(f"assumed: {what}: {', '.join(names[:most])}{more}")
        return told + self.moved


def transit_days(origin: str, target: str, regions: tuple[str, str]) -> float:
    """Return the assumed transit between two countries.

    Parameters
    ----------
    origin, target : str
        Countries.
    regions : tuple of str
        Their regions.
    """
    if origin == target:
        return TRANSIT_DAYS["country"]
    same = regions[0] == regions[1] != "ROW"
    return TRANSIT_DAYS["region"] if same else TRANSIT_DAYS["world"]
