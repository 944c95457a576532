"""Slides with charts of their own programs: lines and bars that can be edited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sim.brief.deck import FONTS, ROWS, TALL, WIDE, Slides
from sim.brief.figure import Bars, Fan
from sim.brief.table import label
from sim.words.dates import month_name
from sim.words.numbers import decimals, per_cent
from sim.words.say import say

COLORS = ("1A4FB4", "C77400", "5A5A5A", "964A8B", "E42536", "7A21DD")
LOCALES = {"en": "", "fr": "[$-40C]", "ja": "[$-411]"}
"""Before a number's format: whose decimal mark it has, in programs that heed it [MS-LCID]."""


class Deck(Slides):
    """Slides with charts, too."""

    @property
    def _format(self) -> str:
        """How numbers are written beside bars."""
        return LOCALES[self.brief.lang] + "0.0"

    def course(self, title: str, fan: Fan) -> None:
        """Add the course of a place as lines: mean, median, 95 % quantile."""
        from pptx.chart.data import CategoryChartData
        from pptx.enum.chart import XL_CHART_TYPE

        lang = self.brief.lang
        chart = CategoryChartData(number_format=self._format)
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
            (_end("95", lang), q95),
            (_end("5", lang), q05),
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

        chart = CategoryChartData(number_format=self._format)
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
        chart = CategoryChartData(number_format=self._format)
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
        plot.data_labels.number_format = self._format
        plot.data_labels.number_format_is_linked = False
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


def _end(quantile: str, lang: str) -> str:
    """Return what an end of the band is called."""
    band = say("brief.band_90", lang)
    return say("brief.panel", lang, place=band, what=per_cent(quantile, lang))


def _number(value: float) -> float | None:
    return None if value != value else round(float(value), 4)


def _color(code: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(code)
