"""Rebuild a committed network file: ``python -m sim.build rare_earths [--check]``."""

from __future__ import annotations

import argparse
import sys

from sim.build.chain import build_text, target
from sim.build.report import report
from sim.errors import UserError

CHAINS = ("rare_earths",)


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code: 0 fine, 1 the committed file differs (``--check``), 2 a bad table."""
    parser = argparse.ArgumentParser(prog="python -m sim.build", description=__doc__)
    parser.add_argument("chain", nargs="?", choices=CHAINS, default=CHAINS[0])
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    given = parser.parse_args(arguments)
    try:
        return _one(given.chain, given.check)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2


def _one(chain: str, check: bool) -> int:
    text, path = build_text(chain), target(chain)
    if check:
        same = path.is_file() and path.read_bytes() == text.encode()
        print(f"{path.name}: {'as built' if same else 'differs from its tables; build it again'}")
        return 0 if same else 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"wrote {path.name}")
    print(report(chain))
    return 0


if __name__ == "__main__":
    sys.exit(main())
