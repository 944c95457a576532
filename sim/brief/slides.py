"""A briefing as slides: one message each, with charts and tables that can be edited."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from sim.brief.charts import Deck
from sim.brief.content import Brief
from sim.brief.deck import LANGUAGES, ROWS, TALL, WIDE
from sim.results.files import write_whole
from sim.words.say import say

STAMP = (1980, 1, 1, 0, 0, 0)
"""Of every part inside the file, so that the same briefing gives the same bytes."""


def write_slides(brief: Brief, file: Path) -> None:
    """Write a briefing as slides (PowerPoint, LibreOffice Impress)."""
    from pptx import Presentation
    from pptx.util import Inches

    show = Presentation()
    show.slide_width, show.slide_height = Inches(WIDE), Inches(TALL)
    deck = Deck(show, brief)
    _messages(deck)
    deck.table(say("brief.table", brief.lang), brief.table.heads, _numbers(brief))
    for one in brief.assumed:
        heads = [say(f"brief.{key}", brief.lang) for key in ("what", "when", "how", "confidence")]
        rows = [[_short(cell, 160) for cell in row] for row in one.hazards]
        title = one.run or say("brief.assumed", brief.lang)
        if rows:
            deck.table(title, heads, rows)
        else:
            deck.texts(title, [say("brief.no_hazard", brief.lang)])
    deck.texts(say("brief.limits", brief.lang), brief.limits)
    core = show.core_properties
    core.title, core.language, core.author = brief.title, LANGUAGES[brief.lang], "Shortfall"
    core.comments, core.subject = brief.made, brief.sub
    core.created = core.modified = dt.datetime(*STAMP)
    core.last_modified_by = "Shortfall"
    drawing = io.BytesIO()
    show.save(drawing)
    write_whole(file, _copy_of(_undated(drawing.getvalue())))


def _copy_of(content: bytes) -> Callable[[BinaryIO], None]:
    def write(stream: BinaryIO) -> None:
        stream.write(content)

    return write


def _undated(content: bytes) -> bytes:
    """Return an archive whose parts, and the workbooks within, carry no time of writing."""
    told = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            inner = _undated(part) if name.endswith(".xlsx") else part
            if name == "docProps/core.xml" and b"openpyxl" not in part and b"dcterms" in part:
                inner = _fixed_times(part)
            new.writestr(zipfile.ZipInfo(name, STAMP), inner, zipfile.ZIP_DEFLATED)
    return told.getvalue()


def _fixed_times(part: bytes) -> bytes:
    import re

    return re.sub(rb">\d{4}-\d\d-\d\dT[\d:]+Z<", b">1980-01-01T00:00:00Z<", part)


def _short(text: str, most: int) -> str:
    """Return the beginning of a long text: the page holds all of it."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _numbers(brief: Brief) -> list[list[str]]:
    return [
        [name, *(f"{c.text}\n({c.interval})" if c.interval else c.text for c in cells)]
        for name, cells in brief.table.rows[:ROWS]
    ]


def _messages(deck: Deck) -> None:
    """Add a slide a sentence, with the chart that shows it."""
    brief = deck.brief
    fans, bars = brief.picture.fans, brief.picture.bars
    for n, sentence in enumerate(brief.sentences):
        last = n == len(brief.sentences) - 1
        if last and (fans or bars):
            deck.chances(sentence)
        elif bars and not n:  # who is hit hardest is told of the first run
            means = [(place.title, place.bars[0].mean) for place in bars]
            deck.shares(sentence, say("brief.table_runs", brief.lang), means)
        elif fans and n:
            deck.shares(sentence, brief.tails.title, brief.tails.chances)
        elif fans:
            deck.course(sentence, fans[0])
        elif bars:
            deck.bars(sentence, bars)
        else:
            deck.texts(sentence, [brief.sub, *brief.more])
