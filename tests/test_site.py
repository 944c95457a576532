"""The documentation as a site: every page can be reached, its notebooks and figures are there."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"


def text_of(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def test_every_page_is_in_the_table_of_contents_once() -> None:
    trees = re.findall(r"```\{toctree\}\n(.*?)```", text_of("index"), re.DOTALL)
    listed = [x for tree in trees for x in tree.splitlines() if x and not x.startswith(":")]
    pages = {p.relative_to(DOCS).with_suffix("").as_posix() for p in DOCS.rglob("*.md")}
    assert sorted(listed) == sorted(pages - {"index"})


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
    from sim.run.plots import FIGURES

    rows = re.findall(r"^\| `(\w+)` \|", text_of("site/gallery"), re.MULTILINE)
    assert sorted(rows) == sorted(FIGURES)


def test_pictures_of_the_gallery_are_there_and_small() -> None:
    from benchmarks.gallery import MAPS

    for name in (*MAPS.values(), "flow_map"):
        assert 10_000 < (DOCS / "figures" / f"{name}.png").stat().st_size < 160_000, name
