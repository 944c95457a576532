"""By what runs, projects and remedies can be judged: a word, and the measure that it means."""

from __future__ import annotations

from sim.base.errors import Fault, nearest

MEASURED = {
    "tonnes": "shortfall_t",
    "share": "shortfall_share",
    "value_added": "value_added_lost_usd",
    "gdp": "gdp_loss_share",
}
"""Word of ``--measure`` -> measure."""


def faults_of_measure(word: str) -> list[Fault]:
    """Return what is wrong with a word of ``--measure``."""
    if word in MEASURED:
        return []
    return [Fault("--measure", word, f"is none of {', '.join(MEASURED)}{nearest(word, MEASURED)}")]
