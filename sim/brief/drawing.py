"""Drawings of a briefing as SVG: plain shapes and real text, coloured by class where a page can."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Sequence
from html import escape

import numpy as np

from sim.brief.figure import Bars, Fan, Picture
from sim.words.dates import tick_name
from sim.words.numbers import decimals, localized, per_cent
from sim.words.say import say

WIDE, TALL = 400, 230
LETTERS = 48
"""Narrow letters of a panel's title that fit a line."""

LEFT, RIGHT, TOP, BOTTOM = 46, 10, 28, 40
FONTS = "'DejaVu Sans', 'Noto Sans', 'Noto Sans CJK JP', 'Hiragino Sans', 'Yu Gothic', sans-serif"
INK, FAINT, GRID, ACCENT = "#1a1a1a", "#5a5a5a", "#dcdcdc", "#1a4fb4"
"""What a page of light ground shows; classes of the same names follow its scheme."""


def panels(picture: Picture, lang: str) -> list[str]:
    """Return a drawing a panel, all on one scale."""
    if picture.fans:
        top = nice(max(float(np.nanmax(fan.bands[-1], initial=0.0)) for fan in picture.fans))
        top = max(top, nice(max(float(np.nanmax(f.mean, initial=0.0)) for f in picture.fans)))
        return [fan(one, top, lang) for one in picture.fans]
    if picture.bars:
        ends = [v for one in picture.bars for b in one.bars for v in (b.p95, b.high)]
        top = nice(max((v for v in ends if not np.isnan(v)), default=1.0))
        return [bars(one, top, lang) for one in picture.bars]
    return []


def nice(value: float) -> float:
    """Return a round end of a scale from 0 on: 1, 2, 2.5, 5 times a power of ten, or more."""
    if not value > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(m * power for m in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if m * power >= value))


def _text(x: float, y: float, text: str, kind: str = "faint", more: str = "") -> str:
    color = INK if kind == "ink" else FAINT
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" fill="{color}" class="{kind}" {more}>'
        f"{escape(text)}</text>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str, more: str = "") -> str:
    color = {"ink": INK, "faint": FAINT, "grid": GRID, "accent": ACCENT}[kind]
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" '
        f'class="s-{kind}" {more}/>'
    )


