"""Misspelt names that made new entries: each is told once, by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.base.errors import Fault, nearest
from sim.config.changes import Entry, Keys


def added_by(base: Any, over: Any, path: Keys) -> list[Entry]:
    """Return the mappings that one mapping adds to another."""
    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return []
    found: list[Entry] = []
    for key, value in over.items():
        if key in base:
            found += added_by(base[key], value, (*path, key))
        elif isinstance(value, Mapping):
            found.append(Entry((*path, key), list(base)))
    return found


def unknown_names(
    faults: Sequence[Fault | str], created: Sequence[Entry], added: Sequence[Entry]
) -> list[Fault | str]:
    """Say "no such name" once, where a misspelt name has made a new, incomplete entry."""
    out = list(faults)
    for path, names, origin in [*created, *added]:
        key = ".".join(map(str, path))
        inside = [f for f in out if isinstance(f, Fault) and f"{f.key}.".startswith(f"{key}.")]
        close = nearest(str(path[-1]), names)
        if not any(map(_is_lack, inside)) or not (origin or close):
            continue
        known = close or (f"; known: {', '.join(names[:12])}" if names else "")
        at = out.index(inside[0])
        out = [f for f in out if f not in inside]
        out.insert(at, Fault(key, "", f"no such name{known}", origin))
    return out


def _is_lack(fault: Fault) -> bool:
    """Whether a fault says that an entry is incomplete or is not one at all."""
    return fault.expected.startswith(("must be given", "no such setting", "needs"))
