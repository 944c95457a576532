"""A briefing as a tagged PDF: figures as shapes, text as text, on a sheet of paper."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

from sim.brief.content import Brief
from sim.brief.page import printed
from sim.results.files import write_whole

CJK = "ja"


def write_pdf(brief: Brief, file: Path, paper: str) -> None:
    """Write a briefing as PDF/UA: tagged, with its language and title, read aloud in order.

    Parameters
    ----------
    brief : Brief
        What it holds.
    file : pathlib.Path
        Where to.
    paper : str
        "A4" or "letter".
    """
    from weasyprint import HTML
    from weasyprint.urls import URLFetchingError

    def nothing(url: str, *_: object, **__: object) -> dict[str, str]:
        raise URLFetchingError(f"nothing is fetched: {url}")

    if brief.lang == CJK and not has_font(CJK):
        print(
            "note: no font for Japanese is installed, letters become boxes; "
            "install one, such as fonts-noto-cjk",
            file=sys.stderr,
        )
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    document = HTML(string=printed(brief, paper), url_fetcher=nothing)
    content = document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)

    def write(stream: BinaryIO) -> None:
        stream.write(content)

    write_whole(file, write)


def has_font(lang: str) -> bool:
    """Return whether the system has a font for a language; True where it cannot be asked."""
    command = shutil.which("fc-list")
    if command is None:
        return True
    told = subprocess.run(
        [command, f":lang={lang}", "family"], capture_output=True, check=False, timeout=60
    )
    return told.returncode != 0 or bool(told.stdout.strip())
