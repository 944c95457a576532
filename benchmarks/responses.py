"""Answers to prices, probed: the hindcasts with each of them beside the hindcasts without.

python -m benchmarks.responses           # prints the table (some minutes)
python -m benchmarks.responses write     # writes docs/responses.md as well
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sim.hindcast.episodes import read_episodes
from sim.hindcast.goals import parts
from sim.hindcast.replay import Hindcast, replay
from sim.hindcast.score import Total, total

PAGE = Path(__file__).resolve().parent.parent / "docs" / "responses.md"
FUTURES = 64
RESPOND = {"scenario.price": "respond"}
ANSWERS = ("demand", "thrift", "supply", "allocation", "projects")
TRIALS: dict[str, Mapping[str, Any]] = {
    "none": {},
    **{name: {**RESPOND, "scenario.responses": [name]} for name in ANSWERS},
    "all five": {**RESPOND, "scenario.responses": list(ANSWERS)},
}

HEAD = """# Answers to prices, probed

Made by `python -m benchmarks.responses write`. The ten episodes of [the hindcasts](hindcasts.md),
played again in {n} futures each with one answer to prices ([the model](model.md), 7) at a time, and
with all of them: medians inside the tolerance (hits), facts inside the 90 % band, and the CRPS
(smaller is better). No number was fitted to these rows.

| answers | hits, flows | in the band | CRPS | hits, prices | in the band | CRPS |
|---|---|---|---|---|---|---|
"""

FOOT = """
Smaller CRPS than without, flows: {flows}; prices: {prices}. Better in both by more than one part in
twenty: {better}. No answer is on unless a scenario asks for it; of the shipped ones `outlook_2050`
does.

Projects answer over years (odds by the mean price of a year, and lead times); the episodes last one
to three years and reach little of it: their row does not say that the answer is right.
"""


class Row(NamedTuple):
    """An answer's scores."""

    flows: Total
    prices: Total


def play(changes: Mapping[str, Any], n: int) -> Row:
    """Return the scores of all episodes with some settings changed."""
    found: list[Hindcast] = [
        replay(episode, n, changes=changes)
        for episode in read_episodes().values()
        if episode.scenario
    ]
    scored = parts(found)
    return Row(total(scored["all that are not prices"]), total(scored["prices"]))


def line(name: str, row: Row) -> str:
    """Return a row of the table."""
    cells = [f"{t.hits} of {t.n} | {t.covered} | {t.crps:.2f}" for t in (row.flows, row.prices)]
    return f"| {name} | {cells[0]} | {cells[1]} |\n"


def better(rows: Mapping[str, Row], part: str, by: float = 0.0) -> list[str]:
    """Return the answers whose CRPS is smaller than without, by a share at least."""
    least = (1.0 - by) * float(getattr(rows["none"], part).crps)
    return [n for n, row in rows.items() if n != "none" and getattr(row, part).crps < least]


def words(names: Sequence[str]) -> str:
    """Return names with commas, or that there are none."""
    return ", ".join(names) or "none"


def page(rows: Mapping[str, Row], n: int) -> str:
    """Return the page."""
    both = set(better(rows, "flows", 0.05)) & set(better(rows, "prices", 0.05))
    told = {part: words(better(rows, part)) for part in ("flows", "prices")}
    table = "".join(line(name, row) for name, row in rows.items())
    return HEAD.format(n=n) + table + FOOT.format(**told, better=words(sorted(both)))


def main(words_given: Sequence[str]) -> None:
    """Play, print, and write where asked."""
    rows = {}
    for name, changes in TRIALS.items():
        rows[name] = play(changes, FUTURES)
        print(line(name, rows[name]), end="", flush=True)
    text = page(rows, FUTURES)
    print(text)
    if "write" in words_given:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
