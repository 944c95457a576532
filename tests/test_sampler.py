"""The sampler: equal to its twin, the same alone or in company, and true to theory."""

from __future__ import annotations

import numpy as np
import pytest
from random_networks import (
    START,
    TENSIONS,
    random_hazards,
    random_network,
)
from sampler_case import (
    control,
    exponential,
    outage,
    plan_of,
    replication_of_shock,
    same,
    small,
    tape_of,
)
from twin_sampler import Twin

from sim.network.load import read_network
from sim.shocks.firms import compile_with_firms
from sim.shocks.hazard import Hazard, Tension
from sim.shocks.sampler import CompiledHazards, compile_hazards, sample
from sim.shocks.tape import ROW_KINDS, Tape

# --- the twin -----------------------------------------------------------------------------------


def told(plan: CompiledHazards, tape: Tape, j: int):
    """Return the shocks of the j-th replication of a tape in the twin's words."""
    out = []
    row_of = {i: [] for i in range(tape.shock_ptr[j], tape.shock_ptr[j + 1])}
    for q in range(tape.row_ptr[j], tape.row_ptr[j + 1]):
        effect, points = tape.row_effect[q], slice(tape.point_ptr[q], tape.point_ptr[q + 1])
        targets = plan.targets.index[plan.targets.ptr[effect] : plan.targets.ptr[effect + 1]]
        row_of[tape.row_shock[q]].append(
            (
                plan.effect_names[effect],
                ROW_KINDS[tape.row_kind[q]],
                tuple(targets.tolist()),
                list(
                    zip(
                        tape.point_day[points].tolist(),
                        tape.point_value[points].tolist(),
                        strict=True,
                    )
                ),
            )
        )
    for i, rows in row_of.items():
        out.append(
            (
                float(tape.onset_days[i]),
                plan.hazard_names[tape.shock_hazard[i]],
                float(tape.announce_days[i]),
                float(tape.end_days[i]),
                bool(tape.called_off[i]),
                rows,
            )
        )
    return out


def assert_equals_twin(seed: int) -> int:
    rng = np.random.default_rng(seed)
    data = random_network(rng, 15)
    network = read_network(data)
    hazards = {k: Hazard.model_validate(v) for k, v in random_hazards(rng, data).items()}
    compiled = compile_with_firms(network, hazards, start=START, n_period=60, step_days=7)
    tensions = {k: Tension.model_validate(v) for k, v in TENSIONS.items()}
    plan = compile_hazards(
        hazards, tensions, {}, compiled, network, start=START, horizon_days=420.0, step_days=7
    )
    replications = np.array([0, 7, 3])
    tape = sample(plan, seed, replications)
    twin = Twin(hazards, tensions, compiled, network, START, 420.0, seed)
    n = 0
    for j, r in enumerate(replications):
        want = wanted(twin, int(r))
        assert told(plan, tape, j) == want, f"seed {seed}, replication {r}"
        n += len(want)
    return n


def wanted(twin: Twin, replication: int):
    shocks = twin.shocks(replication)
    return [(s.onset, s.hazard, s.announce, s.end, s.off, s.rows) for s in shocks]


@pytest.mark.parametrize("chunk", range(4))
def test_equals_its_naive_twin_bit_for_bit(chunk):
    assert sum(assert_equals_twin(seed) for seed in range(12 * chunk, 12 * chunk + 12)) > 50


@pytest.mark.parametrize("up_days", [3.0, 1.0, 0.3])
def test_more_shocks_than_there_is_room_for_at_first_equal_the_twin(up_days):
    rules = {"wear": outage({"up_days": exponential(up_days)}, exponential(0.5))}
    plan, (network, compiled) = plan_of(rules), small()
    tape = sample(plan, 5, np.arange(3))
    hazards = {name: Hazard.model_validate(rule) for name, rule in rules.items()}
    twin = Twin(hazards, {}, compiled, network, START, 365.0, 5)
    assert tape.shock_ptr[-1] > 3 * 64
    for j in range(3):
        assert told(plan, tape, j) == wanted(twin, j)


@pytest.mark.slow
def test_equals_its_naive_twin_on_many_random_sets():
    assert sum(assert_equals_twin(seed) for seed in range(1000, 1500)) > 5000


# --- common random numbers ----------------------------------------------------------------------


