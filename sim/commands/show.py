"""``shortfall show``: what a scenario, network, outlook, policy or hazard holds, with sources."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sim.base.errors import Fault, UserError
from sim.commands.check import LOOK, SCHEMAS, identify, network_of, scenario_override
from sim.commands.tables import print_table
from sim.config.compose import merge_network
from sim.config.expand_rules import RULES
from sim.config.library import NAMED, Library, Part, where_in
from sim.config.settings import Scenario
from sim.network.distribution import Distribution
from sim.network.validate import validate
from sim.policy.goods import Goods
from sim.policy.pick import Pick
from sim.policy.whole_chain import chain_warnings
from sim.shocks.hazard import Selector

Row = tuple[str, str, str, str]
COLUMNS = ("setting", "value", "unit", "source")
_PICKS = (Distribution, Selector, Pick, Goods)
_TEXTS = {"title", "story", "note", "sources", "source", "confidence", "name", "description"}


def show(args: argparse.Namespace) -> None:
    """Print one thing, resolved and validated, on stdout.

    Raises
    ------
    UserError
        If there is no such thing, or it is not right.
    """
    from sim.config.command_line import compose

    library = Library(tuple(args.config_dir))
    owner = _scenario_of_hazard(library, args.name)
    kind, part = ("hazard", None) if owner else identify(library, args.name)
    if kind in ("hazard", "scenario"):
        reference = scenario_override(owner or args.name)
        settings = compose([reference, *args.overrides], args.config_dir).settings
        if args.yaml:
            _dump(settings)
        elif owner:
            _hazard(args.name, settings.scenario)
        else:
            _scenario(settings.scenario)
    elif part is not None and kind == "network":
        network, _ = network_of(part)
        _dump(network) if args.yaml else _network(network)
    elif part is not None:
        over = validate(SCHEMAS[kind], part.data, kind, lambda path: where_in(part, path))
        _dump(over) if args.yaml else _over(kind, over)
        for text in args.overrides:
            _on_network(library, part, kind, text)


def _scenario_of_hazard(library: Library, name: str) -> str | None:
    """Return the first scenario that has a hazard of this name, unless the name is another's."""
    groups = ("scenario", *NAMED)
    if Path(name).is_file() or any(name in library.files(group) for group in groups):
        return None
    for scenario in library.files("scenario"):
        try:
            if name in (library.read("scenario", scenario).data.get("hazards") or {}):
                return scenario
        except (UserError, TypeError):
            continue
    return None


def _dump(model: BaseModel) -> None:
    import yaml

    data = model.model_dump(mode="json", exclude_none=True)
    print(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100), end="")


def _heading(title: str, text: str = "") -> None:
    print(title)
    if text:
        print(textwrap.fill(" ".join(text.split()), 100))
    print()


def _scenario(scenario: Scenario) -> None:
    _heading(scenario.title, scenario.story)
    span = (
        f"from {scenario.start} for {scenario.horizon_days} days in steps of {scenario.step_days}"
    )
    outlook = f"demand {scenario.demand}, supply {scenario.supply}"
    print(f"network {scenario.network}, {outlook}, policy {scenario.policy}, {span}\n")
    for name, hazard in scenario.hazards.items():
        print_table(f"{name}: {hazard.title}", COLUMNS, rows_of(hazard))
    for group in ("tensions", "parameters"):
        rows = [row for n, m in getattr(scenario, group).items() for row in rows_of(m, n)]
        if rows:
            print_table(f"{group}", COLUMNS, rows)


def _hazard(name: str, scenario: Scenario) -> None:
    hazard = scenario.hazards[name]
    _heading(f"{name}: {hazard.title} (of scenario {scenario.name})", hazard.note)
    print_table("", COLUMNS, rows_of(hazard))


def _over(kind: str, over: Any) -> None:
    """Print a policy, or an outlook of demand or supply: its rules, then its plain changes."""
    _heading(over.title, over.description)
    for name, rule in getattr(over, RULES[kind]).items():
        heading = f"{name}: {rule.title or getattr(rule, 'kind', kind)} ({rule.confidence})"
        print_table(heading, COLUMNS, rows_of(rule))
        if rule.note:
            print(f"{textwrap.fill(rule.note, 100)}\n")
    if getattr(over, "changes", None):
        rows = list(_plain_rows(over.changes, "network", over.sources))
        print_table("changes", COLUMNS, rows)


def _on_network(library: Library, part: Part, kind: str, text: str) -> None:
    """Print what rules come to on the network that ``network=NAME`` names."""
    key, _, name = text.partition("=")
    if key != "network":
        raise UserError(Fault(text, "", "only network=NAME may be given here"))
    network = library.read("network", name)
    data, _, notes = merge_network(network, part, kind, str(LOOK))
    rows = list(_differences(network.data, data, ""))
    print_table(f"on {name}: {len(rows)} settings", ("setting", "before", "after"), rows)
    for note in [*notes, *chain_warnings(network_of(network, part, kind)[0])]:
        print(f"note: {note}")


def _differences(before: Any, after: Any, key: str) -> Iterator[tuple[str, str, str]]:
    """Yield the settings in which two networks differ; sources left out."""
    if isinstance(after, Mapping) and (isinstance(before, Mapping) or before is None):
        for name, inner in after.items():
            if name != "sources":
                path = f"{key}.{name}" if key else str(name)
                yield from _differences((before or {}).get(name), inner, path)
    elif before != after:
        yield key, "" if before is None else spelt(before), spelt(after)


def _network(network: Any) -> None:
    from sim.network.checks import warnings_of
    from sim.network.compile import compile_network
    from sim.network.describe import describe

    _heading(network.title, network.description)
    compiled = compile_network(network, start=LOOK, n_period=1, step_days=7)
    for table in describe(network, compiled):
        if table.rows:
            print_table(f"{table.title}", table.columns, table.rows)
    for warning in [*warnings_of(network), *chain_warnings(network)]:
        print(f"note: {warning}")


def rows_of(model: BaseModel, prefix: str = "") -> list[Row]:
    """Return one row a number that was set: key, value, unit and source."""
    sources = dict(getattr(model, "sources", {}) or {})
    own = getattr(model, "source", "")
    return [
        (
            f"{prefix}.{key}" if prefix else key,
            spelt(value),
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


def _plain_rows(value: Any, key: str, sources: Mapping[str, str]) -> Iterator[Row]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _plain_rows(inner, f"{key}.{name}", sources)
    else:
        yield key, spelt(value), "", source_of(key, sources)


def spelt(value: Any) -> str:
    """Return a value as people write it."""
    if isinstance(value, Distribution):
        given = value.model_dump(exclude_none=True, exclude={"family"})
        return f"{value.law}({', '.join(f'{k} {spelt(v)}' for k, v in given.items())})"
    if isinstance(value, Selector | Pick | Goods):
        return ", ".join(f"{k} {spelt(v)}" for k, v in value.model_dump(exclude_none=True).items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(spelt, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
