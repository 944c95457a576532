"""``export``: a finished run as CSV, Excel, NetCDF, Parquet or IAMC."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.base.errors import Fault, UserError, nearest
from sim.commands._command import Command

FORMS = ("csv", "xlsx", "netcdf", "iamc", "parquet")

HELP = """\
usage: shortfall export RUN --to csv|xlsx|netcdf|iamc|parquet

  shortfall export results/china_ree_embargo --to csv
  shortfall export results/china_ree_embargo --to csv --decimal ,
  shortfall export results/china_ree_embargo --to iamc --output for_pyam

Writes the tables of a finished run in another form into RUN/export: the summary, the course over
time and every future (csv, xlsx), every future (netcdf, parquet), or yearly means and statistics
of the horizon in the long template of the IAMC, which pyam reads (iamc).

options:
  --output DIR    where the files go
  --decimal MARK  csv, iamc: , or . before decimals; with , semicolons part the columns
  -h, --help      this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take a run, the form and where it goes."""
    parser.add_argument("run")
    parser.add_argument("--to", required=True)
    parser.add_argument("--output", "-o", type=Path)
    parser.add_argument("--decimal", choices=(",", "."), default=".")


def export(args: argparse.Namespace) -> None:
    """Write a run in another form; print the files on stdout.

    Raises
    ------
    UserError
        If there is no such form or it cannot be had here.
    """
    if args.to not in FORMS:
        hint = nearest(args.to, FORMS) or f"; one of {', '.join(FORMS)}"
        raise UserError(Fault("--to", args.to, f"no such form{hint}"))
    from sim.commands._folders import runs_of
    from sim.run.export import export as write
    from sim.run.reopen import open_run

    (folder,) = runs_of([args.run])
    data = open_run(folder, whole=True)[1]
    for file in write(data, args.to, args.output or folder / "export", args.decimal):
        print(file)


COMMAND = Command(
    summary="a run as CSV, Excel, NetCDF, Parquet or IAMC",
    help=HELP,
    words=words,
    function=export,
    rank=55,
)
