"""The one door of every YAML file and text: plain data only, every key once, bounded work.

What comes from anybody may be read: nothing in it is code, nothing in it takes long. Messages name
file and line.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path as File
from typing import Any, NamedTuple

import yaml

from sim.base.collector import collector_at_rest
from sim.base.errors import Fault, UserError
from sim.base.yaml_guard import Guard, guard
from sim.base.yaml_words import not_read, trap

Keys = tuple[Any, ...]
"""Keys and list positions from the top of a document to a value."""

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_BYTES = 20_000_000
"""Largest file: it takes twenty seconds to read; a network of 20,000 sites and 140,000 lanes has 15
million, the largest that is shipped 1.3 million."""


class Document(NamedTuple):
    """A YAML file as plain data, and the line of each of its keys."""

    data: Any
    file: str
    lines: dict[Keys, int]

    def where(self, path: Keys) -> str:
        """Return ``file:line`` of the value at `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.file}:{self.lines.get(path, 1)}"


@collector_at_rest()
def read_yaml(path: str | File, text: str | None = None) -> Document:
    """Return a YAML file as plain data with line numbers.

    Parameters
    ----------
    path : path
        The file; its name stands in messages.
    text : str, optional
        Its content, where it was read already.

    Raises
    ------
    UserError
        If it cannot be read, is not YAML, is not a mapping, repeats a key, asks for too much, or
        holds a word that YAML 1.1 turns into something else (``NO``, ``012``, ``12:30``).
    """
    file = str(path)
    text = read_text(path) if text is None else text
    return _document(text, file)


def read_value(text: str, file: str) -> Any:
    """Return a list or mapping written in YAML on one line, as in a cell of a table.

    Parameters
    ----------
    text : str
        The cell.
    file : str
        Its place, for messages.

    Raises
    ------
    UserError
        As `read_yaml` does.
    """
    return _document(text, file, nodes=(yaml.MappingNode, yaml.SequenceNode)).data


def read_text(path: str | File, max_bytes: int = MAX_BYTES, kind: str = "YAML") -> str:
    """Return the text of a file.

    Parameters
    ----------
    path : path
        The file.
    max_bytes : int
        Its largest size.
    kind : str
        What is expected, for messages.

    Raises
    ------
    UserError
        If it is no regular file, is too large, or is not UTF-8.
    """
    name = str(path)
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):  # a pipe or a device may never end
            what = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
            raise UserError(Fault(name, "", f"is {what}; name a {kind} file"))
        with open(path, "rb") as stream:
            content = stream.read(max_bytes + 1)
    except FileNotFoundError:
        raise UserError(Fault(name, "", "no such file")) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UserError(Fault(name, "", f"cannot be read: {why}")) from None
    if len(content) > max_bytes:
        most = f"holds more than {max_bytes // 1_000_000} MB"
        raise UserError(Fault(name, "", f"{most}, which would take long to read; split it"))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(Fault(name, "", "is not a UTF-8 text file", f"{name}:{line}")) from None


def _document(text: str, file: str, nodes: tuple[Any, ...] = (yaml.MappingNode,)) -> Document:
    seen = Guard(file)
    try:
        guard(yaml.parse(text, LOADER), seen)
        loader = LOADER(text)
        node: Any = loader.get_single_node()
        if node is None:
            raise UserError(Fault("(top)", "", "the file is empty", f"{file}:1"))
        if not isinstance(node, nodes):
            raise UserError(Fault("(top)", "", "must be a mapping of keys to values", f"{file}:1"))
        if seen.has_aliases:
            _refuse_bombs(node, seen)
        lines, faults = _scan(node, file)
        if faults:
            raise UserError(faults)
        return Document(loader.construct_document(node), file, lines)
    except yaml.YAMLError as error:
        raise UserError(_unreadable(error, seen, text)) from None


MAX_ALIASED = 50_000
"""Most values that aliases may add to a file: a few lines of aliases can mean billions."""


def _refuse_bombs(node: yaml.Node, seen: Guard) -> None:
    """Refuse aliases that hold themselves or stand for too many values."""
    size: dict[int, int] = {}
    most = seen.n_node + MAX_ALIASED

    def count(n: yaml.Node) -> int:
        if id(n) in size:
            if size[id(n)] == 0:
                raise UserError(Fault("(YAML)", "", "an alias must not hold itself", seen.file))
            return size[id(n)]
        size[id(n)] = 0  # open: seen again before it is counted, it holds itself
        size[id(n)] = min(1 + sum(map(count, _children(n))), most + 1)
        return size[id(n)]

    if count(node) > most:
        expected = f"aliases stand for more than {MAX_ALIASED:,} values"
        raise UserError(Fault("(YAML)", "", expected, seen.file))


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    for inner in node.value if isinstance(node, yaml.CollectionNode) else ():
        yield from inner if isinstance(inner, tuple) else (inner,)


def _scan(top: yaml.Node, file: str) -> tuple[dict[Keys, int], list[Fault]]:
    """Return the line of every value, and the faults that plain loading would hide."""
    lines: dict[Keys, int] = {}
    faults: list[Fault] = []

    def look(path: Keys, node: yaml.Node, line: int) -> None:
        if path in lines:
            expected = f"stands twice, first in line {lines[path]}"
            faults.append(Fault(_dotted(path), "", expected, f"{file}:{line}"))
        else:
            lines[path] = line
        if isinstance(node, yaml.ScalarNode):
            if wrong := trap(node) or not_read(node):
                faults.append(Fault(_dotted(path), node.value, wrong, f"{file}:{line}"))
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                at = key.start_mark.line + 1
                name = "?"
                if isinstance(key, yaml.ScalarNode):
                    name = key.value
                    if trap(key) or not_read(key):
                        look((*path, f"{name} (a key)"), key, at)
                look((*path, name), value, at)
        elif isinstance(node, yaml.SequenceNode):
            for n, value in enumerate(node.value):
                look((*path, n), value, value.start_mark.line + 1)

    look((), top, 1)
    return lines, faults


def _dotted(path: Keys) -> str:
    return ".".join(map(str, path)) or "(top)"


def _unreadable(error: yaml.YAMLError, seen: Guard, text: str) -> Fault:
    """Return what is wrong where a file is no YAML; an open quote or bracket by its own line."""
    mark = getattr(error, "problem_mark", None)
    began = getattr(error, "context_mark", None)
    context = getattr(error, "context", None) or ""
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    line = mark.line + 1 if mark is not None else 1
    if isinstance(getattr(error, "position", None), int):  # a character that no text has
        line = text.count("\n", 0, error.position) + 1  # type: ignore[attr-defined]
    if began is not None and "quoted scalar" in context:
        line, problem = began.line + 1, "the quote that begins here is not closed"
    elif began is not None and "flow" in context and began.line < line - 1:
        line, problem = began.line + 1, "the bracket that begins here is not closed"
    elif seen.long_quote and seen.long_quote[1] == line:
        line, problem = seen.long_quote[0], "the quote that begins here is not closed in its line"
    return Fault("(YAML)", "", f"cannot be read: {problem}", f"{seen.file}:{line}")
