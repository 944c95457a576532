"""`make bench`: ratios measured in one run on one machine, in turns; a table, and a figure.

Prints the table and writes it to benchmarks/RESULTS.md. Wall-clock figures are this machine's; only
the ratios travel. README.md says how to read it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Line
from benchmarks.report import report

SCENARIO = "china_ree_controls_2025_10"
HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything; writes nothing")
    parser.add_argument("--only", metavar="PART", help="one part; RESULTS.md stays as it is")
    args = parser.parse_args()
    chosen = parts(args.quick)
    if args.only is not None and args.only not in chosen:
        parser.error(f"--only {args.only}: one of {', '.join(chosen)}")
    lines, begin = [], time.perf_counter()
    for name, part in chosen.items():
        if args.only in (None, name):
            print(f"{time.perf_counter() - begin:4.0f} s  {name}", file=sys.stderr, flush=True)
            lines += part()
    text = report(lines, SCENARIO, time.perf_counter() - begin)
    print(text)
    if not args.quick and args.only is None:
        (HERE / "RESULTS.md").write_text(text, encoding="utf-8")


def parts(quick: bool) -> dict[str, Callable[[], list[Line]]]:
    """Return the parts by name; nothing is loaded before one is called."""
    from benchmarks.cost import cost
    from benchmarks.engines import engines
    from benchmarks.outside import outside
    from benchmarks.record import record
    from benchmarks.roofline import roofline
    from benchmarks.runs import first_result, memory
    from benchmarks.threads import threads
    from benchmarks.told import told
    from sim.api import load

    study = load(SCENARIO)
    rounds = 3 if quick else 7
    return {
        "first": lambda: first_result(SCENARIO),
        "engines": lambda: engines(study, 2 if quick else 5),
        "roofline": lambda: roofline(study, rounds),
        "outside": lambda: outside(rounds),
        "told": lambda: told(rounds),
        "threads": lambda: threads(study, rounds),
        "cost": lambda: cost(study, 2 if quick else 4, None if quick else HERE / "figures"),
        "memory": lambda: memory(SCENARIO, 100_000 if quick else 1_000_000),
        "sweep": lambda: record(25 if quick else 300),
    }


if __name__ == "__main__":
    main()
