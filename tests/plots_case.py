"""A made-up run for figures: nothing in it was simulated, all of it is plain arithmetic."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from sim.metrics.fan import fan
from sim.metrics.summary import summarize
from sim.plots.timeline import LaneName, ShockBar, Timeline
from sim.results.data import RunData, View

REGIONS = ("JPN", "USA", "EU", "KOR", "CHN", "ROW")
WEIGHT = {"JPN": 1.0, "USA": 0.8, "EU": 0.9, "KOR": 0.6, "CHN": 0.0, "ROW": 0.3}
SECTORS = ("traction_motors", "wind", "industrial_motors", "electronics", "defence")


def users_of(
    regions: tuple[str, ...] = REGIONS, sectors: tuple[str, ...] = SECTORS
) -> dict[str, tuple[str, str]]:
    """End user -> (region, sector); Korea has no defence industry of its own here."""
    return {
        f"{r.lower()}_{s}": (r, s) for r in regions for s in sectors if (r, s) != ("KOR", "defence")
    }


def run_data(
    n: int = 400,
    n_period: int = 157,
    users: dict[str, tuple[str, str]] | None = None,
    height: float = 1.0,
    title: str = "Made-up controls",
    **other: Any,
) -> RunData:
    """A run in which a stop of random length and severity comes late in the first year."""
    users = users_of() if users is None else users
    rng = np.random.Generator(np.random.Philox(7))
    onset, width = rng.uniform(20, 40, n), rng.exponential(18, n)
    hit = rng.random(n) < 0.45
    k = np.arange(n_period)[:, None]
    course = hit * rng.beta(2, 3, n) * np.clip((k - onset) / 6, 0, 1)
    course = course * np.clip(1 + (onset + 12 + width - k) / 10, 0, 1)  # (n_period, n)
    views = [View("user", u, u.replace("_", " ")) for u in users]
    regions = list(dict.fromkeys(r for r, _ in users.values()))
    sectors = list(dict.fromkeys(s for _, s in users.values()))
    views += [View("region", r, r) for r in regions] + [View("sector", s, s) for s in sectors]
    views += [View("total", "all", "all end users")]
    want = {u: 100.0 + 7 * i for i, u in enumerate(users)}
    short = {}
    for i, (u, (region, _)) in enumerate(users.items()):
        share = np.clip(height * WEIGHT.get(region, 0.5) * course * (0.6 + 0.1 * (i % 5)), 0, 1)
        short[u] = share * want[u]
    trajectory = np.zeros((n_period, len(views), n))
    wanted = np.zeros(len(views))
    for x, view in enumerate(views):
        for u, (region, sector) in users.items():
            if view.name in (u, region, sector) or view.kind == "total":
                trajectory[:, x] += short[u]
                wanted[x] += want[u]
    share = trajectory / wanted[:, None]
    wet = share > 0
    first = np.where(wet.any(0), 7.0 * wet.argmax(0), np.nan)
    last = np.where(wet.any(0), 7.0 * (n_period - wet[::-1].argmax(0)), np.nan)
    total = np.broadcast_to(n_period * wanted, (n, len(views))).copy()
    table = {
        "shortfall_t": trajectory.sum(0).T.copy(),
        "wanted_t": total,
        "worst_share": share.max(0).T.copy(),
        "first_shortage_day": first.T.copy(),
        "last_shortage_day": last.T.copy(),
        "days_short": 7.0 * wet.sum(0).T,
        "longest_spell_days": 7.0 * wet.sum(0).T,
        "spared_t": 0.1 * total,
        "destroyed_t": 0.0 * total,
    }
    day = np.where(hit, 7 * onset, np.nan)
    data = RunData(
        title=title,
        story="A made-up stop of exports, for figures.",
        start=dt.date(2025, 10, 9),
        step_days=7,
        n_period=n_period,
        seed=20251009,
        views=tuple(views),
        table=table,
        first_shock_day=day,
        reserve_released_t=rng.exponential(40, (n, 2)),
        reserves=("japan_reserve", "korea_reserve"),
        structural_t=0 * total,
        value_usd_per_t=np.full(len(views), 60e3),
        fan=fan(share),
        meta={
            "network": "rare_earths",
            "policy": "none",
            "version": "0.1.0",
            "scenario": "made_up",
            "goods": "ndfeb magnet",
        },
    )
    rows = summarize(
        table,
        data.views,
        first_shock_day=day,
        structural_t=data.structural_t,
        reserve_released_t=data.reserve_released_t,
        reserves=data.reserves,
        horizon_days=7.0 * n_period,
    )
    return replace(data, summary=[r._asdict() for r in rows], **other)


def replace(data: RunData, **other: Any) -> RunData:
    import dataclasses

    return dataclasses.replace(data, **other)


def timeline(data: RunData, n_shock: int = 5) -> Timeline:
    """A replayed future with a few shocks."""
    k = np.arange(data.n_period)
    dip = np.clip(np.abs(k - 45) / 20, 0, 1)
    names = [
        "Export licences on heavy rare earths",
        "October package",
        "Package returns",
        "Flood at Baotou",
        "Port strike, US West Coast",
        "Fire at a magnet plant",
        "Kachin fighting",
    ]
    bars = [
        ShockBar(names[x % len(names)], 60.0 * x, 60.0 * x + 40, 60.0 * x + 200 + 30 * x, x == 1)
        for x in range(n_shock)
    ]
    cover = {
        "KOR": 60 * dip,
        "JPN": 35 * dip**0.5,
        "USA": 80 * np.clip(dip + 0.2, 0, 1),
        "EU": 45 * np.clip(dip + 0.1, 0, 1),
    }
    flow = {
        LaneName("Dy/Tb oxide", "CHN", "JPN"): dip,
        LaneName("Magnets", "CHN", "USA"): dip**2,
        LaneName("Magnets", "CHN", "EU"): np.clip(1.2 * dip, 0, 1.1),
    }
    short = {
        "JPN": 0.4 * (1 - dip),
        "USA": 0.25 * (1 - dip),
        "EU": 0.2 * (1 - dip),
        "KOR": 0.1 * (1 - dip),
        "CHN": 0 * dip,
        "ROW": 0.05 * (1 - dip),
    }
    return Timeline(17, bars, cover, flow, short)
