"""Which sites a row of a table means: words joined by ``&``, ``|`` within a word for either.

``!`` before a word is all but, ``*`` is all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.base.errors import Fault, UserError, nearest
from sim.network.countries import region_by_country

SiteDict = dict[str, Any]

SELECTORS = {
    "bill": ("country",),
    "trade": ("buyer", "supplier"),
    "preferences": ("buyer", "supplier"),
    "lanes": ("buyer", "supplier"),
    "feeds": ("buyer",),
    "reserves": ("serves",),
}
"""Columns that select sites, by table."""


def matches(selector: str, name: str, site: SiteDict) -> bool:
    """Return whether a site is meant: each word is a name, country, region, product, kind or tag.

    Examples
    --------
    >>> vac = {"kind": "refiner", "country": "DEU", "product": "ndfeb_magnet"}
    >>> matches("!CHN&ndfeb_magnet", "vac", vac), matches("JPN|EU&refiner", "vac", vac)
    (True, True)
    """
    own = _words(name, site)
    return all(_fits(word, own) for word in selector.split("&"))


def _fits(word: str, own: set[str]) -> bool:
    if word.startswith("!"):
        return word[1:] not in own
    return any(choice in own for choice in word.split("|"))


def check_selectors(cells: Iterable[tuple[str, str]], sites: dict[str, SiteDict]) -> None:
    """Refuse words that fit no site: a slip of the pen would select nothing and say nothing.

    Parameters
    ----------
    cells : iterable of (str, str)
        Where a selector stands, and the selector.
    sites : dict
        All sites of the chain.

    Raises
    ------
    UserError
        With all such words.
    """
    known = set().union(*(_words(name, site) for name, site in sites.items()))
    faults = [
        Fault(place, word, f"fits no site{nearest(word, known)}")
        for place, selector in cells
        for word in selector.replace("!", "").replace("|", "&").split("&")
        if word not in known
    ]
    if faults:
        raise UserError(faults)


def _words(name: str, site: SiteDict) -> set[str]:
    country = site["country"]
    own = {"*", name, country, region_by_country(country), site["product"], site["kind"]}
    return own | set(site.get("tags", ()))
