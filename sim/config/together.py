"""Several scenarios at once: ``scenario=[a,b]`` is read as the scenario ``a+b``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.base.errors import Fault, UserError
from sim.network.layers import Part, where_in
from sim.policy.joint import JOINT

_RULES = ("hazards", "tensions", "parameters")
_WORDS = ("story", "note")
_ALONE = ("network", "demand", "supply", "policy", "start", "step_days", "judged")
"""What scenarios must have alike, or the user says."""


def together(parts: Sequence[Part], usual: Mapping[str, str]) -> Part:
    """Return scenarios as one: what may happen in any of them may happen, over the longest horizon.

    Hazards keep their names, hence their random streams: each strikes in replication i as it does
    in its own scenario. What scenarios say differently of the network, the day of the start and the
    like is left as a text that says so, which is refused unless the user gives a value.

    Parameters
    ----------
    parts : sequence of Part
        The scenarios.
    usual : mapping of str to str
        Group -> what a scenario gets that names none.

    Raises
    ------
    UserError
        If two hazards, tensions or parameters of one name differ, or two scenarios share a name.
    """
    names = [part.name for part in parts]
    faults = [
        Fault("scenario", name, "two scenarios of one name cannot be told apart")
        for x, name in enumerate(names)
        if name in names[:x]
    ]
    data: dict[str, Any] = {"title": " + ".join(str(p.data.get("title", p.name)) for p in parts)}
    for key in _RULES:
        data[key], more = _rules(parts, key)
        faults += more
    for key in _WORDS:
        data[key] = " ".join(text for p in parts if (text := str(p.data.get(key) or "").strip()))
    data["horizon_days"] = _longest([p.data.get("horizon_days") for p in parts])
    if all(days := [part.data.get("as_of") for part in parts]):
        data["as_of"] = min(days, key=str)  # what is known together is known on the first of them
    data |= {
        key: value for key in _ALONE if (value := _one(parts, key, usual.get(key))) is not None
    }
    known = {"title", "sources", *_RULES, *_WORDS, *_ALONE, "horizon_days", "as_of"}
    for part in parts:
        data |= {k: v for k, v in part.data.items() if k not in known}
        sources = part.data.get("sources") or {}
        data["sources"] = data.get("sources", {}) | {
            f"{part.name}: {k}": sources[k] for k in sources
        }
    if faults:
        raise UserError(faults)
    documents = tuple(d for part in reversed(parts) for d in part.documents)
    return Part(JOINT.join(names), parts[0].path, data, documents)


def _rules(parts: Sequence[Part], key: str) -> tuple[dict[str, Any], list[Fault]]:
    """Return the rules of all scenarios by name, and those of one name that differ."""
    found: dict[str, Any] = {}
    owner: dict[str, Part] = {}
    faults = []
    for part in parts:
        for name, rule in (part.data.get(key) or {}).items():
            first = owner.setdefault(name, part)
            if found.setdefault(name, rule) != rule:
                expected = f"is another thing in {first.name} and in {part.name}: rename one"
                where = where_in(part, (key, name))
                faults.append(Fault(f"scenario.{key}.{name}", "", expected, where))
    return found, faults


def _longest(days: Sequence[Any]) -> Any:
    """Return the longest horizon; what is no number as it is, for its message."""
    numbers = [d for d in days if isinstance(d, int | float)]
    return max(numbers) if len(numbers) == len(days) else next(d for d in days if d not in numbers)


def _one(parts: Sequence[Part], key: str, usual: str | None) -> Any:
    """Return what all scenarios say, or a text of what each says."""
    said = [p.data.get(key, usual) for p in parts]
    beside = {p.path.parent for p in parts} if "./" in str(said) else set()
    if all(value == said[0] for value in said) and len(beside) <= 1:
        return said[0]
    texts = [f"{'nothing' if v is None else v} in {p.name}"
             for v, p in zip(said, parts, strict=True)]  # fmt: skip
    return f"say which: {', '.join(texts)}"
