"""Room for words: headline above, caption below, axes in between, text broken by its width."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from sim.plots.fonts import families
from sim.plots.headlines import Headlines
from sim.plots.page import lang, page, pt
from sim.plots.picture import PAD, Picture
from sim.plots.style import FAINT, INK
from sim.plots.words import counted, day_name, end_day, facts_until
from sim.words.say import say
from sim.words.titles import title as titled

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure
    from matplotlib.text import Text

    from sim.results.data import RunData

_TO_PATH = TextToPath()

AIR = 0.05
"""Between two texts, inches."""


def new_figure(width: float = 10.0, height: float = 6.0) -> Picture:
    """Return an empty figure on a canvas of its own (no global pyplot state).

    Parameters
    ----------
    width, height : float
        Inches in a report; a page of another size (``sim.plots.page``) gives its own width, and its
        height where it has one.
    """
    place = page()
    high = place.height or height * place.scale
    return Picture(place.width or width * place.scale, high, width)


def headline(figure: Picture, title: str, subtitle: str, reading: str = "") -> None:
    """Write what the figure shows above it, below that of what, and how to read it.

    The axes give way; where there is less width than the figure was designed for, it grows.
    """
    figure.title, figure.subtitle, figure.reading = title, subtitle, reading
    at = PAD
    told = ((title, 15, "bold", INK), (subtitle, 10, "normal", FAINT), (reading, 10, "normal", INK))
    for text, size, weight, color in told:
        if not text:
            continue
        lines = wrap(text, figure, size, weight)
        extra = _extra(figure, text, lines, size, weight)
        if page().title:
            figure.above(_written(figure, lines, size, weight, color), at)
            at += _height(lines, size) + AIR
        _grow(figure, extra)
    figure.top = at + (0.06 if page().title else 0.0)
    figure.place()


def _written(figure: Picture, lines: str, size: float, weight: str, color: str) -> Text:
    return figure.text(
        PAD / figure.get_figwidth(),
        1.0,
        lines,
        ha="left",
        va="top",
        fontsize=pt(size),
        fontweight=weight,
        color=color,
    )


def _extra(figure: Picture, text: str, lines: str, size: float, weight: str) -> float:
    """Return how many inches more a text takes than in a report of the width asked for."""
    designed = wrap(text, figure, size, weight, figure.asked - 2 * PAD)
    drawn = _height(lines, size) if page().title else -AIR
    return drawn - _height(designed, size)


def _grow(figure: Picture, inches: float) -> None:
    if page().height is None and inches:
        figure.grow(inches)


def key(figure: Picture, handles: Sequence[Any], labels: Sequence[str]) -> None:
    """Write a legend for all panels below the headline, in as many rows as it takes."""
    wide = [text_width(label, 9) * page().scale + 0.62 * page().scale for label in labels]
    most = figure.get_figwidth() - 2 * PAD
    n = next((n for n in range(len(labels), 1, -1) if _row_width(wide, n) <= most), 1)
    legend = figure.legend(
        handles, labels, loc="upper left", ncols=n, borderaxespad=0.0, borderpad=0.0
    )
    figure.above(legend, figure.top)
    rows = -(-len(labels) // n)
    _grow(figure, 0.2 * page().scale * (rows - 1))
    figure.top += 0.22 * page().scale * rows
    figure.place()


def _row_width(wide: Sequence[float], n: int) -> float:
    """Return the width of a legend of n columns, filled as matplotlib fills them."""
    columns = np.array_split(np.asarray(wide), n)
    return float(sum(column.max() for column in columns if column.size))


def caption(figure: Picture, data: RunData, extra: str = "") -> None:
    """Write what the figure rests on below it: scenario, time, n, interval, seed, source."""
    meta, of = data.meta, lang()
    dates = {"first": day_name(data.start, of), "last": day_name(end_day(data), of)}
    network = {"name": str(meta.get("network", "?")), "outlook": _outlook(meta)}
    seeded = {"replications": counted(data.n, "replication", of), "seed": str(data.seed)}
    parts = (
        say("figure.scenario", of, title=titled(data.title.rstrip(". "), of)),
        say("figure.period", of, **dates),
        facts_until(meta.get("as_of"), of),
        say("figure.network", of, policy=_policy(meta), **network),
        say("figure.run", of, **seeded),
        hangs_on(meta),
        ". ".join(Headlines(data, of).if_it_comes),
        extra.rstrip("."),
        say("figure.source", of, version=str(meta.get("version", ""))),
    )
    end = say("figure.stop", of)
    footer(figure, end.join(p for p in parts if p) + end.rstrip())


def joined(*parts: str) -> str:
    """Return sentences one after another, without the empty ones."""
    return say("figure.stop", lang()).join(part for part in parts if part)


def hangs_on(meta: Mapping[str, Any], most: int = 3) -> str:
    """Return the chance on which all hangs: the first hazards with how likely they come."""
    assumed = list(meta.get("assumed", ()))
    if not assumed:
        return ""
    told = say("headline.list", lang()).join(assumed[:most])
    if len(assumed) > most:
        told = say("figure.hazards_more", lang(), told=told, n=len(assumed) - most)
    return say("figure.hazards", lang(), told=told)


def one_line(said: Headlines, data: RunData, what: str) -> Picture:
    """Return the figure of a run in which nobody is short: that, its bound, and what held."""
    figure = new_figure(11.5, 2.2)
    held = say("figure.stop", lang()).join(said.held)
    headline(figure, said.nobody, say("figure.nothing", lang(), what=what, held=held))
    caption(figure, data)
    figure.rows = [{"n": data.n, "found": said.nobody, "held": held}]
    return figure


def _policy(meta: Mapping[str, Any]) -> str:
    """Return the policy for a caption, by its title where there is one."""
    if meta.get("policy", "none") == "none":
        return say("figure.no_policy", lang())
    named = str(meta.get("policy_title") or meta["policy"])
    return say("figure.policy", lang(), title=titled(named, lang()))


def _outlook(meta: Mapping[str, Any]) -> str:
    """Return the outlooks of demand and supply that are not flat, for a caption."""
    told = [f"{g} {meta[g]}" for g in ("demand", "supply") if meta.get(g, "flat") != "flat"]
    return "".join(f", {t}" for t in told)


def footer(figure: Picture, text: str) -> None:
    """Write a text below the figure; the axes give way."""
    figure.caption = text
    lines = wrap(text, figure, 9)
    extra = _extra(figure, text, lines, 9, "normal")
    if page().title:
        written = _written(figure, lines, 9, "normal", FAINT)
        written.set_verticalalignment("bottom")
        figure.below(written, PAD)
        figure.bottom = PAD + _height(lines, 9) + 0.08
    else:
        figure.bottom = 0.5 * PAD
    _grow(figure, extra)
    figure.place()


def shared_labels(figure: Picture, x: str = "", y: str = "") -> None:
    """Label the axes of all panels at once, clear of headline and caption (call it last)."""
    if x:
        text = figure.text(0.5, 0.0, x, ha="center", va="bottom", fontsize=pt(10))
        figure.below(text, figure.bottom + 0.04)
        figure.bottom += (0.08 + _height(x, 10) / page().scale) * page().scale
    if y:
        middle = (figure.bottom + figure.get_figheight() - figure.top) / 2
        x0, size = PAD / figure.get_figwidth(), pt(10)
        text = figure.text(x0, 0.0, y, rotation=90, ha="left", va="center", fontsize=size)
        figure.below(text, middle)
        figure.left += 0.24 * page().scale
    figure.place()


def _height(lines: str, size: float) -> float:
    """Return the height of text in inches."""
    return (lines.count("\n") + 1) * pt(size) * 1.2 / 72


@lru_cache(maxsize=20_000)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Return the width of a line of text in inches."""
    properties = FontProperties(family=families(), size=100, weight=weight)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # told when it is saved
        wide = _TO_PATH.get_text_width_height_descent(text, properties, False)[0]
    return float(wide) / 72 * size / 100


