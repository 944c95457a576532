"""Known answers F1: a supplier that is up and down in turn, through the whole pipeline.

Time down acts by its exact mean, so that without stock lost tonnes are exact for any step: ten
days here. The user's lane takes one period: the answer comes a period later.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from by_hand import Map, feed, lane, mine, network, refiner, segments, user
from known import (
    YEAR,
    blocks,
    both,
    exponential,
    failing,
    hazard,
    lane_ban,
    near,
    near_law,
    near_own,
    near_share,
    near_tail,
    totals,
)
from scipy import stats

T = 3650
STEP = 10
N, MANY = 20_000, 100_000


def alone() -> Map:
    """Return one mine and one user of 100 t a day, without stock or surplus."""
    return network(mine=mine(100.0), user=user(100.0, {"ore": feed({"mine": lane()})}))


@functools.cache
def days_short(case: str, n: int) -> np.ndarray:
    """Return days short (tonnes lost / 100) of each replication."""
    hazards = {"h": failing("mine", *LAWS[case])}
    return totals(alone(), hazards, T // STEP + 1, "user", n=n, step_days=STEP) / 100.0


LAWS: dict[str, tuple[Any, Any]] = {
    "V1.1": (exponential(1000.0), exponential(60.0)),
    "V1.3": (exponential(500.0), 90.0),
    "V1.4": (
        {"family": "gamma", "shape": 2.0, "mean": 600.0},
        {"family": "gamma", "shape": 0.5, "mean": 80.0},
    ),
}


def takacs(up: Any, down: Any, x: np.ndarray) -> np.ndarray:
    """Return P(days down in [0, T] <= x): Takács (1957).

    `up(n, y)` and `down(n, x)` are the distribution functions of the sum of n times.
    """
    out = np.zeros_like(x)
    for n in range(80):
        out += down(n, x) * (up(n, T - x) - up(n + 1, T - x))
    return np.where(x < 0, 0.0, np.where(x >= T, 1.0, out))


def gamma_sum(shape: float, mean: float) -> Any:
    """Return the distribution function of a sum of n gamma times."""
    return lambda n, x: (
        stats.gamma.cdf(x, n * shape, scale=mean / shape) if n else np.where(x >= 0, 1.0, 0.0)
    )


FORMULA = {
    "V1.1": functools.partial(takacs, gamma_sum(1.0, 1000.0), gamma_sum(1.0, 60.0)),
    "V1.3": functools.partial(
        takacs, gamma_sum(1.0, 500.0), lambda n, x: np.where(x >= 90.0 * n, 1.0, 0.0)
    ),
    "V1.4": functools.partial(takacs, gamma_sum(2.0, 600.0), gamma_sum(0.5, 80.0)),
}
ROWS = {  # F(x) as the tables give it
    "V1.1": {60: 0.15849264, 120: 0.33230901, 240: 0.65740274, 365: 0.86321293, 500: 0.95818261}
    | {730: 0.99609634},
    "V1.3": {45: 0.00073915716, 90: 0.006567186, 179: 0.0076746325, 180: 0.031005735}
    | {360: 0.21486314, 720: 0.86135121},
    "V1.4": {30: 0.011123057, 120: 0.097630416, 300: 0.39890887, 600: 0.80755827}
    | {1000: 0.9760801},
}
MEAN = {  # mean and standard deviation of days short, probability of none
    "V1.1": (203.39979, 146.26, 0.025991129),
    "V1.3": (550.96237, 188.59, 0.00067553878),
    "V1.4": (401.38408, 247.37, 6.8479352e-05),
}
TINY = 1e-6  # days; a sum of outages of 90 days is 90 k to rounding


@pytest.mark.parametrize("case", ["V1.1", "V1.3", "V1.4"])
def test_the_formula_gives_the_tables(case):
    x = np.array([float(day) for day in ROWS[case]])
    np.testing.assert_allclose(FORMULA[case](x), list(ROWS[case].values()), rtol=1e-6)


def check_law(case: str, n: int) -> None:
    """Compare mean, share of none, distribution function at the rows and everywhere (R2, R4)."""
    days = days_short(case, n)
    mean, sd, none = MEAN[case]
    near(days, mean, sd)
    near_share(days == 0, none)
    for day, share in ROWS[case].items():
        near_share(days <= day + TINY, share)
    near_law(days, FORMULA[case], atoms=True)


def check_v1_1(n: int) -> None:
    check_law("V1.1", n)
    days = days_short("V1.1", n)
    near(days / T, 0.055725969, 0.04007)
    # The sd of a sample's sd is sqrt((kurtosis - 1) / n) sd / 2; the kurtosis is about 3.9.
    assert abs(days.std() - 146.25694) < 4 * 146.26 * np.sqrt(2.9 / n) / 2
    near_tail(days, 0.95, (480.83877, 471.65), (580.92863, 606.2))
    near_tail(days, 0.99, (643.19065, 944.36), (733.26343, 1243.4))


def test_v1_1_exponential_up_and_down():
    check_v1_1(N)


def test_v1_3_exponential_up_and_fixed_down():
    check_law("V1.3", N)
    days = days_short("V1.3", N)
    for atom, share in ((90, 0.0057584193), (180, 0.023317675), (360, 0.10840134)):
        near_share(np.abs(days - atom) < TINY, share)


def test_v1_4_gamma_up_and_down():
    check_law("V1.4", N)


@pytest.mark.slow
def test_v1_1_with_a_hundred_thousand_replications():
    check_v1_1(MANY)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["V1.3", "V1.4"])
def test_v1_3_and_v1_4_with_a_hundred_thousand_replications(case):
    check_law(case, MANY)


@pytest.mark.slow
def test_v1_1_is_the_same_in_steps_of_a_day():
    options = {"n": 2000, "seed": 1}
    hazards = {"h": failing("mine", *LAWS["V1.1"])}
    daily = totals(alone(), hazards, T + 1, "user", **options) / 100.0
    np.testing.assert_allclose(daily, days_short("V1.1", N)[:2000], rtol=1e-9, atol=1e-9)


def test_v1_2_fixed_up_and_down_go_by_the_clock():
    told = both(alone(), {"h": failing("mine", 100.0, 20.0)}, 1000 + 1)
    short = told.short("user")
    down = [(101 + 120 * k, 121 + 120 * k, 100) for k in range(8)]
    np.testing.assert_allclose(short, segments(1001, *down), rtol=0, atol=1e-9)
    assert short.sum() == pytest.approx(16_000, abs=1e-6)
    assert short.sum() / told.of_user("want", "user")[1:].sum() == pytest.approx(0.16)


def test_v1_2r_a_random_phase_starts_anywhere_in_the_cycle():
    rule = failing("mine", 100.0, 20.0, begin_days={"min": -120.0, "max": 0.0})
    days = totals(alone(), {"h": rule}, 101, "user", n=N, step_days=STEP) / 100.0
    # Half at 160, a sixth at 180, the rest uniform between: variance 400/4/3 + ... = 64.8.
    near(days, 1000 / 6, 8.05)
    near_share(np.abs(days - 160) < TINY, 0.5)
    near_share(np.abs(days - 180) < TINY, 1 / 6)
    near_share(days <= 170, 2 / 3)


# --- pooled suppliers ---------------------------------------------------------------------------

POOL = {"a": (60.0, 900.0, 90.0), "b": (40.0, 600.0, 60.0), "c": (20.0, 300.0, 45.0)}
LEGS = 2  # days from a supplier to the user: two immediate lanes


def pooled(demand: float, steps: list[tuple[float, float]] | None = None) -> Map:
    """Return three suppliers in one pool.

    A sink takes, after the user is served, what the user does not want of the 120 t a day: so each
    supplier is asked for its whole capacity every day, and capacity is pooled without any delay.
    """
    path = {"points": steps} if steps else None
    rest = (
        {"points": [[d, (120 - demand * m) / (120 - demand)] for d, m in steps]} if steps else None
    )
    lanes = {name: lane(c / 120.0) for name, (c, _, _) in POOL.items()}
    from_pool = {"metal": feed({"pool": lane()})}
    return network(
        **{name: mine(c) for name, (c, _, _) in POOL.items()},
        pool=refiner(120.0, "metal", {"ore": feed(lanes)}, priority=["JPN"]),
        user=user(demand, from_pool, demand_path=path),
        sink=user(120.0 - demand, from_pool, country="OTH", demand_path=rest),
    )


def by_the_clock(**onset: Any) -> Map:
    return {
        name: failing(name, exponential(up), exponential(down), **onset)
        for name, (_, up, down) in POOL.items()
    }


def long_run(demand: float, n: int, days: int) -> dict[str, np.ndarray]:
    """Return measures of each path of a pool that has been running for 2000 days."""
    out: dict[str, list] = {"time": [], "rate": [], "square": [], "events": []}
    for ran in blocks(pooled(demand), by_the_clock(), days, n=n):
        short = ran.short("user")[2000:]
        is_short = short > 1e-9 * demand
        begun = np.count_nonzero(is_short[1:] & ~is_short[:-1], axis=0)
        out["rate"].extend(short.mean(axis=0))
        out["square"].extend((short**2).mean(axis=0))
        out["time"].extend(is_short.mean(axis=0))
        out["events"].extend(begun / ((days - 2001) / YEAR))
    return {name: np.array(values) for name, values in out.items()}


STATIONARY = {
    80: (0.10168883, 2.6015092, 8.7354432, 0.51732742, 71.746479),
    100: (0.17355372, 6.0725835, 14.821653, 0.8379247, 75.6),
}


def check_pool(demand: float, n: int, days: int) -> None:
    time, rate, sd, events, length = STATIONARY[int(demand)]
    found = long_run(demand, n, days)
    # A day that is short in part counts as a whole one: a day more for each episode. Episodes less
    # than a day apart are one. Within a day rates are means, which takes from their square.
    per_day = events / YEAR
    near_own(found["time"], time + per_day, bias=0.1 * per_day)
    near_own(found["rate"], rate)
    near_own(found["square"], sd**2 + rate**2, bias=0.01 * sd**2)
    near_own(found["events"], events, bias=0.02 * events)
    near_own(found["time"] - found["events"] / YEAR, events / YEAR * length)


@pytest.mark.parametrize("demand", [80.0, 100.0])
def test_v1_5a_three_pooled_suppliers_in_the_long_run(demand):
    check_pool(demand, 200, 20_000)


@pytest.mark.slow
@pytest.mark.parametrize("demand", [80.0, 100.0])
def test_v1_5a_with_four_hundred_long_paths(demand):
    check_pool(demand, 400, 100_000)


def check_first_year(n: int) -> None:
    days: dict[int, list] = {30: [], 365: []}
    total: list = []
    for ran in blocks(pooled(100.0), by_the_clock(), 366 + LEGS, n=n):
        short = ran.short("user")[LEGS:]
        total.extend(short[:365].sum(axis=0))
        for day, rates in days.items():
            rates.extend(short[day - 1 : day + 1].mean(axis=0))
    near(np.array(total), 1769.7976, 2644.1)
    near_own(np.array(days[30]), 1.9980615)
    near_own(np.array(days[365]), 6.0234188)


def test_v1_5b_all_up_at_first():
    check_first_year(N)


@pytest.mark.slow
def test_v1_5b_with_a_hundred_thousand_replications():
    check_first_year(MANY)


def check_quarters(n: int) -> None:
    # The year begins in a pool that has been running for 2000 days, in quarters of 91.25 days.
    begin, year = 2000, []
    steps = [[0.0, 0.9]] + [[begin + 91.25 * q, m] for q, m in ((1, 1.0), (2, 1.1), (3, 1.0))]
    for ran in blocks(pooled(100.0, steps), by_the_clock(), begin + 365, n=n):
        year.append(ran.short("user")[begin:].copy())
    short = np.concatenate(year, axis=1)
    # A delivery was ordered the day before: both steps up add 10 t and a day where nothing else is
    # short (0.83 of the time). A day that is short in part counts as a whole one: a day more for
    # each of 0.84 episodes a year.
    near_own(short.sum(axis=0), 2314.8581 + 2 * 10 * 0.83, bias=2.0)
    more = 24 * (2 * 0.83 + 0.84)
    near_own(24 * np.count_nonzero(short > 1e-6, axis=0), 1756.4068 + more, bias=10.0)


def test_v1_5c_demand_by_quarters():
    check_quarters(4000)


@pytest.mark.slow
def test_v1_5c_with_forty_thousand_replications():
    check_quarters(40_000)


# --- two stages in series -----------------------------------------------------------------------


def two_stages() -> tuple[Map, Map]:
    """Return V1.6: what reaches the refiner while it is down is lost.

    The refiner's outage bars its lane to the user; a sink, served last, takes whatever the user
    does not get, so that nothing is stored. The sink wants nothing on the first day, the reference.
    """
    wants = {"points": [[0.0, 0.0], [5.0, 1.0]]}
    from_refiner = {"metal": feed({"refiner": lane(1.0, 25)})}
    chain = network(
        mine=mine(100.0),
        refiner=refiner(100.0, "metal", {"ore": feed({"mine": lane(1.0, 40)})}, priority=["JPN"]),
        user=user(100.0, from_refiner),
        sink=user(100.0, from_refiner, country="OTH", demand_path=wants),
    )
    down = hazard({"up_days": exponential(1200.0)}, exponential(80.0), lane_ban("refiner", "user"))
    return chain, {"mine": failing("mine", exponential(800.0), exponential(50.0)), "refiner": down}


def check_two_stages(n: int, step: int) -> None:
    short = []
    for ran in blocks(*two_stages(), 1825 // step, n=n, step_days=step):
        short.append(ran.short("user") / 100.0)
    days = np.concatenate(short, axis=1)  # days short in each period
    assert not days[: 25 // step].any()
    assert days[25 // step].any()
    near(days.sum(axis=0), 202.37556, 144.41)
    near_share(days.sum(axis=0) == 0, 0.024723526)
    for day, share in ((45, 0.014629479), (165, 0.10189641)):
        k = day // step
        near(days[k - 1 : k + 1].mean(axis=0) / step, share, np.sqrt(share * (1 - share)))


def test_v1_6_two_unreliable_stages_with_lead_times():
    check_two_stages(N, 5)


@pytest.mark.slow
def test_v1_6_with_a_hundred_thousand_replications():
    check_two_stages(MANY, 1)
