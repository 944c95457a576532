"""``sweep``: a grid of scenarios, policies or settings, or a design; one table."""

from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.errors import Fault, UserError
from sim.commands._command import Command
from sim.commands._typed import settings_of
from sim.commands._words import SETTINGS, add_settings, add_yes, typed

if TYPE_CHECKING:
    from sim.run.case import Study

HELP = """\
usage: shortfall sweep key=value,value ... | --design FILE.csv|sobol:N|morris:N [key=value ...]

  shortfall sweep 'scenario=glob(*)' policy=none,us_japan_framework run.replications=2000
  shortfall sweep --design points.csv scenario=china_ree_embargo run.replications=1000
  shortfall sweep --design sobol:32 --for JPN scenario=china_ree_embargo run.replications=64

Runs every combination; all are validated before the first one starts. Policies that act together
are one value: 'policy=none,msp,[msp,allied_pool]'. Writes one folder a point,
ledger.csv and sweep.csv, and a comparison figure. glob(china_*) takes all names that match;
range(1,5) counts 1 to 4.

With --design every row of a CSV file is a scenario. Its first line names settings by dotted key, or
scenario, network or policy; a column name names the rows; an empty cell leaves a setting as it is.
For thousands of points: no folder a point, one table (sweep.parquet, or sweep.csv by --table csv)
of means, quantiles, probabilities and CVaR with 95 % intervals. The same command goes on where it
stopped.

--design sobol:N (N a power of two) and morris:N make the rows themselves, over the uncertain
parameters of scenario and network, all on the same futures, and add indices.csv: what part of the
variance each parameter decides, or how far it moves the shortfall. --for names the region whose
indices are printed (default: the judged end users, else all). They need shortfall[importance].
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take settings with several values, or a design."""
    parser.add_argument("--design")
    parser.add_argument("--for", dest="region", default="")
    parser.add_argument("--table", choices=("parquet", "csv"), default="parquet")
    add_settings(parser)
    add_yes(parser)


def sweep(args: argparse.Namespace) -> None:
    """Run a grid or a design; print its table's path on stdout."""
    settings_of(args)
    if args.design is not None:
        _sweep_design(args)
        return
    if args.region:
        raise UserError(Fault("--for", args.region, "is for --design sobol:N and morris:N"))
    from sim.config.command_line import expand

    folder, points = _sweep_folder(args.overrides), expand(args.overrides, args.config_dir)
    from sim.base import precompile
    from sim.commands._consent import consent
    from sim.commands._notes import print_notes
    from sim.commands._run_table import print_run
    from sim.results.owner import claim
    from sim.run import execute
    from sim.run.case import Study
    from sim.run.compare import comparison_figure
    from sim.sweep.grid import sweep as sweep_studies

    precompile.ready()
    studies = []
    varied = told_apart([p.varied for p in points])
    for name, point in zip(names_of(varied), points, strict=True):
        with point.composed.placing():
            study = Study(point.composed.settings)
            study.hazards  # noqa: B018  all are compiled, hence checked, before the first one runs
        studies.append((name, study))
    print_notes([study.settings for _, study in studies])
    consent([(study, folder / name) for name, study in studies], args.yes)
    if any(study.settings.run.shard for _, study in studies):
        claim(folder, "sweep")
        for name, study in studies:
            print(execute.run_shard(study, folder / name, typed("sweep", args)))
        return
    found, table = sweep_studies(studies, folder, varied, spawn=True)
    runs = dict(zip([name for name, _ in studies], found, strict=True))
    for name, data in runs.items():
        print(f"\n{name}", file=sys.stderr)
        print_run(data)
    comparison_figure(runs, folder / "sweep")
    print(table)


def _sweep_folder(overrides: list[str]) -> Path:
    """Return where a sweep goes: output.dir, or results/sweep."""
    given = [o.split("=", 1)[1] for o in overrides if o.lstrip("+").startswith("output.dir=")]
    return Path(given[-1].strip("'\"") if given else "results/sweep")


def told_apart(varied: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return what differs between points, files by their names; of equal ones the folders too."""
    from sim.config.library import NAMED
    from sim.policy.joint import stem

    points = [dict(point) for point in varied]
    for key in {"scenario", *NAMED} & {key for point in varied for key in point}:
        references = {point[key] for point in varied}
        depth = next(
            (d for d in range(1, 9) if len({stem(r, d) for r in references}) == len(references)), 1
        )
        for point in points:
            point[key] = stem(point[key], depth)
    return points


def names_of(points: list[dict[str, str]]) -> list[str]:
    """Return a folder name for each point: its values, and its number where two would be alike."""
    names = [
        "-".join(re.sub(r"[^\w.+-]+", "_", v if "." not in k else f"{k.split('.')[-1]}_{v}")
                 for k, v in point.items()) or "point"
        for point in points
    ]  # fmt: skip
    if len(set(names)) == len(names):
        return names
    return [f"{n:03d}-{name}" for n, name in enumerate(names)]


def _sweep_design(args: argparse.Namespace) -> None:
    """Run a design; print its table's path on stdout."""
    from sim.config.command_line import compose
    from sim.run.case import Study
    from sim.sweep.spread import wish_of

    wish = None if Path(args.design).is_file() else wish_of(args.design)
    if args.region and wish is None:
        told = "is for --design sobol:N and morris:N, whose indices are printed for a region"
        raise UserError(Fault("--for", args.region, told))
    composed = compose(args.overrides, args.config_dir)
    begin = time.monotonic()
    with composed.placing():
        study = Study(composed.settings)
        if wish is None:
            table = _sweep_rows(args, study)
        else:
            from sim.commands._spread import sweep_spread

            table = sweep_spread(study, wish, _folder(args), region=args.region,
                                 table=args.table, yes=args.yes)  # fmt: skip
    print(f"done in {time.monotonic() - begin:.1f} s", file=sys.stderr)
    print(table)


def _sweep_rows(args: argparse.Namespace, study: Study) -> Path:
    """Run the rows of a file; return its table's path."""
    from sim.commands._consent import consent_to_rows
    from sim.config.command_line import compose
    from sim.run.case import Study
    from sim.sweep.by_design import sweep_design

    def base(choices: dict[str, str]) -> Study:
        if not choices:
            return study
        others = [o for o in args.overrides if o.partition("=")[0] not in choices]
        quoted = [f"{group}='{_escaped(name)}'" for group, name in choices.items()]
        return Study(compose([*others, *quoted], args.config_dir).settings)

    design = Path(args.design)
    consent_to_rows(study, _replications(design, study), _folder(args), args.yes)
    return sweep_design(study, design, _folder(args), base=base, table=args.table)


def _replications(design: Path, study: Study) -> list[int]:
    """Return the replications of each row of a design."""
    from sim.sweep.design import read_design

    own = study.settings.run.replications
    asked = [row.changes.get("run.replications", own) for row in read_design(design)]
    return [n if isinstance(n, int) else own for n in asked]  # what is wrong is told later


def _folder(args: argparse.Namespace) -> Path:
    """Return output.dir, or results/sweep-<name of the design>."""
    given = [o.split("=", 1)[1] for o in args.overrides if o.startswith("output.dir=")]
    stem = Path(args.design).stem.replace(":", "-")
    return Path(given[-1].strip("'\"") if given else f"results/sweep-{stem}")


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("'", "\\'")


COMMAND = Command(
    summary="a grid of scenarios, policies or settings, with one table",
    help=HELP + SETTINGS,
    words=words,
    function=sweep,
    rank=20,
    simulates=True,
    offers="settings",
)
