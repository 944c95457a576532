"""Read plain YAML: data only, every key once, nothing that YAML quietly turns into something else.

``read_yaml`` serves networks, scenarios and policies alike; ``read_network`` also validates and
checks. Messages name file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from sim.base.errors import Fault, UserError

if TYPE_CHECKING:  # the schema is not needed to read a file, and `list` need not wait for it
    from sim.network.dictionary import Network
    from sim.network.validate import Path, Where

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BOOLEAN = "tag:yaml.org,2002:bool"
_INTEGER = "tag:yaml.org,2002:int"
MAX_NODES = 2_000_000
"""Most values of one file, aliases written out: a few lines of aliases can mean billions."""


MAX_DEPTH = 64
"""Deepest nesting of a file; a network needs eight levels."""


class Document(NamedTuple):
    """A YAML file as plain data, and the line of each of its keys."""

    data: Any
    file: str
    lines: dict[Path, int]

    def where(self, path: Path) -> str:
        """Return ``file:line`` of the value at `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.file}:{self.lines.get(path, 1)}"


def read_network(path_or_mapping: str | File | Mapping[str, Any]) -> Network:
    """Return a validated and checked network.

    Parameters
    ----------
    path_or_mapping : path or mapping
        A YAML file, or the same as plain data.

    Raises
    ------
    UserError
        With all faults at once: of the file, then of the keys, then of what they say together.
    """
    from sim.network.checks import check_network
    from sim.network.dictionary import Network
    from sim.network.validate import validate

    where: Where | None = None
    data: Any = path_or_mapping
    if isinstance(path_or_mapping, (str, File)):
        document = read_yaml(path_or_mapping)
        data, where = document.data, document.where
    refuse_booleans(data, where)
    network = validate(Network, data, "network", where)
    faults = check_network(network, where)
    if faults:
        raise UserError(faults)
    return network


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
        If it cannot be read, is not YAML, is not a mapping, repeats a key, or holds a word that
        YAML 1.1 turns into something else (``NO``, ``012``, ``12:30``).
    """
    file = str(path)
    text = _text_of(File(path)) if text is None else text
    try:
        has_aliases = _refuse_depth(text, file)
        loader = _LOADER(text)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise UserError(Fault("(top)", "", "must be a mapping of keys to values", f"{file}:1"))
        if has_aliases or len(text) > MAX_NODES:  # a value takes a character at least
            _refuse_bombs(node, file)
        lines, faults = _scan(node, file)
        if faults:
            raise UserError(faults)
        return Document(loader.construct_document(node), file, lines)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{file}:{mark.line + 1}" if mark is not None else file
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise UserError(Fault("(YAML)", "", f"cannot be read: {problem}", place)) from None
    except ValueError as error:  # a date such as 2025-02-30
        raise UserError(Fault("(YAML)", "", f"cannot be read: {error}", file)) from None


def _text_of(path: File) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(Fault(str(path), "", "no such file")) from None
    except UnicodeDecodeError:
        raise UserError(Fault(str(path), "", "is not a UTF-8 text file")) from None
    except OSError as error:
        raise UserError(Fault(str(path), "", f"cannot be read: {error.strerror}")) from None


def _refuse_depth(text: str, file: str) -> bool:
    """Refuse deep nesting before it is built: libyaml's composer overruns the stack and dies.

    Returns whether the file holds an alias.
    """
    depth, has_aliases = 0, False
    for event in yaml.parse(text, _LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                place = f"{file}:{event.start_mark.line + 1}" if event.start_mark else file
                told = f"is nested deeper than {MAX_DEPTH} levels"
                raise UserError(Fault("(YAML)", "", told, place))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            has_aliases = True
    return has_aliases


def _refuse_bombs(node: yaml.Node, file: str) -> None:
    """Refuse aliases that hold themselves or stand for too many values."""
    size: dict[int, int] = {}

    def count(n: yaml.Node) -> int:
        if id(n) in size:
            if size[id(n)] == 0:
                raise UserError(Fault("(YAML)", "", "an alias must not hold itself", file))
            return size[id(n)]
        size[id(n)] = 0  # open: seen again before it is counted, it holds itself
        children = (
            [c for pair in n.value for c in pair]
            if isinstance(n, yaml.MappingNode)
            else (n.value if isinstance(n, yaml.SequenceNode) else [])
        )
        size[id(n)] = min(1 + sum(map(count, children)), MAX_NODES + 1)
        return size[id(n)]

    if count(node) > MAX_NODES:
        raise UserError(Fault("(YAML)", "", f"holds more than {MAX_NODES:,} values", file))


def _scan(top: yaml.Node, file: str) -> tuple[dict[Path, int], list[Fault]]:
    """Return the line of every value, and the faults that plain loading would hide."""
    lines: dict[Path, int] = {}
    faults: list[Fault] = []

    def look(path: Path, node: yaml.Node, line: int) -> None:
        if path in lines:
            told = f"stands twice, first in line {lines[path]}"
            faults.append(Fault(_dotted(path), "", told, f"{file}:{line}"))
        else:
            lines[path] = line
        if isinstance(node, yaml.ScalarNode):
            if trap := _trap(node):
                faults.append(Fault(_dotted(path), node.value, trap, f"{file}:{line}"))
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                at = key.start_mark.line + 1
                name = "?"
                if isinstance(key, yaml.ScalarNode):
                    name = key.value
                    if _trap(key):
                        look((*path, f"{name} (a key)"), key, at)
                look((*path, name), value, at)
        elif isinstance(node, yaml.SequenceNode):
            for n, value in enumerate(node.value):
                look((*path, n), value, value.start_mark.line + 1)

    look((), top, 1)
    return lines, faults


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))


def _trap(node: yaml.ScalarNode) -> str:
    """Return what to say of a plain word that YAML 1.1 reads as something else."""
    if node.style or node.tag not in (_BOOLEAN, _INTEGER):
        return ""
    word = node.value
    if node.tag == _BOOLEAN and word.lower() not in ("true", "false"):
        return f"YAML reads this as true or false; quote it ('{word}') or write true or false"
    if node.tag == _INTEGER and (":" in word or re.match(r"[-+]?0[0-9_]", word)):
        return (
            f"YAML reads this as {_plain(word)}; quote it ('{word}') if it is a name, or write "
            "a plain number"
        )
    return ""


def _plain(word: str) -> Any:
    return yaml.safe_load(word)


def refuse_booleans(data: Any, where: Where | None) -> None:
    """Refuse true and false in a network: it has no such setting, and numbers would take them."""
    from sim.network.validate import shown

    faults = [
        Fault(
            ".".join(["network", *map(str, path)]),
            shown(value),
            "must be a number or a name; quote it if it is a name",
            where(path) if where else "",
        )
        for path, value in _values(data, ())
        if isinstance(value, bool)
    ]
    if faults:
        raise UserError(faults)


def _values(data: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    yield path, data
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _values(value, (*path, key))
    elif isinstance(data, (list, tuple)):
        for n, value in enumerate(data):
            yield from _values(value, (*path, n))
