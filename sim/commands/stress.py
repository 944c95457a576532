"""``stress``: a firm's own plants, played through the scenarios."""

from __future__ import annotations

import argparse
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sim.base.errors import Fault, UserError, nearest
from sim.commands._command import Command
from sim.commands._words import add_config_dir

HELP = """\
usage: shortfall stress FIRM.yaml [scenario=NAME|glob(PATTERN)] [key=value ...]

  shortfall stress firm.yaml
  shortfall stress firm.yaml scenario=china_ree_embargo run.replications=4000
  shortfall stress firm.yaml scenario=glob(china_*) --output results/firm

Puts a firm's plants on a shipped network (`shortfall new firm NAME` writes a start): each buys what
it needs from sites, countries or regions, several goods at once, and stops for want of any. Plays
them through the scenarios and through the loss of each supplier. Writes stress.csv (chance of a
stop, days lost, value added at risk, with 95 % intervals), suppliers.csv, origins.csv,
second_sources.csv, a report in the order of the EU Critical Raw Materials Act, Art. 24, and in
futures/ one column a scenario for `shortfall pool`.

options:
  --output DIR      where to (default: results/stress-NAME)
  --config-dir DIR  own scenario/, network/, policy/ folders, looked into before the shipped ones
  -h, --help        this text

run.replications is 1000 here unless given.
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take the firm, scenarios and settings."""
    add_config_dir(parser)
    parser.add_argument("firm")
    parser.add_argument("settings", nargs="*")
    parser.add_argument("--output", "-o", type=Path)


def stress(args: argparse.Namespace) -> None:
    """Stress a firm; print the folder of the tables on stdout.

    Raises
    ------
    UserError
        With all mistakes of the firm's file, or in the settings.
    """
    from sim.advice import firm_report, firm_stress
    from sim.config.library import Library

    library = Library(tuple(args.config_dir))
    changes, pattern = _changes(args.settings)
    firm = firm_stress.read_firm(args.firm)
    folder = args.output or Path("results") / f"stress-{Path(args.firm).stem}"
    firm_stress.check_goods(firm, library, args.firm)
    rows = _played(firm, pattern, changes, library, folder)
    _print(rows)
    print(firm_report.headline(rows), file=sys.stderr)
    print(folder)


def _changes(settings: list[str]) -> tuple[dict[str, Any], str]:
    """Return the settings to change and the pattern of scenarios."""
    import yaml

    changes: dict[str, Any] = {}
    pattern = "*"
    for word in settings:
        key, sign, value = word.partition("=")
        if not sign:
            raise UserError(Fault("stress", word, "is not key=value"))
        if key == "scenario":
            pattern = value.removeprefix("glob(").removesuffix(")")
        elif key.split(".")[0] not in ("run", "scenario"):
            raise UserError(Fault(key, value, "here only scenario=, run.* and scenario.* change"))
        else:
            changes[key] = yaml.safe_load(value)
    return {"run.replications": 1000, **changes}, pattern


def _played(firm: Any, pattern: str, changes: dict[str, Any], library: Any, folder: Path) -> Any:
    from sim.advice import firm_report, firm_stress, pool
    from sim.results.files import make_folder
    from sim.results.owner import claim
    from sim.results.write import write_rows
    from sim.run.case import n_workers
    from sim.run.progress import progress
    from sim.run.settling import say_rounded, settled

    names = _names(pattern, library)
    pairs = firm_stress.chosen(names, firm, library)
    if not pairs:
        raise UserError(Fault("scenario", pattern, "touches nothing that the firm buys"))
    settings = {
        name: settled(firm_stress.settings_for(firm, name, network, changes, library), quiet=True)
        for name, network in pairs
    }
    claim(folder, "stress", "--output")
    make_folder(folder / "futures")
    rows: list[dict[str, Any]] = []
    one = next(iter(settings.values()))
    run = one.run
    asked = run.model_copy(update={"replications": changes["run.replications"]})
    say_rounded(one.model_copy(update={"run": asked}), one)
    with progress("scenarios", len(pairs) * run.replications) as tick:
        for name, one in settings.items():
            futures = firm_stress.play(one, firm, run.replications, n_workers(run.workers), tick)
            rows += firm_stress.rows_of(futures, firm)
            column = firm_stress.column_of(futures, firm)
            pool.write_column(folder / "futures" / f"{Path(name).stem}.parquet", column)
    network = firm_stress.home_of(firm, pairs)
    tables = {
        "stress": rows,
        "suppliers": firm_stress.supplier_rows(firm, network, library, n_workers(run.workers)),
        "origins": firm_stress.origin_rows(firm, network, library),
        "second_sources": firm_stress.second_source_rows(firm, network, library),
    }
    for name, table in tables.items():
        write_rows(folder / f"{name}.csv", table)
    skipped = [n for n in names if n not in settings]
    firm_report.write(folder / "report.html", firm, rows, tables["suppliers"], tables["origins"],
                      tables["second_sources"], skipped)  # fmt: skip
    return rows


def _names(pattern: str, library: Any) -> list[str]:
    """Return the scenarios that a name, file or pattern means.

    Raises
    ------
    UserError
        If it means none.
    """
    from sim.config.library import is_path

    if is_path(pattern):
        return [pattern]
    known = list(library.files("scenario"))
    found = [n for n in known if fnmatchcase(n, pattern)]
    if not found:
        raise UserError(Fault("scenario", pattern, f"no such scenario{nearest(pattern, known)}"))
    return found


def _print(rows: list[dict[str, Any]]) -> None:
    from sim.commands._tables import print_table

    order = sorted(rows, key=lambda r: -(r["days_lost_mean"] or 0.0))
    columns = ("scenario", "plant", "chance of a stop", "days lost, mean", "1 in 20",
               "value added at risk, USD")  # fmt: skip
    cells = [
        (r["scenario"], r["title"], r["chance_of_stop"], r["days_lost_mean"], r["days_lost_q95"],
         r["value_added_at_risk_usd"])
        for r in order
    ]  # fmt: skip
    print_table("Stress test; intervals are in stress.csv", columns, cells, sys.stderr)


COMMAND = Command(
    summary="a firm's own plants, played through the scenarios",
    help=HELP,
    words=words,
    function=stress,
    rank=75,
    simulates=True,
    offers="settings",
)
