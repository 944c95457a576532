"""One group's content as plain data with the files that it came from, and how data is merged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sim.base.yaml_files import Document


class Part(NamedTuple):
    """One group's content: the merged data, and the files it was merged from, lowest first."""

    name: str
    path: Path
    data: dict[str, Any]
    documents: tuple[Document, ...]


def where_in(part: Part, path: tuple[Any, ...]) -> str:
    """Return ``file:line`` of a value: of the last file that holds it, or its nearest parent."""
    while True:
        for document in part.documents[::-1]:
            if path in document.lines:
                return document.where(path)
        if not path:
            return part.documents[-1].where(())
        path = path[:-1]


def merge(base: Any, over: Any) -> Any:
    """Return `base` with `over` laid on it: mappings by key, everything else replaced.

    A mapping that is a distribution of its own, such as ``{median: 30, p90: 90}``, replaces the
    one below it: the keys of two laws together would be no law.
    """
    from sim.network.distribution import DEFAULT_FAMILY

    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return over
    if "family" in over or frozenset(over) in DEFAULT_FAMILY:
        return dict(over)
    return {
        key: merge(base[key], over[key])
        if key in base and key in over
        else over.get(key, base.get(key))
        for key in [*base, *(k for k in over if k not in base)]
    }


def plain(value: Any) -> Any:
    """Return data with dates as ISO text, which is what the command line and Hydra can hold."""
    if isinstance(value, Mapping):
        return {plain(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
