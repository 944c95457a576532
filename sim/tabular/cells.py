"""A table as people keep it: rows of text, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.base.errors import Fault, UserError


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Parameters
    ----------
    table : Table
        That it belongs to.
    line : int
        Its line in the file; the header has line 1.
    cells : mapping
        Column -> text; empty cells are left out.
    """

    table: Table
    line: int
    cells: Mapping[str, str]

    def text(self, column: str, default: str = "") -> str:
        """Return the text of a cell, or `default` where it is empty or there is no such column."""
        return self.cells.get(column, default)

    def fault(self, column: str, found: Any, expected: str) -> Fault:
        """Return a mistake in this row: file, line, column, what was found and expected."""
        header = self.table.headers.get(column, column)
        key = f"column {header}" if column else "row"
        text = "" if found is None else repr(found) if isinstance(found, str) else str(found)
        return Fault(key, text, expected, f"{self.table.file}:{self.line}")


@dataclass
class Table:
    """A table with the columns that are understood.

    Parameters
    ----------
    file : str
        Its name, for messages.
    headers : mapping
        Column -> the words that stand over it in the file.
    units : mapping
        Column -> unit that its header states; "" where it states none.
    rows : list of Row
        Rows that hold anything.
    notes : list of str
        What was read in a way that a reader may want to know.
    decimal : str
        The mark before decimals: "." or ",".
    faults : list of Fault
        What is wrong with its header and its form; refused together with what is wrong in its rows.
    """

    file: str
    headers: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    decimal: str = "."
    faults: list[Fault] = field(default_factory=list)

    def has(self, column: str) -> bool:
        """Return whether any row fills a column."""
        return any(column in row.cells for row in self.rows)


def refuse(faults: Iterable[Fault | str]) -> None:
    """Raise one error with all mistakes, if there are any.

    Raises
    ------
    UserError
        With all of them.
    """
    if found := list(faults):
        raise UserError(found)


Grid = Sequence[tuple[int, Sequence[str]]]
"""Lines of cells: the line's number and its texts."""
