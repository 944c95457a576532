"""Known answers F4: deterministic networks, full trajectories, through both engines.

Every case is in continuous time. A lane that the case calls immediate takes one day here, so that
its answer comes a day later (`D`): onset to the day, totals exactly.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from by_hand import Map, Told, feed, lane, mine, network, refiner, reserve, segments, user
from known import YEAR, ban, both, hazard, site_outage, stop

D = 1  # the day that an immediate lane takes
AT_ONCE = {"adjustment_days": 0.0}
REROUTES = {"rerouting": 1.0, "perception_days": 0.0}


def later(*pieces: tuple, by: int = D) -> list[tuple]:
    """Return segments shifted by some days."""
    return [(begin + by, end + by, *rates) for begin, end, *rates in pieces]


def assert_short(told: Told, *pieces: tuple, total: float | None = None, name: str = "user"):
    """Assert R1: the trajectory day by day, and its total."""
    short = told.short(name)
    scale = told.of_user("want", name).sum()
    np.testing.assert_allclose(short, segments(len(short), *pieces), rtol=0, atol=1e-9 * scale)
    if total is not None:
        assert short.sum() == pytest.approx(total, rel=0, abs=1e-9 * scale)


def assert_stock(told: Told, days: list[int], stock: list[float], product: str = "ore", **where):
    name, by = where.get("name", "user"), where.get("by", 0)
    found = [told.stock_at(name, day + by, product) for day in days]
    np.testing.assert_allclose(found, stock, rtol=1e-9, atol=1e-6)


def single(capacity: float = 100.0, transit: float = 0.0, site: Map | None = None, **options):
    """Return one mine and one user of 100 t a day."""
    ore = feed({"mine": lane(1.0, transit, routes=["strait"])}, **options)
    return network(mine=mine(capacity), user=user(100.0, {"ore": ore}, **(site or {})))


# --- chains and stocks --------------------------------------------------------------------------


def test_v4_1_shortfall_begins_when_pipelines_and_stock_are_used_up():
    chain = network(
        mine=mine(100.0),
        refiner=refiner(100.0, "oxide", {"ore": feed({"mine": lane(1.0, 10)})}),
        maker=refiner(100.0, "magnet", {"oxide": feed({"refiner": lane(1.0, 5)})}),
        user=user(100.0, {"magnet": feed({"maker": lane(1.0, 15)}, cover_days=20.0)}),
    )
    told = both(chain, {"h": stop("mine", 50, 90)}, 200)
    assert_short(told, (100, 120, 100), total=2000)
    assert_stock(told, [80, 90, 100, 150, 200], [2000, 1000, 0, 0, 0], "magnet")


def test_v4_2a_stock_covers_an_outage_for_its_days_and_refills_from_surplus():
    chain = single(125.0, cover_days=10.0, **AT_ONCE)
    told = both(chain, {"h": stop("mine", 30, 60)}, 150 + D)
    assert_short(told, *later((40, 60, 100)), total=2000)
    assert_stock(told, [30, 40, 60, 80, 100, 150], [1000, 0, 0, 500, 1000, 1000], by=D)


def test_v4_2b_orders_count_what_is_on_the_way():
    chain = single(125.0, transit=25, cover_days=10.0, **AT_ONCE)
    told = both(chain, {"h": stop("mine", 30, 60)}, 150)
    assert_short(told, (65, 85, 100), total=2000)
    made = segments(150, (0, 30, 100), (60, 100, 125), (100, 150, 100))
    np.testing.assert_allclose(told.lane("shipped", "mine", "user"), made, atol=1e-9)
    assert_stock(told, [55, 65, 85, 105, 125, 150], [1000, 0, 0, 500, 1000, 1000])


# --- bans, rationing, rerouting -----------------------------------------------------------------


def test_v4_3_a_second_refiner_makes_up_what_it_can_during_a_ban():
    reacts = {"points": [[0.0, 1.0], [115.0, 55 / 40], [190.0, 1.0]]}
    lanes = {"first": lane(0.6, 20), "second": lane(0.4, 20)}
    chain = network(
        first=mine(60.0),
        second=mine(40.0, capacity_path=reacts),
        user=user(100.0, {"ore": feed(lanes, **REROUTES)}),
    )
    told = both(chain, {"h": ban("first", "user", 100, 190)}, 250)
    assert_short(told, (120, 135, 60), (135, 210, 45), total=4275)


@pytest.mark.parametrize(
    ("priority", "rates", "tonnes"),
    [([], [20, 12, 8], [600, 360, 240]), (["KOR", "JPN"], [10, 30, 0], [300, 900, 0])],
)
def test_v4_4_rationing_is_pro_rata_or_by_strict_priority(priority, rates, tonnes):
    def one(demand: float, country: str) -> Map:
        return user(demand, {"ore": feed({"mine": lane()})}, country=country)

    chain = network(
        mine=mine(100.0, priority=priority),
        u1=one(50.0, "JPN"),
        u2=one(30.0, "USA"),
        u3=one(20.0, "KOR"),
    )
    told = both(chain, {"h": stop("mine", 10, 40, 0.4)}, 60)
    for name, rate, total in zip(("u1", "u2", "u3"), rates, tonnes, strict=True):
        assert_short(told, *later((10, 40, rate)), total=total, name=name)


def banned_to_a() -> tuple[Map, Map]:
    """Return V4.5: reactions are projects with offtake; A takes all that it is offered.

    Y's extra 10 t/d and the detour by B begin as projects on days 100 and 114. B's agent stops
    buying when the ban ends, and so does Y's extra. From then on A orders without limit (a control
    that is announced, and lies beyond the horizon, lets it stock up), so that X's own capacity
    decides what it gets; X serves home and B first.
    """
    projects = {
        "y_more": {"site": "y", "capacity": 10.0, "start": 100, "offtake": {"a": {"share": 1 / 3}}},
        "by_b": {"site": "agent", "capacity": 12.0, "start": 114, "offtake": {"a": {"share": 0.4}}},
    }
    to_a = {"x": lane(1.0, 20), "y": lane(0.0, 25), "agent": lane(0.0, 10)}
    chain = network(
        projects=projects,
        x=mine(100.0, priority=["home", "KOR"]),
        y=mine(0.0) | {"country": "AUS"},
        agent=refiner(0.0, "ore", {"ore": feed({"x": lane(1.0, 20)})}) | {"country": "KOR"},
        home=user(30.0, {"ore": feed({"x": lane()})}, country="CHN"),
        b=user(40.0, {"ore": feed({"x": lane(1.0, 20)})}, country="KOR"),
        a=user(30.0, {"ore": feed(to_a, precaution=100.0, **AT_ONCE)}),
    )
    hazards = {
        "ban": ban("x", "a", 100, 160),
        "agent_stops": ban("x", "agent", 160, 400),
        "y_stops": stop("y", 160, 400),
        "announced": ban("x", "a", 300, 301, notice_days=140.0),
    }
    return chain, hazards


def test_v4_5_a_ban_to_one_destination_and_a_detour():
    told = both(*banned_to_a(), 250)
    assert_short(told, (120, 125, 30), (125, 144, 20), (144, 180, 8), total=818, name="a")
    assert_stock(told, [180, 185, 190, 250], [0, 110, 170, 170], name="a")
    made = sum(told.lane("shipped", "x", buyer) for buyer in ("a", "b", "home", "agent"))
    steps = ((0, 100, 100), (100, 114, 70), (114, 160, 82), (160, 250, 100))
    np.testing.assert_allclose(made, segments(250, *steps), atol=1e-9)
    assert (100 - made).sum() == pytest.approx(1248, abs=1e-6)
    assert not told.short("b").any()
    assert not told.short("home").any()


# --- licensing and routes -----------------------------------------------------------------------


def licensed(days: float, **profile: float) -> Told:
    office = {
        "kind": "control",
        "type": "licensing",
        "origin": {"site": "mine"},
        "to": {"site": "user"},
        "processing_days": 45.0,
        "severity": 0.0,
    }
    rule = hazard({"day": 50.0}, days, office, profile=profile)
    return both(single(transit=10, cover_days=15.0), {"h": rule}, 240)


def test_v4_6a_requests_made_while_licences_are_needed_leave_45_days_later():
    told = licensed(90.0)
    assert_short(told, (75, 105, 100), total=3000)
    assert_stock(told, [60, 75, 105, 150, 195, 240], [1500, 0, 0, 0, 4500, 4500])
    left = segments(250, (0, 50, 100), (95, 140, 100), (140, 185, 200), (185, 250, 100))
    arrived = np.concatenate([np.full(10, 100.0), left[:230]])
    np.testing.assert_allclose(told.lane("arrived", "mine", "user"), arrived, atol=1e-9)


def test_v4_6b_pending_requests_leave_in_one_pulse_when_the_office_closes():
    told = licensed(45.0, easing_days=45.0)  # a day later, a day less to wait: all leave on day 140
    assert_short(told, (75, 105, 100), total=3000)
    assert_stock(told, [60, 75, 105, 150, 151, 240], [1500, 0, 0, 0, 4500, 4500])
    assert told.lane("arrived", "mine", "user")[140 + 10] == pytest.approx(100 + 4500)


def test_v4_17_a_longer_route_delays_what_leaves_while_a_strait_is_closed():
    detour = {"kind": "route", "routes": ["strait"], "extra_transit_days": 14.0}
    rule = hazard({"day": 30.0}, 50.0, detour)
    told = both(single(transit=20, cover_days=6.0), {"h": rule}, 150)
    assert_short(told, (56, 64, 100), total=800)
    arrived = segments(150, (0, 50, 100), (64, 100, 100), (100, 114, 200), (114, 150, 100))
    np.testing.assert_allclose(told.lane("arrived", "mine", "user"), arrived, atol=1e-9)
    assert_stock(told, [50, 56, 64, 100, 114, 150], [600, 0, 0, 0, 1400, 1400])


# --- stockpile, growth, project, substitution ---------------------------------------------------


def test_v4_7_a_stockpile_opens_by_trigger_and_delay_and_gives_at_its_rate():
    # The trigger looks at the stock after arrivals: 300 t left at the end of a day that needs
    # 60 t of them are 340 t before use and after 40 t came. First so on day 30 + D; more than 14
    # days of that on day 44 + D.
    chain = single(cover_days=9.0)
    chain["sites"]["store"] = reserve(
        1400.0, {"user": None}, trigger_days=3.41, activation_days=14.0, max_rate=35.0
    )
    told = both(chain, {"h": stop("mine", 20, 110, 0.6)}, 160 + D)
    assert_short(told, *later((35, 44, 60), (44, 84, 25), (84, 110, 60)), total=3100)
    given = segments(160 + D, *later((44, 84, 35)))
    np.testing.assert_allclose(told.released("store"), given, atol=1e-9)
    left = [told.stock_at("store", day + D) for day in (44, 64, 84, 160)]
    np.testing.assert_allclose(left, [1400, 700, 0, 0], atol=1e-9)


def grows(path: Map, cover_days: float, n: int) -> tuple[np.ndarray, float]:
    """Return V4.8: daily shortfall, and what was used of the small stock.

    An order takes a day, so that a user whose demand grows needs a small stock; that stock is used
    up before the shortfall begins, and is given back here.
    """
    told = both(single(115.0, cover_days=cover_days, site={"demand_path": path}, **AT_ONCE), {}, n)
    stock, want = told.feed("stock", "user"), told.of_user("want", "user")
    last = int(np.flatnonzero(want <= 115.0)[-1])
    assert stock[-1] == 0.0
    return told.short("user"), float(stock[last])


def test_v4_8a_growth_outruns_supply_when_the_formula_says():
    n = 5 * 365
    short, used = grows({"rate_per_year": math.expm1(0.06)}, 0.001, n)
    onset = math.log(1.15) / 0.06 * YEAR
    # The stock of 0.1 t delays the onset by sqrt(2 x 0.1 t / 0.0189 t/d per day): under 4 days.
    assert onset - 1 < np.flatnonzero(short)[0] < onset + 4
    # On the day of onset demand passes 115 at u = 0.2185 of the day; its mean over the day loses
    # what lies below: growth a day x u^2 / 2.
    kink = 115 * 0.06 / YEAR * (onset % 1) ** 2 / 2
    assert short.sum() + used + kink == pytest.approx(9480.9001, rel=0, abs=1e-4)
    at_end = 100 * math.exp(0.06 * 5) - 115
    assert at_end == pytest.approx(19.985881, abs=5e-7)
    assert short[-1] == pytest.approx(at_end, abs=115 * 0.07 / YEAR)  # mean of the last day


def test_v4_8b_growth_by_yearly_steps():
    steps = {"points": [[365.0 * k, 1.06**k] for k in range(5)]}
    short, used = grows(steps, 0.1, 5 * 365)
    by_year = short.reshape(5, 365)
    np.testing.assert_allclose(by_year[:, -1], [0, 0, 0, 4.1016, 11.247696], atol=1e-9)
    assert used == pytest.approx(0.1 * 100 * 1.06**2, rel=1e-9)
    # What comes on the first day of the fourth year was ordered by the demand of the third.
    late = 115.0 - 100 * 1.06**2
    assert short.sum() + used - late == pytest.approx(5602.493, rel=0, abs=5e-4)


def test_v4_9_a_new_project_fills_a_gap_as_it_ramps_up():
    chain = network(
        projects={"new": {"site": "c", "capacity": 50.0, "start": 220.0, "ramp_days": 90.0}},
        a=mine(80.0),
        c=mine(20.0),
        user=user(100.0, {"ore": feed({"a": lane(0.8), "c": lane(0.2)}, **REROUTES)}),
    )
    told = both(chain, {"h": stop("a", 100, 400)}, 450)
    pieces = later((100, 220, 80), (220, 310, 80, 30), (310, 400, 30))
    assert_short(told, *pieces, total=17250)


def test_v4_11_substitution_begins_after_its_delay_and_rises_to_its_limit():
    less = {"substitution": {"limit": 0.3, "delay_days": 60.0, "days": 100.0}}
    told = both(single(site=less, **AT_ONCE), {"h": stop("mine", 0, 300, 0.5)}, 360 + D)
    assert_short(told, *later((0, 60, 50), (60, 160, 50, 20), (160, 300, 20)), total=9300)


# --- two inputs, ramps, overlaps ----------------------------------------------------------------


def test_v4_12_the_scarcest_of_two_inputs_limits_and_the_other_piles_up():
    # A period is a third of a day: 1000 / 3 units. kg stand for tonnes.
    inputs = {
        "nd": feed({"nd": lane()}, coefficient=0.30),
        "dy": feed({"dy": lane()}, coefficient=0.02, cover_days=15.0),
    }
    chain = network(nd=mine(100.0, "nd"), dy=mine(20 / 3, "dy"), user=user(1000 / 3, inputs))
    told = both(chain, {"h": stop("dy", 30, 150, 0.75)}, 240 + D)
    assert_short(told, *later((50, 150, 250)), total=25000)  # [16 2/3, 50) in days
    assert_stock(told, [240], [7500], "nd", by=D)
    assert_stock(told, [240], [0], "dy", by=D)


def test_v4_13_a_linear_recovery_acts_by_its_exact_mean():
    rule = hazard({"day": 50.0}, 40.0, site_outage("mine", 1.0), profile={"easing_days": 60.0})
    told = both(single(cover_days=25.0), {"h": rule}, 200)
    assert_short(told, *later((75, 90, 100), (90, 150, 100, 0)), total=4500)


def test_v4_16_overlapping_shocks_multiply_what_they_leave():
    shocks = {"one": stop("mine", 10, 30, 0.5), "two": stop("mine", 20, 50, 0.6)}
    told = both(single(), shocks, 80)
    assert_short(told, *later((10, 20, 50), (20, 30, 80), (30, 50, 60)), total=2500)


# --- maximum flow -------------------------------------------------------------------------------

ARCS = {  # V4.15: capacity of the arc, flow of one best routing of the whole network
    ("m1", "r1"): (50, 40),
    ("m1", "r2"): (30, 20),
    ("m2", "r1"): (40, 20),
    ("m2", "r2"): (40, 20),
    ("m3", "r2"): (30, 20),
    ("r1", "u1"): (45, 35),
    ("r1", "u2"): (40, 25),
    ("r2", "u1"): (30, 25),
    ("r2", "u2"): (45, 35),
}


def arc_network() -> Map:
    """Return V4.15; each arc is a site of its own that passes on up to its capacity."""

    def product(name: str) -> str:
        return "ore" if name[0] == "m" else "metal"

    def into(node: str) -> dict[str, Map]:
        flow = {a: f for a, (_, f) in ARCS.items() if a[1] == node}
        whole = sum(flow.values())
        lanes = {f"{a}_{b}": lane(f / whole) for (a, b), f in flow.items()}
        return {product(next(iter(flow))[0]): feed(lanes, **REROUTES)}

    sites = {name: mine(c) for name, c in (("m1", 60.0), ("m2", 50.0), ("m3", 30.0))}
    sites |= {name: refiner(c, "metal", into(name)) for name, c in (("r1", 70.0), ("r2", 60.0))}
    sites |= {name: user(60.0, into(name)) for name in ("u1", "u2")}
    for (a, b), (capacity, _) in ARCS.items():
        only = {product(a): feed({a: lane()})}
        sites[f"{a}_{b}"] = refiner(float(capacity), product(a), only)
    return network(**sites)


@pytest.mark.parametrize(
    ("hit", "best", "attained"),
    [
        ({}, 120, 1.0),
        ({"m1": 1.0}, 80, 1.0),
        ({"r1": 1.0}, 60, 1.0),
        ({"m2": 0.5, "r2": 0.5}, 100, 0.8),
        ({"r1_u1": 1.0}, 90, 0.9),
    ],
)
def test_v4_15_no_more_is_delivered_than_the_maximum_flow(hit, best, attained):
    # Three lanes from mine to user: from day 3 on no more comes than can flow. The day to day
    # shift of orders may swing, so that the bound holds for the mean.
    hazards = {f"h_{site}": stop(site, 0, 400, severity) for site, severity in hit.items()}
    told = both(arc_network(), hazards, 200)
    delivered = sum(told.of_user("want", u) - told.short(u) for u in ("u1", "u2"))
    assert delivered[20:].mean() <= best * (1 + 1e-12)
    # Fixed shares and one round of re-ordering are no optimal routing, but they come near it.
    assert delivered[20:].mean() >= attained * best * (1 - 1e-12)
