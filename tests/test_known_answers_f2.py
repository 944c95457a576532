"""Known answers F2: stocks against outages, through the whole pipeline.

A stock is used at once and refilled from surplus. Surplus acts by its mean over a period, like all
else: in the period in which an outage ends, some of it meets the loss of the same period. That
takes at most half a period from the loss of an outage; where it is seen, a case runs in shorter
periods (`per_day`; all times times that) and states it as a bias.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from by_hand import Map, feed, feed_of, lane, mine, network, refiner, reserve, user
from known import (
    YEAR,
    Ran,
    blocks,
    both,
    exponential,
    failing,
    hazard,
    near,
    near_own,
    near_share,
    near_tail,
    site_outage,
    totals,
)

AT_ONCE = {"adjustment_days": 0.0}
SETTLED = 2000  # days that a stationary value leaves out
FULL = 1 - 1e-9


def buffered(capacity: float, cover_days: float, demand: float = 100.0, **options: Any) -> Map:
    """Return one mine and one user with a stock that is refilled from surplus."""
    ore = feed({"mine": lane()}, cover_days=cover_days, **(AT_ONCE | options))
    return network(mine=mine(capacity), user=user(demand, {"ore": ore}))


def lognormal(mean: float, cv: float) -> Map:
    return {"family": "lognormal", "mean": mean, "cv": cv}


def stock_of(ran: Ran, name: str, product: str = "ore") -> np.ndarray:
    return ran.flow.trace.stock[:, feed_of(ran.compiled, name, product)]


def episodes(short: np.ndarray) -> np.ndarray:
    """Return the number of unbroken runs of periods short, per replication."""
    is_short = short > 1e-9 * 100.0
    return np.count_nonzero(is_short[1:] & ~is_short[:-1], axis=0)


def outages(ran: Ran, before: float) -> np.ndarray:
    """Return the number of shocks of each replication that begin before some period."""
    owner = np.repeat(np.arange(len(ran.tape.replication)), np.diff(ran.tape.shock_ptr))
    early = ran.tape.onset_days < before
    return np.bincount(owner[early], minlength=len(ran.tape.replication))


# --- one supplier, one buffer -------------------------------------------------------------------

T, B, RISE, FAIL, MEND = 3650.0, 30.0, 0.25, 1 / 400, 1 / 45


def transforms(s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the transforms of the time to the first empty instant from (up, 0) and (up, B).

    r phi_u' = (s + fail) phi_u - fail phi_d, phi_d' = mend phi_u - (s + mend) phi_d,
    phi_d(0) = 1, phi_u'(B) = 0 (VERIFICATION, F2), by the exponential of the matrix.
    """
    a, b, c, d = (s + FAIL) / RISE, -FAIL / RISE + 0 * s, MEND + 0 * s, -(s + MEND)
    m = (a + d) / 2
    q = np.sqrt(m * m - (a * d - b * c))
    grow, cosh, sinh = np.exp(m * B), np.cosh(q * B), np.sinh(q * B) / q
    uu, ud = grow * (cosh + sinh * (a - m)), grow * sinh * b
    du, dd = grow * sinh * c, grow * (cosh + sinh * (d - m))
    # (up, 0) = p with phi(B) = E (p, 1): (s + fail) phi_u(B) = fail phi_d(B)
    p = (FAIL * dd - (s + FAIL) * ud) / ((s + FAIL) * uu - FAIL * du)
    return p, uu * p + ud


def exceedance(x: float) -> float:
    """Return P(days lost in [0, T] > x), by Abate and Whitt's (1995) Euler inversion."""
    y, terms, m = T - x, 40, 12
    k = np.arange(terms + m + 1)
    s = (18.4 + 2j * np.pi * k) / (2 * y)
    phi, first = transforms(s)
    values = (first * np.exp(-MEND * x * (1 - phi)) / s).real
    weight = np.where(k == 0, 0.5, (-1.0) ** k)
    sums = np.cumsum(weight * values)[terms:] * np.exp(9.2) / y
    binomial = np.array(
        [float(np.prod((m - np.arange(j)) / (np.arange(j) + 1))) for j in range(m + 1)]
    )
    return float(sums @ binomial / 2.0**m)


