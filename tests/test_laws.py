"""Laws that hold in every network: mass, bounds, rest, scale, time, names, horizon.

P numbers are those of the project's list of invariants; the table in README.md says which of them
the model has. Hypothesis draws seeds of random networks, always the same ones (derandomised).
"""

from __future__ import annotations

import numpy as np
from law_case import (
    STEP,
    World,
    assert_close,
    calm_world,
    law,
    random_world,
    rows_of_replications,
    rows_only,
    same_bits,
)
from twin_kernel import World as Twin

from sim.flow.trajectories import Flow
from sim.network.arrays import END_USER, RESERVE
from sim.shocks.tape import AVAILABILITY, HOLD, LANE_CAP, OUTPUT


def summed(values: np.ndarray, owner: np.ndarray, n: int) -> np.ndarray:
    """Return (K, n, R) sums over the middle axis by owner."""
    out = np.zeros((values.shape[0], n, values.shape[2]))
    np.add.at(out, (slice(None), owner), values)
    return out


# --- P1, P2, P22: mass and bounds -----------------------------------------------------------------


def feed_groups(world: World) -> np.ndarray:
    """Return a number for each feed, common to an end user's cohorts (booked together)."""
    c, labels = world.compiled.chain, world.compiled.labels
    keys = [
        (f"user {c.group[i]}" if c.kind[i] == END_USER else f"site {i}", p)
        for i, p in zip(c.feed_site, labels.feed_product, strict=True)
    ]
    order = list(dict.fromkeys(keys))
    return np.array([order.index(key) for key in keys])


def use_of_feeds(world: World, flow: Flow, had: np.ndarray) -> np.ndarray:
    """Return (K, F, n) use where users use `had`: all of it at the first cohort."""
    c = world.compiled.chain
    made = summed(flow.trace.shipped, c.supplier, c.kind.size)
    seen: set[tuple[int, str]] = set()
    use = np.zeros_like(flow.trace.stock)
    for f, i in enumerate(c.feed_site):
        if c.kind[i] == RESERVE:
            use[:, f] = flow.released[:, list(c.reserve_site).index(i)]
        elif c.kind[i] != END_USER:
            use[:, f] = made[:, i] * c.coefficient[f]
        elif (c.group[i], world.compiled.labels.feed_product[f]) not in seen:
            seen.add((c.group[i], world.compiled.labels.feed_product[f]))
            use[:, f] = had[:, c.group[i]] * c.coefficient[f]
    return use


@law(30)
def test_p1_mass_is_kept_start_plus_arrivals_plus_releases_is_use_plus_end(seed):
    world = random_world(seed)
    flow = world.play()
    c, labels, group = world.compiled.chain, world.compiled.labels, feed_groups(world)
    n = group.max() + 1
    stock = summed(flow.trace.stock, group, n)
    arrived = summed(flow.trace.arrived, group[c.lane_feed], n)
    use = summed(use_of_feeds(world, flow, flow.want - flow.shortfall), group, n)
    wanted = summed(use_of_feeds(world, flow, flow.want), group, n)
    gift = np.diff(stock, axis=0) + use[1:] - arrived[1:]
    scale = stock[:-1] + arrived[1:] + wanted[1:]  # a shortfall is a small number of two large
    served = np.isin(np.arange(n), group[c.serve_feed])
    dust = 1e-11 * scale.max(0)  # a stock below 1e-12 of a period's use counts as 0 (section 6)
    assert (np.abs(gift) <= 1e-9 * scale + dust)[:, ~served].all()
    assert (gift >= -1e-9 * scale - dust)[:, served].all()
    for product in set(labels.feed_product):
        of = np.unique(group[[p == product for p in labels.feed_product]])
        given_out = sum(
            flow.released[1:, v]
            for v, i in enumerate(c.reserve_site)
            if labels.site_product[i] == product
        )
        off = np.abs(gift[:, of].sum(1) - given_out)
        assert (off <= 1e-9 * scale[:, of].sum(1) + dust[of].sum(0)).all()


@law(30)
def test_p1_position_is_stock_and_all_that_is_on_the_way(seed):
    world = random_world(seed)
    trace = world.play().trace
    feed, n = world.compiled.chain.lane_feed, world.compiled.chain.feed_site.size
    sent, come = (summed(x, feed, n).cumsum(0) for x in (trace.shipped, trace.arrived))
    at_start = trace.position - trace.stock - (sent - come)
    scale = (trace.position + trace.stock + sent + come).max(0)
    assert (np.abs(at_start - at_start[:1]) <= 1e-9 * scale).all()
    assert (at_start >= -1e-9 * scale).all()


@law(30)
def test_p2_nothing_is_negative_and_nobody_misses_more_than_they_wanted(seed):
    flow = random_world(seed).play()
    for part in (flow, flow.trace):
        for name in (
            n for n in part._fields if n not in ("trace", "goods", "price", "position", "destroyed")
        ):
            assert (getattr(part, name) >= 0).all(), name
    # cost shares add up to 1 but for rounding, so that the response may stand an ulp above 1
    assert (flow.destroyed >= -1e-14 * flow.want).all()
    assert (flow.shortfall <= flow.want).all()
    assert (flow.trace.shipped <= flow.trace.ordered).all()
    assert (flow.trace.position >= flow.trace.stock * (1 - 1e-9) - 1e-9).all()


