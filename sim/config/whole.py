"""A file that holds all settings, such as the ``config.yaml`` of a results folder: run as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from sim.base.errors import Fault, UserError
from sim.base.written import Written
from sim.config.changes import Change
from sim.config.compose import Composed, changed
from sim.config.expand_rules import RULES, has_rules
from sim.config.library import Part

S = TypeVar("S", bound=BaseModel)


def is_whole(part: Part) -> bool:
    """Return whether what was read as a scenario is a whole: its network stands in it."""
    return all(isinstance(part.data.get(key), Mapping) for key in ("network", "scenario"))


def assemble_whole(
    model: type[S],
    part: Part,
    chosen: Mapping[str, str],
    changes: Sequence[Change],
    origin: str = "",
) -> Composed[S]:
    """Return the settings of a whole, and changes in order.

    Parameters
    ----------
    model : type
        The schema, ``Settings``.
    part : Part
        The file. Its rules of demand, supply and policy are in its network already.
    chosen : mapping
        Group -> name or path, as given; only the scenario may be.
    changes : sequence of Change
        In order.
    origin : str
        Where the choices were made, for messages.

    Raises
    ------
    UserError
        With all mistakes at once.
    """
    expected = f"is settled in {part.path.name}, which holds all settings; change keys below it"
    faults: list[Fault | str] = [
        Fault(group, name, expected, origin)
        for group, name in chosen.items()
        if group != "scenario"
    ]
    faults += [fault for c in changes if (fault := worked_in(c.key, part.data))]
    if faults:
        raise UserError(faults)
    return changed(model, part.data, changes, written=Written({"": part.documents}))


def worked_in(key: str, data: Mapping[str, Any]) -> Fault | None:
    """Return why a setting cannot change any more: rules have been worked into the network."""
    group, _, rest = key.partition(".")
    rule = RULES.get(group) is not None and rest.split(".")[0] == RULES[group]
    if rule or (key == "scenario.start" and has_rules(data)):
        return Fault(key, "", "was worked into the network when loading; give it to load() instead")
    return None
