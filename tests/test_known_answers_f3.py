"""Known answers F3: Poisson shocks that overlap freely, through the whole pipeline.

What a user is short shows the capacity that the shocks left. Numbers of shocks are read from the
tape. A value at an instant is the mean of the two days around it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from by_hand import Map, feed, lane, mine, network, user
from known import YEAR, Ran, blocks, exponential, hazard, near, near_own, near_share, site_outage

N, MANY = 5000, 100_000
D = 1  # the day that the user's lane takes


def alone() -> Map:
    return network(mine=mine(100.0), user=user(100.0, {"ore": feed({"mine": lane()})}))


def shocks(rate: Any, years: Any, *sites: str, severity: Any = 1.0) -> Map:
    """Return Poisson shocks that hit all of some sites at once."""
    law = exponential(years * YEAR) if isinstance(years, float) else years
    effects = [site_outage(site) for site in sites or ("mine",)]
    return hazard({"rate_per_year": rate}, law, *effects, severity=severity)


def runs(chain: Map, hazards: Map, years: float, n: int, **options: Any) -> Iterator[Ran]:
    return blocks(chain, hazards, int(years * YEAR) + 1 + D, n=n, **options)


def at(short: np.ndarray, years: float) -> np.ndarray:
    """Return the mean of the two days around an instant, shape (n,)."""
    day = round(years * YEAR) + D
    return short[day - 1 : day + 1].mean(axis=0)


def active(ran: Ran, years: float) -> np.ndarray:
    """Return how many shocks are active at an instant, shape (n,)."""
    owner = np.repeat(np.arange(len(ran.tape.replication)), np.diff(ran.tape.shock_ptr))
    day = years * YEAR
    on = (ran.tape.onset_days <= day) & (day < ran.tape.end_days)
    return np.bincount(owner[on], minlength=len(ran.tape.replication))


def gathered(
    found: Iterator[Ran], **measures: Callable[[Ran], np.ndarray]
) -> dict[str, np.ndarray]:
    """Return measures of each replication, block by block."""
    out: dict[str, list] = {name: [] for name in measures}
    for ran in found:
        for name, measure in measures.items():
            out[name].extend(measure(ran))
    return {name: np.array(values) for name, values in out.items()}


def spells(ran: Ran) -> np.ndarray:
    """Return the number of unbroken runs of days short."""
    is_short = np.vstack([np.zeros((1, len(ran.tape.replication)), bool), ran.short("user") > 1e-7])
    return np.count_nonzero(is_short[1:] & ~is_short[:-1], axis=0)


# --- V3.1, V3.2 ---------------------------------------------------------------------------------

NONE = {  # P(none active) at so many years, and its standard deviation
    "V3.1": {0.25: (0.92432285, 0.26448), 1: (0.84119402, 0.3655), 5: (0.81873819, 0.38523)},
    "V3.2": {0.25: (0.93214345, 0.2515), 1: (0.86889141, 0.33752), 5: (0.82651287, 0.37867)},
}
ACTIVE = {
    "V3.1": {0.25: (0.078693868, 0.28052), 1: (0.17293294, 0.41585), 5: (0.19999092, 0.4472)},
    "V3.2": {1: (0.14053712, 0.37488)},
}
DOWN = {"V3.1": (1.7265368, 1.1316677, 3.3093853), "V3.2": (1.6211167, 1.3904458, 3.3515533)}
YEARS = {"V3.1": 0.5, "V3.2": {"family": "lognormal", "mean": 0.5 * YEAR, "cv": 2.0}}


@functools.cache
def overlapping(case: str, n: int) -> dict[str, np.ndarray]:
    measures: dict[str, Callable] = {"down": lambda ran: ran.short("user")[: 3650 + D].sum(axis=0)}
    measures["spells"] = spells
    for years in NONE[case]:
        measures[f"short {years}"] = lambda ran, t=years: at(ran.short("user"), t)
    for years in ACTIVE[case]:
        measures[f"active {years}"] = lambda ran, t=years: active(ran, t)
    return gathered(runs(alone(), {"h": shocks(0.4, YEARS[case])}, 10, n), **measures)


def check_overlapping(case: str, n: int) -> None:
    found = overlapping(case, n)
    for years, (value, sd) in NONE[case].items():
        near(1 - found[f"short {years}"] / 100, value, sd)
    for years, (value, sd) in ACTIVE[case].items():
        near(found[f"active {years}"], value, sd)
    mean, sd, episodes = DOWN[case]
    down = found["down"] / 100 / YEAR
    near(down, mean, sd)
    # sd of a sample's sd: the kurtosis of these sums lies below 4
    assert abs(down.std() - sd) < 4 * sd * np.sqrt(3 / n) / 2
    near_share(down == 0, 0.018315639)  # e^-4, whatever the durations
    # Outages less than a day apart, or one on the horizon's last day, are seen as one more or less.
    near_own(found["spells"], episodes, bias=episodes * 1.5 * 0.4 / YEAR)


@pytest.mark.parametrize("case", ["V3.1", "V3.2"])
def test_v3_1_and_v3_2_overlapping_shocks(case):
    check_overlapping(case, N)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["V3.1", "V3.2"])
def test_v3_1_and_v3_2_with_a_hundred_thousand_replications(case):
    check_overlapping(case, MANY)


def test_v3_1_in_the_long_run():
    n, years = 50, 200
    found = gathered(
        runs(alone(), {"h": shocks(0.4, 0.5)}, years, n),
        down=lambda ran: ran.short("user")[2000:].mean(axis=0) / 100,
        each=lambda ran: ran.short("user").sum(axis=0) / 100 / YEAR - 0.5535069 * spells(ran),
    )
    near_own(1 - found["down"], 0.81873075)
    # mean length of an outage, as a ratio: days down less so many times the number of outages
    near_own(found["each"], 0.0, bias=0.5535 * 0.01)


# --- V3.3 ---------------------------------------------------------------------------------------


def check_product(n: int) -> None:
    rule = shocks(1.2, 0.3, severity={"family": "beta", "alpha": 2.0, "beta": 3.0})
    found = gathered(
        runs(alone(), {"h": rule}, 5, n),
        half=lambda ran: at(ran.short("user"), 0.5),
        five=lambda ran: at(ran.short("user"), 5),
    )
    for name, capacity, sd, full in (
        ("half", 0.88976143, 0.2182, 0.74676496),
        ("five", 0.86588776, 0.23659, 0.69767634),
    ):
        near(1 - found[name] / 100, capacity, sd)
        # whole days: one is untouched less often than an instant is, by 1.2 onsets a year x 2 days
        near(found[name] == 0, full, np.sqrt(full * (1 - full)), bias=full * 1.2 / YEAR * 2)


def test_v3_3_severities_of_overlapping_shocks_multiply():
    check_product(N)


@pytest.mark.slow
def test_v3_3_with_a_hundred_thousand_replications():
    check_product(MANY)


# --- V3.4 ---------------------------------------------------------------------------------------


def check_common(n: int) -> None:
    chain = network(
        a=mine(60.0),
        b=mine(40.0),
        user=user(100.0, {"ore": feed({"a": lane(0.6), "b": lane(0.4)})}),
    )
    rules = {
        "own_a": shocks(0.3, 0.4, "a"),
        "own_b": shocks(0.2, 0.5, "b"),
        "common": shocks(0.1, 0.6, "a", "b"),
    }
    up_a, up_b, both_up, both_down, rate = [], [], [], [], []
    # From 20 years on, as the case says, in steps of five days; the first instant after.
    for ran in blocks(chain, rules, 1462, n=n, step_days=5, trace=True):
        a = ran.lane("shipped", "a", "user")[1461] / 300
        b = ran.lane("shipped", "b", "user")[1461] / 200
        up_a.extend(a)
        up_b.extend(b)
        both_up.extend(np.minimum(a, b))
        both_down.extend(1 - np.maximum(a, b))
        rate.extend(ran.short("user")[1461] / 5)
    for share, value, sd in (
        (up_a, 0.83527021, 0.37094),
        (up_b, 0.85214379, 0.35496),
        (both_up, 0.75578374, 0.42962),
        (both_down, 0.068369741, 0.25238),
    ):
        near(share, value, sd)
    near(rate, 15.798036, 30.136)
    # The correlation's standard error (Fisher) for indicators: at most (1 + 3 rho) / sqrt(n).
    rho = np.corrcoef(up_a, up_b)[0, 1]
    assert abs(rho - 0.33427916) <= 4 * 2.0 / np.sqrt(n)
    assert rho > 0.2


def test_v3_4_a_common_shock_ties_two_refiners():
    check_common(N)


@pytest.mark.slow
def test_v3_4_with_a_hundred_thousand_replications():
    check_common(MANY)


# --- V3.5 ---------------------------------------------------------------------------------------


def check_step_up(n: int) -> None:
    rule = shocks([[0.0, 0.1], [5 * YEAR, 0.6]], 0.5)
    found = gathered(
        runs(alone(), {"h": rule}, 10, n),
        n4=lambda ran: active(ran, 4),
        n5=lambda ran: active(ran, 5.5),
        n10=lambda ran: active(ran, 10),
        s5=lambda ran: at(ran.short("user"), 5.5),
        s10=lambda ran: at(ran.short("user"), 10),
        total=lambda ran: ran.short("user")[: 3650 + D].sum(axis=0),
    )
    near(found["n4"], 0.049983227, 0.22357)
    near(found["n5"], 0.2080293, 0.4561)
    near(found["n10"], 0.29998865, 0.54771)
    near(1 - found["s5"] / 100, 0.81218324, 0.39057)
    near(1 - found["s10"] / 100, 0.74082663, 0.43818)
    near_share(found["total"] == 0, 0.030197383)


def test_v3_5_a_rate_that_steps_up():
    check_step_up(N)


@pytest.mark.slow
def test_v3_5_with_a_hundred_thousand_replications():
    check_step_up(MANY)
