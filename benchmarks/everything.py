"""Every scenario with and without the framework, as a page: ``python -m benchmarks.everything``.

Runs ``shortfall sweep 'scenario=glob(*)' policy=none,us_japan_framework`` (finished runs in the
folder are reused), times it, and writes docs/sweep.md from its ``sweep.csv`` and ``ledger.csv``.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REGIONS = ("JPN", "USA", "EU", "KOR", "CHN", "ROW")
POLICIES = ("none", "us_japan_framework")


def main() -> None:
    """Run or read the sweep and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("results/everything"))
    parser.add_argument("--replications", type=int, default=200)
    given = parser.parse_args()
    words = [
        "sweep", "scenario=glob(*)", f"policy={','.join(POLICIES)}",
        f"run.replications={given.replications}", "run.audit=0", "output.figures=false",
    ]  # fmt: skip
    begin = time.perf_counter()
    command = [sys.executable, "-m", "sim", *words, f"output.dir={given.folder}"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    text = page(given.folder, words, time.perf_counter() - begin)
    (ROOT / "docs" / "sweep.md").write_text(text, encoding="utf-8")


def page(folder: Path, words: list[str], seconds: float) -> str:
    """Return the page as Markdown."""
    means = {
        (row["name"], row["view"]): row
        for row in read(folder / "sweep.csv")
        if (row["kind"], row["measure"], row["statistic"]) == ("region", "shortfall_share", "ratio")
    }
    points = {(row["scenario"], row["policy"]): row["name"] for row in read(folder / "ledger.csv")}
    lines = [
        f"| {scenario} | " + " | ".join(cell(means, points, scenario, r) for r in REGIONS) + " |"
        for scenario in dict.fromkeys(s for s, _ in points)
    ]
    shown = " ".join(f"'{w}'" if "*" in w else w for w in words)
    head = HEAD.format(
        day=dt.date.today().isoformat(), command=shown, runs=len(points),
        minutes=seconds / 60, cores=os.cpu_count(),
    )  # fmt: skip
    columns = f"| scenario | {' | '.join(REGIONS)} |\n| --- |{' --- |' * len(REGIONS)}\n"
    return head + columns + "\n".join(lines) + "\n"


HEAD = """\
# Every scenario, with and without the US-Japan framework

Made on {day} by `python -m benchmarks.everything`, which runs

    shortfall {command}

{runs} runs took {minutes:.1f} minutes on a machine of {cores} cores. A cell is the mean shortfall
in % of what end users there want, without / with the framework; **bold** where the two 95 %
intervals do not meet. The same shocks strike both. In networks of several goods (`all_minerals`,
`battery_cells`, `minor_metals`) shares are of tonnes of different goods: read the sectors in
`sweep.csv` instead.

"""


def cell(
    means: dict[tuple[str, str], dict[str, str]],
    points: dict[tuple[str, str], str],
    scenario: str,
    region: str,
) -> str:
    """Return one region's mean shares without and with the policy."""
    found = [means.get((points[scenario, policy], region)) for policy in POLICIES]
    if None in found:
        return "-"
    a, b = [f for f in found if f is not None]
    text = " / ".join(f"{100 * float(f['value']):.2f}" for f in (a, b))
    apart = float(a["low"]) > float(b["high"]) or float(b["low"]) > float(a["high"])
    return f"**{text}**" if apart else text


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
