"""A briefing as one HTML page: nothing is fetched, and only our own script and style may act."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape as _escape
from pathlib import Path

from sim.brief import drawing
from sim.brief.assumptions import Assumed
from sim.brief.content import Brief
from sim.brief.explorer import explorer
from sim.brief.own import marked
from sim.brief.table import Cell
from sim.words.say import say

KEPT = re.compile(r"(?<=\d) (?=%)")
"""Where no line may break: between a number and its sign."""


def escape(text: str) -> str:
    """Return a text for inside HTML, a number and its sign together."""
    return _escape(KEPT.sub("\N{NO-BREAK SPACE}", text))


FOLDER = Path(__file__).parent


@cache
def file_text(name: str) -> str:
    """Return a file of this package: the script or a style."""
    return (FOLDER / name).read_text(encoding="utf-8")


def page(brief: Brief) -> str:
    """Return the page with its explorer."""
    script, style = file_text("explorer.js"), file_text("page.css")
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src '{_hash(script)}'; style-src '{_hash(style)}'"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{brief.lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{escape(brief.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f"{body(brief)}\n{explorer(brief)}\n</main>\n<script>{script}</script>\n</body>\n</html>\n"
    )


def printed(brief: Brief, paper: str) -> str:
    """Return the page as it is printed: without what acts, on a sheet of a size."""
    style = file_text("page.css").partition("@media (prefers-color-scheme")[0]
    rest = file_text("page.css").partition("* { box-sizing")
    sheet = file_text("print.css").replace("PAPER", paper)
    return (
        f'<!DOCTYPE html>\n<html lang="{brief.lang}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(brief.title)}</title>\n"
        f'<meta name="description" content="{escape(brief.sub)}">\n'
        f"<style>{style}{rest[1]}{rest[2]}{sheet}</style>\n</head>\n<body>\n<main>\n"
        f"{body(brief)}\n</main>\n</body>\n</html>\n"
    )


def _hash(text: str) -> str:
    """Return what a content policy names a script or style by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def body(brief: Brief) -> str:
    """Return what page and print share."""
    lang = brief.lang
    parts = [
        f'<header>\n<h1>{escape(brief.title)}</h1>\n<p class="sub">{escape(brief.sub)}</p>\n'
        f'<div class="said">{_paragraphs(brief.sentences)}</div>\n{_paragraphs(brief.more)}'
        "</header>",
        _figure(brief),
        _section(say("brief.table", lang), _table_of(brief)),
        _section(say("brief.assumed", lang), "\n".join(_assumed(a, lang) for a in brief.assumed)),
        _section(say("brief.limits", lang), _list(brief.limits)),
        _section(say("brief.provenance", lang), _provenance(brief)),
    ]
    own = {escape(text): language for text, language in brief.own.items()}
    return marked("\n".join(parts), own)


def _section(heading: str, inside: str) -> str:
    return f"<section>\n<h2>{escape(heading)}</h2>\n{inside}\n</section>"


