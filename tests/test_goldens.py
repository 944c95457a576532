"""Stored networks and tapes give the stored flows, bit for bit, under whatever libraries."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from make_goldens import FOLDER, SEEDS, read, replay, same

from sim.flow.engine import simulate
from sim.flow.record.model import simulate_simpy
from sim.shocks.tape import ROW_KINDS

HERE = Path(__file__).parent


@pytest.mark.parametrize("engine", [simulate, simulate_simpy])
@pytest.mark.parametrize("name", SEEDS)
def test_a_stored_tape_gives_the_stored_flow(name, engine):
    golden = read(FOLDER / f"{name}.npz")
    found = replay(golden, engine)
    for key, values in found.items():
        assert same(golden[key], values), key


def test_goldens_reach_shortfall_reserves_projects_and_substitution():
    """A golden of quiet networks would hold nothing in place."""
    goldens = [read(FOLDER / f"{name}.npz") for name in SEEDS]
    for key in ("flow.shortfall", "flow.released", "flow.spared", "tape.parameter"):  # fmt: skip
        assert any(g[key].any() for g in goldens), key
    assert any(np.isfinite(g["tape.project_start_days"]).any() for g in goldens)
    assert set(np.concatenate([g["tape.row_kind"] for g in goldens]).tolist()) == set(
        range(len(ROW_KINDS))
    )


def test_a_golden_notices_one_bit_of_its_input():
    golden = read(FOLDER / "plain.npz")
    golden["chain.coefficient"] = np.nextafter(golden["chain.coefficient"], np.inf)
    assert not all(same(golden.get(key), values) for key, values in replay(golden).items()
                   if key in golden)  # fmt: skip


def replay_under(tmp_path: Path, names: list[str], **environment: str) -> None:
    """Replay goldens in a process of its own whose numba is set up another way."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import numpy as np\n"
        "from make_goldens import FOLDER, read, replay\n"
        "for name in sys.argv[2:]:\n"
        "    golden = read(FOLDER / f'{name}.npz')\n"
        "    for key, values in replay(golden).items():\n"
        "        if key not in golden: continue\n"
        "        assert np.allclose(golden[key], values, 1e-9, 1e-9), (name, key)\n"
    )
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), **environment}
    done = subprocess.run(
        [sys.executable, "-c", code, str(HERE), *names],
        env=env, cwd=HERE.parent, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


def test_kernels_run_as_plain_python_to_the_same_flow(tmp_path):
    replay_under(tmp_path, ["small", "plain"], NUMBA_DISABLE_JIT="1")


@pytest.mark.slow
def test_kernels_never_index_out_of_bounds(tmp_path):
    replay_under(tmp_path, list(SEEDS), NUMBA_BOUNDSCHECK="1")