def _svg(tall: float, title: str, alt: str, body: Sequence[str]) -> str:
    """Return a drawing with title and description."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {tall:.0f}" role="img" '
        f'aria-label="{escape(alt)}" font-family="{escape(FONTS)}">'
        f"<title>{escape(title)}</title><desc>{escape(alt)}</desc>{''.join(body)}</svg>"
    )


def fan(one: Fan, top: float, lang: str) -> str:
    """Return the course of a place: bands of nine tenths and of half, median and mean."""
    step = int(one.days[1] - one.days[0]) if one.days.size > 1 else 1
    last = float(one.days[-1] + step)
    lines = broken(one.title, LETTERS)
    above = 15.0 * (len(lines) - 1)  # what a long title takes; the drawing keeps its height
    right, low, high = WIDE - RIGHT, TALL - BOTTOM + above, TOP + above

    def x(day: float) -> float:
        return LEFT + (right - LEFT) * day / last

    def y(value: float) -> float:
        return low - (low - high) * min(max(value, 0.0), top) / top

    bold = 'font-weight="bold"'
    body = [_text(8, 16 + 15 * n, text, "ink", bold) for n, text in enumerate(lines)]
    body += _scale(top, y, right, lang)
    body += _dates(one.start, last, x, low, lang)
    q05, q25, q50, q75, q95 = np.nan_to_num(one.bands)
    for under, over, opacity in ((q05, q95, 0.22), (q25, q75, 0.42)):
        body.append(
            f'<path d="{_area(one.days, under, over, x, y)}" fill="{ACCENT}" class="accent" '
            f'fill-opacity="{opacity}"/>'
        )
    body += [_course(one.days, q95, x, y, "accent", 1.0, "")]
    body += [_course(one.days, q50, x, y, "accent", 2.2, "")]
    body += [_course(one.days, np.nan_to_num(one.mean), x, y, "ink", 1.5, "5 3")]
    body += [
        _line(x(day), high, x(day), low, "faint", 'stroke-dasharray="1.5 3"') for day in one.marks
    ]
    return _svg(TALL + above, one.title, one.alt, body)


Place = Callable[[float], float]


def _area(days: np.ndarray, under: np.ndarray, over: np.ndarray, x: Place, y: Place) -> str:
    there = [f"{x(d):.1f},{y(v):.1f}" for d, v in zip(days, over, strict=True)]
    back = [f"{x(d):.1f},{y(v):.1f}" for d, v in zip(days[::-1], under[::-1], strict=True)]
    return f"M{'L'.join(there + back)}Z"


def _course(
    days: np.ndarray, values: np.ndarray, x: Place, y: Place, kind: str, width: float, dashes: str
) -> str:
    points = "L".join(f"{x(d):.1f},{y(v):.1f}" for d, v in zip(days, values, strict=True))
    color = INK if kind == "ink" else ACCENT
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<path d="M{points}" fill="none" stroke="{color}" stroke-width="{width}" '
        f'class="s-{kind}"{dashed}/>'
    )


def _scale(top: float, y: Place, right: float, lang: str) -> list[str]:
    """Return lines and labels of the vertical scale, in %."""
    told = []
    for value in np.linspace(0, top, 5 if top * 100 % 4 == 0 else 3):
        told.append(_line(LEFT, y(value), right, y(value), "grid"))
        text = per_cent("", lang)
        words = localized(f"{value:.3g}", lang) + text
        told.append(_text(LEFT - 5, y(value) + 4, words, "faint", 'text-anchor="end"'))
    return told


def _dates(start: dt.date, last: float, x: Place, low: float, lang: str) -> list[str]:
    """Return labels of the time axis: at most five months, with the year where it changes."""
    end = start + dt.timedelta(days=last)
    months = max(1, (end.year - start.year) * 12 + end.month - start.month)
    every = next(s for s in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if months / s <= 5)
    told, year = [], 0
    for month in range(start.year * 12 + start.month, end.year * 12 + end.month + 1):
        day = dt.date(month // 12, month % 12 + 1, 1)
        at = (day - start).days
        if month % every or not 0 <= at < last - 12:
            continue
        told.append(_line(x(at), low, x(at), low + 4, "faint"))
        anchor = 'text-anchor="middle"'
        told.append(_text(x(at), low + 17, tick_name(day, lang), "faint", anchor))
        if day.year != year:
            name = f"{day.year}年" if lang == "ja" else str(day.year)
            told.append(_text(x(at), low + 32, name, "faint", anchor))
            year = day.year
    return told


def bars(one: Bars, top: float, lang: str) -> str:
    """Return runs below each other: mean with its interval on a pale bar of nine futures of ten."""
    right = WIDE - 100
    bold = 'font-weight="bold"'
    lines = broken(one.title, LETTERS)
    body = [_text(8, 16 + 15 * n, text, "ink", bold) for n, text in enumerate(lines)]

    def x(value: float) -> float:
        return 8 + (right - 8) * min(max(value, 0.0), top) / top

    start = at = 30.0 + 15 * (len(lines) - 1)
    for bar in one.bars:
        lines = broken(bar.label, 52)
        for n, text in enumerate(lines):
            body.append(_text(8, at + 10 + 15 * n, text, "faint"))
        at += 15 * len(lines) + 4
        if not np.isnan(bar.mean):
            wide = max(0.0, x(bar.p95) - x(bar.p05))
            body.append(
                f'<rect x="{x(bar.p05):.1f}" y="{at + 2:.1f}" width="{wide:.1f}" height="8" '
                f'fill="{ACCENT}" stroke="{ACCENT}" class="accent s-accent" fill-opacity="0.28"/>'
            )
            body.append(_line(x(bar.low), at + 6, x(bar.high), at + 6, "accent",
                              'stroke-width="3"'))  # fmt: skip
            body.append(
                f'<circle cx="{x(bar.mean):.1f}" cy="{at + 6:.1f}" r="5" fill="{ACCENT}" '
                'class="accent"/>'
            )
            told = f"{say('brief.mean', lang)} {decimals(bar.mean, 1, lang)}{per_cent('', lang)}"
            end = max(x(bar.p95), x(bar.high), x(bar.mean) + 5)
            body.append(_text(end + 5, at + 10, told, "ink"))
        at += 20
    for value in (0.0, top / 2, top):
        anchor = 'text-anchor="start"' if value == 0 else 'text-anchor="middle"'
        body.insert(1, _line(x(value), start - 4, x(value), at, "grid"))
        words = localized(f"{value:.3g}", lang) + per_cent("", lang)
        body.append(_text(x(value), at + 15, words, "faint", anchor))
    return _svg(at + 22, one.title, one.alt, body)


def broken(text: str, most: int) -> list[str]:
    """Return a text in lines of so many narrow letters; wide ones count twice."""
    lines, width = [""], 0
    pieces = text.split(" ") if " " in text else list(text)
    gap = " " if " " in text else ""
    for piece in pieces:
        size = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in piece)
        if lines[-1] and width + size > most:
            lines.append(piece)
            width = size
        else:
            lines[-1] = f"{lines[-1]}{gap if lines[-1] else ''}{piece}"
            width += size + len(gap)
    return lines
