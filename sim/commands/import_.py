"""``import``: a network out of a table of sites and one of lanes, or of flows alone."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.errors import Fault, UserError
from sim.commands._command import Command

if TYPE_CHECKING:
    from sim.tabular.network_of import Imported

HELP = """\
usage: shortfall import SITES.csv LANES.csv [--to my.yaml]

  shortfall import sites.csv lanes.csv --to my.yaml
  shortfall import flows.csv --to my.yaml
  shortfall import BACI_HS22_Y2023.csv --codes country_codes.csv --good 810520 --to cobalt.yaml

Makes a network out of two tables, or of one that lists who ships how much to whom.

A table of sites has a row a site: site, kind (mine, refiner, end_user), product, country,
capacity, output or demand (t/year; the header may state kt/year, pieces/day ...), cover_days or
stock (t), process_days, sector, title, operator, slack, ramp_days, value, tags. A table of lanes
has a row a lane: supplier, buyer, share or flow, transit_days (or weeks ...), coefficient (t of
input per t made), cover_days or stock, routes; of second sources (share 0) spot and
qualification_days. Other usual names of columns (from, to, source, target, lead time, volume ...)
are understood. CSV with commas, semicolons or tabs; .xlsx with the extra shortfall[excel]; trade
tables of BACI and UN Comtrade.

Kinds that are missing follow from who buys and sells; missing covers, transits, capacities and
coefficients are assumed, listed and marked in the file. Where makers' output is given, flows are
balanced to it, and what was moved is told. All mistakes are told at once, by file, line, column.

options:
  --to FILE        where the network goes; without it, on stdout
  --title TEXT     of the network; default: the name of FILE
  --scale          divide shares that do not sum to 100 % by their sum, and say so
  --decimal MARK   , or . before decimals; default: , where semicolons part the columns
  --codes FILE     trade tables: codes of countries
  --year YEAR, --good CODE   trade tables: which, where there are several
  --overwrite      replace FILE
  -h, --help       this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take the tables and how to read them."""
    parser.add_argument("tables", nargs="+")
    parser.add_argument("--to", default="")
    parser.add_argument("--title", default="")
    parser.add_argument("--scale", action="store_true")
    parser.add_argument("--decimal", choices=(",", "."), default="")
    parser.add_argument("--codes")
    parser.add_argument("--year", default="")
    parser.add_argument("--good", default="")
    parser.add_argument("--overwrite", action="store_true")


def import_tables(args: argparse.Namespace) -> None:
    """Write the network of some tables; say on stderr what was assumed, scaled and moved.

    Raises
    ------
    UserError
        With all mistakes at once; nothing is written then.
    """
    from sim.results.files import write_text
    from sim.tabular.write_yaml import text_of

    if len(args.tables) > 2:
        raise UserError(Fault("import", args.tables[2], "takes a table of sites and one of lanes"))
    target = Path(args.to) if args.to else None
    if target and target.exists() and not args.overwrite:
        raise UserError(Fault("--to", args.to, "is there already; --overwrite replaces it"))
    found = _imported(args)
    text = text_of(found.data, " and ".join(Path(t).name for t in args.tables))
    for note in found.notes:
        print(f"note: {note}", file=sys.stderr)
    if target is None:
        print(text, end="")
        return
    write_text(target, text)
    n, lanes = len(found.data["sites"]), _n_lanes(found)
    print(f"{target}: {n} sites, {lanes} lanes; next: shortfall show {_path(target)}, "
          f"shortfall new scenario NAME --network {_path(target)}", file=sys.stderr)  # fmt: skip


def _imported(args: argparse.Namespace) -> Imported:
    from sim.tabular.columns import LANES, SITES
    from sim.tabular.network_of import network_data
    from sim.tabular.read_table import read_table
    from sim.tabular.trade import is_trade, trade_lanes

    *first, last = args.tables
    title = args.title or re.sub(r"[_-]+", " ", Path(args.to).stem).strip().capitalize()
    if not first and (args.codes or args.good or (Path(last).is_file() and is_trade(last))):
        lanes = trade_lanes(last, codes=args.codes, year=args.year, good=args.good)
        return network_data(None, lanes, title=title, scale=args.scale)
    lanes = read_table(last, LANES, args.decimal)
    if first and "supplier" not in lanes.headers:  # given the other way round, as *.csv does?
        other = read_table(first[0], LANES, args.decimal)
        if {"supplier", "buyer"} <= other.headers.keys():
            lanes, first = other, [last]
    sites = read_table(first[0], SITES, args.decimal) if first else None
    return network_data(sites, lanes, title=title, scale=args.scale)


def _n_lanes(found: Imported) -> int:
    sites = found.data["sites"].values()
    return sum(len(f["lanes"]) for s in sites for f in s.get("feeds", {}).values())


def _path(path: Path) -> str:
    """Return a path that settings take for a file and not for a name."""
    return str(path) if path.is_absolute() or path.parts[0] == ".." else f"./{path}"


COMMAND = Command(
    summary="a network out of tables of sites and lanes",
    help=HELP,
    words=words,
    function=import_tables,
    rank=100,
)