def _paragraphs(texts: Iterable[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>\n" for text in texts)


def _list(texts: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"


def _figure(brief: Brief) -> str:
    picture, lang = brief.picture, brief.lang
    drawn = "".join(f"<div>{svg}</div>" for svg in drawing.panels(picture, lang))
    inside = f"<p>{escape(picture.title)}</p>"
    if drawn:
        note = f'<p class="note">{escape(picture.note)}</p>' if picture.note else ""
        key = _key(lang, marks=any(f.marks for f in picture.fans)) if picture.fans else ""
        few = " few" if picture.bars else ""  # words in a drawing need its width
        inside = (
            f"<figure>\n<figcaption>{escape(picture.title)}</figcaption>\n{key}"
            f'<div class="panels{few}">{drawn}</div>\n</figure>{note}'
        )
    return _section(picture.heading, inside)


def _key(lang: str, marks: bool) -> str:
    """Return what the marks of a fan mean."""
    accent, ink = drawing.ACCENT, drawing.INK
    shapes = [
        (say("brief.band_90", lang), f'<rect width="30" height="12" fill="{accent}" '
                                     'class="accent" fill-opacity="0.22"/>'),
        (say("brief.band_50", lang), f'<rect width="30" height="12" fill="{accent}" '
                                     'class="accent" fill-opacity="0.55"/>'),
        (say("brief.median", lang), f'<path d="M0 6H30" stroke="{accent}" class="s-accent" '
                                    'stroke-width="2.4"/>'),
        (say("brief.mean", lang), f'<path d="M0 6H30" stroke="{ink}" class="s-ink" '
                                  'stroke-width="1.6" stroke-dasharray="5 3"/>'),
    ]  # fmt: skip
    if marks:
        shapes.append((say("brief.begins", lang),
                       f'<path d="M15 0V12" stroke="{drawing.FAINT}" class="s-faint" '
                       'stroke-dasharray="1.5 3" stroke-width="1.5"/>'))  # fmt: skip
    items = "".join(
        f'<li><svg viewBox="0 0 30 12" width="30" height="12" aria-hidden="true">{shape}</svg>'
        f"{escape(text)}</li>"
        for text, shape in shapes
    )
    return f'<ul class="key">{items}</ul>\n'


def _table_of(brief: Brief) -> str:
    table = brief.table
    rows = [(name, [_cell(cell) for cell in cells]) for name, cells in table.rows]
    caption = table.title if len(brief.runs) > 1 else ""
    return (
        _table(table.heads, rows, numeric=True, caption=caption)
        + f'<p class="note">{escape(table.note)}</p>'
    )


def _cell(cell: Cell) -> str:
    below = f'<span class="ci">{escape(cell.interval)}</span>' if cell.interval else ""
    return escape(cell.text) + below


def _table(
    heads: Sequence[str],
    rows: Iterable[tuple[str, Sequence[str]]],
    numeric: bool = False,
    caption: str = "",
) -> str:
    """Return a table; its cells are HTML, heads and names are text."""
    kind = ' class="n"' if numeric else ""
    first, *others = heads
    top = f'<th scope="col">{escape(first)}</th>'
    top += "".join(f'<th scope="col"{kind}>{escape(head)}</th>' for head in others)
    told = "\n".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td{kind}>{cell}</td>" for cell in cells)
        + "</tr>"
        for name, cells in rows
    )
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="scroll"><table>{above}\n<thead><tr>{top}</tr></thead>\n'
        f"<tbody>\n{told}\n</tbody></table></div>"
    )


def _assumed(one: Assumed, lang: str) -> str:
    told = f"<h3>{escape(one.run)}</h3>\n" if one.run else ""
    told += f"<p>{escape(one.story)}</p>\n" if one.story else ""
    heads = [say(f"brief.{key}", lang) for key in ("what", "when", "how", "confidence")]
    if one.hazards:
        told += _rows(heads, one.hazards)
    else:
        told += f"<p>{escape(say('brief.no_hazard', lang))}</p>"
    if one.numbers:
        told += _rows([say("brief.uncertain", lang), say("brief.value", lang)], one.numbers)
    if one.rest:
        told += f'<p class="note">{escape(one.rest)}</p>'
    return told


def _rows(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return _table(heads, [(name, [escape(cell) for cell in cells]) for name, *cells in rows])


def _provenance(brief: Brief) -> str:
    heads = [head for head, _ in brief.provenance]
    columns = [values for _, values in brief.provenance]
    told = []
    for values in zip(*columns, strict=True):
        rows = [(head, [_fact(value)]) for head, value in zip(heads[1:], values[1:], strict=True)]
        told.append(_table([heads[0], values[0]], rows))
    return "\n".join(told) + f'<p class="note">{escape(brief.made)}</p>'


def _fact(value: str) -> str:
    long = (len(value) > 40 and " " not in value) or value.startswith("shortfall ")
    return f'<span class="digest">{escape(value)}</span>' if long else escape(value)
