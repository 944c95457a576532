"""The page and the figure of time to precision, from what ``precision.py`` kept."""

from __future__ import annotations

import datetime as dt
import math
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sim.shocks.kernel.sampling import SCHEMES, STRATA

Found = dict[str, Any]
_COLOURS = ("#5790fc", "#964a8b")  # petroff6
_MARKS = ("o", "D")


def write(kept: list[Found], folder: Path) -> str:
    """Write PRECISION.md and its figure; return the page's text."""
    text = page(kept)
    (folder / "PRECISION.md").write_text(text, encoding="utf-8")
    (folder / "figures").mkdir(exist_ok=True)
    draw([found for found in kept if found["needs"]], folder / "figures" / "precision.png")
    return text


def page(kept: list[Found]) -> str:
    """Return the tables as Markdown."""
    blocks = [found["blocks"] for found in kept]
    quiet = [f"`{f['scenario']}` ({f['short']:,} of {f['blocks'] * STRATA:,} futures short)"
             for f in kept if not f["needs"]]  # fmt: skip
    lines = [line for found in kept for line in _need_lines(found)]
    head = (
        "# Time to precision\n\n"
        f"{dt.date.today().isoformat()}, processor time of one thread, shortfall "
        f"{version('shortfall')}, numba {version('numba')}. Made by `python -m "
        "benchmarks.precision`. Replications (and seconds) until the 95 % interval is within 1 % "
        "of the mean shortfall of those by whom a scenario is judged, and within 5 % of the "
        f"1-in-100. Every scheme played {min(blocks)} to {max(blocks)} blocks of {STRATA:,} "
        "replications, as many as the time given allowed; needs follow from the scatter of the "
        "blocks' estimates. A need is an estimate itself: of so many blocks its relative standard "
        f"error is {_error(min(blocks)):.0%} to {_error(max(blocks)):.0%}, and none is told below "
        f"one block. A need of {STRATA:,} means: one block is enough, or more than enough.\n\n"
        "| scenario | blocks | scheme | mean, t | for 1 % of the mean | s | against plain "
        "| 1-in-100, t | for 5 % of the 1-in-100 | s | against plain |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    )
    return (
        head
        + "\n".join(lines)
        + "\n\n"
        + (
            f"Left out, because hardly anybody is ever short: {', '.join(quiet)}.\n\n"
            if quiet
            else ""
        )
        + "![Seconds to precision](figures/precision.png)\n\n"
        + _common(kept)
    )


def _error(n_block: int) -> float:
    """Return the relative standard error of a variance from so many normal estimates."""
    return math.sqrt(2 / (n_block - 1))


def _need_lines(found: Found) -> list[str]:
    """Return a scenario's lines of the table, one a scheme."""
    lines = []
    for need in found["needs"]:
        plain = found["needs"][0]
        cells = [found["scenario"], str(found["blocks"]), need["scheme"]]
        for what, n in (("mean", "n_mean"), ("tail", "n_tail")):
            cells += [
                f"{need[what]:,.4g}",
                _count(need[n]),
                _number(need[n] * need["us"] / 1e6, ",.1f"),
                _number(plain[n] * plain["us"] / (need[n] * need["us"]), ",.1f", " x"),
            ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _common(kept: list[Found]) -> str:
    """Return the table of what common random numbers save."""
    moved = [found for found in kept if found["common"]["avoided"] != 0]
    still = ", ".join(f"`{f['scenario']}`" for f in kept if f["common"]["avoided"] == 0)
    rows = [
        f"| {f['scenario']} | {_mean(f)} | {f['common']['avoided']:,.4g} "
        f"| {_number(f['common']['saved'], ',.1f')} |"
        for f in moved
    ]
    return (
        "## Common random numbers\n\n"
        f"`us_japan_framework` against none, {4 * STRATA:,} replications: how many times fewer the "
        "difference of means needs because both meet the same shocks (ratio of variances). Where "
        "the policy leaves next to nothing of the shortfall, there is nothing to share, and little "
        "is saved.\n\n"
        "| scenario | mean without, t | mean avoided, t | times fewer |\n"
        "| --- | --- | --- | --- |\n"
        + "\n".join(rows)
        + (f"\n\nThe policy changes no replication of {still}.\n" if still else "\n")
    )


def _mean(found: Found) -> str:
    """Return the mean shortfall of the plain scheme, where it was measured."""
    return f"{found['needs'][0]['mean']:,.4g}" if found["needs"] else "-"


def _count(n: float) -> str:
    """Return replications as text, two digits."""
    return "-" if math.isnan(n) else f"{float(f'{n:.2g}'):,.0f}"


def _number(x: float, form: str, unit: str = "") -> str:
    return "-" if math.isnan(x) else f"{x:{form}}{unit}"


def draw(kept: list[Found], path: Path) -> None:
    """Draw seconds to both precisions: a line a scenario, a mark a scheme."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, both = plt.subplots(1, 2, figsize=(10, 1.4 + 0.26 * len(kept)), layout="constrained",
                                sharey=True)  # fmt: skip
    whats = {"n_mean": "within 1 % of the mean", "n_tail": "within 5 % of the 1-in-100"}
    for axes, (what, title) in zip(both, whats.items(), strict=True):
        for k, scheme in enumerate(SCHEMES):
            needs = [found["needs"][k] for found in kept]
            seconds = [need[what] * need["us"] / 1e6 for need in needs]
            axes.plot(seconds, range(len(kept)), _MARKS[k], color=_COLOURS[k], label=scheme,
                      markersize=5.5, alpha=0.85)  # fmt: skip
        axes.set_xscale("log")
        axes.set_xlabel("seconds, one thread, log scale")
        axes.set_title(title, fontsize=10)
        axes.grid(axis="y", color="#dddddd", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    both[0].set_yticks(range(len(kept)), [found["scenario"] for found in kept], fontsize=8)
    both[0].invert_yaxis()
    figure.legend(*both[0].get_legend_handles_labels(), loc="outside lower center", ncols=4,
                  frameon=False, fontsize=9)  # fmt: skip
    figure.suptitle("Time until the 95 % interval of the shortfall is", fontsize=11)
    figure.savefig(path, dpi=150)
    plt.close(figure)
