"""The documentation as a site: every page can be reached, its how-tos' commands run."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path

from sim.cli import main

DOCS = Path(__file__).resolve().parents[1] / "docs"
QUICK = ["run.replications=40", "run.audit=1", "output.figures=false"]
"""What is added to a command of a page that simulates: the last word counts."""


def text_of(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def commands_of(name: str) -> list[list[str]]:
    found = re.findall(r"```sh\n(.*?)```", text_of(name), re.DOTALL)
    return [shlex.split(line)[1:] for text in found for line in text.splitlines()]


def test_every_page_is_in_the_table_of_contents_once() -> None:
    trees = re.findall(r"```\{toctree\}\n(.*?)```", text_of("index"), re.DOTALL)
    listed = [x for tree in trees for x in tree.splitlines() if x and not x.startswith(":")]
    pages = {p.relative_to(DOCS).with_suffix("").as_posix() for p in DOCS.rglob("*.md")}
    assert sorted(listed) == sorted(pages - {"index"})


def test_every_command_of_the_first_pages_runs_as_it_stands(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    commands = [words for page in ("index", "who") for words in commands_of(page)]
    assert len(commands) >= 8
    done: list[list[str]] = []
    for words in commands:
        quick = QUICK if words[0] == "run" else []
        if words not in done:
            assert main([*words, *quick]) == 0, (words, capsys.readouterr().err)
            done.append(words)


def test_notebooks_become_pages_with_their_text_and_code() -> None:
    spec = importlib.util.spec_from_file_location("pages", DOCS / "site" / "notebook_pages.py")
    assert spec is not None and spec.loader is not None
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    for page in ("first_look", "framework_value", "uncertain_numbers", "scenario_discovery"):
        source = [text_of(f"site/{page}")]
        pages.render(None, page, source)
        notebook = (DOCS.parent / "notebooks" / f"{page}.py").read_text(encoding="utf-8")
        (title,) = re.findall(r"^# # (.*)$", notebook, re.MULTILINE)
        assert source[0].startswith(f"# {title}\n")
        assert "```python\nimport" in source[0]
        assert "# %%" not in source[0] and "notebook:" not in source[0]


def test_the_gallery_names_every_figure_that_plot_draws() -> None:
    from sim.run.plotting import FIGURES

    rows = re.findall(r"^\| `(\w+)` \|", text_of("site/gallery"), re.MULTILINE)
    assert sorted(rows) == sorted(FIGURES)
