"""How figures look: one palette, one type size, bytes that do not change between runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.results.data import RunData

PALETTE = ("#5790fc", "#f89c20", "#e42536", "#964a8b", "#9c9ca1", "#7a21dd")
"""petroff6: the safest for colour-blind readers of those that were measured."""

LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))
REGION_ORDER = ("JPN", "USA", "EU", "KOR", "CHN", "ROW")
REGION_NAMES = {"JPN": "Japan", "USA": "United States", "EU": "European Union", "KOR": "Korea",
                "CHN": "China", "ROW": "Rest of world"}
COUNTRY_NAMES = {"AUS": "Australia", "BRA": "Brazil", "CAN": "Canada", "DEU": "Germany",
                 "EST": "Estonia", "FIN": "Finland", "FRA": "France", "GBR": "United Kingdom",
                 "IND": "India", "LAO": "Laos", "MDG": "Madagascar", "MMR": "Myanmar",
                 "MYS": "Malaysia", "NGA": "Nigeria", "PHL": "Philippines", "RUS": "Russia",
                 "SVN": "Slovenia", "THA": "Thailand", "VNM": "Viet Nam", "ZAF": "South Africa"}
SYMBOLS = {"ndpr": "NdPr", "dytb": "Dy/Tb", "ndfeb": "NdFeB", "nd": "Nd", "pr": "Pr", "dy": "Dy",
           "tb": "Tb", "us": "US", "eu": "EU", "ree": "rare-earth", "lree": "light rare-earth",
           "hree": "heavy rare-earth"}
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")
INK, FAINT, GRID = "#222222", "#5a5a5a", "#dddddd"
PAD = 0.12
"""Margin round a figure, inches."""

RC: dict[str, Any] = {
    "font.family": "DejaVu Sans", "font.size": 10, "axes.titlesize": 11, "axes.labelsize": 10,
    "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.edgecolor": FAINT,
    "axes.labelcolor": INK, "text.color": INK, "xtick.color": FAINT, "ytick.color": FAINT,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": GRID,
    "grid.linewidth": 0.6, "axes.axisbelow": True, "legend.frameon": False, "legend.fontsize": 9,
    "svg.hashsalt": "shortfall", "svg.fonttype": "path", "figure.dpi": 100, "savefig.dpi": 200,
}


def style() -> Any:
    """Return a context in which figures are drawn and saved."""
    return mpl.rc_context(RC)


def new_figure(width: float = 10.0, height: float = 6.0) -> Figure:
    """Return an empty figure on a canvas of its own (no global pyplot state)."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    side = 0.5 * PAD / width
    figure.get_layout_engine().set(rect=(side, 0, 1 - 2 * side, 1))  # type: ignore[union-attr]
    return figure


def headline(figure: Figure, title: str, subtitle: str) -> None:
    """Write what the figure shows above it, and of what below that; the axes give way."""
    at = PAD
    for text, size, weight, color in ((title, 15, "bold", INK), (subtitle, 10, "normal", FAINT)):
        lines = wrap(text, figure, size, weight)
        figure.text(PAD / figure.get_figwidth(), 1 - at / figure.get_figheight(), lines, ha="left",
                    va="top", fontsize=size, fontweight=weight, color=color)
        at += _height(lines, size) + 0.05
    _reserve(figure, top=at + 0.06)


def key(figure: Figure, handles: Sequence[Any], labels: Sequence[str]) -> None:
    """Write a legend for all panels in one row below the headline."""
    _, y, _, tall = figure.get_layout_engine().get()["rect"]  # type: ignore[union-attr]
    figure.legend(handles, labels, loc="upper left", ncols=len(labels),
                  bbox_to_anchor=(PAD / figure.get_figwidth(), y + tall + 0.008),
                  borderaxespad=0.0, borderpad=0.0)
    _reserve(figure, top=(1 - y - tall) * figure.get_figheight() + 0.22)


def caption(figure: Figure, data: RunData, extra: str = "") -> None:
    """Write what the figure rests on below it: scenario, time, n, interval, seed, source."""
    meta = data.meta
    last = data.start + dt.timedelta(days=data.step_days * data.n_period - 1)
    footer(figure, ". ".join(p for p in (
        f"Scenario: {data.title.rstrip('.')}, {day_name(data.start)} to {day_name(last)}",
        f"Network {meta.get('network', '?')}, policy {meta.get('policy', 'none')}",
        f"{data.n:,} replications, seed {data.seed}", extra.rstrip("."),
        f"Source: Shortfall {meta.get('version', '')}, data as cited in the network file") if p)
        + ".")


def footer(figure: Figure, text: str) -> None:
    """Write a text below the figure; the axes give way."""
    lines = wrap(text, figure, 9)
    figure.text(PAD / figure.get_figwidth(), PAD / figure.get_figheight(), lines, ha="left",
                va="bottom", fontsize=9, color=FAINT)
    _reserve(figure, bottom=PAD + _height(lines, 9) + 0.08)


