"""Known answers of the SimPy model: deterministic chains worked out by hand, in continuous time.

Each case is written for continuous flow; a lane that the case calls immediate takes one day here,
so that everything downstream comes a day later: shifted, not stretched.
"""

from __future__ import annotations

import numpy as np
import pytest
from by_hand import (
    Row,
    Told,
    ban,
    feed,
    lane,
    longer,
    mine,
    network,
    outage,
    refiner,
    reserve,
    run,
    segments,
    user,
)

from sim.shocks import tape as on

AT_ONCE = {"adjustment_days": 0.0}
REROUTES = {"rerouting": 1.0, "perception_days": 0.0}


def assert_short(told: Told, name: str, n: int, *pieces: tuple) -> None:
    np.testing.assert_allclose(told.short(name), segments(n, *pieces), rtol=1e-9, atol=1e-9)


def assert_stock(told: Told, days: list[int], stock: list[float], product: str = "ore") -> None:
    found = [told.stock_at("user", day, product) for day in days]
    np.testing.assert_allclose(found, stock, rtol=1e-9, atol=1e-9)


def single(
    capacity: float = 100.0,
    demand: float = 100.0,
    transit: float = 0.0,
    supplier: dict | None = None,
    site: dict | None = None,
    **feed_options: float,
) -> dict:
    """Return one mine and one user."""
    return network(
        mine=mine(capacity, **(supplier or {})),
        user=user(
            demand, {"ore": feed({"mine": lane(1.0, transit)}, **feed_options)}, **(site or {})
        ),
    )


def test_shortfall_of_a_single_chain_begins_when_pipelines_and_stock_are_used_up():
    chain = network(
        mine=mine(100.0),
        refiner=refiner(100.0, "oxide", {"ore": feed({"mine": lane(1.0, 10)})}),
        maker=refiner(100.0, "magnet", {"oxide": feed({"refiner": lane(1.0, 5)})}),
        user=user(100.0, {"magnet": feed({"maker": lane(1.0, 15)}, cover_days=20.0)}),
    )
    told = run(chain, [outage("mine", 50, 90)], 200)
    assert_short(told, "user", 200, (100, 120, 100))
    assert told.short("user").sum() == pytest.approx(2000, rel=1e-12)
    assert_stock(told, [80, 90, 100, 150, 200], [2000, 1000, 0, 0, 0], "magnet")


def test_stock_covers_an_outage_for_its_days_and_refills_from_surplus():
    told = run(single(125.0, cover_days=10.0, **AT_ONCE), [outage("mine", 30, 60)], 151)
    assert_short(told, "user", 151, (41, 61, 100))
    assert_stock(told, [31, 41, 61, 81, 101, 151], [1000, 0, 0, 500, 1000, 1000])


def test_orders_count_what_is_on_the_way():
    told = run(single(125.0, transit=25, cover_days=10.0, **AT_ONCE), [outage("mine", 30, 60)], 150)
    assert_short(told, "user", 150, (65, 85, 100))
    made = segments(150, (0, 30, 100), (60, 100, 125), (100, 150, 100))
    np.testing.assert_allclose(told.lane("shipped", "mine", "user"), made, atol=1e-9)
    assert_stock(told, [55, 65, 85, 105, 125, 150], [1000, 0, 0, 500, 1000, 1000])


def test_a_second_refiner_makes_up_what_its_capacity_allows_during_a_ban():
    reacts = {"points": [[0.0, 1.0], [115.0, 55 / 40], [190.0, 1.0]]}
    chain = network(
        first=mine(60.0),
        second=mine(40.0, capacity_path=reacts),
        user=user(
            100.0, {"ore": feed({"first": lane(0.6, 20), "second": lane(0.4, 20)}, **REROUTES)}
        ),
    )
    told = run(chain, [ban("first", "user", 100, 190)], 250)
    assert_short(told, "user", 250, (120, 135, 60), (135, 210, 45))
    assert told.short("user").sum() == pytest.approx(4275, rel=1e-12)


