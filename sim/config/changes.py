"""Changes by dotted key, from the command line or Python: what is wrong with one, and making it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sim.base.errors import Fault, nearest
from sim.network.layers import merge, plain
from sim.network.validate import shown

Keys = tuple[Any, ...]
CHANGES = ("policy", "changes")
WHOLE = ("network", "demand", "supply", "policy", "scenario")
"""Groups that are chosen as a whole when loading."""


class Change(NamedTuple):
    """One setting given by key: on the command line, or in Python."""

    path: Keys
    value: Any
    remove: bool = False
    origin: str = "change"

    @classmethod
    def of(cls, key: str, value: Any) -> Change:
        """Return the change of a dotted key."""
        return cls(tuple(key.split(".")), plain(value))

    @property
    def key(self) -> str:
        """The dotted key."""
        return ".".join(map(str, self.path))


class Entry(NamedTuple):
    """A mapping that a change has added where there was none."""

    path: Keys
    beside: list[str]
    origin: str = ""


def with_dots(data: Any, change: Change) -> Change:
    """Return a change whose path follows names that hold dots themselves, where data has them."""
    path: list[Any] = []
    rest = list(change.path)
    while rest:
        n = 1
        if isinstance(data, Mapping) and rest[0] not in data:
            joins = (m for m in range(2, len(rest) + 1) if ".".join(map(str, rest[:m])) in data)
            n = next(joins, 1)
        key = ".".join(map(str, rest[:n])) if n > 1 else rest[0]
        path, rest = [*path, key], rest[n:]
        data = data.get(key) if isinstance(data, Mapping) else None
    return change._replace(path=tuple(path))


def early(data: dict[str, Any], changes: Sequence[Change]) -> dict[str, Any]:
    """Return the data that rules see: with every change of what is there, mistakes left out."""
    for step in [*through_policy(changes), *changes]:
        around = step.path[:3] if step.path[0] == "network" else step.path[:-1]
        if not refused(step) and _reaches(data, around):
            found, _, fault = put(data, step.path, step)
            data = data if fault else found
    return data


def _reaches(value: Any, path: Keys) -> bool:
    """Whether a path leads to a mapping or list that is there."""
    for key in path:
        if isinstance(value, list) and str(key).isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, Mapping) and key in value:
            value = value[key]
        else:
            return False
    return isinstance(value, Mapping | list)


def through_policy(changes: Sequence[Change]) -> list[Change]:
    """Return what changes of the policy's changes mean for the network they are laid over."""
    return [
        c._replace(path=("network", *c.path[2:]))
        for c in changes
        if c.path[:2] == CHANGES and len(c.path) > 2
    ]


def refused(change: Change) -> Fault | None:
    """Return what is wrong with a change as such."""
    if len(change.path) == 1 and change.path[0] in WHOLE:
        return Fault(
            change.key,
            shown(change.value),
            "is chosen as a whole when loading; change "
            f"settings below it, as in {change.key}.title",
            change.origin,
        )
    if any(part == "" for part in change.path):
        return Fault(change.key, "", "is not a dotted key", change.origin)
    return None


def put(value: Any, path: Keys, change: Change) -> tuple[Any, Entry | None, Fault | None]:
    """Return `value` with a change made in it, the first entry that it added, and any fault."""
    if not path:
        return merge(value, change.value), None, None
    key, rest = path[0], path[1:]
    if isinstance(value, list):
        if not (str(key).isdigit() and int(key) < len(value)) or change.remove:
            return (
                value,
                None,
                Fault(
                    change.key,
                    str(key),
                    f"the list has {len(value)} entries; count from 0, or give the whole list",
                    change.origin,
                ),
            )
        inner, new, fault = put(value[int(key)], rest, change)
        return [*value[: int(key)], inner, *value[int(key) + 1 :]], new, fault
    box = dict(value) if isinstance(value, Mapping) else {}
    if change.remove and (key not in box or not rest):
        if key not in box:
            return (
                value,
                None,
                Fault(change.key, "", f"nothing to remove{nearest(key, box)}", change.origin),
            )
        del box[key]
        return box, None, None
    done = change.path[: len(change.path) - len(rest)]
    new = Entry(done, list(box), change.origin) if key not in box and rest else None
    box[key], deeper, fault = put(box.get(key, {} if rest else None), rest, change)
    return box, new or deeper, fault
