"""Shell completion (``shortfall -sc install=bash``): Hydra's, with our commands before it."""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout, suppress

import hydra

from sim.base.errors import UserError
from sim.config.hydra.source import PRIMARY, Mount, base, mount, register
from sim.config.library import NAMED, Library


def complete(arguments: Sequence[str], offers: Mapping[str, str]) -> None:
    """Install, remove or answer shell completion (``-sc install=bash``), as Hydra does it.

    Parameters
    ----------
    arguments : sequence of str
        All after the program's name.
    offers : mapping of str to str
        What Tab offers after each of our commands, which Hydra knows nothing of: words, or
        "settings" or "names".
    """
    line = os.environ.get("COMP_LINE", "")
    words = line.split()
    if not any(a.startswith("query=") for a in arguments):
        _completed(arguments)
    elif len(words) < 2 or (len(words) == 2 and not line.endswith(" ")):
        print(" ".join(offers))
    elif offers.get(words[1]) == "settings":
        os.environ["COMP_LINE"] = re.sub(r"^(\s*\S+\s+)\S+\s?", r"\1", line)
        offered = io.StringIO()
        with redirect_stdout(offered):
            _completed(arguments)
        print(" ".join(w for w in offered.getvalue().split() if not w.startswith("hydra")))
    elif offers.get(words[1]) == "names":
        library = Library()
        print(" ".join(n for group in ("scenario", *NAMED) for n in library.files(group)))
    elif offers.get(words[1]):
        print(offers[words[1]])


def _completed(arguments: Sequence[str]) -> None:
    register()
    mend_argparse()
    before, sys.argv = sys.argv, ["shortfall", *arguments]
    token = mount.set(Mount(Library()))
    try:
        with suppress(UserError):  # nothing to offer for a file that cannot be read
            hydra.main(config_path=None, config_name=PRIMARY, **base())(lambda cfg: None)()
    finally:
        mount.reset(token)
        sys.argv = before


def mend_argparse() -> None:
    """Let Python 3.14's check of help texts pass over Hydra 1.3's lazy help objects."""
    check = getattr(argparse.ArgumentParser, "_check_help", None)
    if check is not None and sys.version_info >= (3, 14):
        argparse.ArgumentParser._check_help = lambda self, action: (  # type: ignore[attr-defined]
            check(self, action) if isinstance(action.help, str | None) else None
        )
