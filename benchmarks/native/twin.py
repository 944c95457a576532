"""Build the C++ twin, hand it a network and a tape, read back what it books.

The twin was written from docs/model.md alone and shares no code with either engine. It must agree
with both to the last bit: it is compiled without fused multiply-add and without -ffast-math.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.flow.kernel.measures import BOOKS
from sim.flow.play import Play
from sim.flow.trajectories import Flow
from sim.shocks.tape import Tape

BOOKED = ("want", "shortfall", "spared", "destroyed", "stopped", "idled")
"""What the twin books; it knows no prices, so that there is no bill."""

HERE = Path(__file__).resolve().parent
FLAGS = (
    "-std=c++17",
    "-O3",
    "-march=native",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-Wall",
)
"""None of these may change a bit of a result; -ffast-math would, and is not among them."""


class Run(NamedTuple):
    """What the twin found, and how long all replications took in each round."""

    flow: Flow
    seconds: list[float]


def compiler() -> str | None:
    """Return the C++ compiler that is there (CXX, else g++), or None."""
    return shutil.which(os.environ.get("CXX") or "g++")


def build(folder: Path, source: str = "main.cpp") -> Path:
    """Compile the twin (or another source beside it) into a folder and return the program.

    Raises
    ------
    RuntimeError
        If there is no compiler, or it fails.
    """
    gxx = compiler()
    if gxx is None:
        raise RuntimeError("no g++ here; install it (Debian: apt install g++), or set CXX")
    program = folder / Path(source).stem
    command = [gxx, *FLAGS, str(HERE / source), "-o", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{gxx} failed:\n{done.stderr}")
    return program


def run(
    program: Path,
    folder: Path,
    play: Play,
    tape: Tape,
    rounds: int = 1,
) -> Run:
    """Replay a tape in the twin; arguments as for ``sim.flow.engine.simulate``.

    Parameters
    ----------
    program : pathlib.Path
        As ``build`` returned it.
    folder : pathlib.Path
        For the input and output files.
    rounds : int, optional
        How often to replay it, each timed.
    """
    write_input(folder / "twin.in", play, tape)
    seconds = replay(program, folder, rounds)
    shape = (play.n_period, len(play.compiled.labels.group), play.compiled.chain.reserve_site.size)
    return Run(read_output(folder / "twin.out", *shape, tape.replication.size), seconds)


def replay(program: Path, folder: Path, rounds: int = 1) -> list[float]:
    """Run the program on the input file that lies in the folder; return the seconds a round."""
    command = [str(program), str(folder / "twin.in"), str(folder / "twin.out"), str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip() or f"the twin ended with {done.returncode}")
    return [float(line) for line in done.stdout.split()]


def write_input(path: Path, play: Play, tape: Tape) -> None:
    """Write network and tape as named arrays: name, type (0 int32, 1 float64), length, values."""
    compiled, targets, draws, n_period = play[:4]
    chain = compiled.chain._asdict()
    for rows in ("path", "reserve_aim"):
        chain[rows] = chain[rows][:, :n_period]
    numbers = {"n_period": n_period, "n_group": len(compiled.labels.group)}
    arrays = {
        **chain,
        **{name: np.array([value], np.int32) for name, value in numbers.items()},
        "target_ptr": targets.ptr,
        "target": targets.index,
        **{f"draw_{name}": values for name, values in draws._asdict().items()},
        **{name: v for name, v in tape._asdict().items() if name.startswith(("row_", "point_"))},
        "project_start_days": tape.project_start_days,
        "parameter": tape.parameter,
    }
    with open(path, "wb") as file:
        for name, values in arrays.items():
            values = np.atleast_1d(np.asarray(values))
            whole = values.dtype.kind in "iub"
            values = np.ascontiguousarray(values, np.int32 if whole else np.float64)
            head = np.array([0 if whole else 1, values.size], np.int64)
            file.write(name.encode().ljust(32, b"\0") + head.tobytes() + values.tobytes())


def read_output(path: Path, n_period: int, n_group: int, n_reserve: int, n: int) -> Flow:
    """Return what is booked, replication last as the other engines have it."""
    values = np.fromfile(path)
    size = len(BOOKED) * n_period * n_group * n
    booked = values[:size].reshape(n, len(BOOKED), n_period, n_group).transpose(1, 2, 3, 0)
    of_reserves = values[size:].reshape(2, n, n_period, n_reserve).transpose(0, 2, 3, 1)
    released, bought = np.ascontiguousarray(of_reserves)
    books = dict(zip(BOOKED, np.ascontiguousarray(booked), strict=True))
    books |= {name: np.zeros((n_period, n_group, n)) for name in BOOKS if name not in books}
    return Flow(**books, released=released, trace=None, bought=bought)
