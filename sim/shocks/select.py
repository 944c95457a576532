"""Which sites and lanes a hazard means: selectors turned into masks, mistakes into faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import Fault, nearest
from sim.network.arrays import KINDS, CompiledNetwork
from sim.network.dictionary import Network
from sim.shocks.hazard import Control, Selector

Mask = NDArray[np.bool_]
HOST = "host:"
"""Begins the tag that sites of one operation share: a mine and its by-products."""


@dataclass(frozen=True)
class Atlas:
    """What selectors can name, and what each site is: a network as words.

    Parameters
    ----------
    words : dict of str to tuple of tuple of str
        For each key of a selector, the words of each site that it is compared with.
    known : dict of str to set of str
        For each key, the words that are not a slip of the pen.
    blocs : dict of str to list of str
        Names that stand for several countries or regions.
    firms : dict of str to int
        Sites that say how many buyers stand behind them.
    """

    compiled: CompiledNetwork
    words: dict[str, tuple[tuple[str, ...], ...]]
    known: dict[str, set[str]]
    blocs: dict[str, list[str]]
    firms: dict[str, int]


def atlas(compiled: CompiledNetwork, network: Network) -> Atlas:
    """Return the words of a network's sites, for selecting."""
    labels, kind = compiled.labels, compiled.chain.kind
    words = {
        "site": tuple((name,) for name in labels.site_parent),
        "kind": tuple((KINDS[k],) for k in kind),
        "product": tuple((name,) for name in labels.site_product),
        "country": tuple((name,) for name in labels.site_country),
        "region": tuple(zip(labels.site_region, labels.site_country, strict=True)),
        "sector": tuple((name,) for name in labels.site_sector),
        "tag": labels.site_tags,
    }
    known = {key: {w for site in sites for w in site if w} for key, sites in words.items()}
    known["kind"] = set(KINDS)
    known["product"] |= set(network.products)
    known["region"] = {name for name in labels.site_region if name} | set(network.blocs)
    firms = {name: site.firms for name, site in network.sites.items() if site.firms is not None}
    return Atlas(compiled, words, known, dict(network.blocs), firms)


def place_of(book: Atlas, i: int) -> str:
    """Return the host that site `i` shares with others (its tag ``host:...``), or its own name."""
    labels = book.compiled.labels
    hosts = (tag for tag in labels.site_tags[i] if tag.startswith(HOST))
    return next(hosts, labels.site_parent[i])


def as_list(value: list[str] | str) -> list[str]:
    """Return a list of names, given one or several."""
    return [value] if isinstance(value, str) else list(value)


def _in_regions(book: Atlas, names: list[str]) -> Mask:
    """Return which sites lie in a region of `names`, or in a region or country of such a bloc."""
    members = {m for name in names for m in book.blocs.get(name, [])}
    return np.array(
        [
            region in names or region in members or country in members
            for region, country in book.words["region"]
        ],
        dtype=np.bool_,
    )


def _matches(book: Atlas, key: str, names: list[str]) -> Mask:
    """Return which sites carry one of `names`."""
    if key == "region":
        return _in_regions(book, names)
    return np.array([any(w in names for w in site) for site in book.words[key]], dtype=np.bool_)


def select_sites(selector: Selector, book: Atlas, key: str, faults: list[Fault]) -> Mask:
    """Return which sites a selector means; mistakes are added to `faults`.

    Parameters
    ----------
    selector : Selector
        Every key that is given must match.
    book : Atlas
        The network's words.
    key : str
        Dotted key of the selector, for messages.
    faults : list of Fault
        Grows by one for each unknown name, and for the key that leaves no site.

    Returns
    -------
    ndarray of bool, shape (S,)
        True for the sites that match, cohorts included.
    """
    mask = np.ones(len(book.compiled.labels.site), dtype=np.bool_)
    for name in type(selector).model_fields:
        value = getattr(selector, name)
        if value is None:
            continue
        names = as_list(value)
        unknown = [w for w in names if w not in book.known[name]]
        faults += [
            Fault(
                f"{key}.{name}",
                w,
                f"no {name} of that name in the network" + nearest(w, sorted(book.known[name])),
            )
            for w in unknown
        ]
        if unknown:
            continue
        before, mask = mask, mask & _matches(book, name, names)
        if before.any() and not mask.any():
            faults.append(
                Fault(
                    f"{key}.{name}",
                    ", ".join(names),
                    "leaves no site: give what some site matches in every key",
                )
            )
    return mask


def of_kinds(
    mask: Mask, kinds: tuple[int, ...], book: Atlas, key: str, faults: list[Fault]
) -> Mask:
    """Return the sites of `mask` that are of one of `kinds`; none at all is a fault."""
    narrow = mask & np.isin(book.compiled.chain.kind, kinds)
    if mask.any() and not narrow.any():
        names = " or ".join(KINDS[k].replace("_", " ") for k in kinds)
        faults.append(Fault(key, "", f"must match at least one {names}, and matches none"))
    return narrow


def select_lanes(
    origin: Mask,
    to: Mask | Literal["all_but_home"],
    exempt: Mask | None,
    book: Atlas,
    key: str,
    faults: list[Fault],
) -> Mask:
    """Return the lanes from some suppliers to some buyers; an empty choice is a fault.

    Parameters
    ----------
    origin, to, exempt : ndarray of bool, shape (S,)
        Suppliers; buyers, or "all_but_home": those outside the supplier's country; buyers that
        are let off.
    book : Atlas
        The network's words.
    key : str
        Dotted key of the control, for messages.
    faults : list of Fault
        Grows where a key leaves no lane.

    Returns
    -------
    ndarray of bool, shape (L,)
        True for the lanes that match.
    """
    chain = book.compiled.chain
    buyer = chain.feed_site[chain.lane_feed]
    country = np.array(book.compiled.labels.site_country)
    steps = [("origin", origin[chain.supplier])]
    if isinstance(to, str):
        steps.append(("to", country[buyer] != country[chain.supplier]))
    else:
        steps.append(("to", to[buyer]))
    if exempt is not None:
        steps.append(("exempt", ~exempt[buyer]))
    mask = np.ones(len(buyer), dtype=np.bool_)
    for name, match in steps:
        before, mask = mask, mask & match
        if before.any() and not mask.any():
            faults.append(Fault(f"{key}.{name}", "", "leaves no lane: nothing is traded so"))
    return mask


def control_lanes(effect: Control, book: Atlas, key: str, faults: list[Fault]) -> Mask:
    """Return the lanes that an export control bars; none where a selector is wrong."""
    before = len(faults)
    origin = select_sites(effect.origin, book, f"{key}.origin", faults)
    to, exempt = effect.to, effect.exempt
    buyers = to if isinstance(to, str) else select_sites(to, book, f"{key}.to", faults)
    free = None if exempt is None else select_sites(exempt, book, f"{key}.exempt", faults)
    if len(faults) > before:
        return np.zeros(len(book.compiled.chain.supplier), dtype=np.bool_)
    return select_lanes(origin, buyers, free, book, key, faults)


def select_routes(routes: list[str], book: Atlas, key: str, faults: list[Fault]) -> Mask:
    """Return the lanes that use any of `routes`; unknown routes are added to `faults`."""
    tags = book.compiled.labels.lane_routes
    known = {tag for lane in tags for tag in lane}
    faults += [
        Fault(key, name, "no lane uses a route of that name" + nearest(name, sorted(known)))
        for name in routes
        if name not in known
    ]
    if not routes:
        faults.append(Fault(key, "[]", "name at least one route"))
    return np.array([any(tag in routes for tag in lane) for lane in tags], dtype=np.bool_)
