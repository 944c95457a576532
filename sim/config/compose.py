"""From the data of files and changes by dotted key to validated settings, telling who is at fault.

Order: the files' data; the policy's changes laid over the network; what rules of demand, supply and
policy come to; changes by dotted key (command line or Python), last. A mistake is looked for among
the changes before a file is blamed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel

from sim.base.errors import Fault, UserError
from sim.config.changes import (
    WHOLE,
    Change,
    Entry,
    Keys,
    early,
    put,
    refused,
    through_policy,
    with_dots,
)
from sim.config.expand_rules import NOTHING, RULES, work_in
from sim.config.library import Part, merge
from sim.config.places import added_by, blame, places_in, unknown_names
from sim.network.checks import check_network
from sim.network.sizes import out_of_range
from sim.network.validate import Where, shown, validate

__all__ = ["Change", "Composed", "changed", "composed_of", "merge_network", "placed"]

S = TypeVar("S", bound=BaseModel)
_BOOLEANS = {("output", "figures"), ("output", "overwrite")}
_EACH = ("scenario", "parameters", "each")  # of any name
_USUAL = {"demand": "flat", "supply": "flat", "policy": "none"}
"""What stands in no folder's name."""


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
    changes = [with_dots(data, change) for change in changes]
    places = places_in(parts)
    done = work_in(early(data, changes), blame(changes, places))
    data["network"] = merge(data["network"], done.changes)
    data["notes"] = done.notes
    composed = changed(
        model,
        data,
        changes,
        where=places_in(parts, done),
        added=added_by(base, over, ("network",)),
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
    changes = [with_dots(data, change) for change in changes]
    steps = [*through_policy(changes), *changes]
    created: list[Entry] = []
    faults: list[Fault | str] = [fault for step in steps if (fault := refused(step))]
    for step in [] if faults else steps:
        data, new, fault = put(data, step.path, step)
        created += [new] if new else []
        faults += [fault] if fault else []
    if faults:
        raise UserError(faults)
    places = blame(steps, where)
    try:
        settings = _checked(model, data, places)
    except UserError as error:
        raise UserError(unknown_names(error.faults, created, added, places)) from None
    return Composed(settings, places)


def placed(error: UserError, where: Where) -> UserError:
    """Return an error with the place of each fault of a network, policy or scenario without one."""
    return UserError(
        [
            Fault(f.key, f.found, f.expected, where(tuple(f.key.split("."))))
            if isinstance(f, Fault) and not f.where and f.key.split(".")[0] in WHOLE
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
        done = work_in(data, places_in(parts))
        if done.failed is not None:
            raise done.failed
    place = places_in(parts, done)
    return merge(data["network"], done.changes), lambda path: place(("network", *path)), done.notes


def _checked(model: type[S], data: Any, places: Where) -> S:
    """Validate the schema, then what the parts of the network say together."""
    faults: list[Fault | str] = [*_stray_booleans(data, (), places), *out_of_range(data, places)]
    bad = {f.key for f in faults if isinstance(f, Fault)}
    try:
        settings = validate(model, data, "", places)
    except UserError as error:
        faults += [f for f in error.faults if not (isinstance(f, Fault) and f.key in bad)]
        raise UserError(faults) from None
    network = getattr(settings, "network", None)  # a sweep looks at some groups by themselves
    if network is not None:
        faults += check_network(network, lambda path: places(("network", *path)))
    if faults:
        raise UserError(faults)
    return settings


def _stray_booleans(value: Any, path: Keys, places: Where) -> Iterator[Fault]:
    """Yield true and false where a number or a name belongs: pydantic takes them for 1 and 0."""
    if isinstance(value, bool) and path not in _BOOLEANS and (*path[:2], *path[3:]) != _EACH:
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
