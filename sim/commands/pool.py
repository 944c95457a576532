"""``pool``: what many firms lose on the same futures, one column each."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sim.base.errors import Fault, UserError
from sim.commands._command import Command

HELP = """\
usage: shortfall pool A.parquet B.parquet ...

  shortfall pool a/futures/china_ree_embargo.parquet b/futures/china_ree_embargo.parquet
  shortfall pool */futures/drc_cobalt_quota.parquet
  shortfall pool *.parquet --output results/pool.csv

Reads what firms lost in the same futures of one scenario (`shortfall stress` writes such a file; it
holds one number a future and no supplier) and tells the chance that any and that all of them lose,
what they lose together, and the worst shared futures. Files that met other futures are refused.

options:
  --output FILE  where the table goes (default: results/pool.csv)
  -h, --help     this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take the firms' files."""
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--output", "-o", type=Path, default=Path("results/pool.csv"))


def pool(args: argparse.Namespace) -> None:
    """Pool firms' futures; print the table's path on stdout.

    Raises
    ------
    UserError
        If fewer than two files are named, or they did not meet the same futures.
    """
    if len(args.files) < 2:
        raise UserError(Fault("pool", str(args.files[0]), "name at least two files"))
    from sim.advice.pool import pooled, worst_futures
    from sim.commands._tables import print_table
    from sim.results.files import make_folder
    from sim.results.write import write_rows

    columns, rows = pooled(args.files)
    make_folder(args.output.parent)
    write_rows(args.output, rows)
    write_rows(args.output.with_name(f"{args.output.stem}_futures.csv"), worst_futures(columns))
    cells = [(r["who"], r["what"], r["value"], r["low"], r["high"], r["unit"]) for r in rows]
    heads = ("who", "what", "value", "low", "high", "unit")
    title = f"{len(columns)} firms in {columns[0].loss.size:,} futures of {columns[0].scenario}"
    print_table(title, heads, cells, sys.stderr)
    print(args.output)


COMMAND = Command(
    summary="what many firms lose on the same futures",
    help=HELP,
    words=words,
    function=pool,
    rank=76,
)
