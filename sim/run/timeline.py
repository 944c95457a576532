"""What one replayed replication shows over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.run.case import Study

if TYPE_CHECKING:
    from sim.flow.trajectories import Flow
    from sim.plots.timeline import Timeline
    from sim.shocks.tape import Tape


MOST_SERIES = 5
"""Lines in one panel of the timeline: as many as can be told apart."""


def timeline_of(study: Study, tape: Tape, flow: Flow) -> Timeline:
    """Return what a replayed replication (the tape's only one) shows over time."""
    from sim.plots.timeline import ShockBar, Timeline

    names = study.hazards.hazard_names
    hazards = study.settings.scenario.hazards
    bars = []
    for m in range(tape.shock_hazard.size):
        name = names[tape.shock_hazard[m]]
        hazard = hazards[name.split("/")[0]]
        place = f" ({_site_title(study, name.split('/', 1)[1])})" if "/" in name else ""
        bars.append(
            ShockBar(
                (hazard.title or name) + place,
                float(tape.announce_days[m]),
                float(tape.onset_days[m]),
                float(tape.end_days[m]),
                bool(tape.called_off[m]),
            )
        )
    regions = sorted(set(study.compiled.labels.group_region))
    short = {r: _region(study, flow.shortfall[:, :, 0], r) for r in regions}
    want = {r: _region(study, flow.want[:, :, 0], r) for r in regions}
    share = {
        r: np.divide(short[r], want[r], out=np.zeros_like(short[r]), where=want[r] > 0)
        for r in regions
    }
    return Timeline(
        int(tape.replication[0]), bars, _covers(study, flow), _flows(study, flow), share
    )


def _site_title(study: Study, key: str) -> str:
    """Return the name for people of what a copy of a hazard strikes: a site, or a host."""
    site = study.settings.network.sites.get(key)
    return (site.title if site is not None else "") or key.replace("_", " ")


def _region(study: Study, values: np.ndarray, region: str) -> np.ndarray:
    groups = [u for u, r in enumerate(study.compiled.labels.group_region) if r == region]
    of_region: np.ndarray = values[:, groups].sum(axis=1)
    return of_region


def _covers(study: Study, flow: Flow) -> dict[str, np.ndarray]:
    """Return stocks in days of reference use of the regions whose end users come down lowest."""
    from sim.plots.words import ordered_regions

    chain, labels = study.compiled.chain, study.compiled.labels
    assert flow.trace is not None
    use = study.compiled.reference_out[chain.feed_site] * chain.coefficient
    found = {}
    for region in sorted(set(labels.group_region)):
        feeds = [
            f
            for f in range(chain.feed_site.size)
            if chain.group[chain.feed_site[f]] >= 0
            and labels.site_region[chain.feed_site[f]] == region
            and use[f] > 0
        ]
        if feeds:
            stock = flow.trace.stock[:, feeds, 0].sum(axis=1)
            found[region] = stock / use[feeds].sum() * chain.step_days
    least = sorted(found, key=lambda region: float(found[region].min()))[:MOST_SERIES]
    return {f"end users, {region}": found[region] for region in ordered_regions(least)}


def _flows(study: Study, flow: Flow) -> dict[str, np.ndarray]:
    """Return shipments that cross a border, by product and pair, the ones that fell most."""
    chain, labels = study.compiled.chain, study.compiled.labels
    assert flow.trace is not None
    sums: dict[str, list[int]] = {}
    for lane, (i, f) in enumerate(zip(chain.supplier, chain.lane_feed, strict=True)):
        seller, buyer = labels.site_country[i], labels.site_region[chain.feed_site[f]]
        if seller == buyer:
            continue
        product = study.settings.network.products[labels.site_product[i]].title
        sums.setdefault(f"{product}, {seller} to {buyer}", []).append(lane)
    shares, lost = {}, {}
    for name, lanes in sums.items():
        reference = float(study.compiled.reference_lane[lanes].sum())
        if reference > 0:
            shipped = flow.trace.shipped[:, lanes, 0].sum(axis=1)
            shares[name] = shipped / reference
            lost[name] = float(np.maximum(0.0, reference - shipped).sum())
    worst = sorted(lost, key=lambda name: -lost[name])[:MOST_SERIES]
    return {name: shares[name] for name in worst if lost[name] > 0}
