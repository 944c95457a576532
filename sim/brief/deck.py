"""Slides as they are added: title, source, notes; tables and texts that can be edited."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from sim.brief.content import Brief
from sim.words.say import say

WIDE, TALL = 13.333, 7.5
"""Inches of a slide."""

FONTS = {"en": "DejaVu Sans", "fr": "DejaVu Sans", "ja": "Noto Sans CJK JP"}
LANGUAGES = {"en": "en-GB", "fr": "fr-FR", "ja": "ja-JP"}

ROWS = 7
"""Rows of a table that a slide has room for."""


class Slides:
    """Slides as they are added, all with title, sources in the notes and words for who listens."""

    def __init__(self, show: Any, brief: Brief) -> None:
        self.show, self.brief = show, brief

    def _slide(self, title: str) -> Any:
        from pptx.util import Inches, Pt

        slide = self.show.slides.add_slide(self.show.slide_layouts[5])  # a title, and room
        head = slide.shapes.title
        head.left, head.top = Inches(0.6), Inches(0.35)
        head.width, head.height = Inches(WIDE - 1.2), Inches(1.35)
        frame = head.text_frame
        frame.word_wrap = True
        self._write(
            frame.paragraphs[0],
            title,
            26 if len(title) < 90 else 22 if len(title) < 130 else 18,
            bold=True,
        )
        box = slide.shapes.add_textbox(
            Inches(0.6), Inches(TALL - 0.5), Inches(WIDE - 1.2), Inches(0.35)
        )
        box.name = "source"
        box.text_frame.word_wrap = True
        self._write(box.text_frame.paragraphs[0], self._source(), 10)
        notes = slide.notes_slide.notes_text_frame
        notes.text = "\n".join(self._notes())
        for paragraph in notes.paragraphs:
            paragraph.font.size = Pt(11)
        return slide

    def _write(self, paragraph: Any, text: str, size: float, bold: bool = False) -> None:
        from pptx.enum.text import PP_ALIGN
        from pptx.util import Pt

        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.bold = Pt(size), bold
        run.font.name = FONTS[self.brief.lang]
        lang = self.brief.own.get(text, self.brief.lang)
        run._r.get_or_add_rPr().set("lang", LANGUAGES[lang])
        if self.brief.lang == "ja":  # what letters of the East are written in is told apart
            from pptx.oxml.ns import qn

            east = run._r.get_or_add_rPr().makeelement(qn("a:ea"), {"typeface": FONTS["ja"]})
            run._r.get_or_add_rPr().append(east)
        paragraph.alignment = PP_ALIGN.LEFT

    def _source(self) -> str:
        data = self.brief.runs[0].data
        n = say("count.replications", self.brief.lang, n=data.n)
        return f"{self.brief.title} · {n} · {self.brief.made}"

    def _notes(self) -> list[str]:
        told = [self.brief.sub, *(one.story for one in self.brief.assumed if one.story)]
        told += [
            f"{head}: {'; '.join(dict.fromkeys(values))}" for head, values in self.brief.provenance
        ]
        sources = self.brief.runs[0].study.settings.scenario.sources
        return [*told, *(f"{key}: {text}" for key, text in sources.items())]

    def _said(self, frame: Any, alt: str, name: str) -> None:
        """Give a chart or table its words for who cannot see it."""
        properties = frame._element.nvGraphicFramePr.cNvPr
        properties.set("descr", alt)
        frame.name = name

    def table(self, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Add a table that can be edited; what finds no room goes on to the next slide."""
        from pptx.util import Inches, Pt

        for at in range(0, len(rows), ROWS):
            part = rows[at : at + ROWS]
            slide = self._slide(title)
            frame = slide.shapes.add_table(
                len(part) + 1, len(heads), Inches(0.6), Inches(1.8), Inches(WIDE - 1.2), Inches(1)
            )
            self._said(frame, "; ".join(" ".join(row) for row in part), title)
            self._widths(frame.table, [heads, *part])
            large = (
                12
                if len(part) > 3 or len(heads) > 6 or any(len(c) > 60 for row in part for c in row)
                else 16
            )
            for y, row in enumerate([heads, *part]):
                lines = max(text.count("\n") + 1 for text in row)
                frame.table.rows[y].height = Pt(1.45 * large * lines + 6)
                for x, text in enumerate(row):
                    cell = frame.table.cell(y, x)
                    for n, line in enumerate(text.split("\n")):
                        where = cell.text_frame
                        paragraph = where.paragraphs[0] if n == 0 else where.add_paragraph()
                        self._write(paragraph, line, large - 2 * (n > 0), bold=y == 0)

    def _widths(self, table: Any, rows: Sequence[Sequence[str]]) -> None:
        """Give each column room by its longest text, within bounds."""
        from pptx.util import Inches

        longest = [min(60, max(12, *(_room(row[x]) for row in rows))) for x in range(len(rows[0]))]
        for column, length in zip(table.columns, longest, strict=True):
            column.width = Inches((WIDE - 1.2) * length / sum(longest))

    def texts(self, title: str, texts: Sequence[str]) -> None:
        """Add a list of sentences."""
        from pptx.util import Inches, Pt

        slide = self._slide(title)
        box = slide.shapes.add_textbox(
            Inches(0.6), Inches(1.8), Inches(WIDE - 1.2), Inches(TALL - 2.6)
        )
        frame = box.text_frame
        frame.word_wrap = True
        for n, text in enumerate(texts):
            paragraph = frame.paragraphs[0] if n == 0 else frame.add_paragraph()
            self._write(paragraph, text, 16 if len(texts) < 6 else 14)
            paragraph.space_after = Pt(8)


def _room(text: str) -> float:
    """Return how many letters wide a cell should be: its longest line, or a word of what wraps."""
    lines = text.split("\n")
    wide: float = max(_wide_letters(line) for line in lines)
    if len(lines) == 1 and wide > 20:  # wraps
        wide = max(wide / 2, *(1.2 * len(word) for word in text.split()))
    return wide + 3


def _wide_letters(text: str) -> int:
    """Return the width of a text in narrow letters: those of the East are two wide."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
