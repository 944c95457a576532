"""A notebook (jupytext's percent format) as a page of the site: its text and its code."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ASKED = re.compile(r"^<!-- notebook: (\S+) -->$", re.MULTILINE)


def render(app: object, name: str, source: list[str]) -> None:
    """Put the notebook in the place of the line that asks for it (a listener of Sphinx)."""
    source[0] = ASKED.sub(lambda found: page_of(ROOT / found[1]), source[0])


def page_of(notebook: Path) -> str:
    """Return a notebook as Markdown: cells of text as they are, cells of code fenced."""
    _, *cells = re.split(r"^# %%", notebook.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return "\n\n".join(filter(None, map(_cell, cells)))


def _cell(cell: str) -> str:
    mark, _, body = cell.partition("\n")
    body = body.strip("\n")
    if "[markdown]" in mark:
        return "\n".join(line.removeprefix("#").removeprefix(" ") for line in body.splitlines())
    return f"```python\n{body}\n```" if body else ""
