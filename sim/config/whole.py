"""A file that holds all settings, such as the ``config.yaml`` of a results folder: run as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.base.errors import Fault, UserError
from sim.config.changes import Change
from sim.config.compose import Composed, changed
from sim.config.library import Part, where_in
from sim.config.settings import Settings, worked_in


def is_whole(part: Part) -> bool:
    """Return whether what was read as a scenario is a whole: its network stands in it."""
    return all(isinstance(part.data.get(key), Mapping) for key in ("network", "scenario"))


def assemble_whole(
    part: Part, chosen: Mapping[str, str], changes: Sequence[Change], origin: str = ""
) -> Composed[Settings]:
    """Return the settings of a whole, and changes in order.

    Parameters
    ----------
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
    return changed(Settings, part.data, changes, where=lambda path: where_in(part, path))
