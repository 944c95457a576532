"""A coloured, numbered table: how heat maps are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.page import lang, pt
from sim.plots.style import INK
from sim.plots.words import peak
from sim.words.numbers import decimals
from sim.words.say import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    F8 = NDArray[np.float64]


def heatmap(
    ax: Axes,
    share: F8,
    rows: list[str],
    columns: list[str],
    half: F8 | None = None,
    label: str = "",
) -> Axes:
    """Draw shares as a coloured, numbered table; NaN is hatched.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    share : ndarray, shape (n_row, n_column)
        Shares, 0 to 1.
    rows, columns : list of str
        Labels.
    half : ndarray, shape (n_row, n_column), optional
        Half widths of the 95 % intervals, 0 to 1; NaN: none.
    label : str, optional
        Of another quantity than shares: it is drawn as it is, not in per cent.
    """
    scale = 1 if label else 100
    percent = scale * share
    top = max(1.0, peak(percent))
    image = ax.pcolormesh(
        np.ma.masked_invalid(percent),
        cmap="cividis",
        vmin=0,
        vmax=top,
        edgecolors="white",
        linewidth=2,
    )
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns)
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows)
    ax.set(xlim=(0, len(columns)), ylim=(len(rows), 0))
    ax.grid(False)
    ax.tick_params(length=0, labelcolor=INK)
    for spine in ax.spines.values():
        spine.set_visible(False)
    for i, j in np.ndindex(percent.shape):
        ink = _ink([float(c) for c in image.to_rgba(percent[i, j])])
        width = np.nan if half is None else scale * float(half[i, j])
        _cell(ax, i, j, float(percent[i, j]), width, ink)
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.8, pad=0.02)
    bar.set_label(label or say("figure.heat_bar", lang()))
    bar.outline.set_visible(False)
    return ax


def _cell(ax: Axes, i: int, j: int, value: float, half: float, ink: str) -> None:
    """Write one cell: the number, below it its interval."""
    from matplotlib.patches import Rectangle

    if np.isnan(value):
        ax.add_patch(
            Rectangle(
                (j + 0.02, i + 0.02),
                0.96,
                0.96,
                facecolor="#f4f4f4",
                lw=0,
                edgecolor="#bbbbbb",
                hatch="///",
            )
        )
        ax.text(
            j + 0.5,
            i + 0.5,
            "n/a",
            ha="center",
            va="center",
            fontsize=pt(10),
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 2},
        )
        return
    with_half = not np.isnan(half) and value > 0
    ax.text(
        j + 0.5,
        i + (0.4 if with_half else 0.5),
        decimals(value, 1, lang()),
        ha="center",
        va="center",
        color=ink,
        fontsize=pt(12),
    )
    if with_half:
        ax.text(
            j + 0.5,
            i + 0.74,
            f"\N{PLUS-MINUS SIGN} {decimals(half, 1 if half >= 0.05 else 2, lang())}",
            ha="center",
            va="center",
            color=ink,
            fontsize=pt(9),
        )


def _ink(rgba: Sequence[float]) -> str:
    """Return black or white, whichever contrasts more (WCAG relative luminance)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgba[:3]]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if luminance > 0.18 else "white"
