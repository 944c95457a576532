"""Several policies at once: ``policy=[a,b]`` is read as the policy ``a+b``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from sim.base.errors import Fault, UserError
from sim.base.yaml_files import Document
from sim.network.layers import Part, merge, where_in

JOINT = "+"
"""Between the names of policies, or of scenarios, that act together."""

JOINED = ("policy", "scenario")
"""Groups of which several may be chosen at once."""


def names_in(group: str, reference: str) -> list[str]:
    """Return the files that a reference means: several of policies and scenarios, each once.

    "none" beside another policy adds nothing and is left out.
    """
    if group not in JOINED or JOINT not in reference or _is_file(reference):
        return [reference]
    names = list(dict.fromkeys(n for n in reference.split(JOINT) if n and n != "none"))
    return names or ["none"]


def _is_file(reference: str) -> bool:
    """Return whether there is such a file; many names together are too long for one."""
    try:
        return Path(reference).is_file()
    except OSError:
        return False


ALONE = ("title", "description", "note", "cost_usd")
"""Keys of a policy that are made anew where several are joined."""


def joined(value: Any) -> Any:
    """Return a list of names or paths as one reference; anything else as it is."""
    if isinstance(value, (list, tuple)) and all(isinstance(v, (str, Path)) for v in value):
        return JOINT.join(map(str, value)) or "none"
    return value


def stem(reference: str, depth: int = 1) -> str:
    """Return the name of a reference, for folders: of a path its last parts, of several each's."""
    return JOINT.join(
        "-".join(Path(r).with_suffix("").parts[-depth:]) if "/" in r else r
        for r in reference.split(JOINT)
    )


def combined(parts: Sequence[Part]) -> Part:
    """Return policies as one: changes together, rules side by side as ``policy-rule``.

    Raises
    ------
    UserError
        If two set the same key of the network to different values, or share a name.
    """
    names = [part.name for part in parts]
    faults = [
        Fault("policy", names[n], "two policies of one name cannot be told apart")
        for n in range(len(names))
        if names[n] in names[:n]
    ]
    faults += [fault for a, b in combinations(parts, 2) for fault in _clashes(a, b)]
    if faults:
        raise UserError(faults)
    data: dict[str, Any] = {"title": " + ".join(str(p.data.get("title", p.name)) for p in parts)}
    prices = [p.data.get("cost_usd") for p in parts]
    if all(isinstance(price, (int, float)) for price in prices):
        data["cost_usd"] = sum(prices)
    told = [str(p.data.get("description") or "").strip() for p in parts]
    data["description"] = " ".join(t for t in told if t)
    for part in parts:
        own = {k: v for k, v in part.data.items() if k not in ALONE}
        own["rules"] = _renamed(part, part.data.get("rules"))
        sources = part.data.get("sources") or {}
        own["sources"] = {f"{part.name}: {k}": v for k, v in sources.items()}
        data = merge(data, own)
    documents = tuple(_moved(d, part) for part in parts for d in part.documents)
    return Part(JOINT.join(names), parts[0].path, data, documents)


def _renamed(part: Part, rules: Any) -> Any:
    if not isinstance(rules, Mapping):
        return rules or {}
    return {f"{part.name}-{name}": rule for name, rule in rules.items()}


def _moved(document: Document, part: Part) -> Document:
    """Return a document whose rules' lines are found under their new names."""
    lines = {
        (path[0], f"{part.name}-{path[1]}", *path[2:])
        if path[:1] == ("rules",) and len(path) > 1
        else path: line
        for path, line in document.lines.items()
    }
    return document._replace(lines=lines)


def _clashes(a: Part, b: Part) -> list[Fault]:
    """Return the keys that two policies set differently."""
    return [
        Fault(
            ".".join(("changes", *map(str, path))),
            f"{mine} and {theirs}",
            f"policies {a.name} and {b.name} set the same key: choose one, or make it a rule",
            where_in(b, ("changes", *path)),
        )
        for path, mine, theirs in _both(a.data.get("changes"), b.data.get("changes"), ())
        if mine != theirs
    ]


def _both(a: Any, b: Any, at: tuple[Any, ...]) -> list[tuple[tuple[Any, ...], Any, Any]]:
    if not isinstance(a, Mapping) or not isinstance(b, Mapping):
        return [] if a is None or b is None else [(at, a, b)]
    return [found for key in a if key in b for found in _both(a[key], b[key], (*at, key))]
