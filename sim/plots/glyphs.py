"""Letters that the font of the figures lacks: drawn as boxes, and told."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
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
            known = get_font(findfont(text.get_fontproperties())).get_charmap()
            missing |= dict.fromkeys(sorted(c for c in letters if ord(c) not in known))
    return "".join(missing)