def three_users(**supplier: list) -> dict:
    def one(demand: float, country: str) -> dict:
        return user(demand, {"ore": feed({"mine": lane()})}, country=country)

    return network(
        mine=mine(100.0, **supplier), u1=one(50.0, "JPN"), u2=one(30.0, "USA"), u3=one(20.0, "KOR")
    )


@pytest.mark.parametrize(
    ("priority", "rates"),
    [
        ([], [20, 12, 8]),
        (["KOR", "JPN"], [10, 30, 0]),
        ([["KOR", "JPN", "USA"]], [20, 12, 8]),
    ],
)
def test_rationing_is_class_by_class_and_pro_rata_within_a_class(priority, rates):
    told = run(three_users(priority=priority), [outage("mine", 10, 40, 0.4)], 60)
    for name, rate in zip(("u1", "u2", "u3"), rates, strict=True):
        assert_short(told, name, 60, (11, 41, rate))


def licensed(points: list[tuple[float, float]]) -> Told:
    chain = single(transit=10, cover_days=15.0)
    return run(chain, [Row(on.EXTRA_DAYS, [("mine", "user")], points)], 240)


def test_licensing_delays_what_leaves_while_it_is_on():
    told = licensed([(50, 45), (140, 45)])
    assert_short(told, "user", 240, (75, 105, 100))
    assert_stock(told, [60, 75, 105, 150, 195, 240], [1500, 0, 0, 0, 4500, 4500])
    left = segments(240, (0, 50, 100), (95, 140, 100), (140, 185, 200), (185, 240, 100))
    arrived = np.concatenate([np.full(10, 100.0), left[:-10]])
    np.testing.assert_allclose(told.lane("arrived", "mine", "user"), arrived)


def test_pending_licences_come_as_one_pulse_when_the_office_closes():
    told = licensed([(50, 45), (95, 45), (140, 0)])
    assert_short(told, "user", 240, (75, 105, 100))
    assert_stock(told, [60, 75, 105, 150, 151, 240], [1500, 0, 0, 0, 4500, 4500])
    assert told.lane("arrived", "mine", "user")[150] == pytest.approx(4500 + 100)


def test_a_stockpile_opens_by_trigger_and_activation_and_gives_at_its_rate():
    # The trigger looks at stock after arrivals: 300 t left at the end of a day of use are 340 t
    # then. First at or below 340 t on day 31 (day 30 and one day for the lane); open for more than
    # 14 days from then: on day 45.
    chain = single(cover_days=9.0)
    chain["sites"]["store"] = reserve(
        1400.0, {"user": None}, trigger_days=3.41, activation_days=14.0, max_rate=35.0
    )
    told = run(chain, [outage("mine", 20, 110, 0.6)], 160)
    assert_short(told, "user", 160, (36, 45, 60), (45, 85, 25), (85, 111, 60))
    assert told.short("user").sum() == pytest.approx(3100, rel=1e-12)
    np.testing.assert_allclose(told.released("store"), segments(160, (45, 85, 35)), atol=1e-9)
    left = [told.stock_at("store", day) for day in (45, 65, 85, 160)]
    np.testing.assert_allclose(left, [1400, 700, 0, 0], atol=1e-9)


def test_a_project_fills_a_gap_as_it_ramps_up():
    chain = network(
        projects={"new": {"site": "c", "capacity": 50.0, "start": 220.0, "ramp_days": 90.0}},
        a=mine(80.0),
        c=mine(20.0),
        user=user(100.0, {"ore": feed({"a": lane(0.8), "c": lane(0.2)}, **REROUTES)}),
    )
    told = run(chain, [outage("a", 100, 400)], 450, starts=[220.0])
    assert_short(told, "user", 450, (101, 221, 80), (221, 311, 80, 30), (311, 401, 30))
    assert told.short("user").sum() == pytest.approx(17250, rel=1e-12)


