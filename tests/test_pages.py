"""Every command of README and docs runs as it stands, from an empty folder."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from sim.cli import main
from tests.pages import PAGES, ROOT, SHELL, blocks, commands, name_of, tables, why_not, words_of

LESS = {
    "run": ["run.replications=100", "run.audit=1", "output.figures=false"],
    "sweep": ["run.replications=8", "run.audit=0", "run.workers=1", "output.figures=false"],
    "stress": ["run.replications=40"],
    "choose": ["run.replications=16"],
    "size": ["run.replications=64"],
    "game": ["run.replications=8"],
    "rank-projects": ["run.replications=40"],
}
"""What is added to a command, so that it takes seconds: the last word counts."""

FAST = {"docs/index.md", "docs/who.md"}
"""Pages of which every run of the tests goes through the commands; the others are slow."""

FEWER = ("glob(*)", "glob(china_ree_e*)")
"""A sweep over all scenarios is played over some; benchmarks/everything.py plays all."""

COUNTED = [page for page in PAGES if any(not why_not(line) for line in commands(page))]


@pytest.mark.parametrize(
    "page",
    [pytest.param(p, marks=() if name_of(p) in FAST else pytest.mark.slow) for p in COUNTED],
    ids=name_of,
)
def test_every_command_of_a_page_runs_from_an_empty_folder(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    prepare(page, tmp_path)
    done: list[list[str]] = []
    for line in commands(page):
        words = [] if why_not(line) else words_of(line.replace(*FEWER), tmp_path)
        if not words or words in done:
            continue
        made_by_others(words, tmp_path)
        assert main([*words, *less(words)]) == 0, (line, capsys.readouterr().err)
        done.append(words)
    assert done


def prepare(page: Path, folder: Path) -> None:
    """Lay what a reader has: the checkout's tests, and the tables that pages have saved."""
    (folder / "tests").symlink_to(ROOT / "tests")
    texts = tables(page) or tables(ROOT / "docs" / "own_chain.md")
    for name, text in zip(("sites", "lanes"), texts, strict=True):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def made_by_others(words: list[str], folder: Path) -> None:
    """Lay what other firms hand over: here the same firm twice."""
    if words[0] == "pool":
        for name in ("a", "b"):
            (folder / name).symlink_to(folder / "results" / "stress-works")


def less(words: list[str]) -> list[str]:
    """Return what is added to a command."""
    added = LESS.get(words[0], [])
    if any(word.startswith("run.precision") for word in words):
        added = [*added, "run.max_replications=64"]
    return added


def test_every_line_of_a_block_of_commands_is_run_or_named_by_a_rule():
    lines = [(name_of(page), line) for page in PAGES for line in commands(page)]
    assert len(lines) > 60
    assert [x for x in lines if not why_not(x[1]) and not x[1].startswith("shortfall ")] == []


def test_blocks_are_of_kinds_that_are_known():
    kinds = {kind.split()[0] if kind else "" for page in PAGES for kind, _ in blocks(page)}
    assert kinds <= SHELL | {"python", "csv", "yaml", "{toctree}", "{include}", "{eval-rst}"}


def test_targets_of_make_and_extras_that_pages_name_are_there():
    make = (ROOT / "Makefile").read_text("utf-8")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    told = [line for page in PAGES for line in commands(page)]
    targets = {t for line in told for t in re.findall(r"^make (\w+)", line)}
    named = {e for line in told for e in re.findall(r"\[([\w,]+)\]", line) if "install" in line}
    assert {"run", "docs"} <= targets
    assert all(re.search(rf"^{target}:", make, re.MULTILINE) for target in targets)
    assert {x for e in named for x in e.split(",")} <= set(extras["optional-dependencies"])


def test_how_to_pages_say_their_commands():
    for name in ("who", "own_chain", "advice", "size", "choose", "autonomy", "drivers", "brief"):
        assert commands(ROOT / "docs" / f"{name}.md"), name


def test_the_readme_is_one_page():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120