def shared_labels(figure: Figure, x: str = "", y: str = "") -> None:
    """Label the axes of all panels at once, clear of headline and caption (call it last)."""
    left, bottom, _, tall = figure.get_layout_engine().get()["rect"]  # type: ignore[union-attr]
    if x:
        figure.text(0.5, bottom + 0.04 / figure.get_figheight(), x, ha="center", va="bottom",
                    fontsize=10)
        _reserve(figure, bottom=bottom * figure.get_figheight() + 0.24)
    if y:
        figure.text(PAD / figure.get_figwidth(), bottom + tall / 2, y, rotation=90, ha="left",
                    va="center", fontsize=10)
        _reserve(figure, left=left * figure.get_figwidth() + 0.24)


def _height(lines: str, size: float) -> float:
    """Return the height of text in inches."""
    return (lines.count("\n") + 1) * size * 1.2 / 72


def _reserve(figure: Figure, top: float | None = None, bottom: float | None = None,
             left: float | None = None) -> None:
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


def wrap(text: str, figure: Figure, size: float, weight: str = "normal",
         width: float | None = None) -> str:
    """Break a text into lines that fit the figure's width, or `width` inches, at a type size."""
    most = figure.get_figwidth() - 2 * PAD if width is None else width
    lines: list[str] = [""]
    for word in text.split():
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


def save(figure: Figure, path: Path, formats: Sequence[str] = ("png", "svg")) -> list[Path]:
    """Save a figure with the same bytes every time; return the files.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to save.
    path : pathlib.Path
        Without an ending.
    formats : sequence of str
        "png", "svg", "pdf".

    Returns
    -------
    list of pathlib.Path
        One file a format.
    """
    dateless = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None},
                "pdf": {"CreationDate": None, "ModDate": None, "Producer": None}}
    files = []
    with style():
        for ending in formats:
            file = path.with_suffix(f".{ending}")
            figure.savefig(file, format=ending, metadata=dateless[ending], facecolor="white")
            files.append(file)
    return files


def dates(data: RunData) -> list[dt.date]:
    """Return the first day of every period."""
    return [data.start + dt.timedelta(days=data.step_days * k) for k in range(data.n_period)]


def date_axis(ax: Axes, first: dt.date, last: dt.date) -> None:
    """Label a time axis with few, short dates: months, with the year where it begins."""
    import matplotlib.dates as mdates

    ticks = date_ticks(first, last)
    ax.set_xticks([float(mdates.date2num(d)) for d, _ in ticks], [name for _, name in ticks])
    ax.set_xlim(float(mdates.date2num(first)), float(mdates.date2num(last)))


def date_ticks(first: dt.date, last: dt.date, most: int = 7) -> list[tuple[dt.date, str]]:
    """Return dates with their labels, at most `most`: days, months or years as the span needs."""
    months = (last.year - first.year) * 12 + last.month - first.month
    if months < 3:
        step = max(1, -(-(last - first).days // (most - 1)))
        days = [first + dt.timedelta(days=d) for d in range(0, (last - first).days + 1, step)]
        return [(d, _label(d, f"{d.day} ", x == 0)) for x, d in enumerate(days)]
    step = next(s for s in (1, 2, 3, 6, 12, 24, 60, 120, 600, 6000) if months // s < most)
    n = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    starts = [dt.date(m // 12, m % 12 + 1, 1) for m in n if m % step == 0]
    kept = [d for d in starts if first <= d <= last]
    if step >= 12:
        return [(d, f"{d:%Y}") for d in kept]
    return [(d, _label(d, "", x == 0 or d.month == 1)) for x, d in enumerate(kept)]


def _label(day: dt.date, before: str, with_year: bool) -> str:
    name = f"{before}{MONTHS[day.month - 1][:3]}"
    return f"{name}\n{day.year}" if with_year else f"{name}\n "  # lines of one height


def day_name(day: dt.date) -> str:
    """Return a date for people, the same on every system."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def month_name(day: dt.date) -> str:
    """Return the month of a date for people."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def peak(values: Any) -> float:
    """Return the largest number, 0 where there is none (NaN are skipped)."""
    flat = np.asarray(values, dtype=float).ravel()
    known = flat[~np.isnan(flat)]
    return float(known.max()) if known.size else 0.0


def percent(share: float) -> str:
    """Return a share as per cent with two digits that matter."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 10 else f"{value:.1f} %" if value >= 0.05 else "under 0.1 %"


def pretty(name: str) -> str:
    """Return a name of the network file for people: spaces, element symbols as chemists write."""
    words = [SYMBOLS.get(w.lower(), w) for w in name.replace("_", " ").split()]
    return " ".join(words)


def region_name(code: str) -> str:
    """Return the name of a region or country for people; its code where we know none."""
    return REGION_NAMES.get(code) or COUNTRY_NAMES.get(code, code)


def ordered_regions(codes: Sequence[str]) -> list[str]:
    """Return region codes in the order that all figures use."""
    known = [c for c in REGION_ORDER if c in codes]
    return known + sorted(c for c in codes if c not in REGION_ORDER)

def span(data: RunData) -> str:
    """Return the horizon for people."""
    days = data.n_period * data.step_days
    if days < 700:
        return "the year" if 350 <= days <= 380 else f"{round(days / 30.4):.0f} months"
    return f"{days / 365:.1f} years".replace(".0 ", " ")
