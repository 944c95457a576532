"""``vulnerabilities`` and ``rank-projects``: what breaks worst, and what is worth most."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.base import precompile
from sim.base.errors import Fault, UserError, nearest
from sim.commands.check import network_of
from sim.commands.tables import print_table, text
from sim.config.library import Library

LONGEST = 36_500
REPLICATIONS = 1000
"""Of a ranking, which plays its scenario a hundred times and more."""


def vulnerabilities(args: argparse.Namespace) -> None:
    """Remove everything of a network one at a time; print the folder of the tables on stdout.

    Raises
    ------
    UserError
        If a word is wrong, or the network is.
    """
    _check(_stop_faults(args) + _top_fault(args))
    library = Library(tuple(args.config_dir))
    policy = None if args.policy == "none" else library.read("policy", args.policy)
    part = library.read("network", args.network)
    network, notes = network_of(part, policy)
    for note in notes if policy else ():
        print(f"note: {note}", file=sys.stderr)
    from sim.advice.vulnerabilities import Question, explore
    from sim.run.case import n_workers
    from sim.run.progress import progress

    asked = Question(
        part.name, policy.name if policy else "none", regions_of(args.regions), args.days,
        args.horizon, args.severity,
    )  # fmt: skip
    precompile.ready()
    found = explore(
        network,
        asked,
        args.output or Path("results") / f"vulnerabilities-{part.name}",
        pairs=args.pairs,
        workers=n_workers("auto"),
        top=args.top,
        progress=lambda title, n: progress(title, n, title),
    )
    _print_vulnerabilities(found, args.top)
    print(found.folder)


def _print_vulnerabilities(found: Any, top: int) -> None:
    _print_singles(found, top)
    if found.pairs:
        _print_pairs(found, top)
    rows = [
        (c["product"], c["country"], 100 * c["cover_share"], 100 * c["rest_share"],
         100 * c["rest_capacity_share"], _published(c)) for c in found.covers
    ]  # fmt: skip
    columns = ("product", "without", "of all demand", "of demand elsewhere", "at full capacity",
               "IEA (2035)")  # fmt: skip
    title = "N-1 cover: % of demand met without the largest supplier country"
    print_table(title, columns, rows, sys.stderr)


def _print_singles(found: Any, top: int) -> None:
    columns = ("kind", "removed", f"loss ({found.measure.unit})", "% of want",
               "first short (days)", "over (days)", "hardest hit", "% there")  # fmt: skip
    rows = [
        (r["kind"], r["name"], float(r["loss"]), 100 * r["shortfall_share"],
         *_days(r), r["hardest_hit"], 100 * r["hardest_hit_share"])
        for r in found.singles[:top] if r["loss"] > 0
    ]  # fmt: skip
    harmless = sum(r["loss"] <= 0 for r in found.singles)
    title = (
        f"\none thing removed at a time: {len(found.singles)} tried, {harmless} do no harm to "
        f"{found.measure.who}"
    )
    print_table(title, columns, rows, sys.stderr)


def _print_pairs(found: Any, top: int) -> None:
    columns = ("removed together", f"loss ({found.measure.unit})", "beyond the two alone",
               "% of want", "first short (days)", "over (days)")  # fmt: skip
    rows = [
        (f"{r['name_a']} + {r['name_b']}", float(r["loss"]), float(r["interaction"]),
         100 * r["shortfall_share"], *_days(r)) for r in _telling_pairs(found.pairs, top)
    ]  # fmt: skip
    tried = "all pairs" if found.all_pairs else "pairs of the worst and the largest"
    title = f"{tried}: {len(found.pairs)} tried; those that add most to the two alone"
    print_table(title, columns, rows, sys.stderr)


def _telling_pairs(pairs: Sequence[dict[str, Any]], top: int) -> list[dict[str, Any]]:
    """Return the pairs that do most harm beyond the sum of the two alone."""
    ranked = sorted(pairs, key=lambda r: (-r["interaction"], r["rank"]))
    return [r for r in ranked[:top] if r["interaction"] > 0]


def _days(row: dict[str, Any]) -> tuple[Any, Any]:
    """Return when a removal is felt and when it is over, in words where it is not."""
    survive, recover = float(row["time_to_survive_days"]), float(row["time_to_recover_days"])
    return (None if math.isnan(survive) else survive,
            "not over" if math.isnan(recover) else recover)  # fmt: skip


def _published(row: dict[str, Any]) -> str:
    if row["published_low"] is None:
        return ""
    low, high = 100 * row["published_low"], 100 * row["published_high"]
    return (
        f"{low:.0f}"
        if low == high
        else f"under {high:.0f}"
        if low == 0
        else f"{low:.0f}-{high:.0f}"
    )


def rank_projects(args: argparse.Namespace) -> None:
    """Rank projects and remedies; print the folder of the tables on stdout.

    Raises
    ------
    UserError
        If a word or a setting is wrong.
    """
    _check(_rank_faults(args))
    from sim.config.command_line import compose

    words = args.overrides
    if not any(w.lstrip("+").startswith("run.replications=") for w in words):
        words = [f"run.replications={REPLICATIONS}", *words]
    composed = compose(words, args.config_dir)
    from sim.advice.rank_projects import Wish, advise
    from sim.commands.catalog import titles
    from sim.commands.check import told
    from sim.run.case import n_workers
    from sim.run.progress import progress

    settings, library = composed.settings, Library(tuple(args.config_dir))

    def settings_with(policies: Sequence[str]) -> Any:
        if not policies:
            return settings
        return compose(_with_policies(words, settings, policies), args.config_dir).settings

    wish = Wish(regions_of(args.regions), args.candidates, args.greedy, args.by,
                args.reserve_days, args.top)  # fmt: skip
    precompile.ready()
    with told(composed.where):
        found = advise(
            settings_with,
            wish,
            args.output or Path("results") / f"ranking-{settings.scenario.name}",
            policies=dict(titles(library, "policy")),
            workers=n_workers(settings.run.workers),
            progress=progress,
        )
    _print_ranking(found, args.top)
    if found.steps:
        _print_combination(found, args.by)
    print(found.folder)


def _with_policies(words: Sequence[str], settings: Any, policies: Sequence[str]) -> list[str]:
    """Return overrides that choose policies beside those in force."""
    given = [w.split("=", 1)[1] for w in words if w.startswith("policy=")]
    text = given[-1].strip("[]'\"") if given else (settings.policy.name or "none")
    own = [p.strip() for p in text.replace("+", ",").split(",")]
    names = [*(p for p in own if p not in ("", "none")), *policies]
    rest = [w for w in words if not w.startswith("policy=")]
    return [*rest, f"policy={names[0]}" if len(names) == 1 else f"policy=[{','.join(names)}]"]


def _print_ranking(found: Any, top: int) -> None:
    unit = found.measure.unit
    rows = [
        (r["name"], r["kind"], *_interval(r, "avoided_mean"), *_interval(r, "avoided_cvar95"),
         r["sure"], r["against_none_mean"] if r["kind"] == "project" else None,
         _known(r["avoided_per_t"]), _known(r["value_per_usd"]))
        for r in found.rows[:top] if r["rank"] != ""
    ]  # fmt: skip
    columns = ("candidate", "kind", f"avoids, mean ({unit})", "95 %", "CVaR 95", "95 % ",
               "sure of all", "against none", "per t", "USD per USD")  # fmt: skip
    title = (
        f"\navoided loss of {found.measure.who}, each alone, {found.n:,} futures; with nothing "
        f"done {found.base_mean:,.4g} {unit} (CVaR {found.base_cvar:,.4g})"
    )
    print_table(title, columns, rows, sys.stderr)
    for row in found.rows:
        if row["rank"] == "":
            print(f"* {row['name']}: {row['note']}", file=sys.stderr)


def _print_combination(found: Any, by: str) -> None:
    rows = [
        (str(s["step"]), s["name"], *_interval(s, "gain"), *_interval(s, "together"), s["taken"])
        for s in found.steps
    ]  # fmt: skip
    columns = ("step", "candidate", f"gain ({found.measure.unit})", "95 %", "together", "95 % ",
               "taken")  # fmt: skip
    title = f"combination by {by}: chosen on half of the futures, measured on the other"
    print_table(title, columns, rows, sys.stderr)


def _interval(row: dict[str, Any], name: str) -> tuple[float, str]:
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    return value, "" if math.isnan(low) else f"{text(float(low))} to {text(float(high))}"


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _rank_faults(args: argparse.Namespace) -> list[Fault]:
    faults = _top_fault(args)
    if args.by not in ("mean", "cvar"):
        faults.append(
            Fault("--by", args.by, "must be mean or cvar" + nearest(args.by, ("mean", "cvar")))
        )
    if not 0 <= args.greedy <= 50:
        faults.append(Fault("--greedy", str(args.greedy), "must be from 0 to 50 (steps)"))
    if not 0 < args.reserve_days <= 3650:
        faults.append(
            Fault(
                "--reserve-days",
                f"{args.reserve_days:g}",
                "must be above 0 and at most 3650 (days)",
            )
        )
    return faults


def regions_of(codes: str) -> tuple[str, ...]:
    """Return the codes of ``--for``, each once, as given."""
    return tuple(dict.fromkeys(word.strip() for word in codes.split(",") if word.strip()))


def _stop_faults(args: argparse.Namespace) -> list[Fault]:
    faults = []
    if not 0 < args.severity <= 1:
        faults.append(Fault("--severity", f"{args.severity:g}", "must be above 0 and at most 1"))
    for name, value in (("--days", args.days), ("--horizon", args.horizon)):
        if not 1 <= value <= LONGEST:
            faults.append(Fault(name, str(value), f"must be from 1 to {LONGEST} (days)"))
    return faults


def _top_fault(args: argparse.Namespace) -> list[Fault]:
    if 1 <= args.top <= 60:
        return []
    return [Fault("--top", str(args.top), "must be from 1 to 60 (rows)")]


def _check(faults: Sequence[Fault]) -> None:
    if faults:
        raise UserError(faults)
