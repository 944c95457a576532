"""``drivers``: what made the futures of a run bad."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.errors import Fault
from sim.commands._command import Command
from sim.commands._words import refuse

if TYPE_CHECKING:
    from sim.advice.drivers import Drivers, Wish
    from sim.results.data import RunData

HELP = """\
usage: shortfall drivers RUN [--for JPN] [--measure shortfall_t] [--bad 0.9] [--top N]

  shortfall drivers results/china_ree_embargo
  shortfall drivers results/china_ree_embargo --for JPN
  shortfall drivers results/background --measure value_added_lost_usd --bad 0.95

Says which of all that chance decided (what came, when, how hard, how long; projects; uncertain
numbers) made a loss large: importance of each input with 95 % intervals, the loss if something
comes and if not, and a box of inputs in which most futures are bad. Nothing is played again.
Tables and a figure go to RUN/drivers; its path is printed on stdout.

options:
  --for CODE      region whose loss is explained (default: the judged end users, else all)
  --measure NAME  measure of the run (default: shortfall_t)
  --bad X         quantile of the loss above which a future is bad, between 0 and 1 (default: 0.9)
  --top N         rows printed and drawn (default: 12)
  -h, --help      this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take a folder, and what is to be explained."""
    parser.add_argument("run")
    parser.add_argument("--for", dest="region", default="")
    parser.add_argument("--measure", default="shortfall_t")
    parser.add_argument("--bad", type=float, default=0.9)
    parser.add_argument("--top", type=int, default=12)


def drivers(args: argparse.Namespace) -> None:
    """Explain a run's losses; print the folder of the tables on stdout.

    Raises
    ------
    UserError
        If a word is wrong, or the run cannot be explained.
    """
    refuse(_faults(args))
    from sim.advice.drivers import Wish, explain, write
    from sim.commands._folders import runs_of
    from sim.results.owner import claim
    from sim.run.reopen import reopened
    from sim.run.sampling import refuse_weights

    (folder,) = runs_of([args.run])
    data = reopened(folder).data
    refuse_weights(data.sections, str(folder), "drivers")
    region = args.region.upper() if len(args.region) <= 3 else args.region
    wish = Wish(args.measure, region, args.bad)
    found = explain(data, wish)
    target = folder / "drivers"
    claim(target, "drivers", "RUN")
    write(target, found)
    _draw(data, found, wish, target, args.top)
    _print(found, wish, args.top)
    print(target)


def _faults(args: argparse.Namespace) -> list[Fault]:
    faults = []
    if not 0 < args.bad < 1:
        told = "must be above 0 and below 1: a quantile of the loss"
        faults.append(Fault("--bad", f"{args.bad:g}", told))
    if not 1 <= args.top <= 60:
        faults.append(Fault("--top", str(args.top), "must be from 1 to 60 (rows)"))
    return faults


def _print(found: Drivers, wish: Wish, top: int) -> None:
    from sim.advice.drivers_words import box_lines, finding, name_of, sentence
    from sim.commands._tables import print_table, text
    from sim.metrics.answer import Answer, Estimate

    def mean(answer: Answer) -> float:
        return answer.value if isinstance(answer, Estimate) else float("nan")

    def interval(answer: Estimate) -> str:
        return f"{answer.low:.2f} to {answer.high:.2f}"

    def number(value: float) -> str:
        return text(float(value))

    rows = [
        (name_of(d.name) + (f" (+{len(d.alike)})" if d.alike else ""), d.importance.delta.value,
         interval(d.importance.delta), d.importance.first_order.value,
         interval(d.importance.first_order), mean(d.low), mean(d.high),
         "yes" if d.importance.sure else "no")
        for d in found.drivers[:top]
    ]  # fmt: skip
    columns = ("input", "delta", "95 %", "first order", "95 % ", "mean, low end", "mean, high end",
               "sure")  # fmt: skip
    print(f"\n{finding(found)}", file=sys.stderr)
    title = f"{wish.measure} of {found.view.title}, {found.n:,} futures, mean {number(found.mean)}"
    print_table(title, columns, rows, sys.stderr)
    for one in found.ifs[:5]:
        print(sentence(one, number), file=sys.stderr)
    for line in box_lines(found, number):
        print(line, file=sys.stderr)


def _draw(data: RunData, found: Drivers, wish: Wish, folder: Path, top: int) -> None:
    from sim import __version__
    from sim.advice.drivers_words import finding, name_of
    from sim.metrics.answer import Answer, Estimate
    from sim.plots import style
    from sim.plots.tornado import Swing, figure

    def three(answer: Answer) -> tuple[float, float, float]:
        return answer[:3] if isinstance(answer, Estimate) else (float("nan"),) * 3

    swings = [Swing(name_of(d.name), three(d.low), three(d.high), d.importance.delta.value)
              for d in found.drivers[:top]]  # fmt: skip
    subtitle = f"{data.title.rstrip('.')}. Mean {wish.measure} where each input is low and high"
    note = (
        f"{found.n:,} replications, seed {data.seed}; lines are 95 % intervals. Network "
        f"{data.meta.get('network', '')}, policy {data.meta.get('policy', 'none')}. "
        f"Source: Shortfall {__version__}, data as cited in the network file."
    )
    fig = figure(swings, found.mean, wish.measure, finding(found), subtitle, note)
    style.save(fig, folder / "tornado")


COMMAND = Command(
    summary="what made the futures of a run bad: importance, if and if not, boxes",
    help=HELP,
    words=words,
    function=drivers,
    rank=55,
)
