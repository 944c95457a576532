"""Words that a rule may use although the network at hand does not know them.

A policy is written for all networks: one for cobalt finds nothing in rare earths, and that is no
mistake. A word that no shipped network knows either is one. The shipped files are scanned only
when a word is not found in the network at hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from sim.base.paths import data_dir
from sim.network.countries import COUNTRIES, REGIONS
from sim.network.dictionary import Network
from sim.policy.minerals import MINERALS

KINDS = ("mine", "refiner", "end_user", "reserve")
STAGES = frozenset({"mining", "refining", "separation", "metal", "magnets", "spherical", "anode",
                    "sulphate", "cells", "use"})  # fmt: skip
"""Stages that the project's chains have, whether or not a network of each is shipped."""

_LINES = {
    key: re.compile(rf"^\s+{key}: ['\"]?([\w:-]+)", re.MULTILINE)
    for key in ("product", "stage", "sector", "operator")
}
_TAG = re.compile(r"^\s*- ['\"]?([\w:-]+)['\"]?$", re.MULTILINE)
_NAME = re.compile(r"^  ([\w-]+):", re.MULTILINE)


def known_words(network: Network, key: str) -> set[str]:
    """Return the words of a network that a key of a pick is compared with."""
    sites = network.sites.values()
    if key == "product":
        return set(network.products)
    if key == "stage":
        return {p.stage for p in network.products.values()} - {""}
    if key == "tag":
        return {tag for s in sites for tag in s.tags}
    if key in ("site", "project"):
        return set(network.sites if key == "site" else network.projects)
    if key == "region":
        return set(REGIONS) | set(network.blocs)
    fixed = {"country": set(COUNTRIES), "mineral": set(MINERALS), "kind": set(KINDS)}
    return fixed.get(key) or {getattr(s, key) for s in sites} - {""}


@lru_cache(maxsize=1)
def shipped_words() -> dict[str, frozenset[str]]:
    """Return key -> words of all shipped networks, found by pattern: nothing is validated."""
    files = sorted((data_dir("configs") / "network").glob("*.yaml"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    found = {key: frozenset(pattern.findall(text)) for key, pattern in _LINES.items()}
    names = frozenset(_NAME.findall(text))
    contract = frozenset().union(*MINERALS.values())
    found["product"] |= contract
    found["stage"] |= STAGES
    return found | {"tag": frozenset(_TAG.findall(text)), "site": names, "project": names}


def unknown(network: Network, key: str, words: Iterable[str]) -> list[tuple[str, set[str]]]:
    """Return the words that neither this network nor a shipped one knows, with those it does.

    A word with ``*`` or ``?`` is a pattern and may match nothing.
    """
    here = known_words(network, key)
    strange = [w for w in words if w not in here and not set("*?[") & set(w)]
    if not strange:
        return []
    shipped = shipped_words().get(key, frozenset())
    return [(w, here | shipped) for w in strange if w not in shipped]
