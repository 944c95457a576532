"""The reference of every key: JSON Schema and a page, from the classes that check them."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from sim.config.key_examples import EXAMPLES
from sim.config.settings import Output, Run, Scenario, Settings
from sim.network.dictionary import Network
from sim.network.distribution import DEFAULT_FAMILY, FORMS, Distribution
from sim.policy.outlook_demand import Demand
from sim.policy.outlook_supply import Supply
from sim.policy.policy import Policy

KINDS: dict[str, type[BaseModel]] = {
    "scenario": Scenario,
    "network": Network,
    "policy": Policy,
    "demand": Demand,
    "supply": Supply,
    "settings": Settings,
}
"""Kind of file -> the class that checks it."""

PARTS: dict[str, tuple[type[BaseModel], ...]] = {
    "scenario": (Scenario,),
    "network": (Network,),
    "policy": (Policy,),
    "demand": (Demand,),
    "supply": (Supply,),
    "settings": (Run, Output),
}
"""Chapter of the page -> the classes that it begins with."""


class Key(NamedTuple):
    """One key of one class."""

    name: str
    kind: str
    unit: str
    bounds: str
    default: str
    meaning: str
    example: str


class Section(NamedTuple):
    """One class: what it is, its keys."""

    model: type[BaseModel]
    meaning: str
    keys: list[Key]


def json_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a kind of file.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    """
    schema = KINDS[kind].model_json_schema()
    if kind != "settings":
        # what a file may build on, and names of files instead of what stands in them
        schema["properties"]["defaults"] = {
            "type": "array", "items": {"type": "string"},
            "description": "files of this kind that this one is laid over",
        }  # fmt: skip
    if kind == "scenario":
        schema["properties"]["policy"] = {
            **schema["properties"]["policy"],
            "type": ["string", "array"], "items": {"type": "string"},
        }  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{kind}.json",
        **schema,
    }


def sections(kind: str) -> list[Section]:
    """Return the classes of a chapter, each once, from the top of a file down."""
    return [_section(model) for model in _models(kind)]


def _models(kind: str) -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = []
    waiting = list(PARTS[kind])
    while waiting:
        model = waiting.pop(0)
        if model in found or model is Distribution:
            continue
        found.append(model)
        inner = [m for f in model.model_fields.values() for m in _inside(f.annotation)]
        waiting = [m for m in inner if m not in found] + waiting
    return found


def _inside(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the classes that a type is made of, in order."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _inside(part)


def _section(model: type[BaseModel]) -> Section:
    keys = [_key(model, name, field) for name, field in model.model_fields.items()]
    meaning = (model.__doc__ or "").strip().splitlines()[0]
    return Section(model, meaning, keys)


def _key(model: type[BaseModel], name: str, field: FieldInfo) -> Key:
    extra = field.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    return Key(
        name, type_words(field.annotation), unit, _bounds(field), _default(field),
        field.description or "", EXAMPLES.get(f"{model.__name__}.{name}", EXAMPLES.get(name, "")),
    )  # fmt: skip


def type_words(annotation: Any) -> str:
    """Return a type in words of people who write YAML.

    Examples
    --------
    >>> type_words(float | None), type_words(dict[str, list[str]]), type_words(Literal["a", "b"])
    ('number', 'names to list of text', 'a | b')
    """
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        words = [type_words(a) for a in args if a is not type(None)]
        return " or ".join(dict.fromkeys(words))
    if origin is Literal:
        return " | ".join(map(str, args))
    if origin is dict:
        return f"names to {type_words(args[1])}"
    if origin is list:
        return f"list of {type_words(args[0])}"
    if origin is tuple:
        return f"[{', '.join(type_words(a) for a in args)}]"
    if origin is not None and args:  # annotated
        return type_words(args[0])
    plain = {float: "number", int: "whole number", str: "text", bool: "true or false",
             dt.date: "date", Distribution: "law", Any: "any"}  # fmt: skip
    return plain.get(annotation) or str(getattr(annotation, "__name__", annotation))


def _bounds(field: FieldInfo) -> str:
    words = []
    for m in field.metadata:
        if isinstance(m, Ge):
            words.append(f"≥ {m.ge:,}")
        elif isinstance(m, Gt):
            words.append(f"> {m.gt:,}")
        elif isinstance(m, Le):
            words.append(f"≤ {m.le:,}")
        elif isinstance(m, Lt):
            words.append("< 2^63" if m.lt == 2**63 else f"< {m.lt:,}")
        elif isinstance(m, MinLen):
            words.append(f"at least {m.min_length}")
    return ", ".join(words)


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "must be given"
    if field.default is None or field.default in ("", [], {}):
        return ""
    if isinstance(field.default, BaseModel):
        return ""
    return f"{field.default:,}" if isinstance(field.default, (int, float)) else str(field.default)


HEAD = """\
# Every key of every file

Generated from the classes that check the files (`python -m sim.config.keys`, a test keeps it so).
Editors that know JSON Schema check while you type: `shortfall schema network > network.json`, and
in the first line of your file `# yaml-language-server: $schema=network.json`. A start of your own:
`shortfall new network mine`.

*Law*: a number, or a distribution as below. *Names to X*: a mapping whose keys are names of your
choice. A key without a default may be left out, unless the table says that it must be given.
"""


def page() -> str:
    """Return the reference page, Markdown."""
    parts = [HEAD, _laws()]
    seen: set[type[BaseModel]] = set()
    for kind in PARTS:
        parts.append(f"## {kind.capitalize()}\n")
        for section in sections(kind):
            if section.model not in seen:
                seen.add(section.model)
                parts.append(_table(section))
    return "\n".join(parts)


def _laws() -> str:
    lines = ["## Law\n", "| family | keys | without `family` |", "| --- | --- | --- |"]
    for family, forms in FORMS.items():
        keys = " or ".join(f"`{{{', '.join(sorted(f))}}}`" for f in forms)
        bare = " or ".join(
            f"`{{{', '.join(sorted(f))}}}`" for f in forms if DEFAULT_FAMILY.get(f) == family
        )
        lines.append(f"| {family} | {keys} | {bare} |")
    return "\n".join([*lines, ""])


def _table(section: Section) -> str:
    lines = [f"### {section.model.__name__}\n", f"{section.meaning}\n"]
    lines += ["| key | type | unit, bounds | default | meaning | example |"]
    lines += ["| --- | --- | --- | --- | --- | --- |"]
    for key in section.keys:
        unit = "; ".join(w for w in (key.unit, key.bounds) if w)
        cells = (f"`{key.name}`", key.kind, unit, key.default, key.meaning,
                 f"`{key.example}`" if key.example else "")  # fmt: skip
        lines.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    import json
    import sys
    from pathlib import Path

    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    (root / "docs" / "keys.md").write_text(page(), encoding="utf-8")
    (root / "configs" / "schema").mkdir(exist_ok=True)
    for name in KINDS:
        text = json.dumps(json_schema(name), indent=1, ensure_ascii=False) + "\n"
        (root / "configs" / "schema" / f"{name}.json").write_text(text, encoding="utf-8")
