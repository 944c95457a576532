"""Laws that hold in every network: mass, bounds, rest, scale, time, names, horizon.

P numbers are those of the project's list of invariants; the table in README.md says which of them
the model has. Hypothesis draws seeds of random networks, always the same ones (derandomised).
"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from law_case import (
    STEP,
    World,
    by_name,
    compile_at,
    lanes_of,
    moved,
    plan_of,
    prefixed,
    random_parts,
    random_world,
    renamed,
    rows_of_replications,
    rows_only,
    same_bits,
    shuffled,
    together,
    walk,
    world_of,
)
from twin_kernel import World as Twin

from sim.flow.flow import Flow
from sim.network.arrays import END_USER, RESERVE
from sim.shocks.sampler import sample
from sim.shocks.tape import AVAILABILITY, EMPTY_DRAWS, EXTRA_DAYS, HOLD, LANE_CAP

SEED = st.integers(0, 2**32 - 1)


def law(examples: int):
    """Try a law on that many seeds."""

    def of(test):
        options = settings(
            max_examples=examples, deadline=None, derandomize=True, database=None
        )
        return options(given(seed=SEED)(test))

    return of


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
    assert (np.abs(gift[:, ~served]) <= 1e-9 * scale[:, ~served]).all()
    assert (gift[:, served] >= -1e-9 * scale[:, served]).all()
    for product in set(labels.feed_product):
        of = np.unique(group[[p == product for p in labels.feed_product]])
        given_out = sum(
            flow.released[1:, v]
            for v, i in enumerate(c.reserve_site)
            if labels.site_product[i] == product
        )
        assert (np.abs(gift[:, of].sum(1) - given_out) <= 1e-9 * scale[:, of].sum(1)).all()


@law(30)
def test_p1_position_is_stock_and_all_that_is_on_the_way(seed):
    world = random_world(seed)
    trace = world.play().trace
    feed, n = world.compiled.chain.lane_feed, world.compiled.chain.feed_site.size
    sent, come = (summed(x, feed, n).cumsum(0) for x in (trace.shipped, trace.arrived))
    at_start = trace.position - trace.stock - (sent - come)
    scale = trace.position + trace.stock + sent + come
    assert (np.abs(at_start - at_start[:1]) <= 1e-9 * scale).all()
    assert (at_start >= -1e-9 * scale).all()


@law(30)
def test_p2_nothing_is_negative_and_nobody_misses_more_than_they_wanted(seed):
    flow = random_world(seed).play()
    for part in (flow, flow.trace):
        for name in (n for n in part._fields if n not in ("trace", "position")):
            assert (getattr(part, name) >= 0).all(), name
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
                lanes, left = twin.out[i], twin.now["availability"][i]
                made = trace.shipped[k, lanes, j].sum()
                rate = trace.run_rate[k, i, j] + twin.c.slack[i] * twin.cap_now[i]
                most = min(twin.cap_now[i], rate) * left
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
        np.testing.assert_allclose(first[name], first[name][:1].repeat(60, 0), 1e-9, 1e-9, name)


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
    world = flat(random_world(seed, steady=True))
    kept = [
        [q for q in rows if world.tape.row_kind[q] in (AVAILABILITY, LANE_CAP, HOLD)]
        for rows in rows_of_replications(world.tape)
    ]
    world = world._replace(tape=rows_only(world.tape, kept))
    whole = world.play()
    halves = cut(world, lambda kind, begin, end: begin + 0.37 * (end - begin)).play()
    assert_close(world, whole, halves)


def assert_close(world: World, a: Flow, b: Flow, rtol: float = 1e-7) -> None:
    """Flows agree but for rounding, by the largest want of each end user."""
    for name in ("want", "shortfall", "spared", "destroyed"):
        scale = a.want.max((0, 2), initial=0.0)[:, None] + 1e-300
        np.testing.assert_allclose(getattr(a, name) / scale, getattr(b, name) / scale, 0, rtol,
                                   err_msg=name)  # fmt: skip


# --- P9, P10, P11, P16: scale and time ------------------------------------------------------------

QUANTITIES = ("capacity", "demand", "stock", "max_rate")


@law(25)
def test_p9_quantities_times_a_power_of_two_give_results_times_it_exactly(seed):
    mapping, hazards, parameters = random_parts(seed)
    world = world_of(mapping, hazards, parameters, seed)
    factor = 2.0 ** (seed % 21 - 10)
    big = walk(mapping, lambda key, x: x * factor if key in QUANTITIES and x else x)
    flow, scaled = world.play(), world_of(big, hazards, parameters, seed).play()
    for a, b in ((flow, scaled), (flow.trace, scaled.trace)):
        for name in (n for n in a._fields if n != "trace"):
            assert np.array_equal(getattr(a, name) * factor, getattr(b, name)), name


@law(20)
def test_p10_all_times_times_eight_and_all_rates_over_eight_change_no_bit(seed):
    mapping, hazards, _ = random_parts(seed, steady=True)
    plain_cover(mapping)
    world = world_of(mapping, hazards, {}, seed)

    def slower(key, x):
        if key.endswith("days") or key == "days":
            return x * 8.0
        return x / 8.0 if key in ("capacity", "demand", "max_rate") and x else x

    tape = world.tape
    days = np.repeat(tape.row_kind == EXTRA_DAYS, np.diff(tape.point_ptr))
    slow = tape._replace(
        point_day=tape.point_day * 8.0,
        point_value=np.where(days, tape.point_value * 8.0, tape.point_value),
    )
    compiled = compile_at(walk(mapping, slower), world.n_period, STEP * 8)
    assert same_bits(world.play(), world.play(compiled=compiled, tape=slow))


def plain_cover(mapping) -> None:
    """Replace distributions of cover by a number, and keep reserves at rest."""
    for site in mapping["sites"].values():
        for feed in site.get("feeds", {}).values():
            if isinstance(feed["cover_days"], dict):
                feed["cover_days"] = 21.0
        site.update({"trigger_days": 0.0} if "trigger_days" in site else {})


def calm_world(seed: int, n_period: int = 30) -> World:
    """Return a steady world in which nobody re-orders elsewhere.

    Re-ordering asks whether any lane may be trusted at all (W > 0), which the last bit decides
    where all have failed; laws that hold but for rounding are tried without it.
    """
    mapping, hazards, _ = random_parts(seed, steady=True)
    for site in mapping["sites"].values():
        for feed in site.get("feeds", {}).values():
            feed["rerouting"] = 0.0
    return world_of(mapping, hazards, {}, seed, n_period)


@law(15)
def test_p11_all_events_later_by_some_periods_shift_the_result_by_as_many(seed):
    world = calm_world(seed, n_period=70)

    def later(periods):
        days = np.round(world.tape.point_day * 64) / 64  # exact when shifted
        return world.play(tape=world.tape._replace(point_day=days + periods * STEP))

    early, late = later(20), later(25)
    for name in ("want", "shortfall", "spared", "released"):
        a, b = getattr(early, name), getattr(late, name)
        np.testing.assert_allclose(a[:-5], b[5:], 1e-6, 1e-6 * early.want.max(initial=1.0), name)
        np.testing.assert_allclose(b[:5], a[:1].repeat(5, 0), 1e-9, 1e-9)


@law(20)
def test_p16_what_happens_does_not_depend_on_the_horizon(seed):
    parts = random_parts(seed)
    short, long = (world_of(*parts, seed, n_period=k) for k in (17, 40))
    flow, more = short.play(), long.play()
    for a, b in ((flow, more), (flow.trace, more.trace)):
        for name in (n for n in a._fields if n != "trace"):
            assert np.array_equal(getattr(a, name), getattr(b, name)[:17]), name


# --- P12, P13, P15, P18: names, neighbours, copies ------------------------------------------------


@law(20)
def test_p12_order_in_the_file_does_not_matter(seed):
    parts = random_parts(seed)
    rng = np.random.default_rng(seed)
    a, b = world_of(*parts, seed), world_of(*(shuffled(p, rng) for p in parts), seed)
    assert a.compiled.labels.site == b.compiled.labels.site
    assert same_bits(a.play(), b.play())


@law(15)
def test_p12_names_do_not_matter_but_for_their_order(seed):
    world = random_world(seed)
    names = {name: f"the_{name}" for key in ("sites", "products") for name in world.mapping[key]}
    compiled = compile_at(renamed(world.mapping, names), world.n_period)
    assert compiled.labels.site != world.compiled.labels.site
    assert same_bits(world.play(), world.play(compiled=compiled))


def two_worlds(seed: int) -> tuple[World, World]:
    """Return two worlds without a common name, whose hazards know their own world only."""
    out = []
    for prefix, s in (("u_", seed), ("v_", seed + 1)):
        mapping, hazards, _ = random_parts(s, 10)
        world = world_of(mapping, hazards, {}, s, n=3)
        other = prefixed(mapping | {"rates_per": "year"}, prefix)
        compiled = compile_at(other, world.n_period)
        out.append(world._replace(mapping=other, compiled=compiled, draws=EMPTY_DRAWS))
    return out[0], out[1]


@law(20)
def test_p13_two_unconnected_networks_together_are_each_as_it_is_apart(seed):
    a, b = two_worlds(seed)
    both = together(a, b)
    found = by_name(both.compiled, both.play())
    apart = by_name(a.compiled, a.play()) | by_name(b.compiled, b.play())
    assert found.keys() == apart.keys()
    assert [key for key in apart if not np.array_equal(apart[key], found[key])] == []


@law(20)
def test_p13_a_hazard_that_touches_nothing_of_a_chain_changes_no_bit_of_it(seed):
    a, b = two_worlds(seed)
    both, alone = together(a, b), together(a, b._replace(tape=b.quiet()))
    with_b, without_b = (by_name(w.compiled, w.play()) for w in (both, alone))
    of_a = by_name(a.compiled, a.play())
    assert [key for key in of_a if not np.array_equal(with_b[key], without_b[key])] == []


@law(20)
def test_p18_a_policy_changes_no_shock(seed):
    mapping, hazards, parameters = random_parts(seed)
    other = {"slack": 0.1, "adjustment_days": 14.0, "rerouting": 0.7, "trigger_days": 30.0}
    policy = walk(mapping, lambda key, x: other.get(key, x))
    for site in policy["sites"].values():
        site.pop("substitution", None)
    policy["projects"]["zz_new"] = new_mine(policy)
    numbers = np.arange(4, dtype=np.int64)
    a, b = (sample(plan_of(m, hazards, parameters, 30), seed, numbers) for m in (mapping, policy))
    for name in (n for n in a._fields if n != "project_start_days"):
        assert np.array_equal(getattr(a, name), getattr(b, name)), name
    assert np.array_equal(a.project_start_days, b.project_start_days[:-1])
    assert (b.project_start_days[-1] >= 50.0).all()


def new_mine(mapping) -> dict:
    """Return a project on one of the network's mines."""
    mine = next(n for n, s in mapping["sites"].items() if s["kind"] == "mine")
    late = {"min": 0.0, "max": 90.0}
    return {"site": mine, "capacity": 1.0, "start": 50.0, "delay_days": late, "offtake": {}}


