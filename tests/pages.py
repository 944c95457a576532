"""The commands of the documentation, page by page, and the rules for those that are not run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "site").glob("*.md")]
)
SHELL = {"", "sh"}
"""What a fenced block of commands is marked with."""

NOT_RUN = {
    r"make \w+$": "CI runs make's targets; a test holds that each is there",
    r"git clone ": "needs the network",
    r"cd \w+$|\. \.venv/bin/activate$": "of the shell",
    r"python3? -m venv ": "makes an environment; the test has one",
    r"(\.venv/bin/)?pip install ": "needs a package index; a test holds that each extra is there",
    r"python -m sim\.build ": "writes the committed networks; tests/test_build.py checks each",
    r"python -m benchmarks\.": "minutes of work; tests/test_benchmarks.py",
    r"shortfall .*tcp://": "needs a scheduler on another machine",
}
"""Lines that no test here runs, each for a reason."""


def name_of(page: Path) -> str:
    """Return a page's path in the checkout."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the blocks of a page: what a fence is marked with, or "" where it is indented."""
    lines, fence, held, blank = page.read_text("utf-8").splitlines(), None, [], True
    for line in [*lines, ""]:
        if fence is not None:
            if line.startswith("```"):
                yield fence, held
                fence, held = None, []
            else:
                held.append(line)
        elif line.startswith("```"):
            fence = line[3:].strip()
        elif line.startswith("    ") and (blank or held):
            held.append(line[4:])
        elif held:
            yield "", held
            held = []
        blank = not line.strip()


def commands(page: Path) -> list[str]:
    """Return the lines of a page's blocks of commands, in order, explanations left out."""
    lines = [line for kind, held in blocks(page) if kind in SHELL for line in held]
    return [told for line in lines if (told := re.split(r"\s{2,}# ", line)[0].strip())]


def tables(page: Path) -> list[str]:
    """Return the tables that a page has a reader save."""
    return ["\n".join(held) + "\n" for kind, held in blocks(page) if kind == "csv"]


def why_not(line: str) -> str:
    """Return why a line is not run; "" where it is."""
    return next((why for form, why in NOT_RUN.items() if re.match(form, line)), "")


def words_of(line: str, folder: Path) -> list[str]:
    """Return the words of a command as a shell in a folder gives them, without the program."""
    told: list[str] = []
    for word in shlex.split(line)[1:]:
        found = sorted(p.as_posix() for p in _matching(word, folder)) if word in line else []
        told += found or [word]
    return told


def _matching(word: str, folder: Path) -> list[Path]:
    """Return what a bare word stands for in a shell; nothing for most."""
    if "*" not in word or "=" in word or "(" in word or word.startswith("/"):
        return []
    return [path.relative_to(folder) for path in folder.glob(word)]
