"""Each adaptive rule of docs/model.md worked by hand in weeks, through both engines.

Rates are tonnes a day, a period is a week: 10 t a day are 70 t a week. A lane without transit takes
a week. Mines are large enough unless a case says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from by_hand import Map, Told, feed, lane, mine, network, reserve, user
from known import ban, both, hazard, stop

WEEK = 7


def weeks(chain: Map, hazards: Map, n: int) -> Told:
    return both(chain, hazards, n, step_days=WEEK)


def is_near(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-9)


def single(capacity: float = 50.0, site: Map | None = None, rig: Map | None = None, **options: Any):
    """Return one mine and one user of 10 t a day."""
    return network(
        mine=mine(capacity, **(rig or {})),
        user=user(10.0, {"ore": feed({"mine": lane()}, **options)}, **(site or {})),
    )


def test_perception_a_failure_is_believed_by_half_each_fortnight():
    # Perception 14 days: reliability moves by 7 / 14 = 1/2 of the gap a week. Half of the expected
    # miss is ordered again. a is out in weeks 0 and 1.
    chain = network(
        a=mine(50.0),
        b=mine(50.0),
        user=user(
            10.0,
            {"ore": feed({"a": lane(0.6), "b": lane(0.4)}, rerouting=0.5, perception_days=14.0)},
        ),
    )
    told = weeks(chain, {"h": stop("a", 0, 14)}, 4)
    # 0: 42 and 28 of 70; a ships nothing: phi = 1/2
    # 1: M = 0.6 x 1/2 = 0.3; w = 0.3, 0.4; again 0.5 x 70 x 0.3 = 10.5: 3/7 and 4/7; phi = 1/4
    # 2: M = 0.45; w = 0.15, 0.4; again 15.75: 3/11 and 8/11; a ships: phi = 1/4 + 3/8 = 5/8
    # 3: M = 0.225; w = 0.375, 0.4; again 7.875: 15/31 and 16/31
    is_near(
        told.lane("ordered", "a", "user"),
        [42, 42 + 4.5, 42 + 15.75 * 3 / 11, 42 + 7.875 * 15 / 31],
    )
    is_near(
        told.lane("ordered", "b", "user"),
        [28, 28 + 6.0, 28 + 15.75 * 8 / 11, 28 + 7.875 * 16 / 31],
    )
    # Deliveries a week later: 28 of week 0; 34 of week 1; after that more than enough.
    is_near(told.short("user"), [0, 70 - 28, 70 - 34, 0])


def test_qualification_a_spot_supplier_is_used_by_quarters():
    # Qualification 28 days: q moves by 1/4 a week. Perception at once; all of the miss is rerouted.
    # a is out in weeks 0 and 1, and again from week 5.
    spot = lane(0.0, spot=1.0, qualification_days=28.0)
    lanes = {"a": lane(0.5), "b": lane(0.5), "c": spot}
    chain = network(
        a=mine(50.0),
        b=mine(50.0),
        c=mine(50.0),
        user=user(10.0, {"ore": feed(lanes, rerouting=1.0, perception_days=0.0)}),
    )
    hazards = {"one": stop("a", 0, 14), "two": stop("a", 35, 70)}
    told = weeks(chain, hazards, 8)
    # 1: M = 1/2, q = 1/4; w = 0, 1/2, 1/4; of 35 t b gets 2/3, c 1/3
    # 2: q = 1/2; w = 0, 1/2, 1/2; a is back and is seen to be in week 3: q falls to 1/4, then 0
    # 6: as week 1; 7: as week 2
    is_near(told.lane("ordered", "c", "user"), [0, 35 / 3, 17.5, 0, 0, 0, 35 / 3, 17.5])
    b = [35, 35 + 70 / 3, 35 + 17.5, 35, 35, 35, 35 + 70 / 3, 35 + 17.5]
    is_near(told.lane("ordered", "b", "user"), b)


def test_precaution_buyers_stock_up_between_notice_and_effect():
    # Target 70 x (2 weeks of cover + 1 on the way) = 210, twice that in weeks 2 and 3, when a ban
    # of week 4 is announced; half of the gap a week (7 / 14).
    chain = single(cover_days=14.0, adjustment_days=14.0, precaution=2.0)
    told = weeks(chain, {"h": ban("mine", "user", 28, 35, notice_days=14.0)}, 7)
    # 2: P = 210: 70 + 210/2 = 175. 3: P = 210 - 70 + 175 = 315: 70 + 105/2 = 122.5
    # 4: P = 315 - 70 + 122.5 = 367.5: 70 - 157.5/2 < 0: nothing. 5: P = 297.5: 70 - 87.5/2 = 26.25
    # 6: P = 297.5 - 70 + 26.25 = 253.75: 70 - 43.75/2 = 48.125
    is_near(told.lane("ordered", "mine", "user"), [70, 70, 175, 122.5, 0, 26.25, 48.125])
    assert not told.short("user").any()


def test_precaution_goes_before_an_announced_ban_that_is_called_off():
    rule = ban("mine", "user", 28, 35, notice_days=14.0, called_off=1.0)
    told = weeks(single(cover_days=14.0, adjustment_days=14.0, precaution=2.0), {"h": rule}, 5)
    # As above until week 4: nothing is ordered, and nothing is barred either.
    is_near(told.lane("ordered", "mine", "user"), [70, 70, 175, 122.5, 0])
    is_near(told.lane("shipped", "mine", "user"), [70, 70, 175, 122.5, 0])


HALF = {"h": stop("mine", 0, 70, 0.5)}
"""Half of the mine's capacity is out; with slack it gives 35 t a week whatever is ordered."""
ALL_OUT = {"capacity": 10.0, "rig": {"slack": 1.0}}


