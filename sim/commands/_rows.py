"""Numbers of a model as rows: key, value, unit and source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from sim.network.distribution import Distribution
from sim.policy.goods import Goods
from sim.policy.pick import Pick
from sim.shocks.hazard import Selector

Row = tuple[str, str, str, str]
_PICKS = (Distribution, Selector, Pick, Goods)
_TEXTS = {"title", "story", "note", "sources", "source", "confidence", "name", "description"}


def rows_of(model: BaseModel, prefix: str = "") -> list[Row]:
    """Return one row a number that was set: key, value, unit and source."""
    sources = dict(getattr(model, "sources", {}) or {})
    own = getattr(model, "source", "")
    return [
        (
            f"{prefix}.{key}" if prefix else key,
            as_written(value),
            unit,
            (source_of(key, sources) or own) if _is_number(value) else "",
        )
        for key, value, unit in _leaves(model, "")
    ]


def _is_number(value: Any) -> bool:
    """Whether a value needs a source: a number, date or distribution, not a name."""
    items = value if isinstance(value, list | tuple) else [value]
    return not any(isinstance(item, str | Selector | Pick | Goods) for item in items)


def source_of(key: str, sources: Mapping[str, str]) -> str:
    """Return the source of a key: its own, a parent's, one of its last word, or that of all."""
    parts = key.split(".")
    tries = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    for name in [*tries, *reversed(parts), "all"]:
        if name in sources:
            return sources[name]
    return ""


def _leaves(model: BaseModel, prefix: str) -> Iterator[tuple[str, Any, str]]:
    for name, field in type(model).model_fields.items():
        if name in _TEXTS or name not in model.model_fields_set:
            continue
        value, key = getattr(model, name), f"{prefix}.{name}" if prefix else name
        extra = field.json_schema_extra
        unit = str(extra.get("unit") or "") if isinstance(extra, dict) else ""
        if isinstance(value, BaseModel) and not isinstance(value, _PICKS):
            yield from _leaves(value, key)
        elif isinstance(value, dict) and any(isinstance(v, BaseModel) for v in value.values()):
            for inner, item in value.items():
                yield from _leaves(item, f"{key}.{inner}")
        elif value is not None:
            yield key, value, unit


def plain_rows(value: Any, key: str, sources: Mapping[str, str]) -> Iterator[Row]:
    """Yield the same rows of plain changes, by dotted key."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from plain_rows(inner, f"{key}.{name}", sources)
    else:
        yield key, as_written(value), "", source_of(key, sources)


def as_written(value: Any) -> str:
    """Return a value as people write it."""
    if isinstance(value, Distribution):
        given = value.model_dump(exclude_none=True, exclude={"family"})
        return f"{value.law}({', '.join(f'{k} {as_written(v)}' for k, v in given.items())})"
    if isinstance(value, Selector | Pick | Goods):
        return ", ".join(
            f"{k} {as_written(v)}" for k, v in value.model_dump(exclude_none=True).items()
        )
    if isinstance(value, (list, tuple)):
        return ", ".join(map(as_written, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
