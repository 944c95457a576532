"""Tables as text: on a terminal as wide as it is, in a pipe as wide as they need to be."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

WIDE = 220
"""Columns of text where the output is no terminal."""


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], to: TextIO | None = None
) -> None:
    """Print a table; numbers to the right, rounded to four digits."""
    out = to or sys.stdout
    rows = list(rows)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for n, name in enumerate(columns):
        number = any(isinstance(row[n], float) for row in rows)
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(text(cell)) for cell in row))
    console = Console(file=out, width=None if out.isatty() else WIDE, highlight=False)
    with console.capture() as drawn:
        console.print(table)
    lines = [line.rstrip() for line in drawn.get().splitlines()]
    print("\n".join([*([title] if title else []), *lines]).rstrip(), end="\n\n", file=out)


def text(value: Any) -> str:
    """Return a cell as text: four digits, thousands apart, nothing for None; NaN is a refusal."""
    if value is None:
        return ""
    if value != value:
        return "refused"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.4g}"
    return str(value)


def escape(value: str) -> str:
    """Return text with brackets that rich would read as markup made plain."""
    return value.replace("[", "\\[")
