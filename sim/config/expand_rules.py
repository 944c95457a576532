"""Rules of demand, supply and policy, worked into a network before it is validated as a whole.

Order: demand, then supply (which may follow demand), then the policy's rules. They see the files
and those changes by key that touch what the network has, and not one another's order in a file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from sim.base.errors import Fault, UserError
from sim.network.checks import check_network
from sim.network.dependence import without_value_added
from sim.network.dictionary import Network
from sim.network.layers import merge
from sim.network.validate import Path, validate
from sim.policy.ground import Changes, Ground
from sim.policy.outlook_demand import Demand, demand_changes
from sim.policy.outlook_supply import Supply, supply_changes
from sim.policy.pick import strange_words
from sim.policy.policy import Policy
from sim.policy.rules import expand

RULES = {"demand": "paths", "supply": "capacity", "policy": "rules"}
"""Group -> the key that holds its rules."""


class Worked(NamedTuple):
    """What rules come to in a network."""

    changes: Changes
    traces: Mapping[Path, Path]  # path in the network -> path of the rule that made it
    notes: list[str]
    failed: UserError | None = None  # why rules could not be worked in


NOTHING = Worked({}, {}, [])


def has_rules(data: Mapping[str, Any]) -> bool:
    """Return whether any group of the settings' data has a rule."""
    groups = [*RULES.items(), ("supply", "prospects")]
    return any((data.get(group) or {}).get(key) for group, key in groups)


def work_in(data: Mapping[str, Any]) -> Worked:
    """Return what the rules in settings' data change in its network.

    Parameters
    ----------
    data : mapping
        ``network``, ``demand``, ``supply``, ``policy`` and ``scenario``, plain; not changed.

    Returns
    -------
    Worked
        With `failed` where the data is not right in itself: validating it as a whole tells why.

    Raises
    ------
    UserError
        For words that no network knows, and paths that cannot be followed from the start.
    """
    if not has_rules(data):
        return NOTHING
    try:
        demand = Demand.model_validate(data.get("demand") or {"title": ""})
        supply = Supply.model_validate(data.get("supply") or {"title": ""})
        policy = Policy.model_validate(data.get("policy") or {"title": ""})
        start = dt.date.fromisoformat(str(data["scenario"].get("start")))
        network = validate(Network, data["network"], "network")
        step = int(data["scenario"].get("step_days") or 7)
    except (ValidationError, ValueError, TypeError) as error:
        return NOTHING._replace(failed=UserError(str(error)))
    except UserError as error:
        return NOTHING._replace(failed=error)
    silent = data["scenario"].get("value_added") == "none"
    faults = check_network(without_value_added(network) if silent else network)
    if faults:
        return NOTHING._replace(failed=UserError(faults))
    return _worked(demand, supply, policy, Ground(network, start, step))


def _strange(outlook: Demand | Supply, group: str, ground: Ground) -> Iterator[Fault]:
    """Yield the words of an outlook that no network knows."""
    for part in (RULES[group], "prospects"):
        for name, path in getattr(outlook, part, {}).items():
            yield from strange_words(path.pick, ground.network, f"{group}.{part}.{name}.pick")


def _worked(demand: Demand, supply: Supply, policy: Policy, ground: Ground) -> Worked:
    changes: Changes = {}
    traces: dict[Path, Path] = {}
    notes: list[str] = []
    faults = [
        *_strange(demand, "demand", ground),
        *_strange(supply, "supply", ground),
    ]
    if faults:
        raise UserError(faults)
    outlooks: tuple[tuple[str, Callable[[Ground], tuple[Changes, list[str]]]], ...] = (
        ("demand", lambda g: demand_changes(demand, g)),
        ("supply", lambda g: supply_changes(supply, g)),
    )
    for group, of in outlooks:
        try:
            own, told = of(ground)
        except ValueError as error:
            raise UserError(Fault(f"{group}.{RULES[group]}", "", str(error))) from None
        ground = ground.with_changes(own)
        changes, notes = merge(changes, own), notes + told
        traces |= {("sites", name): (group, RULES[group]) for name in own.get("sites", {})}
        traces |= {("projects", name): (group, "prospects") for name in own.get("projects", {})}
    found = expand(policy.tagged(), ground)
    traces |= dict(found.traces)
    return Worked(merge(changes, found.changes), traces, notes + found.notes)
