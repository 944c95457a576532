"""Write a network out of tables as a file that people go on to edit."""

from __future__ import annotations

from typing import Any

from sim.build.emit import body_of

HEAD = """\
# Imported by `shortfall import` from {files}. Yours to edit: see docs/keys.md for every key.
# What is marked `assumed` stands in no table: look at it first. Rates are t/year.
"""


def text_of(data: dict[str, Any], files: str) -> str:
    """Return the text of a network file.

    Parameters
    ----------
    data : dict
        The network, as ``network_data`` gives it.
    files : str
        Names of the tables, for its first line.
    """
    return HEAD.format(files=files) + body_of(data)
