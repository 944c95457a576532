"""What one replayed replication shows over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.base.errors import Fault, UserError
from sim.run.case import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.flow.trajectories import Flow
    from sim.plots.timeline import LaneName, Timeline
    from sim.results.data import RunData
    from sim.shocks.tape import Tape


MOST_SERIES = 5
"""Lines in one panel of the timeline: as many as can be told apart."""


def replayed(
    study: Study, data: RunData, replication: int | None, regions: Sequence[str] = ()
) -> Figure | None:
    """Return the timeline of a future, of all regions or some; None where none is asked for.

    Raises
    ------
    UserError
        If the run has no such future.
    """
    from sim.plots import timeline
    from sim.run.audit import audit

    if replication is None:
        return None
    if not 0 <= replication < data.n:
        told = f"the run has replications 0 to {data.n - 1}"
        raise UserError(Fault("replication", str(replication), told))
    tape = study.tape(np.array([replication], dtype=np.int64))
    line = timeline_of(study, tape, audit(study.play, tape, study.settings.run.seed))
    if regions:
        line = replace(
            line,
            cover_days={r: v for r, v in line.cover_days.items() if r in regions},
            shortfall_share={r: v for r, v in line.shortfall_share.items() if r in regions},
        )
    return timeline.figure(data, line)


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
    return {region: found[region] for region in ordered_regions(least)}


def _flows(study: Study, flow: Flow) -> dict[LaneName, np.ndarray]:
    """Return shipments that cross a border, by product and pair, the ones that fell most."""
    from sim.plots.timeline import LaneName

    chain, labels = study.compiled.chain, study.compiled.labels
    assert flow.trace is not None
    sums: dict[LaneName, list[int]] = {}
    for lane, (i, f) in enumerate(zip(chain.supplier, chain.lane_feed, strict=True)):
        seller, buyer = labels.site_country[i], labels.site_region[chain.feed_site[f]]
        if seller == buyer:
            continue
        product = study.settings.network.products[labels.site_product[i]].title
        sums.setdefault(LaneName(product, seller, buyer), []).append(lane)
    shares: dict[LaneName, np.ndarray] = {}
    lost: dict[LaneName, float] = {}
    for name, lanes in sums.items():
        reference = float(study.compiled.reference_lane[lanes].sum())
        if reference > 0:
            shipped = flow.trace.shipped[:, lanes, 0].sum(axis=1)
            shares[name] = shipped / reference
            lost[name] = float(np.maximum(0.0, reference - shipped).sum())
    worst = sorted(lost, key=lambda name: -lost[name])[:MOST_SERIES]
    return {name: shares[name] for name in worst if lost[name] > 0}
