"""``compare``: finished runs pair by pair on the same shocks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.base.errors import Fault, UserError
from sim.commands._command import Command
from sim.commands._words import refuse
from sim.run.measured import faults_of_measure

HELP = """\
usage: shortfall compare RUN RUN ... [--output DIR]

  shortfall compare results/china_ree_embargo results/china_ree_embargo-stock
  shortfall compare results/a results/b results/c
  shortfall compare results/a results/b --output results/a-and-b

Compares finished runs with the first one, replication by replication: runs of one seed that share
a hazard's name met the same shocks; runs that share none are compared as independent samples.
RUN is a folder of results; of one of another version its saved tables are read.

options:
  --measure M   judge by tonnes (default), share, value_added or gdp; the last two are not a
                forecast of GDP, and need runs whose network states value added
  --output DIR  where compare.csv and the figure go (default: results/compare)
  -h, --help    this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take folders, and where the table goes."""
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--measure", default="tonnes")
    parser.add_argument("--output", "-o", type=Path, default=Path("results/compare"))


def compare(args: argparse.Namespace) -> None:
    """Compare finished runs pair by pair; print the table's path on stdout."""
    if len(args.runs) < 2:
        raise UserError(Fault("RUN", " ".join(args.runs), "name at least two folders of results"))
    refuse(faults_of_measure(args.measure))

    from sim.commands._folders import runs_of
    from sim.commands._tables import print_table
    from sim.run.compare import compare as compare_runs

    table, rows = compare_runs(runs_of(args.runs), args.output, args.measure)
    columns = ("run", "view", "statistic", "value", "95 %", "unit", "measure")
    cells = [[interval(row) if c == "95 %" else row.get(c, "") for c in columns] for row in rows]
    first = rows[0]
    base = f"against {first['base']} ({first['base_scenario']}, {first['base_policy']})"
    pairs = {(r["run"], r["scenario"], r["policy"]): r["pairs"] for r in rows}
    lines = [base]
    lines += [
        f"  {run} ({what}, {policy}): {words}" for (run, what, policy), words in pairs.items()
    ]
    print_table("\n".join(lines), columns, cells, sys.stderr)
    print(table)


def interval(row: Mapping[str, Any]) -> str:
    """Return the interval of a row in one cell, with its mark: no limit without the other."""
    from sim.commands._tables import text

    low, high = row["low"], row["high"]
    if low is None or low != low:
        return ""
    return f"{text(float(low))} to {text(float(high))} {row.get('mark', '')}".rstrip()


COMMAND = Command(
    summary="finished runs, pair by pair on the same shocks",
    help=HELP,
    words=words,
    function=compare,
    rank=40,
)
