"""Rule ``priority``: suppliers that have promised not to cut some buyers off serve them first."""

from __future__ import annotations

from typing import Any, Literal

from sim.network.dictionary import setting
from sim.policy.ground import Ground, Outcome, RuleBase, citation
from sim.policy.pick import Pick, picked


class Priority(RuleBase):
    """Buyers in some regions come right after home when a supplier cannot fill all orders."""

    kind: Literal["priority"] = setting(help="rule")
    pick: Pick = setting(help="suppliers")
    first: list[str] = setting(help="countries, regions or blocs served first", min_length=1)

    def act(self, ground: Ground, tag: str) -> Outcome:
        """Return the suppliers' new order of service; friends of several policies share a class."""
        sites = ground.network.sites
        names = [n for n in picked(self.pick, ground.network)
                 if sites[n].kind in ("mine", "refiner")]  # fmt: skip
        if not names:
            return Outcome({}, ["no supplier of this network is meant"])
        changes = {n: {"priority": self._order(sites[n].priority), "sources": {"priority": tag}}
                   for n in names}  # fmt: skip
        return Outcome({"sites": changes, **citation(self, tag)}, [])

    def _order(self, before: list[Any]) -> list[Any]:
        at = 1 if before and before[0] == "home" else 0
        friends = before[at] if at < len(before) and isinstance(before[at], list) else []
        rest = before[at + bool(friends) :]
        return [*before[:at], sorted({*friends, *self.first}), *rest]