EXCEEDED = {10: 0.9791734, 30: 0.94796311, 60: 0.88128867, 120: 0.69971904} | {
    240: 0.32926691,
    480: 0.031573317,
}


def test_the_transform_gives_the_table_of_v2_1():
    assert exceedance(0.0) == pytest.approx(1 - 0.0095883656, abs=1e-7)
    for x, share in EXCEEDED.items():
        assert exceedance(float(x)) == pytest.approx(share, abs=1e-7)


@functools.cache
def days_lost(n: int, per_day: int) -> np.ndarray:
    """Return lost days of V2.1 of each replication."""
    chain = buffered(125.0, B * per_day)
    rule = failing("mine", exponential(per_day / FAIL), exponential(per_day / MEND))
    periods = int(T) * per_day + 1
    return totals(chain, {"h": rule}, periods, "user", n=n) / 100.0 / per_day


def check_v2_1(n: int, per_day: int) -> None:
    lost = days_lost(n, per_day)
    # 7.2 outages that lose something, r/2 of a period less each: 0.9 days at one period a day.
    near(lost, 200.3206, 127.67, bias=0.9 / per_day)
    assert abs(lost.std() - 127.66693) < 4 * 127.67 * np.sqrt(2.5 / n) / 2
    near_share(lost == 0, 0.0095883656)
    for x, share in EXCEEDED.items():
        near_share(lost > x, share)
    near_tail(lost, 0.95, (439.22946, 396.02), (522.89732, 505.97))
    grid = np.arange(0.0, 700.0, 5.0)
    ecdf = (lost[:, None] > grid).mean(axis=0)
    distance = np.abs(ecdf - [exceedance(x) for x in grid]).max()
    # R4, and what half a period is worth where the density is largest (0.0034 a day)
    assert distance <= 2.2253 / np.sqrt(n) + 0.0034 * 0.9 / per_day


def test_v2_1_one_supplier_and_one_buffer():
    check_v2_1(8000, 1)


@pytest.mark.slow
def test_v2_1_with_a_hundred_thousand_replications():
    check_v2_1(100_000, 2)


def check_v2_1_stationary(n: int, days: int) -> None:
    lost, full, stock = [], [], []
    rule = failing("mine", exponential(1 / FAIL), exponential(1 / MEND))
    for ran in blocks(buffered(125.0, B), {"h": rule}, days, n=n, trace=True):
        lost.extend(ran.short("user")[SETTLED:].mean(axis=0) / 100)
        held = stock_of(ran, "user")[SETTLED:] / 100
        stock.extend(held.mean(axis=0))
        full.extend((held >= B * FULL).mean(axis=0))
    near_own(np.array(lost), 0.056014737, bias=0.125 / 445)
    near_own(np.array(full), 0.71844097)
    near_own(np.array(stock), 25.142681)


def test_v2_1_in_the_long_run():
    check_v2_1_stationary(200, 10_000)


@pytest.mark.slow
def test_v2_1_with_four_hundred_long_paths():
    check_v2_1_stationary(400, 100_000)


# --- refilled at once ---------------------------------------------------------------------------


def check_v2_2(n: int, days: int, per_day: int) -> None:
    p, cover = per_day, 45.0
    rule = failing("mine", exponential(700.0 * p), lognormal(60.0 * p, 1.5))
    lost, count, events, share, yearly = [], [], [], [], []
    for ran in blocks(buffered(1e5, cover * p), {"h": rule}, days * p, n=n):
        short = ran.short("user")
        lost.extend(short.sum(axis=0) / 100 / p)
        count.extend(outages(ran, days * p))
        events.extend(episodes(short))
        late = short[SETTLED * p :]
        share.extend(late.mean(axis=0) / 100)
        yearly.extend(episodes(late) / ((days - SETTLED) / YEAR))
    lost, count, events = np.array(lost), np.array(count), np.array(events)
    half = 0.5 / p  # days that the refill takes from an outage that outlasts the stock
    near_own(lost - 29.848611 * count, 0.0, bias=half * events.mean())
    near_own(events - 0.39056547 * count, 0.0, bias=half * 0.008 * count.mean())  # density at 45
    near_own(np.array(share), 0.039274488, bias=half * 0.39 / 760)
    near_own(np.array(yearly), 0.18757421, bias=half * 0.008 * YEAR / 760)


