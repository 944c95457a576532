"""Rule ``substitution``: end users can do without more of a material, and sooner."""

from __future__ import annotations

from typing import Any, Literal

from sim.network.dictionary import Substitution as Learnt
from sim.network.dictionary import setting
from sim.policy.ground import Ground, Outcome, RuleBase, citation
from sim.policy.pick import Pick, picked


class Substitution(RuleBase):
    """Changes of the limit and pace of substitution."""

    kind: Literal["substitution"] = setting(help="rule")
    pick: Pick = setting(Pick(), help="end users")
    limit_factor: float = setting(1.0, "multiplier", "of the share that can be spared", ge=0)
    limit_at_least: float = setting(0.0, "share of demand", "that can be spared", ge=0, le=1)
    delay_factor: float = setting(1.0, "multiplier", "of the stress before it begins", ge=0)
    days_factor: float = setting(1.0, "multiplier", "of the time to the limit", ge=0)

    def act(self, ground: Ground, tag: str) -> Outcome:
        """Return the changed end users; those that cannot substitute stay so unless told."""
        changes: dict[str, Any] = {}
        for name in picked(self.pick, ground.network):
            site = ground.network.sites[name]
            if site.kind == "end_user":
                own = self._changed(site.substitution or Learnt())
                if own["limit"] > 0:
                    changes[name] = {"substitution": own, "sources": {"substitution": tag}}
        if not changes:
            return Outcome({}, ["no end user of this network that can substitute is meant"])
        return Outcome({"sites": changes, **citation(self, tag)}, [])

    def _changed(self, now: Learnt) -> dict[str, float]:
        return {
            "limit": min(1.0, max(now.limit * self.limit_factor, self.limit_at_least)),
            "delay_days": now.delay_days * self.delay_factor,
            "days": now.days * self.days_factor,
        }
