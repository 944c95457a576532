"""How figures look: one palette, one type size, bytes that do not change between runs."""

from __future__ import annotations

import datetime as dt
import io
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from xml.sax.saxutils import escape

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from sim.plots.glyphs import missing_glyphs
from sim.plots.words import MONTHS
from sim.results.files import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.results.data import RunData

PALETTE = ("#4f88f5", "#c77400", "#e42536", "#964a8b", "#73737a", "#7a21dd")
"""petroff6, the safest for colour-blind readers of those that were measured; its orange, grey and
blue darker, so that each has a contrast of 3 to 1 on white."""

LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))


INK, FAINT, GRID = "#222222", "#5a5a5a", "#dddddd"
DEEP = "#1a4fb4"
"""A line on the bands of the first colour."""

RC: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.labelsize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "text.parse_math": False,  # a dollar sign in a title is a dollar sign
    "svg.hashsalt": "shortfall",
    "svg.fonttype": "none",  # text stays text: it can be read, found and copied
    "figure.dpi": 100,
    "savefig.dpi": 200,
}


def line_of(rank: int) -> Any:
    """Return a line style: where the colours come round again, another one than before."""
    return LINES[(rank + rank // len(PALETTE)) % len(LINES)]


def style() -> Any:
    """Return a context in which figures are drawn and saved."""
    return mpl.rc_context(RC)


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
    dateless = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "ModDate": None, "Producer": None},
    }
    files = []
    if missing := missing_glyphs(figure):
        print(f"note: figure {path.name}: no glyph for {missing}, drawn as boxes", file=sys.stderr)
    with style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # told above, once
        for ending in formats:
            drawing = io.BytesIO()
            figure.savefig(drawing, format=ending, metadata=dateless[ending], facecolor="white")
            files.append(path.with_name(f"{path.name}.{ending}"))
            content = drawing.getvalue()
            write_whole(files[-1], _copy_of(_described(content, figure) if ending == "svg"
                                            else content))  # fmt: skip
    return files


def _described(svg: bytes, figure: Figure) -> bytes:
    """Return a drawing with title and description for who cannot see it, and fonts to fall back."""
    said = [" ".join(text.get_text().split()) for text in figure.texts]
    words = (
        f"<title>{escape(said[0])}</title><desc>{escape(' '.join(said[1:]))}</desc>" if said else ""
    )
    text = svg.decode().replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    at = text.index(">", text.index("<svg")) + 1
    return (text[:at] + "\n " + words + text[at:]).encode()


def _copy_of(content: bytes) -> Callable[[BinaryIO], None]:
    def write(file: BinaryIO) -> None:
        file.write(content)

    return write


def dates(data: RunData) -> list[dt.date]:
    """Return the first day of every period."""
    return [data.start + dt.timedelta(days=data.step_days * k) for k in range(data.n_period)]


def day_numbers(data: RunData) -> np.ndarray:
    """Return the first day of every period as matplotlib counts days, shape (n_period,)."""
    from matplotlib.dates import date2num

    return float(date2num(data.start)) + data.step_days * np.arange(data.n_period)


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