def test_v2_2_buffer_refilled_at_once():
    check_v2_2(200, 20_000, 2)


@pytest.mark.slow
def test_v2_2_with_a_thousand_long_paths():
    check_v2_2(1000, 100_000, 1)


def check_v2_2x(n: int, per_day: int) -> None:
    p = per_day
    rule = failing("mine", exponential(500.0 * p), exponential(40.0 * p))
    lost, events = [], []
    for ran in blocks(buffered(1e5, 60.0 * p), {"h": rule}, 3650 * p + 1, n=n):
        lost.extend(ran.judged("shortfall_t", "user") / 100 / p)
        events.extend(episodes(ran.short("user")))
    half = 0.5 / p
    near_own(np.array(lost), 58.72394, bias=half * 1.4846)
    near_own(np.array(events), 1.4846267, bias=1.4846 * half / 40)
    near(np.array(lost) == 0, 0.21284302, 0.40932, bias=0.213 * 1.4846 * half / 40)


def test_v2_2x_exponential_outages_and_a_finite_horizon():
    check_v2_2x(8000, 2)


@pytest.mark.slow
def test_v2_2x_with_a_hundred_thousand_replications():
    check_v2_2x(100_000, 4)


# --- slow refill, two suppliers, two stages -----------------------------------------------------


def check_v2_3(n: int, days: int, per_day: int) -> None:
    p = per_day
    rule = failing("mine", exponential(300.0 * p), {"min": 40.0 * p, "max": 100.0 * p})
    share, at_start = [], []
    for ran in blocks(buffered(150.0, 30.0 * p), {"h": rule}, days * p, n=n, trace=True):
        share.extend(ran.short("user")[SETTLED * p :].mean(axis=0) / 100)
        stock = stock_of(ran, "user") / 100
        owner = np.repeat(np.arange(stock.shape[1]), np.diff(ran.tape.shock_ptr))
        day = ran.tape.onset_days
        kept = (day > SETTLED * p) & (day < days * p - 2)
        day, owner = day[kept], owner[kept]
        k = day.astype(int)
        # In period k there lies in stock what was sent before it; more comes until the outage.
        before = np.minimum(30.0 * p, stock[k, owner] + 0.5 * (day - k))
        at_start.extend(before / p)
    near_own(np.array(share), 0.11570166, bias=0.25 / p / 370)
    near_own(np.array(at_start), 27.190387, bias=0.25 / p)


def test_v2_3_every_outage_outlasts_the_buffer():
    check_v2_3(200, 20_000, 1)


@pytest.mark.slow
def test_v2_3_with_four_hundred_long_paths():
    check_v2_3(400, 100_000, 1)


def two_suppliers(cover_days: float) -> tuple[Map, Map]:
    """Return V2.4: a pool of both, of which a sink takes what the user does not."""
    from_pool = {"pool": lane()}
    chain = network(
        a=mine(60.0),
        b=mine(60.0),
        pool=refiner(
            120.0, "metal", {"ore": feed({"a": lane(0.5), "b": lane(0.5)})}, priority=["JPN"]
        ),
        user=user(100.0, {"metal": feed(from_pool, cover_days=cover_days, **AT_ONCE)}),
        sink=user(20.0, {"metal": feed(from_pool)}, country="OTH"),
    )
    return chain, {s: failing(s, exponential(300.0), exponential(40.0)) for s in "ab"}


def check_v2_4(n: int, days: int) -> None:
    lost, time, full, stock = [], [], [], []
    for ran in blocks(*two_suppliers(20.0), days, n=n, trace=True):
        short = ran.short("user")[SETTLED:]
        held = stock_of(ran, "user", "metal")[SETTLED:] / 100
        lost.extend(short.mean(axis=0) / 100)
        # A day that is short in part counts as a whole one: a day more for each episode.
        time.extend((short > 1e-7).mean(axis=0) - episodes(short) / len(short))
        full.extend((held >= 20.0 * FULL).mean(axis=0))
        stock.extend(held.mean(axis=0))
    near_own(np.array(lost), 0.043727081, bias=0.1 * 0.0025)
    near_own(np.array(time), 0.093537498, bias=0.2 * 0.0025)  # 0.0025 episodes a day
    near_own(np.array(full), 0.51275305)
    near_own(np.array(stock), 14.534614)


