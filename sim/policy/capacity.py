"""Rule ``add_capacity``: a region makes a share of what it uses, through the whole chain.

Measured as the European Union measures its benchmarks: output in the region over what the
region's end users need of that product, whoever makes their parts.
"""

from __future__ import annotations

from typing import Any, Literal

from sim.network.countries import region_by_country
from sim.network.dictionary import Date, Feed, setting
from sim.network.distribution import Distribution
from sim.policy.goods import Goods, goods_of
from sim.policy.ground import Ground, Outcome, RuleBase, citation, scaled
from sim.policy.lanes import Place, new_lane, place_of
from sim.policy.pick import Pick, in_region, matches
from sim.policy.strain import support

MOST_SUPPLIERS = 6
"""A new plant buys from at most so many sites: those that have most to spare."""


class Built(RuleBase):
    """When new capacity comes, and how surely."""

    by: Date = setting(help="planned start of its ramp; not before the scenario's 2nd period")
    ramp_days: float = setting(365.0, "days", "linear rise to full output", ge=0)
    delay_days: float | Distribution = setting(0.0, "days", "added to the start")
    probability: float = setting(1.0, help="chance that it is built at all", ge=0, le=1)
    upstream: Literal["added", "as_is"] = setting(
        "added", help="added: the stages before grow by what they would lack; as_is: they do not"
    )

    def timing(self, ground: Ground, tag: str) -> dict[str, Any]:
        """Return the project's settings that say when and how surely."""
        return {
            "start": max(self.by, ground.first).isoformat(),
            "ramp_days": self.ramp_days,
            "delay_days": scaled(self.delay_days, 1.0),
            "probability": self.probability,
            "sources": {"capacity": tag, "start": tag, "ramp_days": tag, "probability": tag},
        }

    def with_support(self, ground: Ground, changes: dict[str, Any], tag: str) -> dict[str, Any]:
        """Return changes with capacity for the stages before, where the rule asks for it."""
        if self.upstream == "added" and changes.get("projects"):
            more = support(ground, changes, self.timing(ground, tag), tag)
            changes["projects"] = changes["projects"] | more
        return changes


