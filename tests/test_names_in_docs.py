"""No page, comment or test names a module, file or folder of the project that is gone."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "Makefile", "pyproject.toml")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "benchmarks").rglob("*.md")),
    *sorted((ROOT / "benchmarks").rglob("*.py")),
    *sorted((ROOT / "data").rglob("*.md")),
    *sorted((ROOT / "notebooks").rglob("*.py")),
    *sorted((ROOT / "tests").glob("*.md")),
    *sorted((ROOT / "tests").glob("*.py")),
    *sorted((ROOT / "sim").rglob("*.py")),
]
PLACE = re.compile(
    r"(?<![\w./{*-])(?:sim|shortfall|tests|docs|benchmarks|configs|scenarios|data|notebooks)"
    r"/[\w./*{},-]*[\w/*}]"
)
DOTTED = re.compile(r"(?<![\w./-])sim(?:\.(?!__)[a-z_]\w*)+")
MADE = ("sim/_data",)
"""Places that are there only when something is built."""


def places_in(text: str) -> set[str]:
    """Return the paths of the project that a text names, braces written out."""
    found = set()
    for place in PLACE.findall(text):
        place = re.sub(r"\{\w*\}|NAME", "*", place)  # filled in by code, or by the reader
        braces = re.search(r"\{([\w,.]+)\}", place)
        words = braces.group(1).split(",") if braces else [""]
        found |= {place.replace(braces.group(), word) if braces else place for word in words}
    return found


def is_there(place: str) -> bool:
    place = place.rstrip("/.,")
    if place.startswith(MADE) or "{" in place or not place.isascii():
        return True
    if "*" in place:
        return any(ROOT.glob(place))
    return (ROOT / place).exists()


def is_name(dotted: str) -> bool:
    """Return whether a dotted name is a module of ours, or a thing in one."""
    parts = dotted.split(".")
    for n in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:n])
        if path.is_dir():
            return n == len(parts) or _has(path / "__init__.py", parts[n])
        if path.with_suffix(".py").is_file():
            return n == len(parts) or _has(path.with_suffix(".py"), parts[n])
    return False


def _has(file: Path, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", file.read_text("utf-8")) is not None


@pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(ROOT)) for p in PAGES])
def test_what_a_page_names_is_there(page):
    if page == Path(__file__):
        return
    text = page.read_text("utf-8")
    gone = {place for place in places_in(text) if not is_there(place)}
    gone |= {dotted for dotted in DOTTED.findall(text) if not is_name(dotted)}
    assert sorted(gone) == []


def test_names_that_are_gone_are_found():
    text = "see sim/study.py, `sim.worked.rules`, sim/base/{errors,nothing}.py and tests/no.py"
    gone = {place for place in places_in(text) if not is_there(place)}
    assert gone == {"sim/study.py", "sim/base/nothing.py", "tests/no.py"}
    assert [is_name(d) for d in DOTTED.findall(text + " sim.base.errors.Fault")] == [False, True]
    assert importlib.util.find_spec("sim.base.errors") is not None