def test_substitution_rises_after_its_delay_by_a_quarter_of_its_limit_a_week():
    less = {"substitution": {"limit": 0.4, "delay_days": 14.0, "days": 28.0}}
    told = weeks(single(site=less, **ALL_OUT), HALF, 9)
    # Short from week 1 on; at the end of week 2 for 14 days: z = 0.1, then 0.2, 0.3, 0.4. A ramp
    # acts by its mean: 0.05 of week 3, 0.15, 0.25, 0.35, then 0.4.
    spared = np.array([0, 0, 0, 0.05, 0.15, 0.25, 0.35, 0.4, 0.4]) * 70
    is_near(told.of_user("spared", "user"), spared)
    is_near(told.of_user("want", "user"), 70 - spared)
    is_near(told.short("user")[1:], 70 - spared[1:] - 35)


def test_substitution_falls_back_as_fast_once_nothing_is_short():
    less = {"substitution": {"limit": 0.4, "delay_days": 0.0, "days": 14.0}}
    told = weeks(single(site=less), {"h": stop("mine", 0, 14)}, 8)
    # Nothing comes in weeks 1 and 2: z = 0.2 at the end of week 1, 0.4 of week 2. The 63 t ordered
    # in week 2 come in week 3, which wants 49: 14 t left, z = 0.2. Week 4 wants and gets 49: z = 0.
    # Week 5 wants 63, gets 49 and the 14. Week 6 wants 70 and gets 63: short, z = 0.2 once more.
    is_near(told.of_user("spared", "user") / 70, [0, 0, 0.1, 0.3, 0.3, 0.1, 0, 0.1])
    is_near(told.short("user"), [0, 70, 63, 0, 0, 0, 7, 0])
    is_near(told.feed("stock", "user"), [0, 0, 0, 14, 14, 0, 0, 7])


def two_served() -> Map:
    """Return users of 70 and 140 t a week, with 2 weeks and 1 week of cover, and a reserve.

    It looks for 3 weeks of use (210 and 420 t) and gives at most 105 t a week.
    """
    chain = network(
        mine=mine(50.0),
        a=user(10.0, {"ore": feed({"mine": lane()}, cover_days=14.0)}),
        b=user(20.0, {"ore": feed({"mine": lane()}, cover_days=7.0)}),
    )
    chain["sites"]["store"] = reserve(
        500.0, {"a": None, "b": None}, trigger_days=21.0, activation_days=7.0, max_rate=15.0
    )
    return chain


def test_reserve_gives_in_proportion_to_what_each_lacks():
    told = weeks(two_served(), {"h": stop("mine", 7, 700)}, 7)
    # 0: a has 140 + 70 = 210; b has 140 + 140 = 280, lacks 140: low for 7 days, not for more.
    # 1: the same, low for 14 days: b gets 105 of the 140 it lacks: 385 - 140 = 245 left.
    # 2: nothing comes any more. a 140 lacks 70, b 245 lacks 175: 30 and 75.   Left 100 and 180.
    # 3: lack 110 and 240: 33 and 72.                                          Left 63 and 112.
    # 4: lack 147 and 308 of 455: 33 12/13 and 71 1/13.              Left 26 12/13 and 43 1/13.
    # 5: lack 183 1/13 and 376 12/13 of 560; the last 80: 26 2/13 and 53 11/13.
    #    a has 53 1/13 for 70, b 96 12/13 for 140: short by 16 12/13 and 43 1/13.
    is_near(told.released("store"), [0, 105, 105, 105, 105, 80, 0])
    is_near(told.feed("stock", "a"), [140, 140, 100, 63, 26 + 12 / 13, 0, 0])
    is_near(told.feed("stock", "b"), [140, 245, 180, 112, 43 + 1 / 13, 0, 0])
    is_near(told.short("a"), [0, 0, 0, 0, 0, 16 + 12 / 13, 70])
    is_near(told.short("b"), [0, 0, 0, 0, 0, 43 + 1 / 13, 140])


