"""``new``: a commented file of one's own to start from, which runs as it is."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from sim.base.errors import Fault, UserError, nearest
from sim.commands._command import Command

KINDS = ("network", "scenario", "policy", "firm")
_NAME = re.compile(r"\w[\w-]*")

HELP = """\
usage: shortfall new network|scenario|policy|firm NAME [--network NETWORK]

  shortfall new network mine
  shortfall new scenario outage --network ./mine.yaml
  shortfall new policy stock --network rare_earths

Writes NAME.yaml here: a short file with a comment on every line that matters, which runs as it is.
A scenario stops the largest supplier of the network, a policy holds what its largest users buy, a
firm has one plant that buys the same; change them.

options:
  --network NETWORK  a name or a file; default rare_earths
  --overwrite        replace NAME.yaml
  -h, --help         this text
"""


def words(parser: argparse.ArgumentParser) -> None:
    """Take what kind of file, its name and a network."""
    parser.add_argument("kind")
    parser.add_argument("name")
    parser.add_argument("--network", default="rare_earths")
    parser.add_argument("--overwrite", action="store_true")


def new(args: argparse.Namespace) -> None:
    """Write a file to start from.

    Raises
    ------
    UserError
        If there is no such kind, the name is none, or the file is there already.
    """
    from sim.base.paths import data_dir
    from sim.results.files import write_text

    if args.kind not in KINDS:
        raise UserError(
            Fault("new", args.kind, f"must be one of {', '.join(KINDS)}{nearest(args.kind, KINDS)}")
        )
    name = args.name.removesuffix(".yaml")
    if not _NAME.fullmatch(name):
        raise UserError(Fault("new", args.name, "a name has letters, digits, - and _"))
    target = Path(f"{name}.yaml")
    if target.exists() and not args.overwrite:
        raise UserError(Fault(str(target), "", "is there already; --overwrite replaces it"))
    text = (data_dir("configs") / "start" / f"{args.kind}.yaml").read_text(encoding="utf-8")
    for word, value in {"NAME": name, "TITLE": title_of(name), **_words(args)}.items():
        text = text.replace(f"@{word}@", value)
    write_text(target, text)
    print(f"{target}; next: {_next(args.kind, name)}", file=sys.stderr)


def title_of(name: str) -> str:
    """Return a title for a name: its words, the first with a capital."""
    return re.sub(r"[_-]+", " ", name).strip().capitalize() or name


def _words(args: argparse.Namespace) -> dict[str, str]:
    """Return what the network gives to the file: who is large in it."""
    if args.kind == "network":
        return {}
    import datetime as dt

    from sim.commands._identify import LOOK
    from sim.config.library import Library
    from sim.network.compile import compile_network
    from sim.network.countries import region_of
    from sim.network.load import read_network

    part = Library().read("network", args.network)
    network = read_network(part.data)
    compiled = compile_network(network, start=LOOK, n_period=52, step_days=7)
    made: dict[str, float] = {}
    for name, t in zip(compiled.labels.site, compiled.reference_out, strict=True):
        made[name.partition("#")[0]] = made.get(name.partition("#")[0], 0.0) + float(t)
    kinds = {name: network.sites[name].kind for name in made}
    largest = max((n for n in made if kinds[n] in ("mine", "refiner")), key=lambda n: made[n])
    user = max((n for n in made if kinds[n] == "end_user"), key=lambda n: made[n])
    site = network.sites[largest]
    return {
        "NETWORK": args.network, "SITE": largest, "SITE_TITLE": site.title or largest,
        "PRODUCT": next(iter(network.sites[user].feeds)), "REGION": region_of(network.sites[user]),
        "USER_COUNTRY": network.sites[user].country,
        "START": f"{dt.date.today():%Y-%m-%d}",
    }  # fmt: skip


def _next(kind: str, name: str) -> str:
    return {
        "network": f"shortfall check ./{name}.yaml",
        "scenario": f"shortfall run scenario=./{name}.yaml",
        "policy": f"shortfall run scenario=... policy=./{name}.yaml",
        "firm": f"shortfall stress {name}.yaml",
    }[kind]


COMMAND = Command(
    summary="a commented network, scenario, policy or firm of one's own",
    help=HELP,
    words=words,
    function=new,
    rank=95,
    offers=" ".join(KINDS),
)
