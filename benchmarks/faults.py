"""`python -m benchmarks.faults`: break runs in every way we could think of, and count.

Each case ends with the same question: has the run, once resumed, the digest of the undisturbed
one? Counts that were measured are in docs/running_much.md; tests/test_faults.py runs a few of each.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCENARIO = ROOT / "tests" / "data" / "tiny_ban.yaml"
SETTINGS = ["run.replications=400", "run.scrambled=8", "run.block=40", "run.audit=1",
            "output.figures=false", "output.fan_replications=200"]  # fmt: skip
STREAMS = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}


def command(folder: Path, *more: str) -> list[str]:
    words = [f"scenario={SCENARIO}", f"output.dir={folder}", *SETTINGS, *more]
    return [sys.executable, "-m", "sim", "run", *words]


def start(folder: Path, *more: str, **options) -> subprocess.Popen:
    return subprocess.Popen(command(folder, *more), **{**STREAMS, **options})


def run(folder: Path, *more: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(command(folder, *more), **{**STREAMS, **options})


def digest(folder: Path) -> str:
    return json.loads((folder / "manifest.json").read_text())["replications_digest"]


class Truth:
    """An undisturbed run: its digest, its tables and how long it took."""

    def __init__(self, work: Path):
        run(work / "first")  # compiles
        before = time.perf_counter()
        done = run(work / "truth")
        self.seconds = time.perf_counter() - before
        assert done.returncode == 0, done.stderr
        self.folder, self.digest = work / "truth", digest(work / "truth")

    def check(self, folder: Path) -> None:
        """Resume a run and compare it with the undisturbed one."""
        done = run(folder)
        assert done.returncode == 0, done.stderr
        self.same(folder)

    def same(self, folder: Path) -> None:
        assert digest(folder) == self.digest, folder
        for name in ("summary.csv", "fan.csv", "replications.parquet"):
            assert (folder / name).read_bytes() == (self.folder / name).read_bytes(), name
        assert not list(folder.glob("**/*.part")), "a temporary file was left"


def killed_runs(work: Path, truth: Truth, count: int, rng: random.Random) -> int:
    """Kill the whole run by SIGKILL at random moments, resume until done; return the kills."""
    kills, folder = 0, work / "killed-0"
    while kills < count:
        process = start(folder)
        time.sleep(rng.uniform(0, 1.2 * truth.seconds))
        process.kill()
        process.communicate()
        if process.returncode == -signal.SIGKILL:
            kills += 1
        if process.returncode == 0:  # it was faster: look at it, and break another one
            truth.same(folder)
            folder = work / f"killed-{kills}"
    truth.check(folder)
    return kills


def stopped_runs(work: Path, truth: Truth, count: int, rng: random.Random, sent: int) -> int:
    """Stop runs by Ctrl-C or SIGTERM at random moments; each must say how to go on."""
    stopped = 0
    while stopped < count:
        folder = work / f"stopped-{sent}-{stopped}"
        process = start(folder, "run.replications=150000")
        wait_for_blocks(folder, process, 1)
        time.sleep(rng.uniform(0, 0.5))
        process.send_signal(sent)
        said = process.communicate(timeout=120)[1]
        assert process.returncode == 130, (process.returncode, said)
        assert "To go on" in said, said
        assert "Traceback" not in said, said
        truth.check(folder)
        stopped += 1
    return stopped


def wait_for_blocks(folder: Path, process: subprocess.Popen, count: int) -> None:
    limit = time.monotonic() + 900
    while len(list((folder / "blocks").glob("block-*"))) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit, "no block was finished"
        time.sleep(0.005)


def killed_workers(work: Path, truth: Truth, count: int, rng: random.Random, *how: str) -> int:
    """Kill worker processes of runs by SIGKILL, one a run; the run itself must finish."""
    kills = 0
    while kills < count:
        folder = work / f"worker-{how[0].partition('=')[2]}-{kills}"
        process = start(folder, "run.workers=2", *how)
        wait_for_blocks(folder, process, rng.randint(1, 6))
        workers = workers_of(process.pid)
        if workers and process.poll() is None:
            os.kill(rng.choice(workers), signal.SIGKILL)
            kills += 1
        said = process.communicate(timeout=600)[1]
        assert process.returncode == 0, said
        truth.same(folder)
        shutil.rmtree(folder)
    return kills


def workers_of(pid: int) -> list[int]:
    """Return the worker processes of a run (Linux: /proc)."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            words = (path / "cmdline").read_text()
            if parent == pid and "spawn_main" in words:
                found.append(int(path.name))
    return sorted(found)


