"""Projects that answer to prices: by hand, laws, floors and by-products (docs/model.md, 7c)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from by_hand import outage
from price_case import Prices, prices, two_regions

from sim.base.errors import UserError
from sim.config.settings import load_settings
from sim.flow.prospects import wanted_of
from sim.network.load import read_network
from sim.run.case import Study

HALVED = outage("pit", 0, 400, 0.5)
LEAD = 12.0


def mapping(probability: float = 0.4, **project: object) -> dict:
    """Return a mine of 200 t a day, all of it used, that may get 100 more from day 5 on."""
    chain = two_regions(3.0)
    chain["projects"] = {
        "more": {"site": "pit", "capacity": 100.0, "start": 5.0, "probability": probability}
        | project
    }
    return chain


def told(
    chance: float,
    rows: list,
    *,
    starts: float = math.inf,
    power: float = 0.5,
    n: int = 80,
    chain: dict | None = None,
) -> Prices:
    return prices(
        chain or mapping(), rows, n, starts=[starts],
        responses=["projects"], prospect=[power, chance, LEAD],
    )  # fmt: skip


def comes(seen: Prices) -> int:
    """Return the first day on which halved mines ship more than they could; -1: none."""
    shipped = seen.flow.trace.shipped.sum(axis=1)[:, 0]
    more = (shipped > 101.0) & (shipped < 199.0)
    return int(np.argmax(more)) if more.any() else -1


def usual(price: np.ndarray) -> np.ndarray:
    """Return the mean price of a year at the end of each day."""
    mean, out = 1.0, []
    for now in price:
        mean += (now - mean) / 365.0
        out.append(mean)
    return np.array(out)


# --- by hand ------------------------------------------------------------------------------------


def test_a_project_that_would_fail_is_built_once_a_years_mean_price_makes_up_its_odds():
    # chance 0.42 of 0.4: it fails; 0.6 / 0.58 = 1.0345, squared 1.0702, is the price it waits for
    seen = told(0.42, [HALVED])
    reached = int(np.argmax(usual(seen.of("ore", "CHN")) >= (0.6 / 0.58) ** 2))
    assert reached > 1
    assert comes(seen) == reached + 1 + LEAD
    assert comes(told(0.42, [HALVED], n=reached)) == -1


def test_not_before_its_planned_day():
    seen = told(0.42, [HALVED], chain=mapping(start=76.0))
    assert comes(seen) == 76


def test_one_that_is_late_passes_its_delay_faster_and_comes_as_planned_at_the_earliest():
    seen, start = told(0.1, [HALVED], starts=60.0, power=2.0), 60.0
    for k, mean in enumerate(usual(seen.of("ore", "CHN"))):
        if start >= k + 1:
            start = max(5.0, k + 1, start - (mean**2.0 - 1.0))
    assert start < 58.0
    assert comes(seen) == int(start)
    assert comes(told(0.1, [HALVED], starts=60.0, power=0.0)) == 60


def test_a_floor_brings_what_no_price_brings_and_only_while_it_holds():
    rows = [outage("pit", 30, 400, 0.5)]
    floor = {"usd_per_t": 100.0}  # twice the normal price
    seen = told(0.5, rows, n=50, chain=mapping(price_floor=floor))  # waits for 1.44
    assert comes(seen) == 30  # decided on day 1, built 12 later: there when the rest fails
    assert comes(told(0.5, rows, n=50)) == -1
    for gone in ({"until": "2025-01-01"}, {"since": "2026-01-01"}):
        assert comes(told(0.5, rows, n=50, chain=mapping(price_floor=floor | gone))) == -1
    low = told(0.5, rows, n=50, chain=mapping(price_floor={"usd_per_t": 60.0}))
    assert comes(low) == -1


def test_a_by_product_waits_for_its_host():
    chain = mapping()
    chain["sites"]["pit"]["tags"] = ["byproduct"]
    assert comes(told(0.42, [HALVED], chain=chain)) == -1
    chain["sites"]["pit"]["tags"] = ["byproduct", "host:hill"]
    chain["sites"]["twin"] = chain["sites"]["pit"] | {"tags": ["host:hill"], "capacity": 1.0}
    chain["sites"]["ben"]["feeds"]["ore"]["lanes"] |= {"twin": {"share": 0.0, "transit_days": 0}}
    assert comes(told(0.42, [HALVED], chain=chain)) > 0


# --- laws ---------------------------------------------------------------------------------------


def test_without_a_price_nothing_comes_and_no_bit_changes():
    rows = [outage("pit", 200, 201)]
    seen = told(0.42, rows)
    bare = prices(mapping(), rows, 80, starts=[math.inf])
    assert comes(seen) == -1
    for name in ("want", "shortfall", "price"):
        assert np.array_equal(getattr(seen.flow, name), getattr(bare.flow, name))


def test_more_chance_never_comes_later():
    days = [comes(told(chance, [HALVED])) for chance in (0.4, 0.41, 0.42, 0.43, 0.45, 0.9)]
    assert days[-1] == -1
    assert [d if d >= 0 else 999 for d in days] == sorted(d if d >= 0 else 999 for d in days)


def study(**changes: object) -> Study:
    given = {f"scenario.{key}": value for key, value in changes.items()}
    return Study(load_settings("china_ree_embargo", changes=given))


def test_the_odds_of_failure_fall_by_the_price_to_a_power():
    case = study(price="respond", responses=["projects"])
    tape = case.tape(np.arange(4000, dtype=np.int64))
    prospects = case.market.prospects
    wanted = wanted_of(prospects, tape)
    chance = tape.prospect[1 : 1 + prospects.odds.size]
    assert np.array_equal(np.isfinite(tape.project_start_days), chance < prospects.odds[:, None])
    doubtful = (prospects.odds > 0.3) & (prospects.odds < 0.8)
    for price in (1.5, 3.0):
        built = ~(wanted.price[doubtful] > price)
        built |= np.isfinite(tape.project_start_days[doubtful])
        built &= np.isfinite(tape.project_start_days[doubtful]) | (wanted.price[doubtful] <= price)
        expected = 1 - (1 - prospects.odds[doubtful]) * np.mean(price**-wanted.power)
        np.testing.assert_allclose(built.mean(axis=1), expected, atol=0.03)
    assert np.median(wanted.lead) == pytest.approx(950, abs=30)


def test_other_draws_stay_as_they_are():
    numbers = np.arange(50, dtype=np.int64)
    plain = study(price="respond", responses=["thrift"]).tape(numbers)
    tape = study(price="respond", responses=["thrift", "projects"]).tape(numbers)
    assert plain.prospect.size == 0
    for name in tape._fields:
        if name != "prospect":
            assert np.array_equal(getattr(tape, name), getattr(plain, name), equal_nan=True), name


def test_one_that_was_taken_out_stays_out():
    case = study(price="respond", responses=["projects"])
    tape = case.tape(np.arange(50, dtype=np.int64))
    starts = tape.project_start_days.copy()
    starts[0] = np.inf
    before = wanted_of(case.market.prospects, tape)
    after = wanted_of(case.market.prospects, tape._replace(project_start_days=starts))
    gone = np.isfinite(tape.project_start_days[0])
    assert gone.any()
    assert (after.price[0][gone] == np.inf).all()
    assert np.array_equal(after.price[1:], before.price[1:])


# --- the door -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("project", "message"),
    [
        ({"price_floor": {"usd_per_t": 0.0}}, "must be above 0"),
        (
            {"price_floor": {"usd_per_t": 9.0, "since": "2026-01-01", "until": "2025-01-01"}},
            "until",
        ),
        ({"lead_days": -1.0}, "lead_days"),
    ],
)
def test_what_cannot_be_is_told(project, message):
    with pytest.raises(UserError, match=message):
        read_network(mapping(**project))


def test_a_floor_of_a_good_without_a_price_is_told():
    chain = mapping(price_floor={"usd_per_t": 100.0})
    del chain["products"]["ore"]["value_usd_per_t"]
    with pytest.raises(UserError, match="value_usd_per_t"):
        read_network(chain)