def test_v2_4_two_suppliers_and_one_buffer():
    check_v2_4(200, 10_000)


def test_v2_4_without_the_buffer():
    chain, hazards = two_suppliers(0.0)
    chain["sites"]["user"]["feeds"]["metal"]["adjustment_days"] = 1e18
    shares = []
    for ran in blocks(chain, hazards, 10_000, n=200):
        shares.extend(ran.short("user")[SETTLED:].mean(axis=0) / 100)
    near_own(np.array(shares), 0.096885813)


@pytest.mark.slow
def test_v2_4_with_four_hundred_long_paths():
    check_v2_4(400, 100_000)


def two_stages(cover_days: float) -> tuple[Map, Map]:
    """Return V2.5, and beside it a probe that the mine's hazard hits as well."""
    chain = network(
        mine=mine(120.0),
        refiner=refiner(
            100.0, "metal", {"ore": feed({"mine": lane()}, cover_days=cover_days, **AT_ONCE)}
        ),
        user=user(100.0, {"metal": feed({"refiner": lane()})}),
        mine_probe=mine(100.0, "hint"),
        refiner_probe=mine(100.0, "hint"),
        mine_seen=user(100.0, {"hint": feed({"mine_probe": lane()})}),
        refiner_seen=user(100.0, {"hint": feed({"refiner_probe": lane()})}),
    )
    times = {"mine": (500.0, 50.0), "refiner": (800.0, 30.0)}
    return chain, {
        site: hazard(
            {"up_days": exponential(up)},
            exponential(down),
            site_outage(site, 1.0),
            site_outage(f"{site}_probe", 1.0),
        )
        for site, (up, down) in times.items()
    }


def check_v2_5(n: int, days: int) -> None:
    lost, starved, full, stock = [], [], [], []
    for ran in blocks(*two_stages(15.0), days, n=n, trace=True):
        short, down = (ran.short(name)[SETTLED:] / 100 for name in ("user", "refiner_seen"))
        held = stock_of(ran, "refiner")[SETTLED:] / 100
        mine_up = ran.short("mine_seen")[SETTLED:] == 0
        lost.extend(short.mean(axis=0))
        starved.extend((short - down).mean(axis=0))
        full.extend((mine_up & (held >= 15.0 * FULL)).mean(axis=0))
        stock.extend(held.mean(axis=0))
    near_own(np.array(lost), 0.10185199)
    near_own(1 - np.array(lost), 0.89814801)
    near_own(np.array(starved), 0.065707416)
    near_own(np.array(full), 0.80480129)
    # An order is placed before it is known that the refiner stands still: a day's use more in
    # stock during its outages.
    near_own(np.array(stock), 13.059848, bias=30 / 830)


def test_v2_5_unreliable_mine_stock_and_unreliable_refiner():
    check_v2_5(200, 10_000)


@pytest.mark.slow
def test_v2_5_with_four_hundred_long_paths():
    check_v2_5(400, 100_000)


@pytest.mark.parametrize(("cover_days", "share"), [(0.0, 0.1237678), (1e6, 0.036144578)])
def test_v2_5_without_a_stock_and_with_an_unlimited_one(cover_days, share):
    shares = []
    for ran in blocks(*two_stages(cover_days), 10_000, n=200):
        shares.extend(ran.short("user")[SETTLED:].mean(axis=0) / 100)
    # without a stock the day's order above still lies there after an outage of the refiner
    near_own(np.array(shares), share, bias=1e-4 if cover_days == 0 else 0.0)


# --- one outage, a fixed cycle, a second source -------------------------------------------------

