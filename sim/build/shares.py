"""The page of all chains, our shares beside the published ones: ``sim.build --report``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from sim.build.chain import target
from sim.build.compose import tables_of
from sim.build.report import Compared, compare
from sim.build.tables import Row, chains, data_folder, read_table
from sim.network.dictionary import Network
from sim.network.load import read_network

HEAD = """\
# Our shares beside the published ones

Written by `python -m sim.build --report` from the committed networks and the tables
`data/*/published_shares.csv`; a test compares this page with them. Do not edit it.

Shares of a stage's reference output in percent. The year is that of the published share: 2025 where
a figure for it was found, else the last that was. `OTH` is every country that the table does not
name. Most networks were built from such figures: agreement shows that the balance kept them, not
that they are right. What each chain was built from stands on its own page.
"""
COLUMNS = (
    "| stage | product | country | year | ours | published | apart | confidence | source |\n"
    "|---|---|---|---|---|---|---|---|---|\n"
)


def page_path() -> Path:
    """Return where the page stands."""
    return data_folder("").parent / "docs" / "shares.md"


def network_of(chain: str) -> Network:
    """Return the committed network of a chain."""
    return read_network(target(chain))


def shares_page(network_of: Callable[[str], Network] = network_of) -> str:
    """Return the text of the page.

    Parameters
    ----------
    network_of : callable, optional
        Gives the network of a chain; by default it is read.
    """
    names = [name for name in chains() if target(name).is_file()]
    return HEAD + "".join(_section(name, network_of(name)) for name in names)


def _section(chain: str, network: Network) -> str:
    found = compare(chain, network)
    own = [c for c in found if c.key in own_rows(chain)]
    worst = max(found, key=lambda c: abs(c.ours - c.published))
    text = f"\n## {network.title}\n\n`{chain}`. {_far(worst)}\n"
    if own:
        text += f"\n{COLUMNS}{''.join(_line(c) for c in own)}\n{_sources(chain, own)}"
    return text


def own_rows(chain: str) -> set[tuple[str, str, str]]:
    """Return the rows of the chain's own table; those of its parts stand in their sections."""
    path = data_folder(chain) / "published_shares.csv"
    rows = read_table(path) if path.is_file() else []
    return {(row["stage"], row["product"], row["country"]) for row in rows}


def _far(worst: Compared) -> str:
    return (
        f"Farthest from a published share: {abs(worst.ours - worst.published) * 100:.1f} points "
        f"({worst.product}, {worst.country})."
    )


def _line(c: Compared) -> str:
    apart = f"{round((c.ours - c.published) * 100, 1) + 0.0:+.1f}"
    cells = (
        *(c.stage, c.product, c.country, c.year, f"{c.ours * 100:.1f}", f"{c.published * 100:.1f}"),
        *(apart, c.confidence, c.source),
    )
    return f"| {' | '.join(cells)} |\n"


def _sources(chain: str, rows: list[Compared]) -> str:
    """Return the citations of the table, and why a row is far away."""
    known = {row["name"]: row for row in tables_of(chain)["sources"]}
    cited = [_citation(known[name]) for name in sorted({c.source for c in rows})]
    reasons = _distinct(f"- {c.product}, {c.country}: {c.exception}\n" for c in rows if c.exception)
    return "".join(cited) + ("\nMore than 2 points away:\n\n" + reasons if reasons else "")


def _citation(row: Row) -> str:
    note = f" ({row['note']})" if row["note"] else ""
    return f"- `{row['name']}`, {row['confidence']}: {row['citation']}{note}\n"


def _distinct(lines: Iterable[str]) -> str:
    return "".join(dict.fromkeys(lines))
