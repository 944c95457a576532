"""Rule ``cover``: firms must hold at least so many days of a material."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, Literal

from sim.network.dictionary import Feed, Site, setting
from sim.network.distribution import Distribution
from sim.policy.ground import Ground, Outcome, RuleBase, citation
from sim.policy.pick import Pick, Words, picked, words_of


class Cover(RuleBase):
    """A floor under private stocks, in force and filled on day 0."""

    kind: Literal["cover"] = setting(help="rule")
    pick: Pick = setting(Pick(), help="refiners and end users")
    product: Words = setting(None, help="products held; default all")
    at_least_days: float = setting(unit="days", help="of normal use", ge=0)

    def act(self, ground: Ground, tag: str) -> Outcome:
        """Return the raised covers; of a distribution, each cohort below the floor is raised."""
        changes: dict[str, Any] = {}
        for name in picked(self.pick, ground.network):
            site = ground.network.sites[name]
            feeds = {
                product: {"cover_days": raised, "sources": {"cover_days": tag}}
                for product, feed in site.feeds.items()
                if site.kind in ("refiner", "end_user") and self._held(product)
                if (raised := self._raised(site, feed)) is not None
            }
            if feeds:
                changes[name] = {"feeds": feeds}
        if not changes:
            return Outcome({}, [f"everybody meant holds {self.at_least_days:g} days already"])
        return Outcome({"sites": changes, **citation(self, tag)}, [])

    def _held(self, product: str) -> bool:
        words = words_of(self.product)
        return not words or any(fnmatchcase(product, word) for word in words)

    def _raised(self, site: Site, feed: Feed) -> Any:
        floor = self.at_least_days
        if not isinstance(feed.cover_days, Distribution):
            return floor if feed.cover_days < floor else None
        from sim.network.cohorts import mid_quantiles  # brings scipy, which other rules spare

        days = mid_quantiles(feed.cover_days, site.cohorts)
        if min(days) >= floor:
            return None
        return {"family": "empirical", "values": [max(d, floor) for d in days]}
