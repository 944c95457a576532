"""What a name or file is, and whether it is right."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.errors import Fault, UserError, nearest
from sim.base.written import Written
from sim.base.yaml_files import read_yaml
from sim.commands._notes import print_notes
from sim.config.compose import Composed, merge_network
from sim.config.library import NAMED, Library, Part, where_in
from sim.config.settings import Settings
from sim.network.dictionary import Network, Strict
from sim.network.validate import validate
from sim.policy.joint import names_in
from sim.policy.outlook_demand import Demand
from sim.policy.outlook_supply import Supply
from sim.policy.policy import Policy
from sim.policy.whole_chain import chain_warnings

if TYPE_CHECKING:
    from sim.run.case import Study

LOOK = dt.date(2025, 1, 1)
"""Day on which a network is looked at without a scenario."""


def check_one(reference: str, overrides: list[str], folders: list[Path]) -> str:
    """Return what a file is and holds.

    Raises
    ------
    UserError
        With all that is wrong in it.
    """
    library = Library(tuple(folders))
    kind, part = identify(library, reference)
    if kind == "scenario":
        from sim.run.idle import certainly_idle

        composed = _compose(reference, overrides, folders)
        study = deep(composed)
        print_notes([composed.settings])
        say(certainly_idle(study))
        scenario = composed.settings.scenario
        n = len(scenario.hazards)
        hazards = "1 hazard" if n == 1 else f"{n} hazards"
        return f"right: scenario, {hazards} on {scenario.network}"
    if kind == "network":
        network, notes = network_of(part)
        say(notes)
        return f"right: network, {len(network.sites)} sites, {len(network.products)} products"
    validated(kind, part)
    named = [o.split("=", 1)[1] for o in overrides if o.startswith("network=")]
    if not named:
        return f"right: {kind} (to see what it does, add network=NAME)"
    _, notes = network_of(library.read("network", named[-1]), part, kind)
    say(notes)
    return f"right: {kind} on {named[-1]}"


def say(notes: list[str]) -> None:
    """Print notes on stderr."""
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def _group_of(file: Path) -> str:
    """Return the group that a file's own keys tell of, a scenario where they do not."""
    data = read_yaml(file).data if file.is_file() else {}
    keys = data.keys() if isinstance(data, dict) else set()
    return next((group for group, own in _TELLING.items() if own & keys), "scenario")


def identify(library: Library, reference: str) -> tuple[str, Part]:
    """Return the group that a name or file belongs to, and its content.

    Raises
    ------
    UserError
        If no group has the name, or a file is none of them.
    """
    named, _, name = reference.partition("/")
    for group in ("scenario", *NAMED):
        if names_in(group, reference)[0] in library.files(group):
            return group, library.read(group, reference)
        if group == named and name in library.files(group):
            return group, library.read(group, name)
    file = Path(reference)
    if not file.is_file() and not file.suffix:
        known = {n for g in ("scenario", *NAMED) for n in library.files(g)}
        raise UserError(
            Fault(
                reference,
                "",
                "no such scenario, network, outlook, policy or file"
                + (nearest(reference, known) or "; see: shortfall list"),
            )
        )
    own = str(file) if "/" in reference else f"./{reference}"
    part = library.read(_group_of(file), own)  # what it builds on is of its own group
    for group, keys in _TELLING.items():
        if keys & part.data.keys():
            return group, part
    raise UserError(
        Fault(
            "(top)",
            "",
            "is no scenario (hazards, horizon_days), network (sites), policy (rules, changes), "
            "demand (paths) or supply (capacity)",
            where_in(part, ()),
        )
    )


_TELLING = {
    "network": {"sites", "products"},
    "policy": {"changes", "rules"},
    "demand": {"paths"},
    "supply": {"capacity"},
    "scenario": {"hazards", "horizon_days", "start", "network"},
}


SCHEMAS: dict[str, type[Strict]] = {"policy": Policy, "demand": Demand, "supply": Supply}
"""Groups that lie over a network."""


def validated(kind: str, part: Part) -> Strict:
    """Return a policy or outlook as its schema has it.

    Raises
    ------
    UserError
        With all that is wrong in it, each with its place.
    """
    with Written({kind: part.documents}).placing():
        return validate(SCHEMAS[kind], part.data, kind)


def network_of(
    part: Part, over: Part | None = None, kind: str = "policy"
) -> tuple[Network, list[str]]:
    """Return a validated and compiled network with a policy or outlook laid over it, and notes.

    Raises
    ------
    UserError
        With all that is wrong in it.
    """
    from sim.network.compile import compile_network

    data, written, notes = merge_network(part, over, kind, str(LOOK))
    with written.placing():
        network = validate(Network, data, "network")
        compile_network(network, start=LOOK, n_period=1, step_days=7)
    return network, [*notes, *chain_warnings(network)]


def deep(composed: Composed[Settings]) -> Study:
    """Return a scenario with network and hazards compiled, which finds what no schema can see.

    Raises
    ------
    UserError
        With all that is wrong, each with its place.
    """
    from sim.run.case import Study

    with composed.placing():
        study = Study(composed.settings)
        study.hazards, study.views  # noqa: B018  compile the network first
    return study


def _compose(reference: str, overrides: list[str], folders: list[Path]) -> Composed[Settings]:
    from sim.config.command_line import compose

    return compose([scenario_override(reference), *overrides], folders)


def scenario_override(reference: str) -> str:
    """Return the override that chooses a scenario by name or path, quoted where it must be."""
    from sim.config.hydra.plain_words import plain_words

    path = Path(reference)
    by_path = path.suffix in (".yaml", ".yml") or path.is_file()
    text = f"./{reference}" if by_path and "/" not in reference else reference
    if plain_words([f"scenario={text}"]):
        return f"scenario={text}"
    return "scenario='" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
