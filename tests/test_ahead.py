"""Kernels compiled on first use: by processes of their own, and all that a run needs."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.base import precompile

SIGNATURES = """
import importlib, pkgutil
import numpy as np
import sim
from sim.base import precompile
from sim.api import load


def compiled():
    found = {}
    for part in ("sim.flow", "sim.shocks"):
        for module in pkgutil.walk_packages(importlib.import_module(part).__path__, part + "."):
            for name, f in vars(importlib.import_module(module.name)).items():
                if hasattr(f, "nopython_signatures"):
                    found[module.name, name] = [str(s) for s in f.nopython_signatures]
    return found


for part in precompile.PARTS:
    importlib.import_module(part).compile_kernels()
ahead = compiled()
assert ahead["sim.flow.kernel.run", "run"] and ahead["sim.shocks.kernel.shocks", "draw_shocks"]
study = load("china_ree_controls_2025_10")
study.compute(np.arange(2), np.zeros(1, np.uint8))
after = compiled()
print(sorted(k for k in after if after[k] != ahead[k]))
"""


def test_what_is_compiled_ahead_is_all_that_a_run_needs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SIGNATURES], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.fixture
def cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty kernel cache, and a part to compile that leaves a file and then sleeps."""
    package = tmp_path / "package"
    package.mkdir()
    (package / "part_of_a_test.py").write_text(
        "import os, pathlib, time\n"
        "def compile_kernels():\n"
        "    time.sleep(float(os.environ['SECONDS_OF_A_TEST']))\n"
        f"    pathlib.Path({str(tmp_path / 'done')!r}).touch()\n"
    )
    cache = tmp_path / "numba"
    cache.mkdir()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(cache))
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "0")
    monkeypatch.setenv("PYTHONPATH", str(package))
    monkeypatch.setattr(precompile, "PARTS", ("part_of_a_test",))
    return tmp_path


def test_an_empty_cache_is_filled_by_other_processes(
    cold: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SECONDS_OF_A_TEST", "0.2")
    assert precompile.is_cold()
    precompile.begin()
    assert not (cold / "done").exists()  # it goes on beside us
    precompile.ready()
    assert (cold / "done").exists()
    assert capsys.readouterr().err == "compiling kernels (once)\n"


def test_a_mistake_or_an_interrupt_ends_them(cold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECONDS_OF_A_TEST", "60")
    begin = time.monotonic()
    precompile.begin()
    (child,) = precompile._children
    precompile.end()
    assert child.poll() is not None
    assert time.monotonic() - begin < 50
    assert not (cold / "done").exists()


def test_a_part_that_fails_is_left_to_this_process(
    cold: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precompile, "PARTS", ("no_such_module",))
    precompile.ready()
    assert not precompile._children


def test_a_cache_with_kernels_starts_nothing(cold: Path) -> None:
    inside = cold / "numba" / "sim"
    inside.mkdir()
    (inside / "kernel.run-1.py311.nbi").touch()
    precompile.begin()
    assert not precompile._children
