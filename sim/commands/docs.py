"""``docs``: where the documentation lies, and its pages as text."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.base.errors import Fault, UserError, nearest
from sim.commands._command import Command

HELP = """\
usage: shortfall docs [PAGE]

  shortfall docs
  shortfall docs keys
  shortfall docs own_chain | less

Without a word: the pages of this version, with their titles, and the folder in which they lie. With
a page: its text (Markdown).

options:
  -h, --help        this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take a page."""
    parser.add_argument("page", nargs="?")


def docs(args: argparse.Namespace) -> None:
    """Print the list of pages, or one of them, on stdout.

    Raises
    ------
    UserError
        If there is no such page.
    """
    from sim.base.paths import data_dir

    folder = data_dir("docs")
    pages = {p.stem: p for p in sorted(folder.glob("*.md"))}
    if args.page is None:
        width = max(map(len, pages))
        for name, path in pages.items():
            print(f"{name:<{width}}  {title_of(path)}")
        print(f"in {folder}")
        return
    name = args.page.removesuffix(".md")
    if name not in pages:
        hint = nearest(name, pages) or f"; one of {', '.join(pages)}"
        raise UserError(Fault("docs", args.page, f"no such page{hint}"))
    print(pages[name].read_text(encoding="utf-8"), end="")


def title_of(page: Path) -> str:
    """Return a page's title: its first heading."""
    with open(page, encoding="utf-8") as stream:
        return next((line.lstrip("# ").strip() for line in stream if line.startswith("# ")), "")


COMMAND = Command(
    summary="the documentation of this version",
    help=HELP,
    words=words,
    function=docs,
    rank=120,
)
