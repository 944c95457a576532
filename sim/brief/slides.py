"""A briefing as slides: one message each, with charts and tables that can be edited."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from sim.brief.content import Brief
from sim.brief.figure import Bars, Fan
from sim.brief.table import label
from sim.results.files import write_whole
from sim.words.dates import month_name
from sim.words.numbers import decimals
from sim.words.say import say

WIDE, TALL = 13.333, 7.5
"""Inches of a slide."""

COLORS = ("1A4FB4", "C77400", "5A5A5A", "964A8B", "E42536", "7A21DD")
FONTS = {"en": "DejaVu Sans", "fr": "DejaVu Sans", "ja": "Noto Sans CJK JP"}
LANGUAGES = {"en": "en-GB", "fr": "fr-FR", "ja": "ja-JP"}
ROWS = 7
"""Rows of a table that a slide has room for."""

STAMP = (1980, 1, 1, 0, 0, 0)
"""Of every part inside the file, so that the same briefing gives the same bytes."""


def write_slides(brief: Brief, file: Path) -> None:
    """Write a briefing as slides (PowerPoint, LibreOffice Impress)."""
    from pptx import Presentation
    from pptx.util import Inches

    show = Presentation()
    show.slide_width, show.slide_height = Inches(WIDE), Inches(TALL)
    deck = _Deck(show, brief)
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


def _messages(deck: _Deck) -> None:
    """Add a slide a sentence, with the chart that shows it."""
    brief = deck.brief
    fans, bars = brief.picture.fans, brief.picture.bars
    for n, sentence in enumerate(brief.sentences):
        last = n == len(brief.sentences) - 1
        if last and (fans or bars):
            deck.chances(sentence)
        elif fans and n:
            deck.shares(sentence, brief.tails.title, brief.tails.chances)
        elif fans:
            deck.course(sentence, fans[0])
        elif bars:
            deck.bars(sentence, bars)
        else:
            deck.texts(sentence, [brief.sub, *brief.more])


class _Deck:
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

    def course(self, title: str, fan: Fan) -> None:
        """Add the course of a place as lines: mean, median, 95 % quantile."""
        from pptx.chart.data import CategoryChartData
        from pptx.enum.chart import XL_CHART_TYPE

        lang = self.brief.lang
        chart = CategoryChartData(number_format="0.0")
        every = max(1, len(fan.days) // 80)
        picked = range(0, len(fan.days), every)
        chart.categories = [
            month_name(fan.start + dt.timedelta(days=int(fan.days[k])), lang) for k in picked
        ]
        q05, _, q50, _, q95 = fan.bands
        head = say("brief.panel", lang, place=fan.title, what=self.brief.picture.title)
        for name, values in (
            (say("brief.mean", lang), fan.mean),
            (say("brief.median", lang), q50),
            (f"{say('brief.band_90', lang)}: 95 %", q95),
            (f"{say('brief.band_90', lang)}: 5 %", q05),
        ):
            chart.add_series(name, [_number(values[k]) for k in picked])
        frame = self._chart(title, XL_CHART_TYPE.LINE, chart, fan.alt, head)
        for rank, line in enumerate(frame.chart.plots[0].series):
            self._colored(line.format.line.color, rank)
            line.smooth = False
            line.format.line.width = 28575 if rank < 2 else 15875
        axis = frame.chart.category_axis
        axis.tick_labels.offset = 10
        step = axis._element.makeelement(
            "{http://schemas.openxmlformats.org/drawingml/2006/chart}tickLblSkip",
            {"val": str(max(1, len(list(picked)) // 8))},
        )
        after = axis._element.find(
            "{http://schemas.openxmlformats.org/drawingml/2006/chart}noMultiLvlLbl"
        )
        (after.addprevious if after is not None else axis._element.append)(step)

    def bars(self, title: str, places: Sequence[Bars]) -> None:
        """Add runs side by side, a group a place: means in %."""
        from pptx.chart.data import CategoryChartData
        from pptx.enum.chart import XL_CHART_TYPE

        chart = CategoryChartData(number_format="0.0")
        chart.categories = [place.title for place in places]
        for n, run in enumerate(self.brief.runs):
            chart.add_series(run.label, [_number(place.bars[n].mean) for place in places])
        alt = " ".join(place.alt for place in places)
        frame = self._chart(title, XL_CHART_TYPE.BAR_CLUSTERED, chart, alt,
                            say("brief.table_runs", self.brief.lang))  # fmt: skip
        self._labelled(frame)

    def chances(self, title: str) -> None:
        """Add the chance of being short as bars, a bar a place."""
        lang, run = self.brief.lang, self.brief.runs[0]
        rows = {
            (r["kind"], r["view"]): 100 * float(r["value"])
            for r in run.data.summary
            if (r["measure"], r["statistic"]) == ("shortfall_share", "P(>0.05)")
        }
        told = [
            (label(view, lang), rows[view.kind, view.name])
            for view in self.brief.places
            if view.kind != "total" and (view.kind, view.name) in rows
        ][: 2 * ROWS]
        self.shares(title, say("brief.chance", lang), told)

    def shares(self, title: str, head: str, told: Sequence[tuple[str, float]]) -> None:
        """Add shares in % as bars, by name."""
        from pptx.chart.data import CategoryChartData
        from pptx.enum.chart import XL_CHART_TYPE

        if not told:
            self.texts(title, [self.brief.sub])
            return
        chart = CategoryChartData(number_format="0.0")
        chart.categories = [name for name, _ in told]
        chart.add_series(head, [_number(value) for _, value in told])
        numbers = (f"{name} {decimals(value, 1, self.brief.lang)}" for name, value in told)
        alt = f"{head}: {'; '.join(numbers)}"
        self._labelled(self._chart(title, XL_CHART_TYPE.BAR_CLUSTERED, chart, alt, head))

    def _labelled(self, frame: Any) -> None:
        """Write each bar's number beside it; the first bar stands on top."""
        from pptx.util import Pt

        plot = frame.chart.plots[0]
        plot.gap_width, plot.has_data_labels = 60, True
        plot.data_labels.font.size = Pt(12)
        plot.data_labels.number_format, plot.data_labels.number_format_is_linked = "0.0", False
        frame.chart.category_axis.reverse_order = True
        frame.chart.value_axis.visible = False  # each bar has its number
        frame.chart.value_axis.has_major_gridlines = False
        for rank, bar in enumerate(plot.series):
            bar.format.fill.solid()
            self._colored(bar.format.fill.fore_color, rank)

    def _colored(self, color: Any, rank: int) -> None:
        color.rgb = _color(COLORS[rank % len(COLORS)])

    def _chart(self, title: str, kind: Any, data: Any, alt: str, name: str) -> Any:
        from pptx.enum.chart import XL_LEGEND_POSITION
        from pptx.util import Inches, Pt

        slide = self._slide(title)
        frame = slide.shapes.add_chart(
            kind, Inches(0.6), Inches(1.8), Inches(WIDE - 1.2), Inches(TALL - 2.4), data
        )
        self._said(frame, alt, name)
        chart = frame.chart
        chart.font.size, chart.font.name = Pt(13), FONTS[self.brief.lang]
        several = len(chart.plots[0].series) > 1 if hasattr(chart.plots[0], "series") else False
        chart.has_legend = several
        if several:
            chart.legend.position = XL_LEGEND_POSITION.BOTTOM
            chart.legend.include_in_layout = False
        chart.has_title = True
        chart.chart_title.text_frame.text = name
        chart.chart_title.text_frame.paragraphs[0].runs[0].font.size = Pt(14)
        chart.value_axis.minimum_scale = 0
        lines = chart.value_axis.major_gridlines.format.line
        lines.width, lines.color.rgb = 6350, _color("DCDCDC")
        chart.value_axis.tick_labels.number_format = "General"
        chart.value_axis.tick_labels.number_format_is_linked = False
        return frame

    def table(self, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Add a table that can be edited; what finds no room goes on to the next slide."""
        from pptx.util import Inches

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
                for x, text in enumerate(row):
                    cell = frame.table.cell(y, x)
                    for n, line in enumerate(text.split("\n")):
                        where = cell.text_frame
                        paragraph = where.paragraphs[0] if n == 0 else where.add_paragraph()
                        self._write(paragraph, line, large - 2 * (n > 0), bold=y == 0)

    def _widths(self, table: Any, rows: Sequence[Sequence[str]]) -> None:
        """Give each column room by its longest text, within bounds."""
        from pptx.util import Inches

        longest = [min(60, max(15, *(len(row[x]) for row in rows))) for x in range(len(rows[0]))]
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


def _number(value: float) -> float | None:
    return None if value != value else round(float(value), 4)


def _color(code: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(code)
