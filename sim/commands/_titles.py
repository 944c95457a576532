"""Names and titles of what a library holds, read without validating."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sim.base.errors import UserError
from sim.config.library import Library

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def titles(library: Library, group: str) -> list[tuple[str, str]]:
    """Return (name, title) of every file of a group."""
    return [(name, headline(path)) for name, path in library.files(group).items()]


def hazards(library: Library) -> list[tuple[str, str]]:
    """Return (name, title and scenarios) of every hazard of the scenarios that can be read."""
    found: dict[str, tuple[str, list[str]]] = {}
    for scenario in library.files("scenario"):
        try:
            data = library.read("scenario", scenario).data
        except UserError:
            continue
        entries = data.get("hazards")
        for name, hazard in entries.items() if isinstance(entries, dict) else ():
            title = hazard.get("title", "") if isinstance(hazard, dict) else ""
            found.setdefault(name, (title, []))[1].append(scenario)
    return [(n, f"{title} ({', '.join(where)})".lstrip()) for n, (title, where) in found.items()]


def headline(path: Path) -> str:
    """Return the title of a file, reading no further than needed."""
    depth, key = 0, None
    try:
        with path.open(encoding="utf-8") as file:
            for event in yaml.parse(file, _LOADER):
                if isinstance(event, yaml.CollectionStartEvent):
                    depth, key = depth + 1, None
                elif isinstance(event, yaml.CollectionEndEvent):
                    depth -= 1
                elif depth == 1 and isinstance(event, yaml.ScalarEvent):
                    if key == "title":
                        return " ".join(event.value.split())
                    key = event.value if key is None else None
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return "(cannot be read; try: shortfall check)"
    return ""
