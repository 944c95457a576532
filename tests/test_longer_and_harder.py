"""On shipped networks a longer or harder shock never lowers the total; a longer way costs once."""

from __future__ import annotations

import numpy as np
import pytest
from by_hand import Map, lane, mine, network, user
from hypothesis import given, settings
from hypothesis import strategies as st
from known import both, compiled_case, hazard
from shipped import network_of

SEVERITIES = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
DAYS = (30, 90, 180, 360, 720)
WEEKS = 160


def total(mapping: Map, effect: Map, severity: float, days: float) -> float:
    """Return the share of what was wanted that was missed."""
    rule = hazard({"day": 60.0}, float(days), effect, severity=severity)
    case = compiled_case(mapping, {"h": rule}, WEEKS, 7)
    flow = case.fast(case.tape([0], 1), False)
    return float(flow.shortfall.sum() / flow.want.sum())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["outage", "control"])
@pytest.mark.parametrize(
    ("chain", "country"),
    [("rare_earths", "CHN"), ("cobalt", "COD"), ("graphite", "CHN"), ("antimony", "CHN")],
)
def test_a_longer_or_harder_shock_never_lowers_the_total(chain, country, kind):
    mapping = network_of(chain).model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    ends = {"sites": {"country": country}}
    if kind == "control":
        ends = {"type": "ban", "origin": {"country": country}, "to": "all_but_home"}
    effect = {"kind": kind, **ends}
    found = np.array([[total(mapping, effect, s, d) for d in DAYS] for s in SEVERITIES])
    assert found.max() > 0.01
    assert np.diff(found, axis=0).min() >= -1e-9
    assert np.diff(found, axis=1).min() >= -1e-9


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(
    st.integers(1, 60),
    st.integers(0, 60),
    st.integers(1, 30),
    st.sampled_from([0.0, 7.0, 28.0, 1e18]),
    st.floats(1.0, 2.0),
)
def test_a_longer_way_costs_once_what_the_cover_lacks_of_it(more, cover, transit, gain, room):
    ways = {"mine": lane(1.0, float(transit), routes=["strait"])}
    stock = {"cover_days": float(cover), "adjustment_days": gain}
    chain = network(
        mine=mine(100.0 * room, slack=1.0), user=user(100.0, {"ore": {"lanes": ways, **stock}})
    )
    detour = {"kind": "route", "routes": ["strait"], "extra_transit_days": float(more)}
    told = both(chain, {"h": hazard({"day": 40.0}, 10_000.0, detour)}, 500)
    expected = 100.0 * max(0, more - cover)
    assert told.short("user").sum() == pytest.approx(expected, rel=1e-9, abs=1e-6)
