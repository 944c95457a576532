"""Rule ``sourcing``: buyers turn sooner, further and faster to other suppliers."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, Literal

from sim.network.dictionary import Feed, setting
from sim.policy.ground import Ground, Outcome, RuleBase, citation
from sim.policy.pick import Pick, Words, matches, picked, words_of


class Sourcing(RuleBase):
    """Changes of how feeds react to a supplier that fails."""

    kind: Literal["sourcing"] = setting(help="rule")
    pick: Pick = setting(Pick(), help="buyers")
    product: Words = setting(None, help="products bought; default all")
    suppliers: Pick = setting(Pick(), help="lanes from these; for qualification and spot weight")
    rerouting_at_least: float = setting(0.0, "share", "of the expected miss", ge=0, le=1)
    perception_at_most_days: float | None = setting(
        None, "days", "time over which a failure is believed", ge=0
    )
    qualification_factor: float = setting(
        1.0, "multiplier", "of the days to qualify a spot supplier", ge=0
    )
    spot_at_least: float = setting(0.0, "weight", "of spot lanes that are there", ge=0)

    def act(self, ground: Ground, tag: str) -> Outcome:
        """Return the changed feeds and lanes."""
        sites: dict[str, Any] = {}
        for name in picked(self.pick, ground.network):
            site = ground.network.sites[name]
            feeds = {
                product: change
                for product, feed in site.feeds.items()
                if site.kind != "reserve" and self._bought(product)
                if (change := self._feed(ground, feed))
            }
            if feeds:
                sites[name] = {"feeds": feeds, "sources": {"sourcing": tag}}
        if not sites:
            return Outcome({}, ["no feed of this network is meant"])
        return Outcome({"sites": sites, **citation(self, tag)}, [])

    def _bought(self, product: str) -> bool:
        words = words_of(self.product)
        return not words or any(fnmatchcase(product, word) for word in words)

    def _feed(self, ground: Ground, feed: Feed) -> dict[str, Any]:
        change: dict[str, Any] = {}
        if self.rerouting_at_least > feed.rerouting:
            change["rerouting"] = self.rerouting_at_least
        slowest = self.perception_at_most_days
        if slowest is not None and slowest < feed.perception_days:
            change["perception_days"] = slowest
        lanes = {n: self._lane(lane) for n, lane in feed.lanes.items()
                 if lane.spot > 0 and matches(self.suppliers, ground.network, n)}  # fmt: skip
        lanes = {n: own for n, own in lanes.items() if own}
        return change | ({"lanes": lanes} if lanes else {})

    def _lane(self, lane: Any) -> dict[str, Any]:
        own: dict[str, Any] = {}
        if self.qualification_factor != 1:
            own["qualification_days"] = lane.qualification_days * self.qualification_factor
        if self.spot_at_least > lane.spot:
            own["spot"] = self.spot_at_least
        return own
