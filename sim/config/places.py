"""Who is at fault: the place of each path, and misspelt names that made new entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.base.errors import Fault, nearest
from sim.config.changes import Change, Entry, Keys
from sim.config.expand_rules import NOTHING, Worked
from sim.network.layers import Part, where_in
from sim.network.validate import Where


def blame(changes: Sequence[Change], where: Where | None) -> Where:
    """Return the place of a path: a change that made it, else its file."""
    origins = {c.path: c.origin for c in changes}

    def place(path: Keys) -> str:
        text = tuple(map(str, path))
        for n in range(len(text), 0, -1):
            if text[:n] in origins:
                return origins[text[:n]]
        below = [o for made, o in origins.items() if len(text) > 2 and made[: len(text)] == text]
        return below[0] if below else (where(path) if where else "")

    return place


def places_in(parts: Mapping[str, Part], done: Worked = NOTHING) -> Where:
    """Return the place of a path in the files; the policy's, where it changed the network."""

    def place(path: Keys) -> str:
        if not path or path[0] not in parts:
            return ""
        policy = parts.get("policy")
        if path[0] == "network" and policy is not None:
            told = ("changes", *path[1:])
            if len(path) > 1 and any(told in d.lines for d in policy.documents):
                return where_in(policy, told)
        if path[0] == "network" and (rule := _trace(path[1:], done)):
            return where_in(parts[rule[0]], rule[1:])
        return where_in(parts[path[0]], path[1:])

    return place


def _trace(path: Keys, done: Worked) -> Keys | None:
    """Return the rule that made a path of the network, or the nearest thing around it."""
    for n in range(len(path), 1, -1):  # below a group: one of its entries, or what is in it
        if path[:n] in done.traces:
            return done.traces[path[:n]]
    return None


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
    faults: Sequence[Fault | str], created: Sequence[Entry], added: Sequence[Entry], places: Where
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
        out.insert(at, Fault(key, "", f"no such name{known}", origin or places(path)))
    return out


def _is_lack(fault: Fault) -> bool:
    """Whether a fault says that an entry is incomplete or is not one at all."""
    return fault.expected.startswith(("must be given", "no such setting", "needs"))
