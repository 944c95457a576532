"""Laws of worlds made from other worlds: scaled, slowed, shifted, renamed, joined, split.

P numbers and seeds as in test_laws.py.
"""

from __future__ import annotations

import numpy as np
from law_case import (
    STEP,
    World,
    assert_close,
    by_name,
    calm_world,
    compile_at,
    lanes_of,
    law,
    moved,
    plan_of,
    prefixed,
    random_parts,
    random_world,
    renamed,
    same_bits,
    shuffled,
    together,
    walk,
    world_of,
)

from sim.shocks.sampler import sample
from sim.shocks.tape import EMPTY_DRAWS, EXTRA_DAYS

# --- P9, P10, P11, P16: scale and time ------------------------------------------------------------

DUST = 1e-290  # tonnes; below lie subnormal numbers, which do not scale exactly
QUANTITIES = ("capacity", "demand", "stock", "max_rate")
BOUGHT = ("start_with", "buy_per_year", "refill_per_year", "holds")


def bigger(mapping, factor):
    """Return the network with all tonnes times a factor; what a reserve buys may be in days."""
    big = walk(mapping, lambda key, x: x * factor if key in QUANTITIES and x else x)
    for name, site in big["sites"].items():
        if "stock" in site:
            own = walk(site, lambda key, x: x * factor if key in BOUGHT and x else x)
            big["sites"][name] = own
    return big


@law(25)
def test_p9_quantities_times_a_power_of_two_give_results_times_it_exactly(seed):
    mapping, hazards, parameters = random_parts(seed)
    world = world_of(mapping, hazards, parameters, seed)
    factor = 2.0 ** (seed % 21 - 10)
    big = bigger(mapping, factor)
    flow, scaled = world.play(), world_of(big, hazards, parameters, seed).play()
    for a, b in ((flow, scaled), (flow.trace, scaled.trace)):
        for name in (n for n in a._fields if n not in ("trace", "goods", "price")):
            times = 1.0 if name == "stopped" else factor  # a number of firms is no quantity
            x, y = (
                np.where(v < DUST, 0.0, v) for v in (getattr(a, name), getattr(b, name) / times)
            )
            assert np.array_equal(x, y), name


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
    flow, slowly = world.play(), world.play(compiled=compiled, tape=slow)
    # buffers and what is made up later have days of their own
    assert same_bits(flow._replace(idled=flow.want), slowly._replace(idled=slowly.want))


def plain_cover(mapping) -> None:
    """Replace distributions of cover by a number, and keep reserves at rest."""
    for site in mapping["sites"].values():
        for feed in site.get("feeds", {}).values():
            if isinstance(feed["cover_days"], dict):
                feed["cover_days"] = 21.0
        site.update({"trigger_days": 0.0} if "trigger_days" in site else {})


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
        for name in (n for n in a._fields if n not in ("trace", "goods", "price")):
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


def silent(mapping) -> None:
    """Let a network say nothing of value added, which all of a network say or none."""
    for part in ("sites", "products"):
        for one in mapping[part].values():
            one.pop("value_added_usd_per_year", None)
            one.pop("dependence", None)


def two_worlds(seed: int) -> tuple[World, World]:
    """Return two worlds without a common name, whose hazards know their own world only."""
    out = []
    for prefix, s in (("u_", seed), ("v_", seed + 1)):
        mapping, hazards, _ = random_parts(s, 10)
        mapping["home_weight"] = 2.0  # one number for a whole network
        silent(mapping)
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
