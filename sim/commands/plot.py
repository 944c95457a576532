"""``plot``: draw figures again, or as they are wanted."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.errors import Fault, UserError, nearest
from sim.commands._command import Command

if TYPE_CHECKING:
    from sim.run.plotting import Wanted

HELP = """\
usage: shortfall plot RUN ... [key=value ...]

  shortfall plot results/china_ree_embargo
  shortfall plot results/china_ree_embargo figures=fan regions=JPN,USA size=slide lang=fr
  shortfall plot results/a figures=flow_map goods=ndpr_oxide

Draws the figures and the report of finished runs again. RUN is a folder of results. With any of
these words it draws what is wanted into RUN/plots instead, each figure with its numbers (.csv) and
its headline, caption and alternative text (.txt) beside it:

  figures=    fan, exceedance, goods, heatmap, loss, price_fan, chain_map, flow_map: all by
              default that honour the words below; timeline (with replication=); of several runs
              compare, compare_table, compare_chances, in the first one's folder
  measure=    share:       fan, exceedance, heatmap and the figures of several runs
              tonnes:      exceedance, heatmap and those
              value_added: loss, exceedance, heatmap and those
              price:       price_fan, exceedance
              stock:       goods
  regions= sectors= goods=   names, with commas; the headline is then about these alone; of
              flow_map, goods and price_fan goods may be any of the chain
  replication=  the future of timeline, from 0
  from= to=   days such as 2027-01-01, of what runs over time
  size=       report (default), slide (16 to 9), page (180 mm wide), column (89 mm)
  dpi=        dots an inch of a png
  format=     png,svg (default), pdf
  title=      on (default) or off: without headline and caption
  lang=       en (default), fr, ja

options:
  -h, --help  this text
"""

KEYS = ("figures", "measure", "regions", "sectors", "goods", "replication", "from", "to", "size",
        "dpi", "format", "title", "lang")  # fmt: skip
CHOOSING = ("measure", "regions", "sectors", "goods", "replication", "from", "to")
UNTOLD = ("figures", "format", "title", "dpi")
"""Words that are not part of a file's name, or are so already."""

FORMATS = ("png", "svg", "pdf")


def words(parser: argparse.ArgumentParser) -> None:
    """Take folders and wishes."""
    parser.add_argument("runs", nargs="+")


def plot(args: argparse.Namespace) -> None:
    """Draw figures; print the files on stdout."""
    from sim.commands._folders import runs_of
    from sim.run import plot_runs, plotting, reopen
    from sim.run.plots import COMPARED

    given = [word for word in args.runs if "=" in word and not Path(word).is_dir()]
    folders = runs_of([word for word in args.runs if word not in given])
    if not folders:
        raise UserError(Fault("RUN", "", "name a folder of results"))
    wanted = wanted_of(given) if given else None
    files: list[Path] = []
    if wanted is None:
        files = [file for folder in folders for file in reopen.plot(folder)]
    else:
        alone = [name for name in wanted.figures if name not in COMPARED]
        if alone or not wanted.figures:
            each = replace(wanted, figures=tuple(alone))
            files = [file for folder in folders for file in plotting.draw_wanted(folder, each)]
        if len(alone) < len(wanted.figures):
            files += plot_runs.draw_compared(folders, wanted)
    for file in files:
        print(file)


