"""A firm's own plants on a shipped network: its file, and the end users that it becomes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import Field

from sim.base.errors import Fault, UserError, nearest
from sim.network.countries import COUNTRIES, region_by_country
from sim.network.dictionary import Feed, Lane, Network, Strict, setting
from sim.network.distribution import Distribution

OVERSEAS_DAYS = 35.0
"""Transit where nobody near the plant buys from a supplier yet; by sea between regions; low."""


class Need(Strict):
    """One input of a plant. The key is the product's name in the network."""

    t_per_year: float = setting(unit="t/year", help="what the plant uses of it", gt=0)
    cover_days: float | Distribution = setting(30.0, "days of normal use", "stock of it")
    suppliers: dict[str, float] = setting(
        {},
        "share",
        "sites, countries or regions of makers -> share of purchases; empty: as the region buys",
    )
    second_sources: list[str] = setting(
        [], help="sites, countries or regions that could be bought from after qualification"
    )
    qualification_days: float = setting(180.0, "days", "to qualify a second source", ge=0)
    rerouting: float = setting(0.5, "share", "of an expected miss ordered elsewhere", ge=0, le=1)
    transit_days: float | None = setting(
        None, "days", "time on the way; default: that of others in the region", ge=0, le=3650
    )


class Plant(Strict):
    """A plant: it stops for want of any of its inputs. The key is its name."""

    title: str = setting("", help="name for tables and figures; default: the key")
    country: str = setting(help="ISO 3166 alpha-3, quoted")
    makes: str = setting("", help="what it makes")
    value_added_usd_per_year: float | None = setting(
        None, "USD/year", "value added of a year's work; omit if unknown", gt=0
    )
    needs: dict[str, Need] = Field(description="inputs by product", min_length=1)


class Firm(Strict):
    """A firm: plants that buy from the sites of a network."""

    title: str = setting(help="the firm's name")
    description: str = setting("", help="a paragraph")
    network: str = setting("all_minerals", help="name of a shipped network, or a file")
    plants: dict[str, Plant] = Field(description="plants by name", min_length=1)


class Overlay(NamedTuple):
    """What a firm adds to a network.

    Parameters
    ----------
    sites, products : dict
        As a network file has them.
    sources : dict
        Where the plants' numbers come from.
    """

    sites: dict[str, Any]
    products: dict[str, Any]
    sources: dict[str, Any]

    def changes(self) -> dict[str, Any]:
        """Return it as settings to change."""
        return {
            "network.sites": self.sites, "network.products": self.products,
            "network.sources": self.sources, "scenario.judged": {"site": list(self.sites)},
            "scenario.value_added": "none",  # a plant's work is counted here
        }  # fmt: skip


def overlay_of(firm: Firm, network: Network, made_t: dict[str, float]) -> Overlay:
    """Return the end users that a firm's plants are on a network.

    A plant wants one year's work a year, so a shortfall of 0.1 is a tenth of a year's work lost,
    whatever it was short of. Shares of a country or region go to its makers by what they make.

    Parameters
    ----------
    firm : Firm
        Validated.
    network : Network
        That it buys from.
    made_t : dict
        Site -> reference output, t/year.

    Raises
    ------
    UserError
        With every name that the network lacks.
    """
    faults = [*_faults(firm, network, made_t)]
    if faults:
        raise UserError(faults)
    sites = {name: _site(plant, network, made_t) for name, plant in firm.plants.items()}
    products = {
        _good(name): {"title": p.makes or p.title or name, "unit": "years of the plant's work",
                      "stage": "plants"}
        for name, p in firm.plants.items()
    }  # fmt: skip
    for name, site in sites.items():
        site["product"] = _good(name)
    return Overlay(sites, products, {"firm": {"citation": firm.title, "confidence": "medium"}})


def _good(name: str) -> str:
    return f"work_of_{name}"


def _faults(firm: Firm, network: Network, made_t: dict[str, float]) -> Iterator[Fault]:
    for name, plant in firm.plants.items():
        at = f"plants.{name}"
        if name in network.sites:
            yield Fault(at, name, f"is a site of {firm.network} already; name the plant otherwise")
        if plant.country not in COUNTRIES:
            yield Fault(f"{at}.country", plant.country, "must be an ISO 3166 alpha-3 code")
        for product, need in plant.needs.items():
            yield from _unmade(f"{at}.needs.{product}", product, need, network, made_t)


def _unmade(
    at: str, product: str, need: Need, network: Network, made_t: dict[str, float]
) -> Iterator[Fault]:
    makers = _makers(product, network, made_t)
    if not makers:
        made = {s.product for s in network.sites.values() if s.kind in ("mine", "refiner")}
        yield Fault(at, product, f"nobody makes such a product{nearest(product, made)}")
        return
    for word in [*need.suppliers, *need.second_sources]:
        if not _meant(word, makers, network):
            places = sorted({network.sites[m].country for m in makers})
            hint = nearest(word, [*makers, *places]) or f"; it is made in {', '.join(places)}"
            yield Fault(at, word, f"no maker of {product} has such a name, country or region{hint}")
    total = sum(need.suppliers.values())
    if need.suppliers and abs(total - 1) > 1e-9:
        yield Fault(f"{at}.suppliers", f"{total:.6g}", "the shares must sum to 1")
    for word in [w for w, share in need.suppliers.items() if share < 0]:
        yield Fault(f"{at}.suppliers.{word}", str(need.suppliers[word]), "must be 0 or more")


