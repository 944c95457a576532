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
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.plots.fonts import families
from sim.plots.glyphs import missing_glyphs
from sim.plots.page import lang, page, pt
from sim.plots.picture import Picture
from sim.results.files import write_whole
from sim.words.dates import tick_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.results.data import RunData

PALETTE = ("#417bdf", "#d48002", "#cf1524", "#822c9e", "#0b4b3e", "#262c4b")
"""Each has a contrast of 3 to 1 on white or more, and one of 1.3 to 1 to every other, so that they
are told apart in grey print and by colour-blind readers; line styles differ besides."""

OTHER = "#73737a"
"""What is not picked out."""

BAND, INNER = "#cddcf8", "#8fb2ef"
"""Of a fan in the first colour: nine futures of ten, and half of them."""

LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))


INK, FAINT, GRID = "#222222", "#5a5a5a", "#dddddd"
DEEP = "#1a4fb4"
"""A line on the bands of the first colour."""

SIZE = {"font.size": 10, "axes.titlesize": 11, "axes.labelsize": 10, "legend.fontsize": 9,
        "xtick.labelsize": 10, "ytick.labelsize": 10}  # fmt: skip
"""Points, in a report."""

RC: Any = {
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # where it would come to lie, without a search at every drawing
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
    "text.parse_math": False,  # a dollar sign in a title is a dollar sign
    "svg.hashsalt": "shortfall",
    "svg.fonttype": "none",  # text stays text: it can be read, found and copied
    "figure.dpi": 100,
}


def line_of(rank: int) -> Any:
    """Return a line style: where the colours come round again, another one than before."""
    return LINES[(rank + rank // len(PALETTE)) % len(LINES)]


def style() -> Any:
    """Return a context in which figures are drawn and saved."""
    sizes: Any = {name: pt(size) for name, size in SIZE.items()}
    return mpl.rc_context({**RC, **sizes, "font.family": families()})


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
    files = []
    if missing := missing_glyphs(figure):
        print(f"note: figure {path.name}: no glyph for {missing}, drawn as boxes", file=sys.stderr)
    with style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # told above, once
        settle(figure)
        for ending in formats:
            content = _drawn(figure, ending)
            files.append(path.with_name(f"{path.name}.{ending}"))
            write_whole(files[-1], _copy_of(content))
    return files


def _drawn(figure: Figure, ending: str) -> bytes:
    """Return a figure as a file of some format; by its canvas, for ``savefig`` draws all twice."""
    drawing = io.BytesIO()
    figure.set_facecolor("white")
    if ending == "png":
        figure.set_dpi(page().dpi)
        FigureCanvasAgg(figure).print_png(drawing, metadata={"Software": None})
        return drawing.getvalue()
    if ending == "pdf":
        from matplotlib.backends.backend_pdf import FigureCanvasPdf

        dateless = {"CreationDate": None, "ModDate": None, "Producer": None}
        FigureCanvasPdf(figure).print_pdf(drawing, metadata=dateless)
        return drawing.getvalue()
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    FigureCanvasSVG(figure).print_svg(drawing, metadata={"Date": None, "Creator": None})
    return _described(drawing.getvalue(), figure)


def settle(figure: Figure) -> None:
    """Lay the axes out once, for all formats: it costs as much as drawing.

    The solver's last digits depend on where things lie in memory; rounded, the bytes do not.
    """
    engine = figure.get_layout_engine()
    if engine is not None:
        if figure.axes:
            engine.execute(figure)
        figure.set_layout_engine("none")
        for ax in figure.axes:
            bounds = [round(x, 5) for x in ax.get_position(original=True).bounds]
            ax.set_position(bounds, which="original")  # type: ignore[arg-type]


def _described(svg: bytes, figure: Figure) -> bytes:
    """Return a drawing with title and description for who cannot see it, and fonts to fall back."""
    words = ""
    if isinstance(figure, Picture) and figure.title:
        told = figure.words.removeprefix(figure.title).lstrip(". ")
        words = f"<title>{escape(figure.title)}</title><desc>{escape(told)}</desc>"
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


def date_axis(ax: Axes, first: dt.date, last: dt.date, most: int = 7) -> None:
    """Label a time axis with few, short dates: months, with the year where it begins."""
    import matplotlib.dates as mdates

    ticks = date_ticks(first, last, most)
    ax.set_xticks([float(mdates.date2num(d)) for d, _ in ticks], [name for _, name in ticks])
    ax.set_xlim(float(mdates.date2num(first)), float(mdates.date2num(last)))


def date_ticks(first: dt.date, last: dt.date, most: int = 7) -> list[tuple[dt.date, str]]:
    """Return dates with their labels, at most `most`: days, months or years as the span needs."""
    months = (last.year - first.year) * 12 + last.month - first.month
    if months < 3:
        step = max(1, -(-(last - first).days // (most - 1)))
        days = [first + dt.timedelta(days=d) for d in range(0, (last - first).days + 1, step)]
        return [(d, _label(d, True, x == 0)) for x, d in enumerate(days)]
    step = next(s for s in (1, 2, 3, 6, 12, 24, 60, 120, 600, 6000) if months // s < most)
    n = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    starts = [dt.date(m // 12, m % 12 + 1, 1) for m in n if m % step == 0]
    kept = [d for d in starts if first <= d <= last]
    if step >= 12:
        return [(d, f"{d:%Y}") for d in kept]
    return [(d, _label(d, False, x == 0 or d.month == 1)) for x, d in enumerate(kept)]


def _label(day: dt.date, of_day: bool, with_year: bool) -> str:
    name = tick_name(day, lang(), of_day)
    return f"{name}\n{day.year}" if with_year else f"{name}\n "  # lines of one height
