"""What a scenario, network, outlook, policy or hazard holds, with sources, as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sim.base.errors import Fault, UserError
from sim.commands._identify import LOOK, identify, network_of, scenario_override, validated
from sim.commands._rows import as_written, plain_rows, rows_of
from sim.commands._tables import print_table
from sim.config.command_line import compose
from sim.config.compose import merge_network
from sim.config.expand_rules import RULES
from sim.config.library import NAMED, Library, Part
from sim.config.settings import Scenario
from sim.policy.whole_chain import chain_warnings

COLUMNS = ("setting", "value", "unit", "source")


def describe(name: str, overrides: list[str], folders: list[Path], *, as_yaml: bool) -> None:
    """Print what a name or file holds, resolved and validated, on stdout.

    Raises
    ------
    UserError
        If there is no such thing, or it is not right.
    """
    library = Library(tuple(folders))
    owner = _scenario_of_hazard(library, name)
    kind, part = ("hazard", None) if owner else identify(library, name)
    if kind in ("hazard", "scenario"):
        settings = compose([scenario_override(owner or name), *overrides], folders).settings
        if as_yaml:
            _dump(settings)
        elif owner:
            _hazard(name, settings.scenario)
        else:
            _scenario(settings.scenario)
    elif part is not None and kind == "network":
        network, _ = network_of(part)
        _dump(network) if as_yaml else _network(network)
    elif part is not None:
        over = validated(kind, part)
        _dump(over) if as_yaml else _over(kind, over)
        for text in overrides:
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
    known = f", facts up to {scenario.as_of}" if scenario.as_of else ""
    print(f"network {scenario.network}, {outlook}, policy {scenario.policy}, {span}{known}\n")
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
        rows = list(plain_rows(over.changes, "network", over.sources))
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
        yield key, "" if before is None else as_written(before), as_written(after)


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
