"""``compare``: finished runs pair by pair on the same shocks."""

from __future__ import annotations

import argparse
import sys

from sim.base.errors import Fault, UserError
from sim.commands.tables import print_table, runs_of


def compare(args: argparse.Namespace) -> None:
    """Compare finished runs pair by pair; print the table's path on stdout."""
    if len(args.runs) < 2:
        raise UserError(Fault("RUN", " ".join(args.runs), "name at least two folders of results"))

    from sim.run.compare import compare as compare_runs

    table, rows = compare_runs(runs_of(args.runs), args.output)
    columns = ("run", "view", "measure", "statistic", "value", "low", "high", "unit")
    cells = [[row.get(c, "") for c in columns] for row in rows]
    title = (
        f"against {rows[0]['base']}: pair by pair, the same shocks where hazards share a name"
        if rows
        else "no rows"
    )
    print_table(title, columns, cells, sys.stderr)
    print(table)
