"""The page and the figure of scale, from what ``scale.py`` measured."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.report import cpu

Map = dict[str, Any]
LABELS = {"read_s": "reading", "check_s": "checking", "compile_s": "compiling",
          "future_s": "a future"}  # fmt: skip
_COLOURS = ("#5790fc", "#964a8b", "#c77400", "#222222")
_MARKS = ("o", "D", "s", "^")


def power(rows: Sequence[Map], key: str) -> float:
    """Return the slope of log time over log lanes, by least squares."""
    x = [math.log(row["lanes"]) for row in rows]
    y = [math.log(row[key]) for row in rows]
    at, to = sum(x) / len(x), sum(y) / len(y)
    across = sum((a - at) ** 2 for a in x)
    return sum((a - at) * (b - to) for a, b in zip(x, y, strict=True)) / across


def page(rows: Sequence[Map], whole: Map | None) -> str:
    """Return the page as Markdown."""
    head = (
        "# Scale\n\n"
        f"{dt.date.today().isoformat()}, {cpu()}, shortfall {version('shortfall')}. Made by "
        "`python -m benchmarks.scale`: random chains of four stages, 5 to 14 suppliers a buyer, "
        "156 weeks. Seconds are processor time of one thread.\n\n"
        "| sites | lanes | reading, s | checking, s | compiling, s | futures a s | memory, MB |\n"
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    )
    lines = [
        f"| {r['sites']:,} | {r['lanes']:,} | {r['read_s']:.2f} | {r['check_s']:.2f} "
        f"| {r['compile_s']:.2f} | {1 / r['future_s']:,.1f} | {r['memory_mb']:,.0f} |"
        for r in rows
    ]
    powers = ", ".join(f"{LABELS[key]} {power(rows, key):.2f}" for key in LABELS)
    text = f"{head}{chr(10).join(lines)}\n\nPower of lanes (1: linear): {powers}.\n\n"
    if whole is not None:
        text += (
            f"A `shortfall run` of {whole['sites']:,} sites, 1,000 futures, with audit and "
            f"figures: {whole['cpu_s']:.0f} s of processor time in all, {whole['run_s']:.0f} s on "
            f"the clock of this machine, whose processors had {whole['load']:.1f} times the work "
            f"that they can do at once; {whole['run_mb']:,.0f} MB and {whole['beside_mb']:,.0f} MB "
            "in the process beside it; the writing of the tables is "
            f"{whole['write_s'] / whole['cpu_s']:.0%} of the processor time.\n\n"
        )
    return text + "![Time over lanes](figures/scale.png)\n"


def write_page(rows: Sequence[Map], whole: Map | None, folder: Path) -> str:
    """Write SCALE.md and its figure; return the page's text."""
    text = page(rows, whole)
    (folder / "SCALE.md").write_text(text, encoding="utf-8")
    (folder / "figures").mkdir(exist_ok=True)
    draw(rows, folder / "figures" / "scale.png")
    return text


def draw(rows: Sequence[Map], path: Path) -> None:
    """Draw time over lanes, both by powers of ten; a straight line of slope 1 is linear."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    ax = figure.add_subplot()
    lanes = [row["lanes"] for row in rows]
    for x, (key, label) in enumerate(LABELS.items()):
        ax.plot(lanes, [row[key] for row in rows], _MARKS[x] + "-", color=_COLOURS[x],
                label=f"{label} (power {power(rows, key):.2f})")  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="lanes", ylabel="seconds of one thread")
    ax.set_title("What a large network takes", loc="left", fontweight="bold")
    ax.grid(color="#dddddd", linewidth=0.6)
    ax.legend(frameon=False)
    figure.savefig(path, dpi=150, metadata={"Software": None})