def split_mine(mapping, name: str, k: int):
    """Return the network with a mine as k equal mines, and what becomes of a name."""
    copies = [f"{name}_{c}" for c in "abcd"[:k]]
    sites = dict(mapping["sites"])
    one = sites.pop(name)
    for copy in copies:
        sites[copy] = one | {"capacity": one["capacity"] / k}
    for buyer, site in list(sites.items()):
        feeds = {}
        for product, feed in site.get("feeds", {}).items():
            lanes = dict(feed["lanes"])
            if name in lanes:
                lane = lanes.pop(name)
                part = {key: lane[key] / k for key in ("share", "spot") if key in lane}
                lanes |= dict.fromkeys(copies, lane | part)
            feeds[product] = feed | {"lanes": lanes}
        sites[buyer] = site | {"feeds": feeds} if "feeds" in site else site
    return mapping | {"sites": sites}, lambda s: copies if s == name else [s]


@law(20)
def test_p15_a_mine_split_into_equal_ones_changes_nothing(seed):
    world = calm_world(seed)
    mines = [n for n, s in world.mapping["sites"].items() if s["kind"] == "mine"]
    mapping, became = split_mine(world.mapping, mines[seed % len(mines)], 2 + 2 * (seed % 2))
    compiled = compile_at(mapping, world.n_period)
    targets, tape = moved(world.tape, world.targets, world.compiled, compiled, became)
    split = world.play(compiled=compiled, targets=targets, tape=tape)
    assert len(lanes_of(compiled)) >= len(lanes_of(world.compiled))
    assert_close(world, world.play(), split)
