"""What could be done: projects to support, policies to adopt, reserves to fill, as overlays."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.base.errors import Fault, UserError, nearest
from sim.base.units import DAYS_PER_YEAR
from sim.config.library import merge
from sim.network.arrays import END_USER, REFINER, CompiledNetwork
from sim.network.checks_links import lowest_cover
from sim.network.dictionary import Network, Project

KINDS = {"projects": ("project",), "policies": ("policy",), "reserves": ("reserve",),
         "remedies": ("policy", "reserve"), "all": ("project", "policy", "reserve")}  # fmt: skip
TRIGGER_DAYS, ACTIVATION_DAYS = 20.0, 30.0
"""Of the reserves that are tried: as Japan's are taken to be in the rare-earth network. The trigger
is at most half the least cover of those served, so that a normal day does not release anything."""


@dataclass(frozen=True)
class Candidate:
    """Something that can be done to a network.

    Parameters
    ----------
    name, kind, title : str
        Kind is "project", "policy" or "reserve".
    policies : tuple of str
        Policies that it adds.
    overlay : mapping
        Part of a network, laid over the one at hand.
    without : mapping or None
        The overlay that takes it away altogether; None where it is not there anyway.
    size_t : float
        Capacity at full ramp in t/year, or stock in t; NaN: none of its own.
    size_of : str
        What `size_t` counts.
    cost_usd : float
        What it costs; NaN: not known.
    cost_source : str
        Where the cost comes from.
    """

    name: str
    kind: str
    title: str
    policies: tuple[str, ...] = ()
    overlay: Mapping[str, Any] = field(default_factory=dict)
    without: Mapping[str, Any] | None = None
    size_t: float = math.nan
    size_of: str = ""
    cost_usd: float = math.nan
    cost_source: str = ""


def project_candidates(network: Network) -> list[Candidate]:
    """Return the projects of a network's pipeline; those of one `bundle` are one candidate.

    Supported means built for sure and on the planned day. A bundle's size is that of its projects
    whose site sells to none of its others: its mine's tonnes are in its refinery's.
    """
    bundles: dict[str, dict[str, Project]] = {}
    for name, project in sorted(network.projects.items()):
        bundles.setdefault(project.bundle or name, {})[name] = project
    return [_bundle(network, name, members) for name, members in bundles.items()]


def _bundle(network: Network, name: str, members: Mapping[str, Project]) -> Candidate:
    last = [p for p in members.values() if not _sells_inside(network, p, members)]
    costs = [p for p in members.values() if p.cost_usd is not None]
    only = next(iter(members.values()))
    products = dict.fromkeys(network.sites[p.site].product for p in last)
    return Candidate(
        name=name,
        kind="project",
        title=(only.title or name) if len(members) == 1 else f"{name} ({len(members)} projects)",
        overlay={"projects": {n: {"probability": 1.0, "delay_days": 0.0} for n in members}},
        without={"projects": {n: {"probability": 0.0} for n in members}},
        size_t=sum(p.capacity for p in last) * (DAYS_PER_YEAR if network.rates_per == "day" else 1),
        size_of=" and ".join(products),
        cost_usd=sum(p.cost_usd for p in costs if p.cost_usd) if costs else math.nan,
        cost_source="; ".join(_citation(network, p) for p in costs),
    )


def _sells_inside(network: Network, project: Project, members: Mapping[str, Project]) -> bool:
    """Whether a project's site supplies the site of another project of its bundle."""
    buyers = {p.site for p in members.values()} - {project.site}
    return any(
        project.site in feed.lanes for b in buyers for feed in network.sites[b].feeds.values()
    )


def _citation(network: Network, project: Project) -> str:
    source = network.sources.get(project.sources.get("cost_usd", ""))
    return source.citation if source else ""


def policy_candidates(titles: Mapping[str, str], have: Iterable[str]) -> list[Candidate]:
    """Return the policies by name and title, without those that are in force already."""
    known = {"none", *have}
    return [
        Candidate(n, "policy", t or n, policies=(n,)) for n, t in titles.items() if n not in known
    ]


