"""Products that a rule is about, and how far down the chain each stands."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from sim.base.errors import Fault, nearest
from sim.network.dictionary import Network, Strict, setting
from sim.policy.minerals import MINERALS
from sim.policy.pick import Words, words_of
from sim.policy.words import unknown


class Goods(Strict):
    """Which products are meant: every key that is given must match."""

    mineral: Words = setting(None, help="minerals, such as rare_earths")
    product: Words = setting(None, help="products")
    stage: Words = setting(None, help="stages: mining, refining, ...")
    without: Words = setting(None, help="products or stages left out")


def goods_of(goods: Goods, network: Network) -> list[str]:
    """Return the products that are meant and made in the network, nearest to the mines first."""
    made = {s.product for s in network.sites.values() if s.kind in ("mine", "refiner")}
    depth = depths(network)
    return sorted((p for p in made if _meant(goods, network, p)), key=lambda p: (depth[p], p))


def _meant(goods: Goods, network: Network, product: str) -> bool:
    own = {
        "product": [product],
        "stage": [network.products[product].stage],
        "mineral": [name for name, products in MINERALS.items() if product in products],
    }
    out = words_of(goods.without)
    if any(fnmatchcase(w, o) for w in own["product"] + own["stage"] for o in out):
        return False
    return all(
        any(fnmatchcase(w, word) for w in own[key] for word in words_of(getattr(goods, key)))
        for key in own
        if getattr(goods, key) is not None
    )


def depths(network: Network) -> dict[str, int]:
    """Return product -> number of steps from the mines, the longest way."""
    inputs: dict[str, set[str]] = {}
    for site in network.sites.values():
        if site.kind in ("mine", "refiner"):
            inputs.setdefault(site.product, set()).update(site.feeds)
    found: dict[str, int] = {}

    def depth(product: str) -> int:
        if product not in found:
            found[product] = 0
            own = inputs.get(product, set()) - {product}
            found[product] = 1 + max(map(depth, sorted(own)), default=-1)
        return found[product]

    for product in sorted(inputs):
        depth(product)
    return found


def strange_goods(goods: Goods, network: Network, key: str) -> Iterator[Fault]:
    """Yield a fault for each word that no network knows."""
    for name in ("mineral", "product", "stage"):
        for word, known in unknown(network, name, words_of(getattr(goods, name))):
            hint = nearest(word, sorted(known))
            yield Fault(f"{key}.{name}", word, f"no network has such a {name}{hint}")
    for word in words_of(goods.without):
        if unknown(network, "product", [word]) and unknown(network, "stage", [word]):
            known = {w for k in ("product", "stage") for _, ws in unknown(network, k, [word])
                     for w in ws}  # fmt: skip
            hint = nearest(word, sorted(known))
            yield Fault(f"{key}.without", word, f"no network has such a product or stage{hint}")