def _makers(product: str, network: Network, made_t: dict[str, float]) -> list[str]:
    """Return the mines and refiners that make a product in a normal year."""
    return [
        name
        for name, site in network.sites.items()
        if site.product == product and site.kind in ("mine", "refiner") and made_t.get(name, 0) > 0
    ]


def _meant(word: str, makers: list[str], network: Network) -> list[str]:
    """Return the makers that a name, country, region or bloc means."""
    if word in makers:
        return [word]
    places = set(network.blocs.get(word, [word]))
    return [
        m for m in makers if network.sites[m].country in places or _region(network, m) in places
    ]


def _region(network: Network, name: str) -> str:
    site = network.sites[name]
    return site.region or region_by_country(site.country)


def _site(plant: Plant, network: Network, made_t: dict[str, float]) -> dict[str, Any]:
    site: dict[str, Any] = {
        "kind": "end_user", "country": plant.country, "demand": 1.0, "firms": 1, "sector": "own",
        "feeds": {p: _feed(plant, p, n, network, made_t) for p, n in plant.needs.items()},
        "sources": {"demand": "firm"},
    }  # fmt: skip
    site |= {"title": plant.title} if plant.title else {}
    if plant.value_added_usd_per_year is not None:
        site["value_usd_per_t"] = plant.value_added_usd_per_year
    if network.rates_per == "day":
        site["demand"] = 1.0 / 365.0
    return site


def _feed(
    plant: Plant, product: str, need: Need, network: Network, made_t: dict[str, float]
) -> dict[str, Any]:
    like = _neighbour(plant.country, product, network, made_t)
    shares = _shares(product, need, network, made_t, like)
    lanes: dict[str, Any] = {
        s: {"share": v, "transit_days": _transit(need, s, like), "routes": _routes(s, like)}
        for s, v in shares.items()
        if v > 0
    }
    makers = _makers(product, network, made_t)
    for word in need.second_sources:
        meant = [m for m in _meant(word, makers, network) if m not in lanes]
        whole = sum(made_t[m] for m in meant)
        for m in meant:
            lanes[m] = {
                "share": 0.0, "spot": made_t[m] / whole, "routes": _routes(m, like),
                "qualification_days": need.qualification_days,
                "transit_days": _transit(need, m, like),
            }  # fmt: skip
    cover = need.cover_days
    return {
        "coefficient": need.t_per_year,
        "cover_days": cover.model_dump(exclude_unset=True) if isinstance(cover, Distribution)
        else cover,
        "rerouting": need.rerouting, "lanes": lanes, "sources": {"cover_days": "firm"},
        "shares": "scale",
    }  # fmt: skip


def _neighbour(
    country: str, product: str, network: Network, made_t: dict[str, float]
) -> dict[str, Lane]:
    """Return the lanes of the largest buyer of a product in the plant's region, else anywhere."""
    region = region_by_country(country)
    buyers = [
        (_region(network, name) == region, _use(network, name, feed, made_t), name)
        for name, site in network.sites.items()
        for p, feed in site.feeds.items()
        if p == product and site.kind != "reserve"
    ]
    return network.sites[max(buyers)[2]].feeds[product].lanes if buyers else {}


def _use(network: Network, name: str, feed: Feed, made_t: dict[str, float]) -> float:
    site = network.sites[name]
    return (site.demand or made_t.get(name, 0.0)) * feed.coefficient


def _shares(
    product: str, need: Need, network: Network, made_t: dict[str, float], like: dict[str, Lane]
) -> dict[str, float]:
    """Return supplier -> share: as stated, places by what their makers make; else as others buy."""
    makers = _makers(product, network, made_t)
    if not need.suppliers:
        bought = {s: lane.share for s, lane in like.items() if s in makers and lane.share > 0}
        whole = sum(bought.values())
        return {s: v / whole for s, v in bought.items()} if whole else _by_output(makers, made_t)
    shares: dict[str, float] = {}
    for word, share in need.suppliers.items():
        for maker, part in _by_output(_meant(word, makers, network), made_t).items():
            shares[maker] = shares.get(maker, 0.0) + share * part
    return shares


def _by_output(makers: list[str], made_t: dict[str, float]) -> dict[str, float]:
    whole = sum(made_t[m] for m in makers)
    return {m: made_t[m] / whole for m in makers}


def _transit(need: Need, supplier: str, like: dict[str, Lane]) -> float:
    if need.transit_days is not None:
        return need.transit_days
    return like[supplier].transit_days if supplier in like else OVERSEAS_DAYS


def _routes(supplier: str, like: dict[str, Lane]) -> list[str]:
    return list(like[supplier].routes) if supplier in like else []
