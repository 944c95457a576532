"""``brief``: one page for a briefing, to read, explore, print or show."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.commands._command import Command

HELP = """\
usage: shortfall brief RUN [RUN ...] [--for JPN,USA] [--lang en|fr|ja] [--pdf] [--pptx]

  shortfall brief results/china_ree_embargo
  shortfall brief results/a results/b --for JPN,USA --lang ja --pdf
  shortfall brief results/a results/b --pptx --to briefing

Writes one page that needs nothing else: three sentences, a figure, a table, what is assumed, what
it does not say, where it comes from; and below it an explorer over all runs named. Statements are
about the first run, the others stand beside it. RUN is a folder of results.

options:
  --for JPN,USA  whom it is about: regions with end users (default: all)
  --lang LANG    en, fr or ja (default: en)
  --pdf          the same as a tagged PDF, without the explorer (extra: shortfall[brief])
  --pptx         slides with charts that can be edited (extra: shortfall[brief])
  --paper SIZE   a4 or letter (default: a4)
  --to PLACE     a folder (default: results/brief), or a file ending in .html, .pdf, .pptx
  -h, --help     this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take folders, whom it is for, and what is written."""
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--for", dest="regions", default="")
    parser.add_argument("--lang", default="en")
    parser.add_argument("--pdf", action="store_true")
    parser.add_argument("--pptx", action="store_true")
    parser.add_argument("--paper", choices=("a4", "letter"), default="a4")
    parser.add_argument("--to", type=Path, default=Path("results/brief"))


def brief(args: argparse.Namespace) -> None:
    """Write a briefing; print its files on stdout."""
    from sim.brief.write import brief as write_brief
    from sim.commands._folders import runs_of

    for file in write_brief(
        runs_of(args.runs),
        args.to,
        regions=args.regions,
        lang=args.lang,
        pdf=args.pdf,
        pptx=args.pptx,
        paper=args.paper,
    ):
        print(file)


COMMAND = Command(
    summary="a page for a briefing: to read, explore, print, show",
    help=HELP,
    words=words,
    function=brief,
    rank=45,
)
