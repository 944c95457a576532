"""Rule ``diversify``: no more than a share of any feed from one country abroad."""

from __future__ import annotations

from typing import Any, Literal

from sim.network.dictionary import Feed, setting
from sim.policy.capacity import Built, room
from sim.policy.goods import Goods, goods_of
from sim.policy.ground import Ground, Outcome, citation
from sim.policy.lanes import new_lane, place_of
from sim.policy.pick import Pick, in_region, matches

MOST_SUPPLIERS = 6
"""The new purchases of a feed go to at most so many sites."""


class Diversify(Built):
    """Buyers in regions contract others than their largest foreign country, who grow by that."""

    kind: Literal["diversify"] = setting(help="rule")
    goods: Goods = setting(Goods(), help="products bought; default all")
    regions: list[str] = setting(help="regions or blocs of the buyers", min_length=1)
    buys_from: Pick = setting(Pick(), help="whom they may turn to")
    at_most: float = setting(
        unit="share", help="of a feed from one country outside the region", gt=0, lt=1
    )

    def act(self, ground: Ground, tag: str) -> Outcome:
        """Return one project a supplier with the contracts of its buyers, and the lanes."""
        projects: dict[str, Any] = {}
        lanes: dict[str, Any] = {}
        notes: list[str] = []
        for product in goods_of(self.goods, ground.network):
            for buyer in self._buyers(ground, product):
                need = self._need(ground, buyer, product)
                sold = self._suppliers(ground, buyer, product, *need) if need[1] > 1e-9 else {}
                if need[1] > 1e-9 and not sold:
                    notes.append(f"{buyer} has nobody but {need[0]} to buy {product} from")
                for supplier, share in sold.items():
                    self._contract(ground, tag, (buyer, product, supplier), share, projects, lanes)
        if not projects:
            return Outcome({}, notes or [f"no feed has more than {self.at_most:.0%} from abroad"])
        changes = {"projects": projects, "sites": lanes, **citation(self, tag)}
        return Outcome(self.with_support(ground, changes, tag), notes)

    def _buyers(self, ground: Ground, product: str) -> list[str]:
        return [
            name
            for name, site in ground.network.sites.items()
            if product in site.feeds
            and site.kind != "reserve"
            and ground.flows.use[name, product] > 0
            and in_region(ground.network, site, self.regions)
        ]

    def _need(self, ground: Ground, buyer: str, product: str) -> tuple[str, float]:
        """Return the largest foreign country and the share of the feed that must go elsewhere.

        Contracts c with others leave it s (1 - c) of s, so c = 1 - at_most / s; contracts that
        projects already hold count by their odds.
        """
        network = ground.network
        shares = country_shares(ground, network.sites[buyer].feeds[product])
        abroad = {c: s for c, s in shares.items() if c != network.sites[buyer].country
                  and not _same_bloc(ground, c, buyer)}  # fmt: skip
        top = max(abroad, key=lambda c: (abroad[c], c), default="")
        if not top or abroad[top] <= self.at_most:
            return top, 0.0
        held = sum(
            p.offtake[buyer].share * p.probability
            for p in network.projects.values()
            if buyer in p.offtake
            and network.sites[p.site].product == product
            and network.sites[p.site].country != top
        )
        wanted = 1 - self.at_most / abroad[top] - held
        return top, min(wanted, 0.95 * room(ground, buyer, product))

    def _suppliers(
        self, ground: Ground, buyer: str, product: str, top: str, share: float
    ) -> dict[str, float]:
        """Return supplier -> share of the feed: those it buys from, else any, by capacity."""
        network = ground.network
        lanes = network.sites[buyer].feeds[product].lanes
        size = {
            name: ground.expected_capacity(name)
            for name in ground.makers(product)
            if network.sites[name].country != top and matches(self.buys_from, network, name)
        }
        known = {n: t for n, t in size.items() if n in lanes and t > 0}
        able = known or {n: t for n, t in size.items() if t > 0}
        chosen = sorted(able, key=lambda n: (-able[n], n))[:MOST_SUPPLIERS]
        total = sum(able[n] for n in chosen)
        return {n: share * able[n] / total for n in chosen}

    def _contract(
        self,
        ground: Ground,
        tag: str,
        ends: tuple[str, str, str],
        share: float,
        projects: dict[str, Any],
        lanes: dict[str, Any],
    ) -> None:
        """Add one buyer's contract to its supplier's project, and a lane where there is none."""
        buyer, product, supplier = ends
        project = projects.setdefault(
            f"{tag}_{supplier}",
            {"title": f"Contracts with {supplier}", "site": supplier, "capacity": 0.0,
             "offtake": {}, **self.timing(ground, tag)},
        )  # fmt: skip
        project["capacity"] += share * ground.flows.use[buyer, product]
        project["offtake"][buyer] = {"share": share}
        if supplier not in ground.network.sites[buyer].feeds[product].lanes:
            lane = new_lane(ground, place_of(ground, supplier), place_of(ground, buyer))
            own = lanes.setdefault(buyer, {"feeds": {}})["feeds"]
            own.setdefault(product, {"lanes": {}})["lanes"][supplier] = lane


def country_shares(ground: Ground, feed: Feed) -> dict[str, float]:
    """Return country -> share of a feed's purchases."""
    shares: dict[str, float] = {}
    for supplier, lane in feed.lanes.items():
        country = ground.network.sites[supplier].country
        shares[country] = shares.get(country, 0.0) + lane.share
    return shares


def _same_bloc(ground: Ground, country: str, buyer: str) -> bool:
    """Whether a country lies in the buyer's own region, unless that is the rest of the world."""
    from sim.network.countries import region_by_country

    region = ground.region(buyer)
    return region != "ROW" and region_by_country(country) == region
