"""Rule ``reserve``: a stockpile of so many days for the buyers of regions, or one they share.

Full on day 0, or built up and refilled by purchases (docs/model.md, section 5).
"""

from __future__ import annotations

from typing import Any, Literal

from sim.base.units import DAYS_PER_YEAR
from sim.network.buying import feed_of_buyer
from sim.network.checks_links import lowest_cover
from sim.network.dictionary import Date, Site, Tranche, setting
from sim.policy.goods import Goods, goods_of
from sim.policy.ground import Ground, Outcome, RuleBase, citation
from sim.policy.pick import Pick, in_region, matches


class Reserve(RuleBase):
    """A reserve of each product, full on day 0 unless it buys, for each region apart or shared."""

    kind: Literal["reserve"] = setting(help="rule")
    goods: Goods = setting(help="products to hold")
    regions: list[str] = setting(help="regions or blocs whose buyers are served", min_length=1)
    serves: Pick = setting(Pick(), help="which of their buyers")
    stock_days: float = setting(
        unit="days", help="of the served feeds' reference use; 0: announced, nothing held", ge=0
    )
    counts: Literal["existing", "nothing"] = setting(
        "existing", help="existing: what other reserves hold for these buyers counts towards it"
    )
    shared: Literal["no", "by_lack", "by_quota"] = setting(
        "no", help="no: one a region; by_lack: one, split by need; by_quota: one, fixed shares"
    )
    quotas: dict[str, float] = setting(
        {}, "share", "by_quota: region -> share of a release; default by use"
    )
    trigger_days: float = setting(unit="days", help="released when a buyer holds less", ge=0)
    activation_days: float = setting(unit="days", help="for longer than this", ge=0)
    max_release: float = setting(
        1.0, "multiple of use", "fastest release, as a multiple of the served feeds' use", gt=0
    )

    start_with: float | None = setting(
        None, "days", "what is held on day 0, if not all; existing stock counts as above", ge=0
    )
    buy_per_year: float | None = setting(
        None, "days", "most that is bought in a year until stock_days are held", gt=0
    )
    buy_from: float | Date | None = setting(
        None, "day or date", "builds up from then on; default: day 0"
    )
    tranches: list[Tranche] = setting(
        [], help="days that are bought by which date, instead of buy_per_year"
    )
    refill_per_year: float | None = setting(
        None, "days", "most that is bought back in a year after a release", ge=0
    )
    suppliers: Pick = setting(
        Pick(), help="from whom it buys, of those who supply the buyers that it serves"
    )

    @property
    def buys(self) -> bool:
        """Whether any key of a reserve that buys is given; the network's checks say what lacks."""
        keys = ("start_with", "buy_per_year", "buy_from", "refill_per_year")
        return bool(self.tranches) or any(getattr(self, key) is not None for key in keys)

    def act(self, ground: Ground, tag: str) -> Outcome:
        """Return the reserves."""
        if self.stock_days == 0:
            return Outcome({}, ["0 days: announced, and nothing is held that could be released"])
        notes: list[str] = []
        sites: dict[str, Any] = {}
        places = [[r] for r in self.regions] if self.shared == "no" else [self.regions]
        goods = goods_of(self.goods, ground.network)
        for product in goods:
            for regions in places:
                name = f"{tag}_{product}_{'pool' if self.shared != 'no' else regions[0]}".lower()
                site, told = self._one(ground, tag, product, regions)
                sites |= {name: site} if site else {}
                notes += told
        if not sites:
            return Outcome({}, notes or ["nobody here makes these goods"])
        return Outcome({"sites": sites, **citation(self, tag)}, notes)

    def _one(self, ground: Ground, tag: str, product: str, regions: list[str]) -> Any:
        """Return the reserve of one product for some regions, or None, and notes."""
        use = self._served(ground, product, regions)
        where = ", ".join(regions)
        if not use:
            return None, [f"nobody in {where} buys {product}"]
        held = held_days(ground, product, use) if self.counts == "existing" else 0.0
        if self.stock_days - held < 1e-9:
            return None, [f"{where} holds {held:.0f} days of {product} already"]
        cover = min(lowest_cover(ground.network.sites[name], product) for name in use)
        trigger = min(self.trigger_days, cover + ground.step_days / 2)
        lowered = (
            f"{product}: released below {trigger:g} days, for some buyers normally hold "
            f"{cover:g} and a period's delivery"
        )
        site = self._site(ground, tag, product, regions, use, (held, trigger))
        notes = [lowered] * (trigger < self.trigger_days)
        if not self.buys:
            return site, notes
        feed = feed_of_buyer(
            ground.network, product, use, lambda name: matches(self.suppliers, ground.network, name)
        )
        if feed is None:
            return None, [f"{product}: nobody to buy from, so nothing is held"]
        return site | {"feeds": {product: feed}, **self._purchases(held)}, notes

    def _purchases(self, held: float) -> dict[str, Any]:
        """Return the keys by which it buys, in days on top of those that others hold."""
        told = {
            "start_with": None if self.start_with is None else max(0.0, self.start_with - held),
            "buy_per_year": self.buy_per_year,
            "buy_from": self.buy_from,
            "refill_per_year": self.refill_per_year,
        }
        tranches = [
            {"by": tranche.by, "holds": max(0.0, tranche.holds - held)} for tranche in self.tranches
        ]
        own = {key: value for key, value in told.items() if value is not None}
        return own | ({"tranches": tranches} if tranches else {})

    def _served(self, ground: Ground, product: str, regions: list[str]) -> dict[str, float]:
        """Return the buyers and what each uses, in the network's rate unit."""
        sites, use = ground.network.sites, ground.flows.use
        return {
            name: use[name, product]
            for name, site in sites.items()
            if site.kind in ("refiner", "end_user")
            and use.get((name, product), 0.0) > 0
            and in_region(ground.network, site, regions)
            and matches(self.serves, ground.network, name)
        }

    def _site(
        self,
        ground: Ground,
        tag: str,
        product: str,
        regions: list[str],
        use: dict[str, float],
        days: tuple[float, float],
    ) -> dict[str, Any]:
        """Return the site; `days` are those that others hold already, and those of the trigger."""
        title = ground.network.products[product].title
        return {
            "kind": "reserve",
            "product": product,
            "title": f"{self.title or tag} ({title}, {', '.join(regions)})",
            "country": ground.network.blocs.get(regions[0], [regions[0]])[0],
            "operator": tag,
            "tags": ["policy"],
            "stock_days": self.stock_days - days[0],
            "max_rate": self.max_release * sum(use.values()),
            "trigger_days": days[1],
            "activation_days": self.activation_days,
            "serves": self._shares(ground, use, regions),
            "sources": dict.fromkeys(("stock_days", "trigger_days", "activation_days"), tag),
        }

    def _shares(
        self, ground: Ground, use: dict[str, float], regions: list[str]
    ) -> dict[str, float | None]:
        """Return buyer -> fixed share of a release, or None: split by lack."""
        if self.shared != "by_quota":
            return dict.fromkeys(use)
        sites = ground.network.sites
        home = {
            b: next(r for r in regions if in_region(ground.network, sites[b], [r])) for b in use
        }
        total = {r: sum(t for b, t in use.items() if home[b] == r) for r in set(home.values())}
        all_use = sum(use.values())
        quota = {r: self.quotas.get(r, 0.0) if self.quotas else total[r] / all_use for r in total}
        whole = max(1.0, sum(quota.values()))
        return {b: quota[home[b]] / whole * t / total[home[b]] for b, t in use.items()}


def held_days(ground: Ground, product: str, use: dict[str, float]) -> float:
    """Return what reserves hold of a product for some buyers, in days of their use.

    A reserve's stock counts by the part of its served use that is theirs.
    """
    total = sum(use.values())
    tonnes = 0.0
    for site in ground.network.sites.values():
        if site.kind == "reserve" and site.product == product:
            served = {b: ground.flows.use[b, product] for b in site.serves}
            whole = sum(served.values())
            theirs = sum(t for b, t in served.items() if b in use)
            tonnes += stock_of(site, whole, ground) * (theirs / whole if whole else 0.0)
    per = 1.0 if ground.network.rates_per == "day" else DAYS_PER_YEAR
    return tonnes * per / total


def stock_of(site: Site, use: float, ground: Ground) -> float:
    """Return the stock of a reserve whose served feeds use so much, in tonnes."""
    if site.stock is not None:
        return site.stock
    per = 1.0 if ground.network.rates_per == "day" else DAYS_PER_YEAR
    return (site.stock_days or 0.0) * use / per