ONE_OUTAGE = {
    "a": ({"median": 60.0, "sigma": 0.9, "family": "lognormal"}, 0.62538193, 51.803674, 96.277),
    "b": ({"family": "weibull", "shape": 0.8, "scale": 90.0}, 0.56307121, 68.847987, 120.95),
    "c": (
        {"family": "triangular", "min": 10.0, "mode": 30.0, "max": 110.0},
        0.528125,
        11.442708,
        15.523,
    ),
}


def check_v2_6(case: str, n: int) -> None:
    law, short, mean, sd = ONE_OUTAGE[case]
    rule = hazard({"day": 12.5}, law, site_outage("mine", 1.0))
    chain = buffered(100.0, 45.0, adjustment_days=1e18)
    # No surplus: totals are exact for any step. One in a million outages lasts 4000 days.
    lost = totals(chain, {"h": rule}, 800, "user", n=n, step_days=5) / 100.0
    near_share(lost > 1e-6, short)
    near(lost, mean, sd)


@pytest.mark.parametrize("case", list("abc"))
def test_v2_6_one_outage_of_random_length_against_a_stock(case):
    check_v2_6(case, 10_000)


@pytest.mark.slow
@pytest.mark.parametrize("case", list("abc"))
def test_v2_6_with_a_hundred_thousand_replications(case):
    check_v2_6(case, 100_000)


def test_v2_7_fixed_cycle_with_a_refill_that_is_not_completed():
    told = both(buffered(110.0, 25.0), {"h": failing("mine", 60.0, 20.0)}, 6 * 80 + 1)
    begin = [60 + 80 * i + 1 for i in range(6)]
    stock = [told.stock_at("user", day) / 100 for day in begin]
    np.testing.assert_allclose(stock, [25, 11, 6, 6, 6, 6], atol=1e-9)
    lost = [told.short("user")[day : day + 20].sum() / 100 for day in begin]
    np.testing.assert_allclose(lost, [0, 9, 14, 14, 14, 14], atol=1e-9)
    assert told.short("user").sum() == pytest.approx(100 * sum(lost), rel=1e-12)


def second_source(cover_days: float, per_day: int) -> Map:
    """Return V2.8: a store without end gives half of demand from 30 days after an outage begins.

    It looks at the user's stock after arrivals, which is below a full one from an outage's first
    period to its last.
    """
    p = per_day
    refill = AT_ONCE if cover_days else {"adjustment_days": 1e18}
    chain = buffered(1e5 if cover_days else 100.0, cover_days * p, **refill)
    chain["sites"]["store"] = reserve(
        1e9,
        {"user": None},
        trigger_days=cover_days * p + 1,
        activation_days=30.0 * p + 0.5,
        max_rate=50.0,
    )
    return chain


SECOND = {
    0.0: (0.054421517, 53.333086),
    20.0: (0.035135325, 34.432618),
    45.0: (0.018624144, 18.251661),
}


def check_v2_8(cover_days: float, n: int, days: int, per_day: int) -> None:
    p = per_day
    fraction, each = SECOND[cover_days]
    rule = failing("mine", exponential(900.0 * p), lognormal(80.0 * p, 1.2))
    lost, count, share = [], [], []
    for ran in blocks(second_source(cover_days, p), {"h": rule}, days * p, n=n):
        short = ran.short("user") / 100 / p
        lost.extend(short.sum(axis=0))
        count.extend(outages(ran, days * p))
        share.extend(short[SETTLED * p :].sum(axis=0) / (days - SETTLED))
    # The store opens at the border of a period and gives up to its rate in an outage's last one:
    # 0.4 of a period of demand more an outage; the refill takes half a period.
    bias = 0.9 / p
    near_own(np.array(lost) - each * np.array(count), 0.0, bias=bias * np.mean(count))
    near_own(np.array(share), fraction, bias=bias / 980)


@pytest.mark.parametrize("cover_days", list(SECOND))
def test_v2_8_second_source_after_a_reaction_time(cover_days):
    check_v2_8(cover_days, 200, 20_000, 2)


@pytest.mark.slow
@pytest.mark.parametrize("cover_days", list(SECOND))
def test_v2_8_with_four_hundred_long_paths(cover_days):
    check_v2_8(cover_days, 400, 100_000, 2)
