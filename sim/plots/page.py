"""What figures are drawn for: a report, a slide, a column or a page of print; in which language."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Page:
    """The place that a figure is drawn for.

    Parameters
    ----------
    width, height : float or None
        Inches; None: what the figure asks for.
    scale : float
        Of type and of what goes with it, 1 in a report.
    title : bool
        Whether headline and caption are drawn; told beside the figure they are always.
    lang : str
        Language of the words, one of ``sim.words.say.LANGUAGES``.
    dpi : int
        Dots an inch of a PNG.
    """

    width: float | None = None
    height: float | None = None
    scale: float = 1.0
    title: bool = True
    lang: str = "en"
    dpi: int = 160


REPORT: Final = Page()
SIZES: Final = {
    "report": REPORT,
    "slide": Page(width=13.333, height=7.5, scale=1.3, dpi=144),  # 16 to 9, 1920 dots wide
    "page": Page(width=7.09, scale=0.78, dpi=300),  # 180 mm, two columns of a journal
    "column": Page(width=3.5, scale=0.72, dpi=300),  # 89 mm
}

_page: ContextVar[Page] = ContextVar("page", default=REPORT)


def page() -> Page:
    """Return what is drawn for now."""
    return _page.get()


@contextmanager
def drawn_for(place: Page) -> Iterator[Page]:
    """Draw figures for a place while the context lasts."""
    token = _page.set(place)
    try:
        yield place
    finally:
        _page.reset(token)


def page_of(size: str = "report", **changes: object) -> Page:
    """Return one of `SIZES` with other values of some fields."""
    return dataclasses.replace(SIZES[size], **changes)  # type: ignore[arg-type]


def lang() -> str:
    """Return the language of the words."""
    return page().lang


def pt(size: float) -> float:
    """Return a size of type for the page, in points."""
    return size * page().scale


def room(asked: float) -> float:
    """Return the width that there is, in inches as a report has them: type is not smaller."""
    width = page().width
    return asked if width is None else width / page().scale


def n_columns(asked: int, width: float = 11.5, each: float = 2.9) -> int:
    """Return how many panels stand side by side: as many as asked for, or as there is room for."""
    return max(1, min(asked, int(room(width) / each)))