def test_substitution_begins_after_its_delay_and_rises_to_its_limit():
    chain = single(
        site={"substitution": {"limit": 0.3, "delay_days": 60.0, "days": 100.0}}, **AT_ONCE
    )
    told = run(chain, [outage("mine", 0, 300, 0.5)], 361)
    assert_short(told, "user", 361, (1, 61, 50), (61, 161, 50, 20), (161, 301, 20))
    assert told.short("user").sum() == pytest.approx(9300, rel=1e-9)
    assert told.of_user("spared", "user")[161:301] == pytest.approx(30.0)


def test_the_scarcest_of_two_inputs_limits_and_the_other_piles_up():
    # one period is a third of a day: 1000 / 3 units; days of the case times 3
    chain = network(
        nd=mine(100.0, "nd"),
        dy=mine(20 / 3, "dy"),
        user=user(
            1000 / 3,
            {
                "nd": feed({"nd": lane()}, coefficient=0.30),
                "dy": feed({"dy": lane()}, coefficient=0.02, cover_days=15.0),
            },
        ),
    )
    told = run(chain, [outage("dy", 30, 150, 0.75)], 241)
    assert_short(told, "user", 241, (51, 151, 250))
    assert told.short("user").sum() == pytest.approx(25000, rel=1e-9)
    assert_stock(told, [241], [7500], "nd")
    assert_stock(told, [241], [0], "dy")


def test_a_linear_recovery_acts_by_its_exact_mean():
    told = run(
        single(cover_days=25.0), [Row(on.AVAILABILITY, ["mine"], [(50, 1), (90, 1), (150, 0)])], 200
    )
    assert_short(told, "user", 200, (76, 91, 100), (91, 151, 100, 0))
    assert told.short("user").sum() == pytest.approx(4500, rel=1e-12)


def test_overlapping_shocks_multiply_what_they_leave():
    told = run(single(), [outage("mine", 10, 30, 0.5), outage("mine", 20, 50, 0.6)], 80)
    assert_short(told, "user", 80, (11, 21, 50), (21, 31, 80), (31, 51, 60))
    assert told.short("user").sum() == pytest.approx(2500, rel=1e-12)


def test_two_moving_shocks_leave_the_mean_of_their_product():
    # both fall from 1 to 0 over one day: they leave t each, t * t together: a third, not a quarter
    fall = [Row(on.AVAILABILITY, ["mine"], [(10, 1), (11, 0)]) for _ in range(2)]
    shipped = run(single(), fall, 20).lane("shipped", "mine", "user")
    assert shipped[10] == pytest.approx(100 / 3, rel=1e-12)
    assert shipped[9] == shipped[11] == 100.0


def test_a_longer_route_delays_what_leaves_while_the_strait_is_closed():
    told = run(single(transit=20, cover_days=6.0), [longer("mine", "user", 30, 80, 14)], 150)
    assert_short(told, "user", 150, (56, 64, 100))
    arrived = segments(150, (0, 50, 100), (64, 100, 100), (100, 114, 200), (114, 150, 100))
    np.testing.assert_allclose(told.lane("arrived", "mine", "user"), arrived, atol=1e-9)
    assert_stock(told, [50, 56, 64, 100, 114, 150], [600, 0, 0, 0, 1400, 1400])


def test_a_shock_of_zero_severity_changes_nothing():
    quiet = run(three_users(), [], 30)
    zero = run(three_users(), [outage("mine", 5, 20, 0.0), ban("mine", "u1", 5, 20, 0.0)], 30)
    assert np.array_equal(quiet.flow.want, zero.flow.want)
    assert np.array_equal(quiet.flow.trace.stock, zero.flow.trace.stock)
    assert not zero.flow.shortfall.any()


def test_what_lies_beyond_the_horizon_is_not_simulated():
    told = run(single(), [outage("mine", 15, 400), outage("mine", 300, 400)], 20)
    assert_short(told, "user", 20, (16, 20, 100))
    assert run(single(), [outage("mine", -9, 0)], 20).short("user").sum() == 0.0