class AddCapacity(Built):
    """New capacity of a stage in regions, as a share of what their end users need."""

    kind: Literal["add_capacity"] = setting(help="rule")
    goods: Goods = setting(help="products to make")
    regions: list[str] = setting(help="regions or blocs, each measured apart", min_length=1)
    share_of_use: float = setting(unit="share", help="of the region's own use", gt=0, le=2)
    counts: Literal["existing", "nothing"] = setting(
        "existing", help="existing: what is there, and projects by their odds, count towards it"
    )
    feedstock: Literal["chain", "scrap"] = setting(
        "chain", help="scrap: secondary supply that needs no feed, tagged 'recycling'"
    )
    buys_from: Pick = setting(Pick(), help="suppliers of a new plant")
    sells_to: Pick | None = setting(
        None, help="buyers; default those in the region, else those outside the largest user"
    )
    most_of_a_feed: float = setting(
        0.65, "share", "contracts take no more of any buyer's feed, others' included", gt=0, le=1
    )

    def act(self, ground: Ground, tag: str) -> Outcome:
        """Return sites, lanes and projects, plants before mines: so a mine's buyers are there."""
        notes: list[str] = []
        changes: dict[str, Any] = {}
        for product in reversed(goods_of(self.goods, ground.network)):
            for region in self.regions:
                own, told = self._one(ground, tag, product, region)
                notes += told
                ground = ground.with_changes(own)
                changes = _merged(changes, own)
        if not changes and not notes:
            notes = ["makes none of these goods"]
        return Outcome(changes and _merged(changes, citation(self, tag)), notes)

    def _one(self, ground: Ground, tag: str, product: str, region: str) -> Any:
        """Return the changes for one product and region, and notes."""
        need = ground.embodied([region]).get(product, 0.0)
        there = self._there(ground, product, region)
        counted = sum(there.values()) if self.counts == "existing" else 0.0
        extra = self.share_of_use * need - counted
        if need <= 0:
            return {}, [f"{region} needs no {product}"]
        if extra <= 1e-9 * need:
            return {}, [f"{region} makes {self.share_of_use:.0%} of its {product} already"]
        name = f"{tag}_{product}_{region}".lower()
        best = max(there, key=lambda n: (there[n], n), default="")
        ready = {} if best else self._site(ground, name, product, region, tag)
        if not best and not ready:
            return {}, [f"nobody can feed a {product} plant in {region}"]
        sold, taken = self._sold(ground.with_changes(ready), product, region, extra)
        lanes = _lanes(ground.with_changes(ready), best or name, product, sold)
        project = {"title": self.title or name, "site": best or name, "capacity": extra}
        project |= {"offtake": {b: {"share": s} for b, s in sold.items()}}
        project |= self.timing(ground, tag)
        changes = _merged(ready, {"projects": {name: project}, "sites": lanes})
        little = f"{product} in {region}: buyers take {taken:.4g} of {extra:.4g} t more"
        return self.with_support(ground, changes, tag), [little] * (taken < extra * 0.999)

    def _there(self, ground: Ground, product: str, region: str) -> dict[str, float]:
        scrap = self.feedstock == "scrap"
        return {
            name: ground.expected_capacity(name)
            for name in ground.makers(product)
            if in_region(ground.network, ground.network.sites[name], [region])
            and ("recycling" in ground.network.sites[name].tags) == scrap
        }

    def _site(
        self, ground: Ground, name: str, product: str, region: str, tag: str
    ) -> dict[str, Any]:
        """Return a site that stands ready with no capacity of its own."""
        like = max(ground.makers(product), key=lambda n: (ground.flows.out[n], n))
        model = ground.network.sites[like]
        country = ground.network.blocs.get(region, [region])[0]
        site: dict[str, Any] = {
            "kind": "mine" if self.feedstock == "scrap" else model.kind,
            "product": product,
            "title": self.title or name,
            "country": country,
            "capacity": 0.0,
            "slack": model.slack,
            "ramp_days": model.ramp_days,
            "tags": [*(["recycling"] if self.feedstock == "scrap" else []), "policy"],
            "sources": {"capacity": tag},
        }
        if site["kind"] == "refiner":
            place = Place(country, region_by_country(country))
            feeds = {p: self._feed(ground, p, f, place) for p, f in model.feeds.items()}
            if not all(feed["lanes"] for feed in feeds.values()):
                return {}
            site["feeds"] = feeds
        return {"sites": {name: site}}

    def _feed(self, ground: Ground, product: str, like: Feed, place: Place) -> dict[str, Any]:
        """Return a feed that buys where most is to spare."""
        spare = {
            name: ground.expected_capacity(name) - ground.flows.out[name]
            for name in ground.makers(product)
            if matches(self.buys_from, ground.network, name)
        }
        sellers = sorted((n for n in spare if spare[n] > 0), key=lambda n: (-spare[n], n))
        sellers = sellers[:MOST_SUPPLIERS]
        total = sum(spare[n] for n in sellers)
        shares = [spare[n] / total for n in sellers]
        lanes = {
            n: new_lane(ground, place_of(ground, n), place) | {"share": s}
            for n, s in zip(sellers, shares, strict=True)
        }
        data = like.model_dump(mode="json", exclude_unset=True, exclude={"lanes", "sources"})
        return data | {"lanes": lanes}

    def _sold(
        self, ground: Ground, product: str, region: str, extra: float
    ) -> tuple[dict[str, float], float]:
        """Return each buyer's contract as a share of its feed, and what all take, in tonnes."""
        use = ground.full.use
        chosen = self._chosen(ground, product, region)
        total = sum(use[b, product] for b in chosen)
        most = {b: room(ground, b, product) - (1 - self.most_of_a_feed) for b in chosen}
        sold = {b: min(extra / total, most[b]) for b in chosen}
        sold = {b: share for b, share in sold.items() if share > 1e-9}
        return sold, sum(share * use[b, product] for b, share in sold.items())

    def _chosen(self, ground: Ground, product: str, region: str) -> list[str]:
        """Return the buyers: as told, else in the region, else outside the largest user."""
        network, use = ground.network, ground.full.use
        feeds = [b for b, p in use if p == product and use[b, p] > 0]
        if self.sells_to is not None:
            return [b for b in feeds if matches(self.sells_to, network, b)]
        near = [b for b in feeds if in_region(network, network.sites[b], [region])]
        largest = largest_user(ground, product)
        return near or [b for b in feeds if network.sites[b].country != largest]


def _lanes(ground: Ground, site: str, product: str, sold: dict[str, float]) -> dict[str, Any]:
    """Return the lanes that are missing between a site and those who have contracts with it."""
    fresh = {
        b: new_lane(ground, place_of(ground, site), place_of(ground, b))
        for b in sold
        if site not in ground.network.sites[b].feeds[product].lanes
    }
    return {b: {"feeds": {product: {"lanes": {site: lane}}}} for b, lane in fresh.items()}


def largest_user(ground: Ground, product: str) -> str:
    """Return the country that uses most of a product."""
    used: dict[str, float] = {}
    for (name, own), t in ground.full.use.items():
        if own == product:
            country = ground.network.sites[name].country
            used[country] = used.get(country, 0.0) + t
    return max(used, key=lambda c: (used[c], c), default="")


def room(ground: Ground, buyer: str, product: str) -> float:
    """Return the share of a feed that no project's offtake has taken."""
    network = ground.network
    taken = sum(
        p.offtake[buyer].share
        for p in network.projects.values()
        if buyer in p.offtake and network.sites[p.site].product == product
    )
    return max(0.0, 1 - taken)


def _merged(changes: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    from sim.network.layers import merge

    return {k: v for k, v in merge(changes, more).items() if v}
