"""``sweep --design``: every row of a CSV file is a scenario; one table."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from sim.commands.check import told
from sim.run.case import Study


def sweep_a_design(args: argparse.Namespace) -> None:
    """Run a design; print its table's path on stdout."""
    from sim.config.command_line import compose
    from sim.sweep.by_design import sweep_design

    composed = compose(args.overrides, args.config_dir)

    def base(choices: dict[str, str]) -> Study:
        if not choices:
            return Study(composed.settings)
        others = [o for o in args.overrides if o.partition("=")[0] not in choices]
        quoted = [f"{group}='{_escaped(name)}'" for group, name in choices.items()]
        return Study(compose([*others, *quoted], args.config_dir).settings)

    begin = time.monotonic()
    with told(composed.where):
        table = sweep_design(
            Study(composed.settings), args.design, _folder(args), base=base, table=args.table
        )
    print(f"done in {time.monotonic() - begin:.1f} s", file=sys.stderr)
    print(table)


def _folder(args: argparse.Namespace) -> Path:
    """Return output.dir, or results/sweep-<name of the design>."""
    given = [o.split("=", 1)[1] for o in args.overrides if o.startswith("output.dir=")]
    return Path(given[-1].strip("'\"") if given else f"results/sweep-{args.design.stem}")


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("'", "\\'")
