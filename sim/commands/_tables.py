"""Tables as text: on a terminal as wide as it is, in a pipe as wide as they need to be."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.base.plain_text import cut, in_digits, plain, raw_of

WIDE = 220
"""Columns of text where the output is no terminal."""
WORDS = 8
"""Characters that a column of words is never narrower than, where it has as many."""


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], to: TextIO | None = None
) -> None:
    """Print a table; numbers to the right, rounded to four digits, never cut."""
    rows = list(rows)
    is_number = [any(isinstance(row[n], float) for row in rows) for n in range(len(columns))]
    cells = [[text(cell) for cell in row] for row in rows]
    print_columns(title, columns, cells, is_number, to or sys.stdout)


def print_columns(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    is_number: Sequence[bool],
    to: TextIO,
    bold: Sequence[int] = (),
    wide: int = WIDE,
) -> None:
    """Print rows of text; where not all columns fit, those from the left that do, all digits.

    Parameters
    ----------
    title : str
        Printed above; its lines are ours, what a file says in it is not trusted.
    columns : sequence of str
        Headers.
    rows : sequence of sequence of str
        Cells; a line end begins a new line in the cell.
    is_number : sequence of bool
        Which columns are to the right and are never broken.
    to : text stream
        Where to.
    bold : sequence of int, optional
        Rows that stand out.
    wide : int, optional
        Width where `to` is no terminal.
    """
    console = Console(file=raw_of(to), width=None if to.isatty() else wide, highlight=False)
    shown = n_fitting(columns, rows, is_number, console.width)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name, number in zip(columns[:shown], is_number, strict=False):
        table.add_column(
            Text(_plain(name)),
            justify="right" if number else "left",
            overflow="fold",
            no_wrap=number,
        )
    for n, row in enumerate(rows):
        style = "bold" if n in bold else None
        table.add_row(*(Text(_plain(cell)) for cell in row[:shown]), style=style)
    with console.capture() as drawn:
        console.print(table)
    lines = [line.rstrip() for line in drawn.get().splitlines()]
    left_out = [" ".join(name.split()) for name in columns[shown:]]
    if left_out:
        lines.append(f"(too narrow for: {plain('; '.join(left_out))})")
    heading = [_plain(title)] if title else []
    print("\n".join([*heading, *lines]).rstrip(), end="\n\n", file=raw_of(to))


def n_fitting(
    columns: Sequence[str], rows: Sequence[Sequence[str]], is_number: Sequence[bool], width: int
) -> int:
    """Return how many columns fit from the left: numbers whole, words folded; one at least."""
    room, n = width + 2, 0
    for x, (name, number) in enumerate(zip(columns, is_number, strict=True)):
        lines = [line for cell in (name, *(row[x] for row in rows)) for line in cell.split("\n")]
        longest = max((Text(_plain(line)).cell_len for line in lines), default=0)
        room -= (longest if number else min(longest, WORDS)) + 3
        if room < 0:
            break
        n += 1
    return max(n, 1)


def _plain(value: str) -> str:
    return plain(value, keep="\n")


def text(value: Any) -> str:
    """Return a cell as text: four digits, thousands apart, nothing for None; NaN is a refusal."""
    if value is None:
        return ""
    if value != value:
        return "refused"
    if isinstance(value, float):
        return in_digits(value)
    return cut(plain(str(value)))
