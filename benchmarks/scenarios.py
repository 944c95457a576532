"""Every shipped scenario beside what is known; writes docs/scenarios.md.

``python -m benchmarks.scenarios``. The headline is the program's own sentence on a run of 1,024
futures; our words on it, with what they rest on, are ``data/scenarios/words.csv``. A slow test
plays them again and compares.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import sim
from sim.plots.headlines import Headlines

ROOT = Path(__file__).resolve().parents[1]
WORDS = ROOT / "data" / "scenarios" / "words.csv"
PAGE = ROOT / "docs" / "scenarios.md"
FUTURES, FUTURES_OF_ALL = 1024, 128
"""Futures that a run plays; on ``all_minerals``, many times as large as the others, fewer."""
VERDICTS = ("believable", "partly", "not yet", "nobody", "illustration")
"""Of our words: believable beside what is known; partly; not yet; the honest answer is nobody; or
no episode and no published model to hold it against."""


class Words(NamedTuple):
    """What we say of a scenario, a row of ``words.csv``."""

    scenario: str
    verdict: str
    known: str
    words: str
    source: str
    confidence: str


def words() -> dict[str, Words]:
    """Return our words by scenario."""
    with open(WORDS, encoding="utf-8", newline="") as stream:
        return {row["scenario"]: Words(**row) for row in csv.DictReader(stream)}


def headline(name: str, folder: Path) -> dict[str, Any]:
    """Return a scenario's title, day of its facts, and headline sentences."""
    is_all = sim.load(name).settings.scenario.network == "all_minerals"
    n = FUTURES_OF_ALL if is_all else FUTURES
    study = sim.load(name, {"run.replications": n, "run.audit": 0, "output.figures": False})
    data = study.run(folder / name)
    said = Headlines(data)
    return {  # of a run without shortage the reserves that opened are left out: a line each
        "title": data.title, "as_of": data.meta.get("as_of", ""),
        "lines": [line for line in said.all if not line.startswith("Reserve ")],
    }  # fmt: skip


def page(found: dict[str, dict[str, Any]], said: dict[str, Words]) -> str:
    """Return the page, Markdown."""
    counts = {v: sum(w.verdict == v for w in said.values()) for v in VERDICTS}
    told = ", ".join(f"{n} {v}" for v, n in counts.items() if n)
    head = (
        "# The scenarios, one by one\n\n"
        "Made by `python -m benchmarks.scenarios`; a slow test keeps it true. Under each title the "
        f"program's own sentences ({FUTURES:,} futures, {FUTURES_OF_ALL} where all minerals "
        "are in one network; default seed), then what is known of the "
        "episode or from published models, our verdict and our words on it "
        f"(`data/scenarios/words.csv`). {len(found)} scenarios: {told}.\n\n"
        "*Believable*: agrees with what is known. *Partly*: some of it does. *Not yet*: it does "
        "not. *Nobody*: nobody is short, as was seen. *Illustration*: a what-if with nothing to "
        "hold it against. That something was not reported means that no report of it was found.\n"
    )
    return "\n".join([head, *(section(name, one, said[name]) for name, one in found.items())])


def section(name: str, one: dict[str, Any], said: Words) -> str:
    """Return one scenario's part of the page."""
    facts = f" Facts up to {one['as_of']}." if one["as_of"] else ""
    return "\n".join(
        (
            f"## {one['title']}\n\n`{name}`.{facts}\n",
            *(f"> {line}  " for line in one["lines"]),
            f"\n**{said.verdict.capitalize()}.** Known: {said.known} "
            f"({said.source}; {said.confidence})\n",
            f"{said.words}\n",
        )
    )


def main() -> None:
    """Play all scenarios and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="print these alone, and write nothing")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        names = args.names or sim.list()
        found = {name: headline(name, Path(place)) for name in names}
    if args.names:
        for name, one in found.items():
            print(name, *one["lines"], sep="\n  ")
        return
    PAGE.write_text(page(found, words()), encoding="utf-8")
    print(PAGE.relative_to(ROOT))


if __name__ == "__main__":
    main()
