"""Text stays text: nothing that a file says can steer a terminal, a table or a reader's eye."""

from __future__ import annotations

import functools
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO, cast

LONGEST = 300
"""Characters of a value that a message repeats."""

_TURNS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Marks that turn the direction of what follows, so that it reads as something else."""
_STEERS = {"Cc", "Zl", "Zp", "Cs"}
"""Unicode categories: control characters, separators of lines and paragraphs, half characters."""


def plain(text: str, keep: str = "") -> str:
    r"""Return text with all that steers a terminal written out, as in ``\x1b``.

    Parameters
    ----------
    text : str
        As it came from a file, a name or the command line.
    keep : str, optional
        Control characters that stay, such as line ends in text of ours.

    Examples
    --------
    >>> plain("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c in keep or not _steers(c) else _written_out(c) for c in text)


def cut(text: str, longest: int = LONGEST) -> str:
    """Return the beginning of a text that is too long to repeat, and how long it is."""
    if len(text) <= longest:
        return text
    return f"{text[: longest // 2]}... ({len(text):,} characters)"


def in_digits(value: float) -> str:
    """Return a number in digits, about four of them, without an exponent."""
    size = abs(value)
    if size >= 10_000:
        return f"{value:,.0f}"
    if size >= 1e-3 or size == 0:
        return f"{value:,.4g}"
    return f"{value:.6f}".rstrip("0") if size >= 5e-7 else f"{'-' if value < 0 else ''}<0.000001"


def _steers(character: str) -> bool:
    return unicodedata.category(character) in _STEERS or character in _TURNS


def _written_out(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class PlainStream:
    """A stream that writes text out plainly; all else is the stream's own.

    Parameters
    ----------
    raw : text stream
        Where to. A library that draws (colours, bars) writes there itself, see `raw_of`.
    """

    def __init__(self, raw: TextIO):
        self.raw = raw

    def write(self, text: str) -> int:
        """Write text; letters that the stream's encoding lacks are written out, too."""
        encoding = getattr(self.raw, "encoding", None) or "utf-8"
        known = plain(text, keep="\n\t").encode(encoding, "backslashreplace").decode(encoding)
        return self.raw.write(known)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)


def raw_of(stream: TextIO) -> TextIO:
    """Return the stream behind a plain one, for a library that draws; its text must be plain."""
    return stream.raw if isinstance(stream, PlainStream) else stream


@contextmanager
def plain_streams() -> Iterator[None]:
    """Let all that is printed inside, by whatever module, be plain."""
    out, err = (cast(TextIO, PlainStream(raw_of(s))) for s in (sys.stdout, sys.stderr))
    with redirect_stdout(out), redirect_stderr(err):
        yield


_MISSING = {
    "", "-1.#ind", "-1.#qnan", "-nan", "1.#ind", "1.#qnan", "<na>", "#n/a", "#n/a n/a", "#na",
    "n/a", "na", "nan", "null",
}  # fmt: skip
"""What pandas, R and spreadsheets take for an empty cell, in small letters."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def is_lost_by_readers(text: str) -> bool:
    """Return whether readers of tables take a text for an empty cell, such as ``NA``."""
    return text.lower() in _MISSING or text == "None"


@functools.lru_cache(maxsize=4096)  # tables say the same words in row after row
def cell_text(text: str) -> str:
    """Return a text as a cell of a CSV file that every reader takes for text.

    What a spreadsheet would run (``=``, ``+``, ``-``, ``@`` in front, unless it is a number) and
    what readers lose gets an apostrophe in front; control characters are written out.
    """
    runs = text.startswith(_FORMULA) and not _is_number(text)
    lost = bool(text) and is_lost_by_readers(text)
    return plain(f"'{text}" if runs or lost else text)


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False
