"""Look at a YAML text event by event before anything is built: how deep, how much, what tags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from sim.base.errors import Fault, UserError

MAX_DEPTH = 64
"""Deepest nesting of a file; a network needs eight levels. libyaml overruns the stack far below."""

MAX_NODES = 2_000_000
"""Most values of one file, a network of 20,000 sites has 1.3 million: two gigabytes, once each is
checked and each is wrong."""


@dataclass
class Guard:
    """What was seen of a text, up to where it could be read."""

    file: str
    n_node: int = 0
    has_aliases: bool = False
    long_quote: tuple[int, int] | None = None  # first and last line of the last long quoted text


def guard(events: Iterable[yaml.Event], seen: Guard) -> None:
    """Note what a text holds.

    Raises
    ------
    UserError
        If it is nested too deep, holds too many values, or a tag: data needs none, and some make
        objects.
    """
    depth = 0
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if not isinstance(event, yaml.NodeEvent):
            continue
        seen.n_node += 1
        if isinstance(event, yaml.AliasEvent):
            seen.has_aliases = True
            continue
        depth += isinstance(event, yaml.CollectionStartEvent)
        if wrong := _wrong(event, depth, seen.n_node):
            place = f"{seen.file}:{_line(event)}"
            raise UserError(Fault("(YAML)", "", wrong, place))
        if isinstance(event, yaml.ScalarEvent):
            _note_quote(event, seen)


def _wrong(event: Any, depth: int, n_node: int) -> str:
    if depth > MAX_DEPTH:
        return f"is nested deeper than {MAX_DEPTH} levels"
    if n_node > MAX_NODES:
        return f"holds more than {MAX_NODES:,} values"
    if event.tag is not None:
        return f"files are data: the tag '{event.tag}' is not allowed"
    return ""


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _note_quote(event: Any, seen: Guard) -> None:
    first, last = _line(event), event.end_mark.line + 1
    if event.style in ("'", '"') and last > first:
        seen.long_quote = first, last
