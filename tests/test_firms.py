"""Firms that stop: cohorts with less than half of what they wanted, by hand and in all that reads.

A mine that makes what is used, a day of transit, and users whose cohorts hold different stocks.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from by_hand import feed, lane, mine, network, user
from known import both, compiled_case, stop

from sim.flow.engine import simulate_measures
from sim.flow.engine_tables import Sets
from sim.metrics.loss import measure, measures_of
from sim.metrics.summary import NO_FIRMS, summarize
from sim.metrics.views import views_of


def split(days, severity=1.0, cohorts=4, **other):
    """Return a case: cohorts with 0, 5, 10 and 15 days of stock, the mine out from day 10 on."""
    cover = {"values": [0.0, 5.0, 10.0, 15.0]} if cohorts > 1 else 0.0
    chain = network(
        mine=mine(8 + sum(one["demand"] for one in other.values())),
        user=user(8, {"ore": feed({"mine": lane()}, cover_days=cover)}, cohorts=cohorts),
        **other,
    )
    return chain, {"h": stop("mine", 10, 10 + days, severity)}


def judged(case, n=1):
    """Return the measures by trajectories, after the kernel's own agreed on every bit."""
    tape, views = case.tape(range(n), 1), views_of(case.compiled.labels)
    table = measure(case.record(tape), views, case.step_days)
    own = simulate_measures(case.play, tape, Sets(views.ptr, views.group))
    for name, values in measures_of(own, case.step_days, firms=views.n_firm()).items():
        np.testing.assert_array_equal(values, table[name], err_msg=name)
    return views, table


def test_firms_stop_one_after_the_other_as_their_stocks_end():
    # Nothing arrives on days 11 to 22: the stocks of 0, 5 and 10 days end on 11, 16 and 21.
    told = both(*split(12), 40)
    stops = np.zeros(40)
    stops[[11, 16, 21]] = 1
    np.testing.assert_array_equal(told.of_user("stopped", "user"), stops)
    views, table = judged(compiled_case(*split(12), 40))
    assert views.n_firm().tolist() == [4] * len(views)
    assert table["firms_stopped_share"][0].tolist() == [0.75] * len(views)
    assert table["first_firm_stops_day"][0].tolist() == [11.0] * len(views)


def test_a_firm_that_stops_again_is_counted_once():
    chain, hazards = split(3)
    told = both(chain, hazards | {"again": stop("mine", 30, 32)}, 40)
    assert told.of_user("stopped", "user").sum() == 1.0
    assert told.short("user")[[11, 12, 13, 31, 32]].min() > 0


@pytest.mark.parametrize(("severity", "share"), [(0.5, 0.0), (0.51, 0.25), (0.4, 0.0)])
def test_a_firm_with_half_of_what_it_wants_goes_on(severity, share):
    """The mine gives all alike 1 - severity of what they order."""
    chain, hazards = split(4, severity)
    _, table = judged(compiled_case(chain, hazards, 40))
    assert table["firms_stopped_share"][0, 0] == share
    assert math.isnan(table["first_firm_stops_day"][0, 0]) == (share == 0)


def test_a_user_of_one_cohort_tells_of_no_firm_and_does_not_dilute_others():
    one = {"whole": user(2, {"ore": feed({"mine": lane()})}, country="USA")}
    views, table = judged(compiled_case(*split(12, **one), 40))
    of = {(v.kind, v.name): x for x, v in enumerate(views)}
    share, day = table["firms_stopped_share"][0], table["first_firm_stops_day"][0]
    for view in (("user", "whole"), ("region", "USA")):
        assert math.isnan(share[of[view]]) and math.isnan(day[of[view]])
    assert share[of["total", "all"]] == 0.75 and day[of["total", "all"]] == 11.0


def test_the_summary_says_where_there_are_no_firms():
    one = {"whole": user(2, {"ore": feed({"mine": lane()})}, country="USA")}
    views, table = judged(compiled_case(*split(12, **one), 40), n=60)
    rows = [r for r in summarize(table, views.view) if r.measure == "firms_stopped_share"]
    of = {(r.view, r.statistic): r for r in rows}
    assert of["all", "mean"].value == 0.75
    for statistic in ("mean", "q50", "q95", "P(>0)"):
        none = of["whole", statistic]
        assert math.isnan(none.value) and NO_FIRMS in none.note


def test_the_printed_table_says_no_firms():
    from sim.commands import _run_table

    (column,) = (c for c in _run_table.COLUMNS if c.measure == "firms_stopped_share")
    row = {"value": math.nan, "low": math.nan, "high": math.nan, "note": f"refused: {NO_FIRMS}"}
    assert _run_table._cell(row | {"mark": "refused"}, column, None) == "no firms"