def reserve_candidates(
    network: Network, compiled: CompiledNetwork, regions: Sequence[str], days: float
) -> list[Candidate]:
    """Return one reserve for each product and region that buys it: so many days of its use.

    It serves every buyer there, next to what is held already, and is not filled again. It is asked
    after 30 days in which a buyer holds less than 20 days of use, or less than half its usual cover
    where that is less (a period's use at least). It costs its stock at the product's value, where
    one is given.

    Parameters
    ----------
    network : Network
        Products and their values.
    compiled : CompiledNetwork
        The same network: reference use.
    regions : sequence of str
        For whom.
    days : float
        Stock in days of the served buyers' reference use.
    """
    found = []
    for (region, product), use in _use(compiled).items():
        if region in regions and sum(use.values()) > 0:
            step = compiled.chain.step_days
            found.append(_reserve(network, region, product, use, days, step))
    return found


def _use(compiled: CompiledNetwork) -> dict[tuple[str, str], dict[str, float]]:
    """Return (region, product) -> buyer -> reference use, t/day; sorted."""
    labels, chain = compiled.labels, compiled.chain
    found: dict[tuple[str, str], dict[str, float]] = {}
    for f, i in enumerate(chain.feed_site):
        if chain.kind[i] in (REFINER, END_USER):
            box = found.setdefault((labels.site_region[i], labels.feed_product[f]), {})
            daily = float(compiled.reference_out[i] * chain.coefficient[f]) / chain.step_days
            box[labels.site_parent[i]] = box.get(labels.site_parent[i], 0.0) + daily
    return dict(sorted(found.items()))


def _reserve(
    network: Network,
    region: str,
    product: str,
    use: Mapping[str, float],
    days: float,
    step_days: float,
) -> Candidate:
    name = f"reserve_{region.lower()}_{product}"
    goods, stock = network.products[product], days * sum(use.values())
    least = min(lowest_cover(network.sites[b], product) for b, t in use.items() if t > 0)
    site = {
        "kind": "reserve",
        "product": product,
        "title": f"Reserve of {goods.title}, {region}",
        "country": region,
        "region": region,
        "stock": stock,
        "trigger_days": max(step_days, min(TRIGGER_DAYS, 0.5 * least)),
        "activation_days": ACTIVATION_DAYS,
        "serves": {buyer: None for buyer, t in use.items() if t > 0},
    }
    priced = goods.value_usd_per_t is not None
    return Candidate(
        name=name,
        kind="reserve",
        title=f"{days:g} days of {goods.title} for {region}",
        overlay={"sites": {name: site}},
        size_t=stock,
        size_of=f"{product} in stock",
        cost_usd=stock * goods.value_usd_per_t if priced and goods.value_usd_per_t else math.nan,
        cost_source="stock at the value of a tonne in the network file" if priced else "",
    )


def chosen(candidates: Sequence[Candidate], wanted: str) -> list[Candidate]:
    """Return the candidates that ``--candidates`` means.

    Raises
    ------
    UserError
        If a word is neither a kind nor a candidate, or nothing is left.
    """
    words = [w.strip() for w in wanted.split(",") if w.strip()]
    names = {c.name for c in candidates}
    strange = [w for w in words if w not in KINDS and w not in names]
    if strange:
        known = [*KINDS, *sorted(names)]
        raise UserError([
            Fault("--candidates", w, f"no such kind or candidate{nearest(w, known)}"
                  f"; kinds: {', '.join(KINDS)}")
            for w in strange
        ])  # fmt: skip
    kinds = {kind for w in words for kind in KINDS.get(w, ())}
    found = [c for c in candidates if c.kind in kinds or c.name in words]
    if not found:
        raise UserError(Fault("--candidates", wanted, "leaves nothing to rank"))
    return found


def overlays(data: Mapping[str, Any], parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a network's data with overlays laid on it, in order."""
    for part in parts:
        data = merge(data, part)
    return dict(data)
