"""From the data of files and changes by dotted key to validated settings, telling who is at fault.

Order: the files' data; the policy's changes laid over the network; what rules of demand, supply and
policy come to; changes by dotted key (command line or Python), last. A mistake is looked for among
the changes before a file is blamed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar, cast

from pydantic import BaseModel

from sim.errors import Fault, UserError, nearest
from sim.library import Part, merge, plain, where_in
from sim.network.checks import check_network
from sim.network.validate import Where, shown, validate
from sim.worked import NOTHING, RULES, Worked, work_in

S = TypeVar("S", bound=BaseModel)
Keys = tuple[Any, ...]
CHANGES = ("policy", "changes")
_BOOLEANS = {("output", "figures"), ("output", "overwrite")}
_USUAL = {"demand": "flat", "supply": "flat", "policy": "none"}
"""What stands in no folder's name."""
_WHOLE = ("network", "demand", "supply", "policy", "scenario")


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


class Composed(NamedTuple, Generic[S]):
    """Settings, and where each of their values came from."""

    settings: S
    where: Where


def composed_of(
    model: type[S], parts: Mapping[str, Part], changes: Sequence[Change]
) -> Composed[S]:
    """Return validated settings from one part a group, then changes in order.

    Raises
    ------
    UserError
        With all mistakes at once.
    """
    data = _named(parts)
    over = data["policy"].get("changes") or {}
    base = data["network"]
    data["network"] = merge(base, over)
    places = _places(parts)
    done = work_in(_early(data, changes), _blame(changes, places))
    data["network"] = merge(data["network"], done.changes)
    data["notes"] = done.notes
    composed = changed(
        model,
        data,
        changes,
        where=_places(parts, done),
        added=_added(base, over, ("network",)),
    )
    if done.failed is not None:  # right only with what the changes add, which rules do not see
        raise done.failed
    return composed


def _named(parts: Mapping[str, Part]) -> dict[str, Any]:
    """Return the data of all groups, with the names of the files chosen filled in."""
    data = {group: part.data for group, part in parts.items()}
    names = {g: parts[g].name for g in ("network", "demand", "supply", "policy") if g in parts}
    for group in RULES:
        if group in parts:
            data[group] = {**parts[group].data, "name": names[group]}
    data["scenario"] = {**parts["scenario"].data, "name": parts["scenario"].name, **names}
    output = dict(data.get("output") or {})
    if output.get("dir") is None:
        suffix = "".join(
            f"-{names[g]}" for g, usual in _USUAL.items() if names.get(g, usual) != usual
        )
        output["dir"] = f"results/{parts['scenario'].name}{suffix}"
    data["output"] = output
    return data


def _early(data: dict[str, Any], changes: Sequence[Change]) -> dict[str, Any]:
    """Return the data that rules see: with every change of what is there, mistakes left out."""
    for step in [*_through_policy(changes), *changes]:
        around = step.path[:3] if step.path[0] == "network" else step.path[:-1]
        if not _refused(step) and _reaches(data, around):
            found, _, fault = _put(data, step.path, step)
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


def changed(
    model: type[S],
    data: dict[str, Any],
    changes: Sequence[Change],
    *,
    where: Where | None = None,
    added: Sequence[Entry] = (),
) -> Composed[S]:
    """Return validated settings from data with changes laid over it.

    Parameters
    ----------
    model : type
        The schema, ``Settings``.
    data : dict
        Plain data; not changed.
    changes : sequence of Change
        In order. One of ``policy.changes.X`` acts on ``network.X`` too.
    where : callable, optional
        Place of a path in the files.
    added : sequence of Entry
        Those that a policy has added to the network.

    Raises
    ------
    UserError
        With all mistakes at once.
    """
    steps = [*_through_policy(changes), *changes]
    created: list[Entry] = []
    faults: list[Fault | str] = [fault for step in steps if (fault := _refused(step))]
    for step in [] if faults else steps:
        data, new, fault = _put(data, step.path, step)
        created += [new] if new else []
        faults += [fault] if fault else []
    if faults:
        raise UserError(faults)
    places = _blame(steps, where)
    try:
        settings = _checked(model, data, places)
    except UserError as error:
        raise UserError(_unknown_names(error.faults, created, added, places)) from None
    return Composed(settings, places)


