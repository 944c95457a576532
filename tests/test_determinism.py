"""Every bit of a replication is decided by seed, number and input: nothing else may matter.

Batch, company, order, threads, blocks, interruption, more replications, damaged files: same bits.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from engines import Case
from law_case import same_bits

from sim.api import Study, load
from sim.flow.engine import simulate
from sim.flow.trajectories import Flow, FlowTrace
from sim.results.blocks import Arrays, block_path, encode, read_block
from sim.results.checksum import digest
from sim.run.local import read_blocks, run_blocks
from sim.run.plan import Plan
from sim.shocks.sampler import sample

SCENARIO = Path(__file__).parent / "data" / "tiny_ban.yaml"
N = 40


def numbers(n: int) -> np.ndarray:
    return np.arange(n, dtype=np.int64)


def play(case: Case, replications: np.ndarray, **options) -> Flow:
    tape = sample(case.plan, case.seed, replications)
    return simulate(case.play, tape, trace=True, **options)


def columns(flow: Flow, where) -> Flow:
    """Return some replications of a flow."""
    kept = {
        name: value[..., where]
        for name, value in flow._asdict().items()
        if name not in ("trace", "goods", "price")
    }
    return Flow(**kept, trace=FlowTrace(*(x[..., where] for x in flow.trace)))


def cases() -> list[Case]:
    return [
        Case(seed, n_period=25, size=size, replications=1)
        for seed, size in ((11, 6), (12, 10), (17, 16), (23, 24), (31, 12), (46, 20))
    ]


@pytest.fixture(scope="module")
def some() -> list[tuple[Case, Flow]]:
    return [(case, play(case, numbers(N))) for case in cases()]


# --- the engine ---------------------------------------------------------------------------------


def test_another_seed_gives_other_bits(some):
    """Else sameness would prove nothing."""
    case, flow = some[3]
    case = Case(case.seed, n_period=25, size=24, replications=1)
    case.tape = sample(case.plan, case.seed + 1, numbers(N))
    other = simulate(case.play._replace(n_period=25), case.tape, trace=True)
    assert not same_bits(flow, other)


@pytest.mark.parametrize("batch", [1, 3, 16, 64])
def test_replications_side_by_side_in_any_number_give_the_same_bits(some, batch):
    for case, flow in some:
        assert same_bits(flow, play(case, numbers(N), batch=batch)), case.seed


def test_a_replication_alone_gives_the_bits_it_gives_in_company(some):
    for case, flow in some:
        for j in (0, 7, N - 1):
            alone = play(case, np.array([j], dtype=np.int64))
            assert same_bits(columns(flow, [j]), alone), (case.seed, j)


def test_replications_in_any_set_and_order_give_the_same_bits(some):
    rng = np.random.default_rng(5)
    for case, flow in some:
        chosen = rng.permutation(N)[:19]
        assert same_bits(columns(flow, chosen), play(case, chosen.astype(np.int64), batch=7))


def test_threads_over_the_kernel_give_the_same_bits(some):
    case, flow = some[3]
    parts = [numbers(N)[a : a + 5] for a in range(0, N, 5)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        for part, found in zip(parts, pool.map(lambda p: play(case, p), parts), strict=True):
            assert same_bits(columns(flow, part), found)


def test_playing_a_tape_leaves_the_tape_and_the_network_as_they_were(some):
    case = some[2][0]
    tape = sample(case.plan, case.seed, numbers(5))
    parts = (tape, case.plan.targets, case.plan.draws, case.compiled.chain)
    before = [np.copy(x) for part in parts for x in part]
    simulate(case.play, tape)
    after = [x for part in parts for x in part]
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(before, after, strict=True))


# --- whole runs ---------------------------------------------------------------------------------


def tiny() -> Study:
    return load(SCENARIO)


@pytest.fixture(scope="module")
def truth() -> Arrays:
    arrays = tiny().compute(numbers(60), np.zeros(1, np.uint8))
    assert arrays is not None
    assert np.unique(arrays["m.shortfall_t"]).size > 20
    return arrays


def plan(block: int) -> Plan:
    return Plan({}, "0", block)


def finish(folder: Path, block: int, n: int, workers: int = 1, compute=None) -> Arrays:
    (folder / "blocks").mkdir(exist_ok=True)
    run_blocks(folder, plan(block), n, compute or tiny().compute, workers, lambda _: None)
    return read_blocks(folder, plan(block), n)


@pytest.mark.parametrize(("block", "workers"), [(60, 1), (7, 1), (7, 2), (16, 4), (1, 2)])
def test_blocks_and_threads_give_the_same_bits(tmp_path, truth, block, workers):
    assert digest(finish(tmp_path, block, 60, workers)) == digest(truth)


def test_the_simpy_model_in_chunks_of_any_size_gives_the_same_bits(monkeypatch, truth):
    monkeypatch.setattr("sim.run.case.CHUNK", 11)
    study = tiny().change({"run.engine": "simpy"})
    assert digest(study.compute(numbers(60), np.zeros(1, np.uint8))) == digest(truth)


def test_more_replications_keep_the_bits_of_those_that_were_there(tmp_path, truth):
    first = finish(tmp_path, 16, 25)
    assert digest(first) == digest({name: a[:25] for name, a in truth.items()})
    assert digest(finish(tmp_path, 16, 60)) == digest(truth)
    fewer = read_blocks(tmp_path, plan(16), 25)
    assert digest(fewer) == digest(first)


def test_an_interrupted_run_resumes_to_the_same_bits_without_redoing_what_was_done(tmp_path, truth):
    seen: list[int] = []

    def until(limit):
        def compute(replications, stop):
            if len(seen) >= limit:
                raise KeyboardInterrupt
            seen.extend(replications.tolist())
            return tiny().compute(replications, stop)

        return compute

    with pytest.raises(KeyboardInterrupt):
        finish(tmp_path, 10, 60, compute=until(30))
    assert digest(finish(tmp_path, 10, 60, compute=until(10**9))) == digest(truth)
    assert sorted(seen) == list(range(60))


def test_a_stopped_computation_writes_no_block(tmp_path):
    def compute(replications, stop):
        stop[0] = 1
        return tiny().compute(replications, stop)

    (tmp_path / "blocks").mkdir()
    run_blocks(tmp_path, plan(10), 20, compute, 1, lambda _: None)
    assert list((tmp_path / "blocks").iterdir()) == []


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def edited(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-8:] = np.float64(0.5).tobytes()  # a number for another, all else in order
    path.write_bytes(bytes(data))


def header_edited(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"m.shortfall_t"', b'"m.shortfall_u"'))


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def of_another_size(path: Path) -> None:
    """A whole block, but with fewer replications than its plan says."""
    arrays = read_block(path.parents[1], 1)
    origin = plan(20).origin(1)
    path.write_bytes(encode({name: a[:3] for name, a in arrays.items()}, origin))


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


DAMAGES = [torn, edited, flipped, header_edited, emptied, Path.unlink]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_block_is_named_and_computed_again(tmp_path, truth, damage, capsys):
    finish(tmp_path, 20, 60, 2)
    damage(block_path(tmp_path, 1))
    assert read_block(tmp_path, 1) is None
    with pytest.raises(FileNotFoundError, match="block-000001"):
        read_blocks(tmp_path, plan(20), 60)
    redone: list[int] = []

    def compute(replications, stop):
        redone.extend(replications.tolist())
        return tiny().compute(replications, stop)

    assert digest(finish(tmp_path, 20, 60, compute=compute)) == digest(truth)
    assert redone == list(range(20, 40))
    said = capsys.readouterr().err
    assert damage is Path.unlink or "block-000001.bin" in said


def test_a_block_that_is_too_short_is_filled_up_without_redoing_what_it_holds(tmp_path, truth):
    finish(tmp_path, 20, 60, 2)
    of_another_size(block_path(tmp_path, 1))
    with pytest.raises(FileNotFoundError, match="only 3 replications"):
        read_blocks(tmp_path, plan(20), 60)
    redone: list[int] = []

    def compute(replications, stop):
        redone.extend(replications.tolist())
        return tiny().compute(replications, stop)

    assert digest(finish(tmp_path, 20, 60, compute=compute)) == digest(truth)
    assert redone == list(range(23, 40))


def test_a_run_does_not_depend_on_its_workers_blocks_or_engine(tmp_path):
    """The whole story through settings: table, summary input and manifest's digest."""
    changes = ({"run.workers": 1}, {"run.workers": 2, "run.block": 7}, {"run.engine": "simpy"})
    tables = []
    for n, change in enumerate(changes):
        study = tiny().change(
            {"run.replications": 20, "run.audit": 2, "output.figures": False, **change}
        )
        tables.append(study.run(tmp_path / str(n)).table)
    for other in tables[1:]:
        for name, values in tables[0].items():
            assert np.array_equal(values, other[name], equal_nan=True), name