def wrap(
    text: str,
    figure: Figure | SubFigure,
    size: float,
    weight: str = "normal",
    width: float | None = None,
) -> str:
    """Break a text into lines that fit the figure's width, or `width` inches of a report.

    The size of type, and such a width, are those of a report (``sim.plots.page``).
    """
    if width is None:
        width = (figure.get_figwidth() - 2 * PAD) / page().scale  # type: ignore[union-attr]
    # 3 % less: at few dots an inch the letters stand further apart than they are drawn for
    most = 0.97 * width
    space = text_width(" ", size, weight)
    lines, used = [""], 0.0
    for before, word in words_of(text):
        for piece in _pieces(word, most, size, weight):
            wide = text_width(piece, size, weight)
            gap = space if before and lines[-1] else 0.0
            if lines[-1] and used + gap + wide > most and piece[0] not in NEVER_FIRST:
                lines.append(piece)
                used = wide
            else:
                lines[-1] += (" " if gap else "") + piece
                used += gap + wide
    return "\n".join(lines)


NEVER_FIRST = "、。，．）」』】・：；！？％%ー々〉》"
"""Signs that stand at no line's beginning."""

_EAST = r"\u3000-\u9fff\uff00-\uffef"
_WORD = re.compile(rf"(\s*)([{_EAST}]|[^\s{_EAST}]+(?: %\S*)?)")


def words_of(text: str) -> list[tuple[bool, str]]:
    """Return what a line may break between, each with whether a space stands before it.

    A number and its sign stay together; Chinese and Japanese letters are words of their own.
    """
    return [(bool(space), word) for space, word in _WORD.findall(text)]


def _pieces(word: str, most: float, size: float, weight: str) -> list[str]:
    """Cut a word that is longer than a line."""
    wide = text_width(word, size, weight)
    if wide <= most:
        return [word]
    n = max(1, int(len(word) * most / wide) - 1)
    return [word[i : i + n] for i in range(0, len(word), n)]
