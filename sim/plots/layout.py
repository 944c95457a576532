"""Room for words: headline above, caption below, axes in between, text broken by its width."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.plots.headlines import Headlines
from sim.plots.style import FAINT, INK
from sim.plots.words import counted, day_name, end_day, facts_until

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

    from sim.results.data import RunData

PAD = 0.12
"""Margin round a figure, inches."""


def new_figure(width: float = 10.0, height: float = 6.0) -> Figure:
    """Return an empty figure on a canvas of its own (no global pyplot state)."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    side = 0.5 * PAD / width
    figure.get_layout_engine().set(rect=(side, 0, 1 - 2 * side, 1))  # type: ignore[union-attr,call-arg]
    return figure


def headline(figure: Figure, title: str, subtitle: str) -> None:
    """Write what the figure shows above it, and of what below that; the axes give way."""
    at = PAD
    for text, size, weight, color in ((title, 15, "bold", INK), (subtitle, 10, "normal", FAINT)):
        lines = wrap(text, figure, size, weight)
        figure.text(
            PAD / figure.get_figwidth(),
            1 - at / figure.get_figheight(),
            lines,
            ha="left",
            va="top",
            fontsize=size,
            fontweight=weight,
            color=color,
        )
        at += _height(lines, size) + 0.05
    _reserve(figure, top=at + 0.06)


def key(figure: Figure, handles: Sequence[Any], labels: Sequence[str]) -> None:
    """Write a legend for all panels in one row below the headline."""
    _, y, _, tall = figure.get_layout_engine().get()["rect"]  # type: ignore[union-attr]
    figure.legend(
        handles,
        labels,
        loc="upper left",
        ncols=len(labels),
        bbox_to_anchor=(PAD / figure.get_figwidth(), y + tall + 0.05 / figure.get_figheight()),
        borderaxespad=0.0,
        borderpad=0.0,
    )
    _reserve(figure, top=(1 - y - tall) * figure.get_figheight() + 0.22)


def caption(figure: Figure, data: RunData, extra: str = "") -> None:
    """Write what the figure rests on below it: scenario, time, n, interval, seed, source."""
    meta = data.meta
    footer(
        figure,
        ". ".join(
            p
            for p in (
                f"Scenario: {data.title.rstrip('. ')}",
                f"{day_name(data.start)} to {day_name(end_day(data))}",
                facts_until(meta.get("as_of")),
                f"Network {meta.get('network', '?')}{_outlook(meta)}, {_policy(meta)}",
                f"{counted(data.n, 'replication')}, seed {data.seed}",
                hangs_on(meta),
                ". ".join(Headlines(data).if_it_comes),
                extra.rstrip("."),
                f"Source: Shortfall {meta.get('version', '')}, data as cited in the network file",
            )
            if p
        )
        + ".",
    )


def hangs_on(meta: Mapping[str, Any], most: int = 3) -> str:
    """Return the chance on which all hangs: the first hazards with how likely they come."""
    assumed = list(meta.get("assumed", ()))
    if not assumed:
        return ""
    more = f"; {len(assumed) - most} more" if len(assumed) > most else ""
    return f"Hazards: {'; '.join(assumed[:most])}{more}"


def one_line(said: Headlines, data: RunData, what: str) -> Figure:
    """Return the figure of a run in which nobody is short: that, its bound, and what held."""
    figure = new_figure(11.5, 2.2)
    headline(figure, said.nobody, f"{what}: nothing to draw. {'. '.join(said.held)}")
    caption(figure, data)
    return figure


def _policy(meta: Mapping[str, Any]) -> str:
    """Return the policy for a caption, by its title where there is one."""
    if meta.get("policy", "none") == "none":
        return "no policy"
    return f"policy {meta.get('policy_title') or meta['policy']}"


def _outlook(meta: Mapping[str, Any]) -> str:
    """Return the outlooks of demand and supply that are not flat, for a caption."""
    told = [f"{g} {meta[g]}" for g in ("demand", "supply") if meta.get(g, "flat") != "flat"]
    return "".join(f", {t}" for t in told)


def footer(figure: Figure, text: str) -> None:
    """Write a text below the figure; the axes give way."""
    lines = wrap(text, figure, 9)
    figure.text(
        PAD / figure.get_figwidth(),
        PAD / figure.get_figheight(),
        lines,
        ha="left",
        va="bottom",
        fontsize=9,
        color=FAINT,
    )
    _reserve(figure, bottom=PAD + _height(lines, 9) + 0.08)


def shared_labels(figure: Figure, x: str = "", y: str = "") -> None:
    """Label the axes of all panels at once, clear of headline and caption (call it last)."""
    left, bottom, _, tall = figure.get_layout_engine().get()["rect"]  # type: ignore[union-attr]
    if x:
        figure.text(
            0.5, bottom + 0.04 / figure.get_figheight(), x, ha="center", va="bottom", fontsize=10
        )
        _reserve(figure, bottom=bottom * figure.get_figheight() + 0.24)
    if y:
        figure.text(
            PAD / figure.get_figwidth(),
            bottom + tall / 2,
            y,
            rotation=90,
            ha="left",
            va="center",
            fontsize=10,
        )
        _reserve(figure, left=left * figure.get_figwidth() + 0.24)


def _height(lines: str, size: float) -> float:
    """Return the height of text in inches."""
    return (lines.count("\n") + 1) * size * 1.2 / 72


def _reserve(
    figure: Figure, top: float | None = None, bottom: float | None = None, left: float | None = None
) -> None:
    """Keep the axes out of so many inches at the top, bottom or left."""
    engine, high, wide = figure.get_layout_engine(), figure.get_figheight(), figure.get_figwidth()
    assert engine is not None
    x, y, across, tall = engine.get()["rect"]
    x0 = x if left is None else left / wide
    y0 = y if bottom is None else bottom / high
    y1 = y + tall if top is None else 1 - top / high
    engine.set(rect=(x0, y0, x + across - x0, y1 - y0))  # type: ignore[call-arg]


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Return the width of a line of text in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    return TextToPath().get_text_width_height_descent(text, font, False)[0] / 72


def wrap(
    text: str,
    figure: Figure | SubFigure,
    size: float,
    weight: str = "normal",
    width: float | None = None,
) -> str:
    """Break a text into lines that fit the figure's width, or `width` inches, at a type size."""
    # 3 % less: at few dots an inch the letters stand further apart than they are drawn for
    most = 0.97 * (figure.get_figwidth() - 2 * PAD if width is None else width)  # type: ignore[union-attr]
    lines: list[str] = [""]
    for word in re.findall(r"\S+(?: %\S*)?", text):  # a number and its sign stay together
        for piece in _pieces(word, most, size, weight):
            longer = f"{lines[-1]} {piece}".strip()
            if lines[-1] and text_width(longer, size, weight) > most:
                lines.append(piece)
            else:
                lines[-1] = longer
    return "\n".join(lines)


def _pieces(word: str, most: float, size: float, weight: str) -> list[str]:
    """Cut a word that is longer than a line."""
    if text_width(word, size, weight) <= most:
        return [word]
    n = max(1, int(len(word) * most / text_width(word, size, weight)) - 1)
    return [word[i : i + n] for i in range(0, len(word), n)]
