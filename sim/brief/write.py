"""A briefing as files: page, print, slides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.base.errors import Fault, UserError
from sim.brief.content import Brief, brief_of
from sim.brief.page import page
from sim.brief.read import read, regions_asked
from sim.results.files import make_folder, write_text
from sim.results.owner import claim
from sim.words.say import checked

ENDINGS = (".html", ".pdf", ".pptx")
PAPERS = {"a4": "A4", "letter": "letter"}


def brief(
    folders: Sequence[Path],
    target: Path,
    *,
    regions: str = "",
    lang: str = "en",
    pdf: bool = False,
    pptx: bool = False,
    paper: str = "a4",
) -> list[Path]:
    """Write a briefing of finished runs; return its files.

    Parameters
    ----------
    folders : sequence of pathlib.Path
        Of the runs; statements are about the first, the others stand beside it.
    target : pathlib.Path
        A folder, or a file whose ending says what is written.
    regions : str, optional
        Whom it is for: codes with commas between; by default everybody.
    lang : str, optional
        One of ``sim.words.say.LANGUAGES``.
    pdf, pptx : bool, optional
        What is written beside the page.
    paper : str, optional
        Of the print: a key of `PAPERS`.

    Raises
    ------
    UserError
        If a run, region, language or target is none, or what a print or slides need is not
        installed; nothing is written then.
    """
    wanted = _wanted(target, pdf, pptx)
    checked(lang)
    _installed(wanted)
    runs = read(folders, lang)
    told = brief_of(runs, regions_asked(regions, runs), lang)
    stem = target.with_suffix("") if target.suffix in ENDINGS else target / "brief"
    if target.suffix in ENDINGS:
        make_folder(target.parent)
    else:
        claim(target, "brief", "--to")
    return [_write(told, stem.with_name(stem.name + ending), paper) for ending in wanted]


def _wanted(target: Path, pdf: bool, pptx: bool) -> list[str]:
    """Return the endings of the files that are asked for."""
    if target.suffix and target.suffix not in ENDINGS and not target.is_dir():
        told = f"name a folder, or a file that ends in {', '.join(ENDINGS)}"
        raise UserError(Fault("--to", str(target), told))
    one = target.suffix if target.suffix in ENDINGS else ".html"
    return list(dict.fromkeys([one, *([".pdf"] if pdf else []), *([".pptx"] if pptx else [])]))


def _installed(wanted: Sequence[str]) -> None:
    """Refuse what needs an extra that is not installed."""
    from importlib.util import find_spec

    needs = {".pdf": ("--pdf", "weasyprint"), ".pptx": ("--pptx", "pptx")}
    faults = [
        Fault(*option, "needs an extra that is not installed: pip install 'shortfall[brief]'")
        for ending, option in needs.items()
        if ending in wanted and find_spec(option[1]) is None
    ]
    if faults:
        raise UserError(faults)


def _write(told: Brief, file: Path, paper: str) -> Path:
    if file.is_symlink():
        raise UserError(Fault("--to", str(file), "is a symbolic link; remove it"))
    if file.suffix == ".html":
        write_text(file, page(told))
    elif file.suffix == ".pdf":
        from sim.brief.pdf import write_pdf

        write_pdf(told, file, PAPERS[paper])
    else:
        from sim.brief.slides import write_slides

        write_slides(told, file)
    return file
