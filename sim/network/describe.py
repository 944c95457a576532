"""Tables of a network for ``shortfall show``: sites, lanes, shares, projects, sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sim.base.units import DAYS_PER_YEAR
from sim.network.arrays import CompiledNetwork
from sim.network.dictionary import Network, Selector, Site
from sim.network.distribution import Distribution
from sim.network.labels import region_of
from sim.network.references import stage_shares


class Table(NamedTuple):
    """A table to print: columns carry their units, numbers are not yet rounded."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def describe(
    network: Network,
    compiled: CompiledNetwork,
    published: Mapping[str, Mapping[str, float]] | None = None,
) -> list[Table]:
    """Return all tables of a network, in the order in which a reader wants them.

    Parameters
    ----------
    network : Network
        As loaded, cohorts not split.
    compiled : CompiledNetwork
        The same, compiled: gives reference flows.
    published : mapping, optional
        Product -> country -> share in published statistics, to stand beside ours. Default: the
        network's own, where it holds them.
    """
    if published is None:
        published = getattr(network, "published", None) or {}
    return [
        share_table(compiled, published),
        site_table(network, compiled),
        lane_table(network, compiled),
        reserve_table(network, compiled),
        project_table(network),
        parameter_table(network),
        source_table(network),
    ]


def share_table(compiled: CompiledNetwork, published: Mapping[str, Mapping[str, float]]) -> Table:
    """Return each country's share of each stage's reference output, published beside ours."""
    ours = stage_shares(compiled)
    keys = {*ours, *((p, c) for p, shares in published.items() for c in shares)}
    rows = []
    for product, country in keys:
        mine, theirs = ours.get((product, country), 0.0), published.get(product, {}).get(country)
        rows.append((product, country, mine, theirs, None if theirs is None else mine - theirs))
    rows.sort(key=lambda row: (row[0], -row[2], row[1]))
    columns = ("product", "country", "share", "published share", "difference")
    return Table("Shares of reference output by stage", columns, rows)


def site_table(network: Network, compiled: CompiledNetwork) -> Table:
    """Return one row a site: capacity or demand, and what it makes when nothing is wrong."""
    flow = _per_year(compiled, compiled.labels.site_parent, compiled.reference_out)
    rows = [
        (name, site.kind, site.product, site.country, region_of(site), site.sector,
         site.capacity if site.capacity is not None else site.demand, flow.get(name, 0.0),
         _cover(site), "; ".join(_sources(site.sources)))
        for name, site in sorted(network.sites.items())
    ]  # fmt: skip
    per = f"t/{network.rates_per}"
    columns = ("site", "kind", "product", "country", "region", "sector",
               f"capacity or demand ({per})", "reference flow (t/year)", "cover (days)",
               "sources")  # fmt: skip
    return Table("Sites", columns, rows)


def lane_table(network: Network, compiled: CompiledNetwork) -> Table:
    """Return one row a lane of the file: share, flow, transit, routes."""
    chain, labels = compiled.chain, compiled.labels
    ends = [
        (labels.site_parent[chain.feed_site[chain.lane_feed[n]]],
         labels.feed_product[chain.lane_feed[n]], labels.site_parent[chain.supplier[n]])
        for n in range(len(chain.share))
    ]  # fmt: skip
    flow = _per_year(compiled, ends, compiled.reference_lane)
    rows = [
        (supplier, buyer, product, lane.share, flow.get((buyer, product, supplier), 0.0),
         lane.transit_days, lane.spot, ", ".join(lane.routes), "; ".join(_sources(lane.sources)))
        for buyer, site in sorted(network.sites.items())
        for product, feed in sorted(site.feeds.items())
        for supplier, lane in sorted(feed.lanes.items(), key=lambda kv: (-kv[1].share, kv[0]))
    ]  # fmt: skip
    columns = ("from", "to", "product", "share of the feed", "reference flow (t/year)",
               "transit (days)", "spot weight", "routes", "sources")  # fmt: skip
    return Table("Lanes", columns, rows)


def reserve_table(network: Network, compiled: CompiledNetwork) -> Table:
    """Return one row a reserve: what it holds, when it acts, whom it serves."""
    stock = dict(zip(compiled.labels.reserve, compiled.chain.reserve_stock, strict=True))
    rows = [
        (name, site.product, site.country, float(stock[name]), site.max_rate, site.trigger_days,
         site.activation_days, ", ".join(site.serves), "; ".join(_sources(site.sources)))
        for name, site in sorted(network.sites.items())
        if site.kind == "reserve"
    ]  # fmt: skip
    columns = ("reserve", "product", "country", "stock (t)", f"max rate (t/{network.rates_per})",
               "trigger (days)", "activation (days)", "serves", "sources")  # fmt: skip
    return Table("Reserves", columns, rows)


def project_table(network: Network) -> Table:
    """Return one row a project: what, when, how likely, for whom."""
    rows = [
        (name, p.site, p.capacity, str(p.start), _text(p.delay_days), p.probability, p.ramp_days,
         ", ".join(f"{buyer} {o.share:.0%}" for buyer, o in p.offtake.items()),
         "; ".join(_sources(p.sources)))
        for name, p in sorted(network.projects.items())
    ]  # fmt: skip
    columns = ("project", "site", f"capacity (t/{network.rates_per})", "planned start",
               "delay (days)", "probability", "ramp (days)", "offtake", "sources")  # fmt: skip
    return Table("Projects", columns, rows)


def parameter_table(network: Network) -> Table:
    """Return one row an uncertain number: what is drawn, for which sites, and from what."""
    rows = [
        (name, p.key.replace("_", " "), _selected(p.sites), _text(p.distribution), p.source)
        for name, p in network.parameters.items()
    ]
    return Table("Uncertain numbers", ("name", "number", "sites", "drawn from", "source"), rows)


def _selected(sites: Selector) -> str:
    """Return a selector as people write it, ``all`` where it names nothing."""
    given = sites.model_dump(exclude_none=True)
    words = (f"{k} {', '.join([v] if isinstance(v, str) else v)}" for k, v in given.items())
    return "; ".join(words) or "all"


def source_table(network: Network) -> Table:
    """Return the citations, and how far to trust each."""
    rows = [(name, s.confidence, s.citation, s.note) for name, s in sorted(network.sources.items())]
    return Table("Sources", ("source", "confidence", "citation", "note"), rows)


def _per_year(compiled: CompiledNetwork, names: Any, flow_t: Any) -> dict[Any, float]:
    """Sum flows (t per period) by name, cohorts together, in t/year."""
    total: dict[Any, float] = {}
    for name, t in zip(names, flow_t, strict=True):
        total[name] = total.get(name, 0.0) + float(t)
    unit = DAYS_PER_YEAR / compiled.chain.step_days
    return {name: t * unit for name, t in total.items()}


def _cover(site: Site) -> str:
    return ", ".join(f"{p} {_text(f.cover_days)}" for p, f in sorted(site.feeds.items()))


def _text(value: float | Distribution) -> str:
    """Return a number, or a distribution as people write it."""
    if not isinstance(value, Distribution):
        return f"{value:g}"
    given = value.model_dump(exclude_none=True, exclude={"family"})
    return f"{value.law}({', '.join(f'{k} {v}' for k, v in given.items())})"


def _sources(sources: Mapping[str, str]) -> list[str]:
    return [f"{key}: {name}" for key, name in sources.items()]
