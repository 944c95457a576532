"""The first sheet of an Excel workbook as lines of cells (extra ``shortfall[excel]``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.base.errors import Fault, UserError
from sim.tabular.cells import refuse


def grid_of(path: str | Path) -> list[tuple[int, list[str]]]:
    """Return line numbers and texts of the first sheet.

    Raises
    ------
    UserError
        If openpyxl is not installed, the file is no workbook, or cells are merged or hold errors.
    """
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError:
        raise UserError(
            Fault(str(path), "", "reading Excel needs openpyxl: pip install 'shortfall[excel]'; "
                  "or save the sheet as CSV")
        ) from None  # fmt: skip
    try:
        sheet = load_workbook(path, data_only=True, read_only=False).worksheets[0]
    except FileNotFoundError:
        raise UserError(Fault(str(path), "", "no such file")) from None
    except (InvalidFileException, OSError, KeyError, ValueError, IndexError) as error:
        raise UserError(Fault(str(path), "", f"is not an Excel workbook: {error}")) from None
    faults = [
        Fault(f"cells {area.coord}", "", "are merged; give each its own value",
              f"{path}:{area.min_row}")
        for area in sheet.merged_cells.ranges
    ]  # fmt: skip
    rows = [(row[0].row, [_text(cell.value) for cell in row]) for row in sheet.iter_rows() if row]
    faults += [
        Fault(f"column {column}", text, "holds an error of the workbook", f"{path}:{line}")
        for line, texts in rows
        for column, text in enumerate(texts, start=1)
        if text.startswith("#") and text.endswith(("!", "?", "A"))
    ]
    refuse(faults)
    return rows


def _text(value: Any) -> str:
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else str(value)
