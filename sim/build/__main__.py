"""Rebuild committed network files: ``python -m sim.build cobalt nickel``, or ``--all``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sim.base.errors import Fault, UserError, nearest
from sim.build.chain import build_text, target
from sim.build.report import report
from sim.build.shares import page_path, shares_page
from sim.build.tables import chains


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code: 0 fine, 1 a committed file differs (``--check``), 2 a bad table."""
    parser = argparse.ArgumentParser(prog="python -m sim.build", description=__doc__)
    parser.add_argument("chain", nargs="*", help="folders of data/ that hold network.csv")
    parser.add_argument("--all", action="store_true", help="every such folder")
    parser.add_argument("--report", action="store_true", help="write docs/shares.md instead")
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    given = parser.parse_args(arguments)
    try:
        if given.report:
            return _put(shares_page(), page_path(), given.check)
        names = _asked(given.chain, given.all)
        return max(_one(name, given.check, quiet=len(names) > 1) for name in names)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2


def _asked(names: list[str], every: bool) -> list[str]:
    """Return the chains to build; a name that is no chain is refused, and so is nothing at all."""
    known = chains()
    faults = [
        Fault("sim.build", name, f"no such chain in data/{nearest(name, known)}")
        for name in names
        if name not in known
    ]
    if not names and not every:
        faults = [Fault("sim.build", "", f"name a chain or say --all: {', '.join(known)}")]
    if faults:
        raise UserError(faults)
    return known if every else names


def _one(chain: str, check: bool, quiet: bool) -> int:
    code = _put(build_text(chain), target(chain), check)
    if not quiet and not check:
        print(report(chain))
    return code


def _put(text: str, path: Path, check: bool) -> int:
    """Write a file, or say whether it is as it would be written."""
    if check:
        same = path.is_file() and path.read_bytes() == text.encode()
        print(f"{path.name}: {'as built' if same else 'differs from its tables; build it again'}")
        return 0 if same else 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"wrote {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
