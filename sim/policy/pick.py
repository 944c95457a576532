"""What a rule acts upon: every key that is given must match, any of its words will do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase

from sim.base.errors import Fault, nearest
from sim.network.countries import region_of
from sim.network.dictionary import Network, Site, Strict, setting
from sim.policy.minerals import minerals_of
from sim.policy.words import unknown

Words = list[str] | str | None


class Pick(Strict):
    """Which sites are meant. ``*`` and ``?`` in a word stand for anything."""

    site: Words = setting(None, help="names")
    kind: Words = setting(None, help="mine, refiner, end_user, reserve")
    mineral: Words = setting(None, help="of its product; of an end user: of what it buys")
    product: Words = setting(None, help="the site's product")
    stage: Words = setting(None, help="stage of its product: mining, refining, ...")
    country: Words = setting(None, help="ISO 3166 alpha-3")
    region: Words = setting(None, help="region, or a bloc of the network")
    sector: Words = setting(None, help="end users' sector")
    tag: Words = setting(None, help="any of the site's tags")
    operator: Words = setting(None, help="who runs it")
    outside: Words = setting(None, help="countries or regions that it must not lie in")


def words_of(value: Words) -> list[str]:
    """Return a list of words, given one, several or none."""
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def matches(pick: Pick, network: Network, name: str) -> bool:
    """Return whether a site of a network is meant."""
    site = network.sites[name]
    return all(
        _one(network, name, site, key, words_of(getattr(pick, key)))
        for key in type(pick).model_fields
        if getattr(pick, key) is not None
    )


def picked(pick: Pick, network: Network) -> list[str]:
    """Return the sites that are meant, in the network's order."""
    return [name for name in network.sites if matches(pick, network, name)]


def _one(network: Network, name: str, site: Site, key: str, words: list[str]) -> bool:
    if key == "outside":
        return not in_region(network, site, words)
    if key == "region":
        return in_region(network, site, words)
    asked: dict[str, Callable[[], Iterable[str]]] = {
        "site": lambda: [name],
        "mineral": lambda: minerals_of(site),
        "stage": lambda: [_stage(network, site)],
        "tag": lambda: site.tags,
    }
    found = asked[key]() if key in asked else [getattr(site, key)]
    return any(fnmatchcase(own, word) for own in found for word in words)


def _stage(network: Network, site: Site) -> str:
    product = network.products.get(site.product)
    return product.stage if product else ""


def in_region(network: Network, site: Site, words: list[str]) -> bool:
    """Return whether a site lies in one of these regions, countries or blocs."""
    members = {m for word in words for m in network.blocs.get(word, ())} | set(words)
    return bool({site.country, region_of(site)} & members)


def strange_words(pick: Pick, network: Network, key: str) -> Iterator[Fault]:
    """Yield a fault for each word that no network knows."""
    for name in type(pick).model_fields:
        words = words_of(getattr(pick, name))
        if name == "outside":
            yield from strange_places(words, network, f"{key}.outside")
            continue
        for word, known in unknown(network, name, words):
            hint = nearest(word, sorted(known))
            yield Fault(f"{key}.{name}", word, f"no network has such a {name}{hint}")


def strange_places(words: list[str], network: Network, key: str) -> Iterator[Fault]:
    """Yield a fault for each word that is no region, bloc or country."""
    for word, known in unknown(network, "region", words):
        if unknown(network, "country", [word]):
            hint = nearest(word, sorted(known))
            yield Fault(key, word, f"must be a region, bloc or country{hint}")
