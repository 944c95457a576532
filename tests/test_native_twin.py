"""The C++ twin, told from docs/model.md alone, books the same bits as the compiled kernel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from engines import Case

import sim
from benchmarks.native import twin
from sim.config.library import Library
from sim.flow.engine import simulate
from sim.flow.trajectories import Flow

pytestmark = pytest.mark.skipif(
    twin.compiler() is None, reason="no g++ here: the C++ twin cannot be built"
)
SIZES = (4, 8, 12, 20, 30)
CHUNK = 40
BOOKED = (*twin.BOOKED, "released", "bought")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return twin.build(tmp_path_factory.mktemp("native"))


def difference(fast: Flow, native: Flow) -> str:
    """Return where the two first differ in a bit; or ""."""
    for name in BOOKED:
        a, b = getattr(fast, name), getattr(native, name)
        assert a.shape == b.shape, name
        if not np.array_equal(a, b):
            k, x, j = (int(v[0]) for v in np.nonzero(a != b))
            return f"{name}[{k}, {x}, {j}]: compiled {a[k, x, j]!r}, C++ {b[k, x, j]!r}"
    return ""


def disagreement(program: Path, args: tuple) -> str:
    return difference(simulate(*args), twin.run(program, program.parent, *args).flow)


def random_case(seed: int) -> tuple:
    case = Case(seed, n_period=30, size=SIZES[seed % len(SIZES)], replications=1 + seed % 3)
    return (case.play, case.tape)


@pytest.mark.parametrize("chunk", range(5))
def test_the_twin_agrees_to_the_last_bit_on_random_networks(program, chunk):
    seeds = range(chunk * CHUNK, (chunk + 1) * CHUNK)
    found = {seed: disagreement(program, random_case(seed)) for seed in seeds}
    assert {seed: told for seed, told in found.items() if told} == {}


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(5, 30))
def test_the_twin_agrees_to_the_last_bit_on_a_thousand_networks(program, chunk):
    test_the_twin_agrees_to_the_last_bit_on_random_networks(program, chunk)


def scenario_case(name: str) -> tuple:
    study = sim.load(name)
    tape = study.tape(np.arange(8))
    return (study.play, tape)


@pytest.mark.parametrize("scenario", ["china_ree_controls_2025_10", "china_ree_embargo"])
def test_the_twin_agrees_to_the_last_bit_on_two_scenarios(program, scenario):
    assert disagreement(program, scenario_case(scenario)) == ""


@pytest.mark.slow
@pytest.mark.parametrize("scenario", sorted(Library().files("scenario")))
def test_the_twin_agrees_to_the_last_bit_on_every_shipped_scenario(program, scenario):
    assert disagreement(program, scenario_case(scenario)) == ""


def test_a_difference_of_one_bit_is_found(program):
    args = random_case(9)
    flow = simulate(*args)
    flow.want[4, 0, 0] = np.nextafter(flow.want[4, 0, 0], np.inf)
    told = difference(flow, twin.run(program, program.parent, *args).flow)
    assert told.startswith("want[4, 0, 0]: ")


def test_a_torn_input_file_is_told(program, tmp_path):
    args = random_case(3)
    twin.write_input(tmp_path / "twin.in", *args)
    whole = (tmp_path / "twin.in").read_bytes()
    (tmp_path / "twin.in").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RuntimeError, match=r"the input file (ends|lacks)"):
        twin.replay(program, tmp_path)
