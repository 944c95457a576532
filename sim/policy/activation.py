"""Rule ``activation``: reserves act sooner, as a rapid response group is meant to have them."""

from __future__ import annotations

from typing import Literal

from sim.network.dictionary import setting
from sim.policy.ground import Ground, Outcome, RuleBase, citation
from sim.policy.pick import Pick, picked


class Activation(RuleBase):
    """Shorter activation of the reserves that are there, other policies' among them."""

    kind: Literal["activation"] = setting(help="rule")
    pick: Pick = setting(Pick(), help="reserves")
    factor: float = setting(1.0, "multiplier", "of the activation days", ge=0, le=1)
    at_most_days: float | None = setting(None, "days", "longest activation after that", ge=0)

    def act(self, ground: Ground, tag: str) -> Outcome:
        """Return the changed reserves."""
        sites = ground.network.sites
        names = [n for n in picked(self.pick, ground.network) if sites[n].kind == "reserve"]
        if not names:
            return Outcome({}, ["there is no such reserve"])
        days = {name: self._days(sites[name].activation_days) for name in names}
        changes = {
            name: {"activation_days": d, "sources": {"activation_days": tag}}
            for name, d in days.items()
        }
        return Outcome({"sites": changes, **citation(self, tag)}, [])

    def _days(self, days: float) -> float:
        shorter = days * self.factor
        return shorter if self.at_most_days is None else min(shorter, self.at_most_days)
