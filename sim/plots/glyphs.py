"""Letters that the font of the figures lacks: drawn as boxes, and told."""

from __future__ import annotations

from functools import cache

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.text import Text


def missing_glyphs(figure: Figure) -> str:
    """Return the letters of a figure's texts that its font has no glyph for, each once.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        With all its texts.
    """
    missing: dict[str, None] = {}
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        letters = set(text.get_text()) - set(" \n\t")
        if letters:
            known = _letters(tuple(text.get_fontfamily()))
            missing |= dict.fromkeys(sorted(c for c in letters if ord(c) not in known))
    return "".join(missing)


@cache
def _letters(families: tuple[str, ...]) -> frozenset[int]:
    """Return what some fonts together have a glyph for."""
    files = [findfont(FontProperties(family=[name])) for name in families]
    return frozenset(code for file in files for code in get_font(file).get_charmap())
