"""How figures look: one palette, one type size, bytes that do not change between runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
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
INK, FAINT, GRID = "#222222", "#666666", "#dddddd"

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
    return figure


def headline(figure: Figure, title: str, subtitle: str) -> None:
    """Write what the figure shows above it, and of what below that."""
    figure.suptitle(f"{wrap(title, figure, 15)}\n", x=0.01, ha="left", fontsize=15,
                    fontweight="bold")
    figure.text(0.011, _under(figure, title), wrap(subtitle, figure, 10), ha="left", va="top",
                fontsize=10, color=FAINT)


def _under(figure: Figure, title: str) -> float:
    lines = wrap(title, figure, 15).count("\n") + 1
    return 1.0 - (0.14 + 0.25 * lines) / figure.get_figheight()


def wrap(text: str, figure: Figure, size: float) -> str:
    """Break a text into lines that fit the figure's width at a type size."""
    import textwrap

    width = int(figure.get_figwidth() * 72 / (size * 0.56))
    return "\n".join(textwrap.wrap(text, max(width, 20)))


def caption(figure: Figure, data: RunData, extra: str = "") -> None:
    """Write what the figure rests on below it: scenario, n, interval, seed, versions, source."""
    meta = data.meta
    parts = [f"Scenario: {data.title}", f"network {meta.get('network', '?')}, policy "
             f"{meta.get('policy', 'none')}", f"{data.n:,} replications, seed {data.seed}",
             extra, f"Source: Shortfall {meta.get('version', '')}, data as cited in the network file"]
    text = ". ".join(p for p in parts if p) + "."
    figure.get_layout_engine().set(rect=(0, 0.2 / figure.get_figheight() + 0.03, 1,  # type: ignore[union-attr]
                                         1 - 0.2 / figure.get_figheight() - 0.03))
    figure.text(0.011, 0.008, wrap(text, figure, 8), ha="left", va="bottom", fontsize=8,
                color=FAINT)


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


def date_axis(ax: Axes) -> None:
    """Label a time axis with few, short dates."""
    import matplotlib.dates as mdates

    locator = mdates.AutoDateLocator(minticks=3, maxticks=6)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator, show_offset=False))


def region_name(code: str) -> str:
    """Return a region's name for people."""
    return REGION_NAMES.get(code, code)


def ordered_regions(codes: Sequence[str]) -> list[str]:
    """Return region codes in the order that all figures use."""
    known = [c for c in REGION_ORDER if c in codes]
    return known + sorted(c for c in codes if c not in REGION_ORDER)