def full_disks(work: Path, truth: Truth, shares: list[float]) -> int:
    """Run onto disks of a share of what a run takes: told, nothing lost, resumed after space."""
    pages = sum(-(-p.stat().st_size // 4096) for p in truth.folder.rglob("*") if p.is_file())
    full = 0
    for share in shares:
        size = max(16, int(4 * pages * share))
        with small_disk(work / f"disk-{size}", size) as disk:
            done = subprocess.run(filling_up(disk / "run"), **STREAMS)
            assert done.returncode == 2, (size, done.returncode, done.stderr)
            assert "No space left" in done.stderr, done.stderr
            assert "Traceback" not in done.stderr, done.stderr
            kept = {p.name: p.read_bytes() for p in (disk / "run" / "blocks").glob("block-*")}
            subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
            truth.check(disk / "run")
            after = {p.name: p.read_bytes() for p in (disk / "run" / "blocks").glob("block-*")}
            assert kept.items() <= after.items(), "a finished block was lost"
            full += 1
    return full


def filling_up(folder: Path) -> list[str]:
    """Return a run that finds its disk empty when it estimates, and full later."""
    roomy = "shutil.disk_usage = lambda place: shutil._ntuple_diskusage(2**40, 0, 2**40)"
    code = f"import shutil, sys; {roomy}; from sim.cli import main; sys.exit(main(sys.argv[1:]))"
    return [sys.executable, "-c", code, *command(folder)[3:]]


@contextlib.contextmanager
def small_disk(place: Path, size_kb: int) -> Iterator[Path]:
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(place)]
    subprocess.run(mount, check=True, capture_output=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def can_mount() -> bool:
    """Return whether a small disk can be made here (root on Linux)."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        try:
            with small_disk(Path(folder) / "try", 100):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False


def damaged_blocks(work: Path, truth: Truth, count: int, rng: random.Random) -> int:
    """Tear, edit or empty a block of a finished run; it must be named and computed again."""
    folder = work / "damaged"
    shutil.copytree(truth.folder, folder)
    for _ in range(count):
        path = rng.choice(sorted((folder / "blocks").glob("block-*")))
        content = bytearray(path.read_bytes())
        whole = bytes(content)
        if rng.random() < 0.5:
            content = content[: rng.randrange(len(content))]
        else:
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(bytes(content))
        done = run(folder)
        assert done.returncode == 0, done.stderr
        assert path.name in done.stderr, done.stderr
        assert path.read_bytes() == whole
        truth.same(folder)
    return count


def two_at_once(work: Path, truth: Truth, count: int) -> int:
    """Start two runs into one folder: one is refused, the other is right."""
    for x in range(count):
        folder = work / f"two-{x}"
        pair = [start(folder, "run.replications=4000"), start(folder, "run.replications=4000")]
        said = [process.communicate(timeout=600)[1] for process in pair]
        codes = sorted(process.returncode for process in pair)
        assert codes == [0, 2], (codes, said)
        assert sum("computing there just now" in text for text in said) == 1, said
        truth.check(folder)
    return count


def copied_package(work: Path) -> Path:
    place = work / "package"
    place.mkdir(mode=0o755)
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("sim", "configs", "scenarios"):
        shutil.copytree(ROOT / name, place / name, ignore=ignore)
    return place


def read_only_without_home(work: Path, truth: Truth) -> int:
    """Run a package nobody may write to (root: on a read-only mount), as a user without a home."""
    place, scratch = copied_package(work), work / "scratch"
    scratch.mkdir()
    for path in [*place.rglob("*"), place]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    mounted = can_mount()
    if mounted:
        subprocess.run(["mount", "--bind", place, place], check=True)
        subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(scratch), "HOME": os.devnull}
    try:
        assert mounted or os.geteuid() != 0, "root can write anywhere"
        done = run(scratch / "run", cwd=place, env=environment)
        assert done.returncode == 0, done.stderr
        assert digest(scratch / "run") == truth.digest
        assert not list(place.rglob("__pycache__"))
    finally:
        if mounted:
            subprocess.run(["umount", place], check=True)
        for path in [place, *place.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
    return 1


def changed_kernel(work: Path, truth: Truth) -> int:
    """Edit a helper that kernels of other files call, beside a full cache: new numbers, at once."""
    place = work / "package" if (work / "package").is_dir() else copied_package(work)
    kernel = place / "sim" / "base" / "rng.py"
    cache = {**os.environ, "XDG_CACHE_HOME": str(work / "cache")}
    for name in ("NUMBA_CACHE_DIR", "SHORTFALL_NUMBA_CACHE_DIR"):
        cache.pop(name, None)
    assert run(work / "before", cwd=place, env=cache).returncode == 0
    assert digest(work / "before") == truth.digest
    text = kernel.read_text()
    last = "    return unit_interval(word)\n"
    edited = text.replace(last, last.replace("(word)", "(word) * 0.5"))
    assert edited != text
    kernel.write_text(edited)
    refused = run(work / "before", cwd=place, env=cache)
    assert refused.returncode == 2, refused.stderr
    assert "version" in refused.stderr
    assert run(work / "old-cache", cwd=place, env=cache).returncode == 0
    fresh = {**cache, "XDG_CACHE_HOME": str(work / "empty-cache")}
    assert run(work / "new-cache", cwd=place, env=fresh).returncode == 0
    assert digest(work / "old-cache") == digest(work / "new-cache") != truth.digest
    return 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50, help="kills of the whole run")
    parser.add_argument("--only", help="part of a case's name")
    options = parser.parse_args()
    n, rng = options.count, random.Random(20251125)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        truth = Truth(work)
        some = max(1, n // 5)
        cases = {
            "kill -9 of the whole run": lambda: killed_runs(work, truth, n, rng),
            "kill -9 of a worker process (SimPy engine)": lambda: killed_workers(
                work, truth, some, rng, "run.engine=simpy"),
            "kill -9 of a Dask worker": lambda: killed_workers(
                work, truth, some, rng, "run.dask=local"),
            "Ctrl-C": lambda: stopped_runs(work, truth, some, rng, signal.SIGINT),
            "SIGTERM": lambda: stopped_runs(work, truth, some, rng, signal.SIGTERM),
            "disk full": lambda: full_disks(work, truth, [0.05, 0.2, 0.4, 0.6, 0.8]),
            "torn or edited block": lambda: damaged_blocks(work, truth, 2 * some, rng),
            "two runs into one folder": lambda: two_at_once(work, truth, some),
            "read-only package, no HOME": lambda: read_only_without_home(work, truth),
            "kernel edited beside a full cache": lambda: changed_kernel(work, truth),
        }  # fmt: skip
        for name, case in cases.items():
            if options.only and options.only not in name:
                continue
            if name == "disk full" and not can_mount():
                print(f"{name}: skipped, a small disk needs root", flush=True)
                continue
            print(f"{name}: {case()} times, each ended with the undisturbed digest", flush=True)


if __name__ == "__main__":
    main()
