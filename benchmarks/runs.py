"""Whole commands in processes of their own: the first result, and the memory of many."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.chains import three_sites, write
from benchmarks.measure import Line, Spent, command


def first_result(scenario: str) -> list[Line]:
    """Time the command from start to files with an empty kernel cache, then with a full one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        times = [
            command(
                ["run", f"scenario={scenario}", "run.replications=1000", "output.figures=false",
                 "run.audit=0", f"output.dir={folder / kind}"],
                cache=folder / "numba",
            )
            for kind in ("cold", "warm")
        ]  # fmt: skip
    what = "first result, 1,000 replications, no figures, no audit"
    return [
        Line(f"{what}: cold (kernels compiled)", _told(times[0]), "", "15 s"),
        Line(f"{what}: warm", _told(times[1]), "", "2 s"),
    ]


def memory(scenario: str, large: int) -> list[Line]:
    """Measure peak memory at 1e4 and at many replications of three sites over half a year.

    Three sites, so that a million fit into a minute; and 1e4 of the scenario itself.
    """
    lines = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        network, hazards = three_sites()
        small = str(write(folder, network, hazards, 182))
        peaks = {}
        for n in (10_000, large):
            spent = _peak(small, n, folder)
            peaks[n] = spent.peak_mb
            what = f"peak memory, three sites, {n:,} replications"
            lines.append(Line(what, f"{peaks[n]:,.0f} MB ({_told(spent)})"))
        growth = 100 * (peaks[large] / peaks[10_000] - 1)
        lines.append(
            Line(f"peak memory, {large:,} over 10,000", f"{growth:+.0f} %", "", "+10 % at 1e6")
        )
        spent = _peak(scenario, 10_000, folder)
    what = f"peak memory, {scenario}, 10,000 replications"
    return [*lines, Line(what, f"{spent.peak_mb:,.0f} MB ({_told(spent)})")]


def _told(spent: Spent) -> str:
    return f"{spent.seconds:.1f} s, {spent.processor:.1f} s of processor"


def _peak(scenario: str, n: int, folder: Path) -> Spent:
    target = folder / f"{Path(scenario).stem}-{n}"
    words = [f"scenario={scenario}", f"run.replications={n}", f"output.dir={target}"]
    return command(["run", *words, "run.audit=0", "output.figures=false"])
