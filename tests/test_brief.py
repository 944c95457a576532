"""What a sweep tells is what a run's summary tells, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from sim.metrics.brief import BRIEF, brief
from sim.metrics.statistics import STATISTICS
from sim.metrics.summary import summarize
from sim.results.data import View

VIEWS = [View("user", f"u{x}", "") for x in range(4)]


def table_of(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """Return measures of four views: heavy-tailed, rarely short, never short, always alike."""
    short = np.stack(
        [
            rng.lognormal(3.0, 1.5, n),
            np.where(rng.random(n) < 0.03, rng.exponential(5.0, n), 0.0),
            np.zeros(n),
            np.full(n, 2.5),
        ],
        axis=1,
    )
    day = np.where(short > 0, rng.integers(0, 50, (n, 4)) * 7.0, np.nan)
    return {
        "shortfall_t": short,
        "wanted_t": short + 100.0 + rng.random((n, 4)),
        "worst_share": np.minimum(1.0, short / 200.0),
        "first_shortage_day": day,
        "last_shortage_day": day + 7.0,
        "days_short": np.where(short > 0, 7.0, 0.0),
        "longest_spell_days": np.where(short > 0, 7.0, 0.0),
        "spared_t": 0.1 * short,
        "destroyed_t": np.zeros((n, 4)),
        "firms_stopped_share": np.minimum(1.0, short / 100.0),
        "first_firm_stops_day": day,
        "bill_usd": 2e3 * short,
        "value_added_at_risk_usd": 3e6 * short,
        "value_added_lost_usd": 1e6 * short,
        "output_lost_usd": 4e6 * short,
        "gdp_loss_share": np.minimum(1.0, short / 1e6),
    }


@pytest.mark.parametrize("n", [1, 2, 15, 150, 1000, 5000])
def test_every_number_is_that_of_the_summary(n):
    rng = np.random.default_rng(n)
    table = table_of(rng, n)
    value = table["shortfall_t"] * np.array([1e3, 2e3, 3e3, np.nan])
    extra = {
        "first_shock_day": np.where(rng.random(n) < 0.9, 3.5, np.nan),
        "structural_t": 0.3 * table["shortfall_t"],
        "goods_value_missed_usd": value,
        "horizon_days": 350.0,
    }
    rows = {
        (r.view, r.measure, r.statistic): (
            repr((r.value, r.low, r.high)),
            r.n,
            r.unit,
            r.mark,
            r.note,
        )
        for r in summarize(table, VIEWS, **extra)
    }
    told = brief(table, **extra)
    seen = 0
    for t in told:
        for x, view in enumerate(VIEWS):
            row = rows.get((view.name, t.measure, t.statistic))
            if row is None:
                assert t.measure == "goods_value_missed_usd" and np.isnan(value[:, x]).all()
                continue
            numbers = repr((float(t.value[x]), float(t.low[x]), float(t.high[x])))
            found = numbers, int(t.n[x]), t.unit, t.mark[x]
            assert found == row[:4], (view.name, t.measure, t.statistic)
            assert row[4].startswith(t.note[x])
            seen += 1
    assert seen >= 4 * (sum(map(len, BRIEF.values())) - 3)


def test_all_that_a_sweep_tells_is_in_a_summary():
    for measure, statistics in BRIEF.items():
        assert set(statistics) <= set(STATISTICS[measure])