def mixed():
    return {
        "b_fire": outage(
            {"rate_per_year": 3.0}, {"median": 20.0, "p90": 60.0}, {"min": 0.2, "max": 1.0}
        ),
        "c_law": {**control(), "notice_days": 30.0, "called_off": 0.4},
        "d_after": outage(
            {"after": "b_fire", "probability": 0.5}, exponential(9.0), site="smelter"
        ),
        "e_wear": outage({"up_days": exponential(100.0)}, exponential(5.0), site="refinery"),
    }


def shocks_of(tape: Tape, plan: CompiledHazards, name: str):
    """Return onset, end and values of one hazard's shocks, with their replications."""
    mine = tape.shock_hazard == plan.hazard_names.index(name)
    rows = np.isin(tape.row_shock, np.flatnonzero(mine))
    points = np.repeat(rows, np.diff(tape.point_ptr))
    return (
        replication_of_shock(tape)[mine].tolist(),
        tape.onset_days[mine].tolist(),
        tape.end_days[mine].tolist(),
        tape.called_off[mine].tolist(),
        tape.point_day[points].tolist(),
        tape.point_value[points].tolist(),
    )


def test_a_replication_is_the_same_alone_in_any_set_and_in_any_order():
    plan = plan_of(
        mixed(), parameters={"c": {"key": "capacity", "distribution": {"min": 0.5, "max": 1.5}}}
    )
    many = sample(plan, 5, np.array([9, 2, 40, 3, 1_000_000]))
    for j, r in enumerate(many.replication):
        alone = sample(plan, 5, np.array([r]))
        assert told(plan, many, j) == told(plan, alone, 0)
        assert many.parameter[:, j] == alone.parameter[:, 0]
        assert np.array_equal(many.project_start_days[:, j], alone.project_start_days[:, 0])


def test_the_order_of_names_in_a_file_changes_nothing():
    hazards = mixed()
    back = dict(reversed(hazards.items()))
    assert same(tape_of(hazards, 50), tape_of(back, 50))


@pytest.mark.parametrize("added", ["a_first", "z_last"])
def test_a_new_hazard_changes_no_shock_of_the_others(added):
    old, new = mixed(), mixed() | {added: outage({"rate_per_year": 2.0})}
    before, after = plan_of(old), plan_of(new)
    a, b = sample(before, 3, np.arange(60)), sample(after, 3, np.arange(60))
    assert len(b.onset_days) > len(a.onset_days)
    for name in old:
        assert shocks_of(a, before, name) == shocks_of(b, after, name)


def test_a_new_effect_or_another_severity_moves_no_date():
    old, new = mixed(), mixed()
    new["b_fire"]["severity"] = {"min": 0.5, "max": 0.6}
    new["b_fire"]["effects"]["also"] = {"kind": "demand", "sites": {}, "severity": 0.1}
    before, after = plan_of(old), plan_of(new)
    a, b = sample(before, 3, np.arange(60)), sample(after, 3, np.arange(60))
    assert shocks_of(a, before, "b_fire")[:4] == shocks_of(b, after, "b_fire")[:4]
    assert shocks_of(a, before, "b_fire")[5] != shocks_of(b, after, "b_fire")[5]
    assert shocks_of(a, before, "d_after") == shocks_of(b, after, "d_after")


def test_another_duration_law_keeps_poisson_onsets_and_a_longer_one_lengthens_each_shock():
    old, new = mixed(), mixed()
    new["b_fire"]["duration_days"] = {"median": 40.0, "p90": 120.0}
    before, after = plan_of(old), plan_of(new)
    a = shocks_of(sample(before, 3, np.arange(60)), before, "b_fire")
    b = shocks_of(sample(after, 3, np.arange(60)), after, "b_fire")
    assert a[1] == b[1]
    assert np.allclose(2 * (np.array(a[2]) - a[1]), np.array(b[2]) - b[1])


def test_a_longer_horizon_keeps_the_shocks_of_the_shorter_one():
    a, b = tape_of(mixed(), 20, 200.0), tape_of(mixed(), 20, 400.0)
    for j in range(20):
        early = b.announce_days[b.shock_ptr[j] : b.shock_ptr[j + 1]]
        onsets = b.onset_days[b.shock_ptr[j] : b.shock_ptr[j + 1]][early < 200.0]
        assert a.onset_days[a.shock_ptr[j] : a.shock_ptr[j + 1]].tolist() == onsets.tolist()


def test_another_seed_is_another_future():
    assert not same(tape_of(mixed(), 5, seed=1), tape_of(mixed(), 5, seed=2))