def placed(error: UserError, where: Where) -> UserError:
    """Return an error with the place of each fault of a network, policy or scenario without one."""
    return UserError(
        [
            Fault(f.key, f.found, f.expected, where(tuple(f.key.split("."))))
            if isinstance(f, Fault) and not f.where and f.key.split(".")[0] in _WHOLE
            else f
            for f in error.faults
        ]
    )


def merge_network(
    network: Part, over: Part | None = None, kind: str = "policy", start: str = "2025-01-01"
) -> tuple[Any, Where, list[str]]:
    """Return a network's data with a policy laid over it, the place of a path in it, and notes.

    Parameters
    ----------
    network, over : Part
        What to join.
    kind : str
        Group of `over`: policy, demand or supply.
    start : str
        Day 0 as rules see it, for there is no scenario.

    Raises
    ------
    UserError
        If rules name what no network knows.
    """
    parts = {"network": network, **({} if over is None else {kind: over})}
    data: dict[str, Any] = {"network": network.data, "scenario": {"start": start}}
    done = NOTHING
    if over is not None:
        data[kind] = {**over.data, "name": over.name}
        data["network"] = merge(network.data, over.data.get("changes") or {})
        done = work_in(data, _places(parts))
        if done.failed is not None:
            raise done.failed
    place = _places(parts, done)
    return merge(data["network"], done.changes), lambda path: place(("network", *path)), done.notes


def _checked(model: type[S], data: Any, places: Where) -> S:
    """Validate the schema, then what the parts of the network say together."""
    faults: list[Fault | str] = list(_stray_booleans(data, (), places))
    bad = {f.key for f in faults if isinstance(f, Fault)}
    try:
        settings = validate(model, data, "", places)
    except UserError as error:
        faults += [f for f in error.faults if not (isinstance(f, Fault) and f.key in bad)]
        raise UserError(faults) from None
    network = cast(Any, settings).network
    faults += check_network(network, lambda path: places(("network", *path)))
    if faults:
        raise UserError(faults)
    return settings


def _stray_booleans(value: Any, path: Keys, places: Where) -> Iterator[Fault]:
    """Yield true and false where a number or a name belongs: pydantic takes them for 1 and 0."""
    if isinstance(value, bool) and path not in _BOOLEANS:
        yield Fault(
            ".".join(map(str, path)),
            shown(value),
            "must be a number or a name; quote it if it is a name",
            places(path),
        )
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _stray_booleans(inner, (*path, key), places)
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _stray_booleans(inner, (*path, n), places)


def _through_policy(changes: Sequence[Change]) -> list[Change]:
    """Return what changes of the policy's changes mean for the network they are laid over."""
    return [
        c._replace(path=("network", *c.path[2:]))
        for c in changes
        if c.path[:2] == CHANGES and len(c.path) > 2
    ]


def _refused(change: Change) -> Fault | None:
    """Return what is wrong with a change as such."""
    if len(change.path) == 1 and change.path[0] in _WHOLE:
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


def _put(value: Any, path: Keys, change: Change) -> tuple[Any, Entry | None, Fault | None]:
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
        inner, new, fault = _put(value[int(key)], rest, change)
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
    box[key], deeper, fault = _put(box.get(key, {} if rest else None), rest, change)
    return box, new or deeper, fault


def _blame(changes: Sequence[Change], where: Where | None) -> Where:
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


def _places(parts: Mapping[str, Part], done: Worked = NOTHING) -> Where:
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


def _added(base: Any, over: Any, path: Keys) -> list[Entry]:
    """Return the mappings that one mapping adds to another."""
    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return []
    found: list[Entry] = []
    for key, value in over.items():
        if key in base:
            found += _added(base[key], value, (*path, key))
        elif isinstance(value, Mapping):
            found.append(Entry((*path, key), list(base)))
    return found


def _unknown_names(
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