def wanted_of(given: list[str]) -> Wanted:
    """Return what words such as ``figures=fan`` ask for.

    Raises
    ------
    UserError
        For each that is none, with the nearest right one.
    """
    from sim.plots.choice import Choice
    from sim.plots.page import SIZES, page_of
    from sim.run.plots import FIGURES, MEASURES
    from sim.run.plotting import Wanted, unknown
    from sim.words.say import LANGUAGES

    values = _values(given)
    listed = {key: tuple(x.strip() for x in values.get(key, "").split(",") if x.strip())
              for key in ("figures", "regions", "sectors", "goods", "format")}  # fmt: skip
    one = {"measure": tuple(MEASURES), "size": tuple(SIZES), "title": ("on", "off"),
           "lang": LANGUAGES}  # fmt: skip
    faults = [*unknown("figures", listed["figures"], tuple(FIGURES)),
              *unknown("format", listed["format"], FORMATS)]  # fmt: skip
    for key, known in one.items():
        if key in values:
            faults += unknown(key, [values[key]], known)
    days = {key: _day(key, values[key], faults) for key in ("from", "to") if key in values}
    dpi = _dots(values["dpi"], faults) if "dpi" in values else None
    replication = _number(values["replication"], faults) if "replication" in values else None
    choosing = frozenset(key for key in CHOOSING if key in values)
    figures = listed["figures"]
    measure = values.get("measure", "")
    if not faults:
        figures = figures or (("timeline",) if "replication" in choosing else ())
        faults += _unhonoured(figures, measure, choosing)
        if measure and not figures:
            figures = tuple(name for name in MEASURES[measure] if _honours(name, choosing))
        if not faults and "timeline" in figures and replication is None:
            faults.append(Fault("figures", "timeline", "needs the future: replication=0"))
    if faults:
        raise UserError(faults)
    page = page_of(
        values.get("size", "report"),
        title=values.get("title", "on") == "on",
        lang=values.get("lang", "en"),
        **({"dpi": dpi} if dpi else {}),
    )
    choice = Choice(listed["regions"], listed["sectors"], listed["goods"], days.get("from"),
                    days.get("to"))  # fmt: skip
    return Wanted(figures, choice, page, listed["format"] or ("png", "svg"), _tag(values),
                  measure, replication, choosing)  # fmt: skip


def _honours(name: str, given: Collection[str]) -> bool:
    """Return whether a figure of one run honours all words that choose."""
    from sim.run.plots import COMPARED, HONOURS

    return name not in COMPARED and set(given) <= HONOURS[name]


def _unhonoured(figures: Sequence[str], measure: str, given: Collection[str]) -> list[Fault]:
    """Return a fault for each word that a figure which is named cannot honour, and what can."""
    from sim.run.plots import HONOURS, MEASURES

    faults = []
    for name in figures:
        if measure and name not in MEASURES[measure]:
            told = f"{name} does not show it; {', '.join(MEASURES[measure])} can"
            faults.append(Fault("measure", measure, told))
            continue
        for key in (key for key in CHOOSING if key in given and key not in HONOURS[name]):
            can = ", ".join(other for other, of in HONOURS.items() if key in of)
            faults.append(Fault("figures", name, f"knows no {key}=; {can} do"))
    return faults


def _values(given: list[str]) -> dict[str, str]:
    """Return key -> value; a key that is none, or is given twice, is refused."""
    values: dict[str, str] = {}
    faults = []
    for word in given:
        key, _, value = word.partition("=")
        if key not in KEYS:
            hint = nearest(key, KEYS) or f"; one of {', '.join(KEYS)}"
            faults.append(Fault(key, value, f"no such word{hint}", "command line"))
        elif key in values or not value:
            told = "is given twice" if key in values else "needs a value"
            faults.append(Fault(key, value, told, "command line"))
        values[key] = value
    if faults:
        raise UserError(faults)
    return values


def _day(key: str, value: str, faults: list[Fault]) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        faults.append(Fault(key, value, "must be a day such as 2027-01-31"))
        return None


def _number(value: str, faults: list[Fault]) -> int | None:
    if value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    faults.append(Fault("replication", value, "must be a whole number from 0"))
    return None


def _dots(value: str, faults: list[Fault]) -> int | None:
    if value.isascii() and value.isdigit() and 30 <= int(value) <= 1200:
        return int(value)
    faults.append(Fault("dpi", value, "must be a whole number from 30 to 1200"))
    return None


def _tag(values: dict[str, str]) -> str:
    """Return what a file's name ends with: all that was asked for but the figure and the format."""
    told = [key for key in KEYS if key in values and key not in UNTOLD]
    kept = [values[key].replace(",", "-").replace("/", "-") for key in told]
    kept += ["untitled"] if values.get("title") == "off" else []
    return "".join(f"-{part}" for part in kept)


COMMAND = Command(
    summary="draw the figures of a finished run again, or as a slide, a page, in another language",
    help=HELP,
    words=words,
    function=plot,
    rank=50,
)
