"""Laws of chains in which nobody re-orders elsewhere: more stock, longer stops, lead times, cuts.

P numbers as in test_laws.py. Hypothesis draws chains, always the same ones; days are periods.
"""

from __future__ import annotations

import numpy as np
import pytest
from by_hand import (
    STEADY,
    ban,
    compiled_of,
    feed,
    lane,
    mine,
    network,
    outage,
    refiner,
    tape_of,
    user,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.flow.engine import simulate
from sim.flow.play import Play
from sim.shocks.tape import EMPTY_DRAWS

DEMAND = 64.0
N = 160

few = settings(max_examples=60, deadline=None, derandomize=True, database=None)
days = st.integers(0, 30).map(float)
shares = st.floats(0.0, 1.0)
stage = st.fixed_dictionaries(
    {"transit": st.integers(1, 20).map(float), "cover": days, "room": st.sampled_from([1.0, 1.3])}
)


def line(stages: list[dict], adjust: float = STEADY, demand: float = DEMAND) -> dict:
    """Return a mine and refiners in a row; the last stage is that of the end user."""
    sites, before = {"s0": mine(demand * stages[0]["room"], "p0")}, "s0"
    for n, one in enumerate(stages[:-1], start=1):
        feeds = {f"p{n - 1}": fed(before, one, adjust)}
        sites[f"s{n}"] = refiner(demand * stages[n]["room"], f"p{n}", feeds)
        before = f"s{n}"
    last = len(stages) - 1
    sites["user"] = user(demand, {f"p{last}": fed(before, stages[-1], adjust)})
    return network(**sites)


def fed(supplier: str, one: dict, adjust: float) -> dict:
    return feed(
        {supplier: lane(1.0, one["transit"])}, cover_days=one["cover"], adjustment_days=adjust
    )


def shorts(mapping: dict, rows: list, n_period: int = N, step_days: int = 1) -> np.ndarray:
    """Return (n_period, users) shortfall."""
    compiled = compiled_of(mapping, n_period, step_days)
    targets, tape = tape_of(compiled, rows)
    flow = simulate(Play(compiled, targets, EMPTY_DRAWS, n_period), tape)
    return flow.shortfall[:, :, 0]


@few
@given(st.lists(stage, min_size=1, max_size=4), st.integers(1, 200))
def test_p4_what_nobody_makes_is_short_but_for_what_stocks_and_pipelines_hold(stages, n_period):
    held = DEMAND * sum(one["cover"] + one["transit"] for one in stages)
    short = shorts(line(stages), [outage("s0", 0, 1e6)], n_period).sum()
    assert short == pytest.approx(max(0.0, DEMAND * n_period - held), rel=1e-9, abs=1e-6)
    assert shorts(line(stages, demand=0.0), [outage("s0", 0, 1e6)], n_period).sum() == 0.0


@few
@given(st.lists(stage, min_size=1, max_size=3), st.integers(0, 5), days, st.integers(1, 60), shares)
def test_p5_more_stock_never_adds_shortfall_and_saves_at_most_itself(
    stages, where, extra, length, severity
):
    where %= len(stages)
    more = [one | {"cover": one["cover"] + extra * (n == where)} for n, one in enumerate(stages)]
    rows = [outage("s0", 20, 20 + length, severity), outage(f"s{where}", 60, 80, severity)]
    less, lots = (shorts(line(s), rows).cumsum(0) for s in (stages, more))
    assert (lots <= less + 1e-7).all()
    assert (less - lots <= extra * DEMAND + 1e-7).all()


@few
@given(
    st.lists(stage, min_size=1, max_size=4), st.integers(0, 5), st.floats(0.0, 60.0), days, shares,
    shares, st.sampled_from([STEADY, 0.0, 7.0, 28.0]),
)  # fmt: skip
def test_p7_a_longer_or_harder_stop_of_an_only_lane_never_lowers_shortfall(
    stages, where, length, longer, severity, harder, adjust
):
    where %= len(stages)
    buyer = "user" if where == len(stages) - 1 else f"s{where + 1}"
    mapping = line(stages, adjust)

    def short(end, share):
        return shorts(mapping, [ban(f"s{where}", buyer, 20, end, share)]).sum()

    base = short(20 + length, severity)
    assert short(20 + length + longer, severity) >= base - 1e-7
    assert short(20 + length, severity + (1 - severity) * harder) >= base - 1e-7


@few
@given(st.permutations(["JPN", "USA", "KOR"]), st.lists(shares, min_size=1, max_size=3))
def test_p8_the_total_shortfall_is_the_same_for_every_way_to_ration(order, severities):
    def total(**priority):
        users = {
            f"u{n}": user(d, {"ore": feed({"mine": lane(1.0, 3)})}, country=c)
            for n, (d, c) in enumerate(((50.0, "JPN"), (30.0, "USA"), (20.0, "KOR")))
        }
        rows = [outage("mine", 20 * n, 20 * n + 13, s) for n, s in enumerate(severities)]
        return shorts(network(mine=mine(100.0, **priority), **users), rows, 80).sum(1)

    pro_rata = total()
    for priority in (order, order[:1], [order[:2]]):
        np.testing.assert_allclose(total(priority=priority), pro_rata, 1e-9, 1e-9)


@few
@given(st.integers(1, 20), st.integers(1, 20), days, st.integers(1, 70), shares)
def test_p14_a_lead_time_in_two_parts_is_the_lead_time(first, second, cover, length, severity):
    end = {"cover": cover, "room": 1.0}
    whole = line([end | {"transit": float(first + second)}])
    through = {"transit": float(first), "cover": 0.0, "room": 1.0}
    parts = line([through, end | {"transit": float(second), "room": 2.0}])
    rows = [outage("s0", 15, 15 + length, severity)]
    np.testing.assert_allclose(shorts(parts, rows), shorts(whole, rows), 1e-9, 1e-7)


@few
@given(st.lists(stage, min_size=1, max_size=3), st.integers(1, 20), st.integers(1, 60), shares)
def test_p14_a_lead_time_more_on_the_last_lane_shifts_the_shortfall(stages, more, length, severity):
    later = [*stages[:-1], stages[-1] | {"transit": stages[-1]["transit"] + more}]
    rows = [outage("s0", 15, 15 + length, severity)]
    early, late = shorts(line(stages), rows), shorts(line(later), rows)
    assert late[:more].sum() == 0.0
    np.testing.assert_allclose(late[more:], early[:-more], 1e-9, 1e-7)


@few
@given(st.lists(stage, min_size=1, max_size=3), st.integers(0, 20), st.integers(1, 30), shares)
def test_p21_half_the_step_leaves_cases_of_whole_steps_unchanged(stages, begin, length, severity):
    even = [one | {"transit": 2 * one["transit"]} for one in stages]
    rows = [outage("s0", 2 * begin, 2 * (begin + length), severity)]
    fine, coarse = shorts(line(even), rows), shorts(line(even), rows, N // 2, 2)
    np.testing.assert_allclose(fine[::2] + fine[1::2], coarse, 1e-9, 1e-6)


@few
@given(st.lists(stage, min_size=1, max_size=3), st.integers(1, 60), shares)
def test_p19_without_stock_shortfall_is_at_least_what_the_maximum_flow_leaves(
    stages, length, severity
):
    bare = [one | {"cover": 0.0} for one in stages]
    lag = int(sum(one["transit"] for one in stages))
    short = shorts(line(bare), [outage("s0", 10, 10 + length, severity)])[:, 0]
    during = slice(10 + lag, 10 + lag + length)
    left = max(0.0, DEMAND - DEMAND * bare[0]["room"] * (1 - severity))
    assert (short[during] >= left - 1e-6).all()
    # an outage takes nameplate first: spare capacity makes up for it, and nothing else is lost
    np.testing.assert_allclose(short[during], left, 1e-9, 1e-6)
    assert short.sum() == pytest.approx(short[during].sum(), abs=1e-6)
