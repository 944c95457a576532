"""Fonts: the one that comes with matplotlib, and for Japanese one of the system's."""

from __future__ import annotations

from functools import cache

from matplotlib.font_manager import fontManager

from sim.plots.page import lang

LATIN = "DejaVu Sans"
CJK = (
    "Noto Sans CJK JP", "Noto Sans JP", "Source Han Sans JP", "IPAexGothic", "IPAPGothic",
    "IPAGothic", "TakaoPGothic", "VL PGothic", "Hiragino Sans", "Yu Gothic", "Meiryo", "MS Gothic",
    "Noto Sans CJK SC", "WenQuanYi Zen Hei", "Droid Sans Fallback",
)  # fmt: skip
"""Fonts with Japanese letters that systems come with, the first that is there is taken."""


def families() -> list[str]:
    """Return the fonts of the words, the first that has a letter draws it."""
    return [LATIN, *japanese()] if lang() == "ja" else [LATIN]


@cache
def japanese() -> tuple[str, ...]:
    """Return the font for Japanese letters that the system has; none where it has none."""
    known = set(fontManager.get_font_names())
    return tuple(name for name in CJK if name in known)[:1]
