"""Names of what a network's arrays hold."""

from __future__ import annotations

import math

import numpy as np

from sim.base.units import DAYS_PER_YEAR
from sim.network.arrays import Economy, Labels
from sim.network.countries import region_of
from sim.network.dependence import dependence_of
from sim.network.dictionary import Site
from sim.network.order import Frame

__all__ = ["groups_of", "labels_of", "region_of"]


def groups_of(frame: Frame) -> list[str]:
    """Return the end users' names in the file, in the order of their first cohort."""
    return list(
        dict.fromkeys(
            frame.parent[name]
            for name, site in zip(frame.site, frame.sites(), strict=True)
            if site.kind == "end_user"
        )
    )


def labels_of(frame: Frame) -> Labels:
    """Return the names of sites, feeds, lanes, groups, reserves and projects."""
    sites, parents = frame.sites(), [frame.parent[name] for name in frame.site]
    groups = groups_of(frame)
    first = {parent: i for i, parent in reversed(list(enumerate(parents)))}
    heads = [sites[first[g]] for g in groups]
    products = frame.network.products
    value = [
        h.value_usd_per_t if h.value_usd_per_t is not None else products[h.product].value_usd_per_t
        for h in heads
    ]
    per_year = DAYS_PER_YEAR if frame.network.rates_per == "day" else 1.0
    return Labels(
        site=tuple(frame.site),
        site_title=tuple(
            _title(s, n, frame.parent[n]) for s, n in zip(sites, frame.site, strict=True)
        ),
        site_parent=tuple(parents),
        site_product=tuple(s.product for s in sites),
        site_country=tuple(s.country for s in sites),
        site_region=tuple(region_of(s) for s in sites),
        site_sector=tuple(s.sector for s in sites),
        site_tags=tuple(tuple(s.tags) for s in sites),
        feed_product=tuple(product for _, product in frame.feed),
        lane_routes=tuple(tuple(frame.lane_of(n).routes) for n in range(len(frame.lane))),
        group=tuple(groups),
        group_title=tuple(h.title or g for h, g in zip(heads, groups, strict=True)),
        group_product=tuple(h.product for h in heads),
        group_region=tuple(region_of(h) for h in heads),
        group_sector=tuple(h.sector for h in heads),
        group_value_usd_per_t=tuple(math.nan if v is None else v for v in value),
        economy=_economy(frame, [first[g] for g in groups]),
        reserve=tuple(frame.site[i] for i in frame.reserves()),
        project=tuple(frame.project_parent[name] for name in frame.project),
        site_capacity_per_year=np.array(
            [(s.capacity or 0.0) * per_year for s in sites], np.float64
        ),
        site_demand_per_year=np.array([(s.demand or 0.0) * per_year for s in sites], np.float64),
    )


def _economy(frame: Frame, heads: list[int]) -> Economy:
    """Return what the end users make of their input; `heads` are their first cohorts."""
    every = frame.sites()
    sites = [every[i] for i in heads]
    depends = [dependence_of(frame.network, site) for site in sites]
    shares = [d.value_added_share for d in depends]
    return Economy(
        site=tuple(heads),
        value_added_usd=tuple(s.value_added_usd_per_year or 0.0 for s in sites),
        value_added_share=tuple(math.nan if share is None else share for share in shares),
        pool=tuple(d.pool for d in depends),
        within=tuple(d.within for d in depends),
        largest=tuple(d.overlap == "largest" for d in depends),
        gdp_usd=dict(frame.network.gdp_usd_per_year),
    )


def _title(site: Site, name: str, parent: str) -> str:
    """Return the title, with the number of the cohort where there is one."""
    return (site.title or parent) + (f" ({name.partition('#')[2]})" if name != parent else "")