def test_reserve_gives_by_fixed_shares_where_they_are_told():
    chain = two_served()
    chain["sites"]["store"]["serves"] = {"a": 0.2, "b": 0.8}
    told = weeks(chain, {"h": stop("mine", 7, 700)}, 4)
    # 1: a lacks nothing; b lacks 140 and gets its 0.8 x 105 = 84: 364 - 140 = 224 left.
    # 2: 21 and 84 (they lack 70 and 196).  Left 140 + 21 - 70 = 91 and 224 + 84 - 140 = 168.
    # 3: 21 and 84 again.                   Left 91 + 21 - 70 = 42 and 168 + 84 - 140 = 112.
    is_near(told.released("store"), [0, 84, 105, 105])
    is_near(told.feed("stock", "a"), [140, 140, 91, 42])
    is_near(told.feed("stock", "b"), [140, 224, 168, 112])


def test_offtake_takes_its_share_as_the_project_rises():
    # Planned for day 7, a week late; 28 days to full capacity. Mean progress of week 2 is 1/8, then
    # 3/8, 5/8, 7/8, 1. Contracted: half of the purchases; a and b share the rest 7 to 3.
    project = {
        "site": "new",
        "capacity": 5.0,
        "start": 7.0,
        "delay_days": 7.0,
        "ramp_days": 28.0,
        "offtake": {"user": {"share": 0.5}},
    }
    lanes = {"a": lane(0.7), "b": lane(0.3), "new": lane(0.0)}
    chain = network(
        projects={"line": project},
        a=mine(50.0),
        b=mine(50.0),
        new=mine(0.0),
        user=user(10.0, {"ore": feed(lanes)}),
    )
    told = weeks(chain, {}, 8)
    progress = np.array([0, 0, 1, 3, 5, 7, 8, 8]) / 8
    is_near(told.lane("shipped", "new", "user"), 35 * progress)
    is_near(told.lane("shipped", "a", "user"), 49 * (1 - progress / 2))
    is_near(told.lane("shipped", "b", "user"), 21 * (1 - progress / 2))
    assert not told.short("user").any()


def test_run_rate_rises_by_its_ramp_and_slack_comes_on_top():
    # Capacity 210 t a week, ramp 42 days: 35 t a week more each week; slack 0.1: 21 t. Demand goes
    # from 70 to 175 from week 2 on: 105, 140, 175 run; 126, 161, 175 can ship.
    more = {"kind": "demand", "sites": {"site": "user"}, "severity": 1.5}
    chain = single(30.0, rig={"ramp_days": 42.0, "slack": 0.1})
    told = weeks(chain, {"h": hazard({"day": 14.0}, 700.0, more)}, 6)
    is_near(told.rate("mine"), [70, 70, 105, 140, 175, 175])
    is_near(told.lane("shipped", "mine", "user"), [70, 70, 126, 161, 175, 175])
    is_near(told.short("user"), [0, 0, 105, 49, 14, 0])


@pytest.mark.parametrize(
    ("law", "left"),
    [
        ({"type": "quota", "quota": 0.25, "leakage": 0.2}, 1 - 0.75 * 0.8),
        ({"type": "tariff", "tariff": 0.44, "elasticity": -0.5}, 1 / 1.2),
        ({"type": "ban", "leakage": 0.3}, 0.3),
        ({"type": "licensing", "severity": 0.6}, 0.4),
    ],
)
def test_a_control_leaves_its_share_of_the_reference_flow_however_much_is_ordered(law, left):
    origin = {"origin": {"site": "mine"}, "to": {"site": "user"}}
    rule = hazard({"day": 14.0}, 700.0, {"kind": "control", **origin, **law})
    told = weeks(single(cover_days=7.0, adjustment_days=0.0), {"h": rule}, 6)
    is_near(told.lane("shipped", "mine", "user"), [70, 70, *[70 * left] * 4])
    assert told.lane("ordered", "mine", "user")[5] > 75
    # One week of cover: spent by so many weeks of the missing share.
    gone = np.maximum(0, np.arange(1, 4) * (1 - left) * 70 - 70)
    is_near(np.cumsum(told.short("user"))[3:], gone)