@law(20)
def test_p2_nothing_ships_above_capacity_cap_or_run_rate(seed):
    world = random_world(seed, n_period=25)
    trace, labels = world.play().trace, world.compiled.labels
    for j in range(world.tape.replication.size):
        twin = Twin(world.compiled, world.targets, world.draws, world.tape, j)
        for k in range(world.n_period):
            twin.look(k)
            for i in range(len(labels.site)):
                lanes, now = twin.out[i], twin.now
                made = trace.shipped[k, lanes, j].sum()
                rate = trace.run_rate[k, i, j] + twin.c.slack[i] * twin.cap_now[i]
                left = twin.cap_now[i] * now["availability"][i]
                most = min(left, rate) * now["yielding"][i]
                assert made <= most * (1 + 1e-12), (labels.site[i], k, j)
            for x, cap in enumerate(twin.now["cap"]):
                if cap < 1:
                    assert trace.shipped[k, x, j] <= cap * twin.ref_lane[x] * (1 + 1e-12)


# --- P3, P20: rest ------------------------------------------------------------------------------


@law(40)
def test_p3_without_a_shock_there_is_no_shortfall_at_all(seed):
    world = random_world(seed, steady=True, n_period=60)
    flow = world.play(tape=world.quiet())
    assert not flow.shortfall.any()
    assert not flow.released.any()
    assert not flow.spared.any()
    first = flow.trace._asdict()
    for name in ("stock", "position", "shipped", "arrived", "run_rate"):
        rest, dust = first[name][:1].repeat(60, 0), 1e-9 + 1e-12 * first[name].max(initial=0.0)
        np.testing.assert_allclose(first[name], rest, 1e-9, dust, err_msg=name)


@law(20)
def test_p22_what_is_on_the_way_at_rest_is_flow_times_transit(seed):
    world = random_world(seed, steady=True, n_period=3)
    trace, c = world.play(tape=world.quiet()).trace, world.compiled.chain
    under_way = np.bincount(
        c.lane_feed, world.compiled.reference_lane * c.transit, c.feed_site.size
    )
    for k in range(3):
        for j in range(2):
            found = trace.position[k, :, j] - trace.stock[k, :, j]
            np.testing.assert_allclose(found, under_way, 1e-9, 1e-9 * trace.position.max())


@law(25)
def test_p20_shocks_of_no_severity_or_no_length_change_no_bit(seed):
    world = random_world(seed)
    tape = world.tape
    quiet = world.play(tape=world.quiet())
    assert same_bits(quiet, world.play(tape=tape._replace(point_value=tape.point_value * 0.0)))
    first = np.repeat(tape.point_day[tape.point_ptr[:-1]], np.diff(tape.point_ptr))
    assert same_bits(quiet, world.play(tape=tape._replace(point_day=first)))


def cut(world: World, day_of) -> World:
    """Return the world with each row cut in two at a day between its ends."""
    tape, parts = world.tape, []
    for q in range(tape.row_kind.size):
        a, b = tape.point_ptr[q], tape.point_ptr[q + 1]
        points = list(zip(tape.point_day[a:b], tape.point_value[a:b], strict=True))
        day = day_of(tape.row_kind[q], points[0][0], points[-1][0])
        if not points[0][0] < day < points[-1][0]:
            parts.append([points])
            continue
        at = next(n for n in range(1, len(points)) if points[n][0] >= day)
        (d0, v0), (d1, v1) = points[at - 1], points[at]
        between = (day, v0 + (v1 - v0) * ((day - d0) / (d1 - d0)))
        parts.append([[*points[:at], between], [between, *points[at:]]])
    copies = np.array([len(p) for p in parts], np.int64)
    rows = [row for p in parts for row in p]
    sizes = [len(row) for row in rows]
    twice = {
        name: np.repeat(getattr(tape, name), copies)
        for name in ("row_shock", "row_effect", "row_kind")
    }
    ends = np.concatenate([[0], np.cumsum(copies)])
    new = tape._replace(
        **twice, row_ptr=ends[tape.row_ptr].astype(np.int32),
        point_ptr=np.cumsum([0, *sizes]).astype(np.int32),
        point_day=np.array([d for row in rows for d, _ in row]),
        point_value=np.array([v for row in rows for _, v in row]),
    )  # fmt: skip
    return world._replace(tape=new)


def flat(world: World) -> World:
    """Return the world with every row at one height from its first to its last point."""
    tape = world.tape
    if not tape.point_value.size:
        return world
    value = np.maximum.reduceat(tape.point_value, tape.point_ptr[:-1])
    value = np.repeat(value, np.diff(tape.point_ptr))
    return world._replace(tape=tape._replace(point_value=value))


@law(25)
def test_p20_two_shocks_end_to_end_at_a_border_of_periods_are_one_long_shock(seed):
    world = flat(random_world(seed))
    pieces = cut(world, lambda kind, begin, end: np.ceil((begin + end) / 2 / STEP) * STEP)
    assert same_bits(world.play(), pieces.play())


@law(15)
def test_p20_two_outages_or_bans_end_to_end_anywhere_are_one_long_one(seed):
    world = flat(calm_world(seed))
    kept = [
        [q for q in rows if world.tape.row_kind[q] in (AVAILABILITY, LANE_CAP, HOLD, OUTPUT)]
        for rows in rows_of_replications(world.tape)
    ]
    world = world._replace(tape=rows_only(world.tape, kept))
    whole = world.play()
    halves = cut(world, lambda kind, begin, end: begin + 0.37 * (end - begin)).play()
    assert_close(world, whole, halves)
