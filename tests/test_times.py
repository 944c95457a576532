"""When a shortage begins and ends, how long it lasts, and what counts as one: worked by hand.

One tonne a day, no stock, seven days at sea, an outage of 35 days: 35 t short, first shortage after
seven days, over after 42, 35 days short, whatever day it begins on and however long a period is.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import yaml
from by_hand import feed, lane, mine, network, user
from known import both, compiled_case, stop

from sim.api import Study, load
from sim.flow.engine import simulate_measures
from sim.flow.engine_tables import Sets
from sim.metrics.loss import measure, measures_of
from sim.metrics.views import views_of

DAYS = 364


def measured(begin, end, *, step=7, severity=1.0, short_from=0.001, demand=1.0, horizon=DAYS):
    """Return the measures of the total, after both ways to them agreed on every bit."""
    at_sea = {"pit": lane(transit_days=7)}
    chain = network(
        pit=mine(demand),
        users=user(demand, {"ore": feed(at_sea, cover_days=0) | {"adjustment_days": 0}}),
    )
    hazards = {"stop": stop("pit", begin, end, severity=severity)}
    both(chain, hazards, horizon // step, step_days=step)
    case = compiled_case(chain, hazards, horizon // step, step)
    tape, views = case.tape([0], 1), views_of(case.compiled.labels)
    table = measure(case.fast(tape, trace=False), views, step, short_from=short_from)
    sets = Sets(views.ptr, views.group, short_from)
    on_the_way = measures_of(simulate_measures(case.play, tape, sets), step, firms=views.n_firm())
    for name, values in table.items():
        assert np.array_equal(values, on_the_way[name], equal_nan=True), name
    return {name: float(values[0, -1]) for name, values in table.items()}


@pytest.mark.parametrize("step", [1, 7])
@pytest.mark.parametrize("begin", [70, 71.25, 76.5])
@pytest.mark.parametrize("severity", [1.0, 0.5])
def test_an_outage_is_felt_when_and_as_long_as_it_lasts(step, begin, severity):
    told = measured(begin, begin + 35, step=step, severity=severity)
    assert told["shortfall_t"] == pytest.approx(35 * severity)
    assert told["first_shortage_day"] == pytest.approx(begin + 7)
    assert told["last_shortage_day"] == pytest.approx(begin + 42)
    assert told["days_short"] == told["longest_spell_days"] == pytest.approx(35)


def test_an_outage_within_one_or_two_periods_counts_by_the_days_it_takes():
    within, across = measured(70, 73), measured(75, 79)
    assert within["days_short"] == pytest.approx(3)
    assert within["first_shortage_day"] == 77
    assert across["days_short"] == pytest.approx(4)
    assert (across["first_shortage_day"], across["last_shortage_day"]) == pytest.approx((82, 86))


def test_a_period_is_short_from_a_thousandth_of_want_on():
    below, at = measured(70, 105, severity=0.0009), measured(70, 105, severity=0.001)
    assert below["shortfall_t"] > 0
    assert (below["days_short"], at["days_short"]) == (0, pytest.approx(35))
    assert math.isnan(below["first_shortage_day"])
    assert measured(70, 105, severity=0.0009, short_from=0.0005)["days_short"] == pytest.approx(35)
    assert measured(70, 105, severity=0.3, short_from=0.5)["days_short"] == 0


def test_a_shortage_that_nobody_saw_end_lasts_to_the_horizon():
    told = measured(300, 400)
    assert told["last_shortage_day"] == DAYS
    assert told["days_short"] == pytest.approx(DAYS - 307)


# --- through the whole program -------------------------------------------------------------------

NETWORK = """
title: Own network
products:
  ore: {{title: Ore, stage: mining, value_usd_per_t: 100}}
  good: {{title: Good, stage: use}}
sites:
  pit: {{kind: mine, product: ore, country: CHN, capacity: {demand}}}
  users: {{kind: end_user, product: good, country: JPN, sector: motors, demand: {demand},
          feeds: {{ore: {{cover_days: 0, adjustment_days: 0,
                        lanes: {{pit: {{share: 1, transit_days: 7}}}}}}}}}}
"""


def study(folder, onset, days, horizon=364, demand=365, n=2, **scenario) -> Study:
    (folder / "net.yaml").write_text(NETWORK.format(demand=demand))
    told = {
        "title": "An outage", "network": "./net.yaml", "start": "2026-01-01",
        "horizon_days": horizon, **scenario,
        "hazards": {"stop": {"onset": onset, "duration_days": days, "effects": {
            "pit": {"kind": "outage", "sites": {"site": "pit"}, "severity": 1}}}},
    }  # fmt: skip
    (folder / "sc.yaml").write_text(yaml.safe_dump(told))
    changes = {"run.replications": n, "run.audit": 1, "output.figures": False}
    return load(folder / "sc.yaml", changes)


def number(data, measure, statistic):
    [row] = [
        r for r in data.summary
        if (r["kind"], r["measure"], r["statistic"]) == ("total", measure, statistic)
    ]  # fmt: skip
    return row


@pytest.mark.parametrize("demand", [365, 100, 123.4, 3.3, 7e5])
def test_exactly_five_per_cent_short_is_never_more_than_five_per_cent(tmp_path, demand):
    data = study(tmp_path, {"day": 70}, 35, 700, demand).run(tmp_path / "run")
    assert number(data, "shortfall_share", "P(>0.05)")["value"] == 0
    assert number(data, "shortfall_share", "P(>0.01)")["value"] == 1


@pytest.mark.parametrize("horizon", [364, 1456, 3640])
def test_a_return_period_does_not_depend_on_the_horizon(tmp_path, horizon):
    data = study(tmp_path, {"rate_per_year": 0.5}, 70, horizon, n=4000).run(tmp_path / "run")
    years = number(data, "shortfall_share", "return_period(>0.01)")
    p = 1 - math.exp(-0.5 * horizon / 365)
    error = math.sqrt(p * (1 - p) / 4000) / (1 - p) / -math.log(1 - p)  # delta method, relative
    unfelt = 11 / horizon  # an outage that begins this late is not felt, or by less than 1 %
    assert years["value"] == pytest.approx(2, rel=4 * error + unfelt)


def test_a_recovery_that_nobody_saw_is_told_as_beyond_the_horizon(tmp_path, capsys):
    from sim.commands._run_table import print_run

    data = study(tmp_path, {"day": 0}, 400, n=40).run(tmp_path / "run")
    median, mean = (number(data, "time_to_recover_days", s) for s in ("q50", "mean"))
    assert (median["value"], median["mark"]) == (364, ">")
    assert math.isnan(mean["value"])
    print_run(data)
    told = capsys.readouterr().err
    assert "> 364" in told
    assert "in steps of 7" in told
    assert "2026-01-08" in told  # the first shortage, seven days after the onset


def test_from_when_on_a_period_is_short_is_a_setting_with_bounds(tmp_path):
    from sim.base.errors import UserError

    assert study(tmp_path, {"day": 70}, 35, short_from=0.2).settings.scenario.short_from == 0.2
    for wrong in (-0.1, 1, "much"):
        with pytest.raises(UserError, match="short_from"):
            study(tmp_path, {"day": 70}, 35, short_from=wrong)
