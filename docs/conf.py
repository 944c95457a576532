"""The documentation as a site: ``make docs`` builds it into build/docs."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from pygments.lexers.special import TextLexer

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / "site")]

import notebook_pages  # noqa: E402  (beside this file)

import sim  # noqa: E402

project = "Shortfall"
author = "the Shortfall authors"
version = release = sim.__version__
html_title = f"Shortfall {sim.__version__}"
html_theme = "furo"
html_show_copyright = False
html_copy_source = False
html_last_updated_fmt = None  # the same bytes for the same text

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["cluster/*", "site/*.py"]
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
suppress_warnings = [
    "myst.header",  # pages that are read as text too begin as they like
    "ref.python",  # "n" in a shape is a number and no attribute
]

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings tell types, with shapes and units
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True


def cite_plainly(app: object, kind: str, name: str, item: object, options: object,
                 lines: list[str]) -> None:  # fmt: skip
    """Leave [1] a number in brackets: many docstrings on one page each begin with it."""
    lines[:] = [re.sub(r"^(\s*)\.\. (\[\d+\])", r"\1\2", line) for line in lines]
    lines[:] = [re.sub(r"(\[\d+\])_", r"\1", line) for line in lines]


def setup(app) -> None:  # type: ignore[no-untyped-def]
    """Have notebooks rendered where a page asks for one, and citations kept apart."""
    app.connect("source-read", notebook_pages.render)
    app.connect("autodoc-process-docstring", cite_plainly, priority=400)  # before napoleon
    app.add_lexer("csv", TextLexer)
