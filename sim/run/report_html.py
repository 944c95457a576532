"""HTML of the report's tables, lists and paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numeric: bool = False) -> str:
    """Return a table of HTML rows under text heads; `numeric`: all but the first are numbers."""
    kinds = [' class="n"' if numeric and x else "" for x in range(len(heads))]
    head_cells = "".join(
        f'<th scope="col"{k}>{escape(h)}</th>' for k, h in zip(kinds, heads, strict=True)
    )
    body = "\n".join(
        "<tr>" + "".join(f"<td{k}>{c}</td>" for k, c in zip(kinds, row, strict=True)) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll"><table>\n<thead><tr>{head_cells}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def listed(sources: Mapping[str, str]) -> str:
    """Return sources as a list, each with the setting that it is of."""
    items = "".join(f"<li><b>{escape(k)}</b>: {escape(v)}</li>" for k, v in sources.items())
    return f"<ul>{items}</ul>" if items else ""


def paragraph(text: str) -> str:
    """Return a text as a paragraph; "" where there is none."""
    return f"<p>{escape(text.strip())}</p>\n" if text.strip() else ""
