"""The page of the hindcasts: scores, goals, every fact and every miss."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.build.tables import Row, read_table
from sim.hindcast.episodes import HALVES, Episode, folder
from sim.hindcast.facts import ROLES, Fact
from sim.hindcast.goals import by_episode, goals, parts
from sim.hindcast.kinds import KINDS
from sim.hindcast.replay import Hindcast
from sim.hindcast.score import Scored, Total, total
from sim.hindcast.series import Series

HEAD = """\
# Hindcasts: the model beside what happened

Written by `shortfall hindcast --output docs`; a test compares this page with what the program
finds. Do not edit it.

A scenario of `scenarios/hindcast/` tells the model what struck and when, as it was known from
outside: dates, who was cut off, how long licences took. What followed is the model's, and stands
here beside what was reported. A fact is **hit** where the median of {n} futures lies inside its
tolerance, **covered** where the fact lies in the 90 % band. The CRPS (continuous ranked probability
score; Gneiting and Raftery 2007) says how far off the whole distribution is, in half widths of the
tolerance, the less the better; beside it that of "no change", the forecast that nothing happens.
Facts that were told to the model, or lie before the event, are shown and not scored. No fact is
dropped and no tolerance widened. Flows are told relative to normal: what customs call normal stands
for the model's normal; where no normal was reported, tonnes are held against tonnes.
Prices beside naive rivals, fitted without a mineral: [price_scores.md](price_scores.md).
"""


def misses() -> dict[tuple[str, str], Row]:
    """Return our words on misses by episode and row."""
    rows = read_table(folder() / "misses.csv")
    return {(r["episode"], r["row"]): r for r in rows}


def page(found: Sequence[Hindcast], known: Mapping[str, Episode]) -> str:
    """Return the text of the page.

    Parameters
    ----------
    found : sequence of Hindcast
        The episodes that were played.
    known : mapping
        All episodes by name.
    """
    words = misses()
    text = HEAD.format(n=found[0].n) + _scores(found) + _goals(found) + _in_the_way(found, words)
    text += _constants()
    text += "".join(_episode(h, words) for h in found)
    text += "\n## Episodes without a chain\n\n| episode | why |\n|---|---|\n"
    text += "".join(f"| {e.title} | {e.why} |\n" for e in known.values() if not e.scenario)
    kinds = "".join(f"| `{name}` | {kind.meaning} |\n" for name, kind in KINDS.items())
    text += f"\n## Kinds of facts\n\n| kind | what of the model |\n|---|---|\n{kinds}"
    roles = "".join(f"- {role}: {meaning}\n" for role, meaning in ROLES.items())
    return text + f"\nRoles of facts:\n\n{roles}"


def _scores(found: Sequence[Hindcast]) -> str:
    head = "\n| | facts | hits | covered | CRPS | of no change |\n|---|---|---|---|---|---|\n"
    lines = [_score(name, total(rows)) for name, rows in parts(found).items()]
    each = [_score(f"{h.episode.title} ({h.episode.half})", by_episode(h)) for h in found]
    return f"\n## Score\n{head}{''.join(lines)}{head}{''.join(each)}"


def _score(name: str, t: Total) -> str:
    if not t.n:
        return f"| {name} | 0 | | | | |\n"
    hits, covered = (f"{x} ({100 * x / t.n:.0f} %)" for x in (t.hits, t.covered))
    return f"| {name} | {t.n} | {hits} | {covered} | {t.crps:.2f} | {t.crps_no_change:.2f} |\n"


def _goals(found: Sequence[Hindcast]) -> str:
    head = "\n## Goals\n\n| goal | asked | reached | missed by |\n|---|---|---|---|\n"
    rows = [
        f"| {g.what} | {g.told(g.asked)} | {g.told(g.reached)} | {g.missing} |\n"
        for g in goals(found)
    ]
    return head + "".join(rows)


def _in_the_way(found: Sequence[Hindcast], words: Mapping[tuple[str, str], Row]) -> str:
    """Return how many medians are outside by cause, and what each is about."""
    head = "\n## What stands in the way\n\n| cause | medians outside | of these, prices | what |\n"
    missed = [
        (h.episode.name, r.fact) for h in found for r in h.rows if r.fact.counts and not r.hit
    ]
    text = head + "|---|---|---|---|\n"
    for row in read_table(folder() / "in_the_way.csv"):
        of = [f for name, f in missed if words.get((name, f.row), {}).get("cause") == row["cause"]]
        prices = sum(f.is_price for f in of)
        text += f"| {row['cause']} | {len(of)} | {prices} | {row['words']} |\n"
    return text


def _constants() -> str:
    head = "\n## Constants\n\nThey hold for every episode alike. " + ". ".join(
        f"Half '{half}': {meaning}" for half, meaning in HALVES.items()
    )
    table = ".\n\n| constant | value | what | set on | reason |\n|---|---|---|---|---|\n"
    rows = read_table(folder() / "constants.csv")
    cells = ("what", "set_on", "reason")
    return (
        head
        + table
        + "".join(
            f"| `{r['name']}` | {r['value']} {r['unit']} | {' | '.join(r[c] for c in cells)} |\n"
            for r in rows
        )
    )


def _episode(h: Hindcast, words: Mapping[tuple[str, str], Row]) -> str:
    e = h.episode
    text = f"\n## {e.title}\n\n![{e.title}](figures/hindcast_{e.name}.svg)\n\n"
    text += f"`shortfall hindcast {e.name}`; half '{e.half}'. Told to the model: {e.why}.\n\n"
    text += "".join(_normal(s) for s in h.series if not s.is_price)
    head = "\n| row | kind | of | fact | tolerance | model | 90 % band | no change | |\n"
    text += head + "|---|---|---|---|---|---|---|---|---|\n" + "".join(_row(r) for r in h.rows)
    return text + _misses(h, words) + _apart(h.apart)


def _normal(s: Series) -> str:
    reported = "none was reported" if math.isnan(s.facts[0].base) else f"{s.base:,.4g} as reported"
    what = f"Normal {s.facts[0].kind.replace('_', ' ')}, {_whose(s.facts[0])}"
    return f"{what}: {s.normal_t:,.4g} t a month in the network, {reported}.\n"


def _whose(fact: Fact) -> str:
    what = ", ".join(p.replace("_", " ") for p in fact.product)
    return f"{what} of {fact.origin or 'all'} for {', '.join(fact.to) or 'all others'}"


def _row(r: Scored) -> str:
    f = r.fact
    marks = [w for w, yes in (("hit", r.hit), ("covered", r.covered)) if yes] or ["miss"]
    mark = ", ".join(marks) if f.counts else "not scored"
    cells = (
        *(
            f.row,
            f.kind,
            f.name,
            f"{number(f.value)} {f.unit}",
            f"{number(f.low)} to {number(f.high)}",
        ),
        *(number(r.median), f"{number(r.low)} to {number(r.high)}", number(r.no_change), mark),
    )
    return f"| {' | '.join(cells)} |\n"


def number(value: float) -> str:
    """Return a number of the page: four digits, "never" for inf."""
    return (
        "never" if math.isinf(value) else f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    )


def _misses(h: Hindcast, words: Mapping[tuple[str, str], Row]) -> str:
    missed = [r for r in h.rows if r.fact.counts and not (r.hit and r.covered)]
    if not missed:
        return "\nNo miss.\n"
    lines = []
    for r in missed:
        told = words.get((h.episode.name, r.fact.row))
        why = f"{told['cause']}: {told['words']}" if told else "not looked into"
        what = "median outside" if not r.hit else "median inside, fact outside the band"
        if not r.hit and r.covered:
            what = "median outside, fact in the band"
        lines.append(f"- {r.fact.row}, {r.fact.kind}, {r.fact.name}: {what}. {why}\n")
    return "\nMisses:\n\n" + "".join(lines)


def _apart(facts: Sequence[Fact]) -> str:
    if not facts:
        return ""
    lines = "".join(f"- {f.row}: {f.note}\n" for f in facts)
    return f"\nNot told by the model:\n\n{lines}"


def write(found: Sequence[Hindcast], known: Mapping[str, Episode], target: Path) -> Path:
    """Write the page into a folder; return the file."""
    file = target / "hindcasts.md"
    file.write_text(page(found, known), encoding="utf-8", newline="\n")
    return file
