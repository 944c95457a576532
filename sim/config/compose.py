"""From the data of files and changes by dotted key to validated settings, telling who is at fault.

Order: the files' data; the policy's changes laid over the network; what rules of demand, supply and
policy come to; changes by dotted key (command line or Python), last. A mistake is looked for among
the changes before a file is blamed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel

from sim.base.errors import Fault, UserError
from sim.base.written import NOWHERE, Written
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
from sim.config.misspelt import added_by, unknown_names
from sim.network.checks import check_network
from sim.network.checks_price import unpriced
from sim.network.dependence import without_value_added
from sim.network.dictionary import Network
from sim.network.sizes import out_of_range
from sim.network.validate import shown, validate

__all__ = ["Change", "Composed", "changed", "composed_of", "merge_network"]

S = TypeVar("S", bound=BaseModel)
_BOOLEANS = {("output", "figures"), ("output", "overwrite"), ("run", "book_goods")}
_EACH = {(owner, "parameters", "each") for owner in ("scenario", "network")}  # of any name
_USUAL = {"demand": "flat", "supply": "flat", "policy": "none"}
"""What stands in no folder's name."""


class Composed(NamedTuple, Generic[S]):
    """Settings, and where each of their values was written."""

    settings: S
    written: Written

    def placing(self) -> AbstractContextManager[None]:
        """Add places to mistakes in the files' groups that are found late, inside."""
        return self.written.placing(WHOLE)


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
    written = _written_in(parts)
    before = written.changed_by(_origins(changes))
    with before.placing():
        done = work_in(early(data, changes))
    data["network"] = merge(data["network"], done.changes)
    data["notes"] = done.notes
    composed = changed(
        model,
        data,
        changes,
        written=written.made_by(done.traces),
        added=added_by(base, over, ("network",)),
    )
    if done.failed is not None:  # right only with what the changes add, which rules do not see
        raise before.placed(done.failed)
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
    written: Written = NOWHERE,
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
    written : Written
        Where the data was written.
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
    written = written.changed_by(_origins(steps))
    with written.placing():
        try:
            settings = _checked(model, data)
        except UserError as error:
            raise UserError(unknown_names(error.faults, created, added)) from None
    return Composed(settings, written)


def merge_network(
    network: Part, over: Part | None = None, kind: str = "policy", start: str = "2025-01-01"
) -> tuple[Any, Written, list[str]]:
    """Return a network's data with a policy laid over it, where it was written, and notes.

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
    written, done = _written_in(parts), NOTHING
    if over is not None:
        data[kind] = {**over.data, "name": over.name}
        data["network"] = merge(network.data, over.data.get("changes") or {})
        with written.placing():
            done = work_in(data)
            if done.failed is not None:
                raise done.failed
    return merge(data["network"], done.changes), written.made_by(done.traces), done.notes


def _written_in(parts: Mapping[str, Part]) -> Written:
    return Written({group: part.documents for group, part in parts.items()})


def _origins(changes: Sequence[Change]) -> dict[str, str]:
    return {change.key: change.origin for change in changes if change.key}


def _checked(model: type[S], data: Any) -> S:
    """Validate the schema, then what the parts of the network say together."""
    faults: list[Fault | str] = [*_stray_booleans(data, ()), *out_of_range(data)]
    bad = {f.key for f in faults if isinstance(f, Fault)}
    try:
        settings = validate(model, data)
    except UserError as error:
        faults += [f for f in error.faults if not (isinstance(f, Fault) and f.key in bad)]
        raise UserError(faults) from None
    network = getattr(settings, "network", None)  # a sweep looks at some groups by themselves
    if network is not None:
        scenario = getattr(settings, "scenario", None)
        faults += check_network(judged_by(network, scenario))
        if getattr(scenario, "price", "none") != "none":
            faults += unpriced(network)
    if faults:
        raise UserError(faults)
    return settings


def judged_by(network: Network, scenario: Any) -> Network:
    """Return a network as a scenario reads it: without value added where that is not told."""
    silent = getattr(scenario, "value_added", None) == "none"
    return without_value_added(network) if silent else network


def _stray_booleans(value: Any, path: Keys) -> Iterator[Fault]:
    """Yield true and false where a number or a name belongs: pydantic takes them for 1 and 0."""
    if isinstance(value, bool) and path not in _BOOLEANS and (*path[:2], *path[3:]) not in _EACH:
        yield Fault(
            ".".join(map(str, path)),
            shown(value),
            "must be a number or a name; quote it if it is a name",
        )
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _stray_booleans(inner, (*path, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _stray_booleans(inner, (*path, n))
