"""From hazards to the independent copies of them that are drawn, parents before children."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.base.errors import Fault, nearest
from sim.network.arrays import MINE, REFINER
from sim.shocks.hazard import Hazard, Outage
from sim.shocks.select import Atlas, of_kinds, place_of, select_sites

PREFIX = "scenario.hazards"


@dataclass(frozen=True)
class Copy:
    """One hazard as it is drawn.

    Parameters
    ----------
    name : str
        Names its random streams: the hazard's, or hazard/place.
    of : str
        The hazard in the scenario.
    hazard : Hazard
        Its rule.
    place : str or None
        The site this copy belongs to, or the host (tag ``host:...``) that several sites share.
    own_place : bool
        True where ``each_site`` made it, so that its outages act on `place` alone.
    parent : str or None
        Name of the copy that triggers it.
    """

    name: str
    of: str
    hazard: Hazard
    place: str | None = None
    own_place: bool = False
    parent: str | None = None

    @property
    def key(self) -> str:
        """Dotted key of the hazard in the settings."""
        return f"{PREFIX}.{self.of}"


def _parent_faults(hazards: Mapping[str, Hazard]) -> list[Fault]:
    """Return what is wrong with the names in `after`: unknown ones, and cycles."""
    faults = []
    for name, hazard in hazards.items():
        parent = hazard.onset.after
        if parent is not None and parent not in hazards:
            faults.append(
                Fault(
                    f"{PREFIX}.{name}.onset.after",
                    parent,
                    "no hazard of that name" + nearest(parent, hazards),
                )
            )
    for name in sorted(hazards):
        seen, at = [name], hazards[name].onset.after
        while at is not None and at in hazards and at not in seen:
            seen.append(at)
            at = hazards[at].onset.after
        if at == name and name == min(seen):  # each cycle once
            faults.append(
                Fault(
                    f"{PREFIX}.{name}.onset.after",
                    " -> ".join([*seen, name]),
                    "hazards must not trigger each other in a circle",
                )
            )
    return faults


def _with_parents_first(hazards: Mapping[str, Hazard]) -> list[str]:
    """Return the names in an order where each stands after the hazard that triggers it."""
    order: list[str] = []
    waiting = sorted(hazards)
    while waiting:
        ready = [n for n in waiting if hazards[n].onset.after in (None, *order)]
        order += ready
        waiting = [n for n in waiting if n not in ready]
    return order


def _places_of(name: str, hazard: Hazard, book: Atlas, faults: list[Fault]) -> list[str] | None:
    """Return the sites of an ``each_site`` hazard, those of one host as one place; or None."""
    if hazard.each_site is None:
        return None
    key = f"{PREFIX}.{name}.each_site"
    mask = select_sites(hazard.each_site, book, key, faults)
    if all(isinstance(effect, Outage) for effect in hazard.effects.values()):
        mask = of_kinds(mask, (MINE, REFINER), book, key, faults)
    return sorted({place_of(book, int(i)) for i in np.flatnonzero(mask)})


def _children(
    name: str, hazard: Hazard, places: list[str] | None, parents: list[Copy]
) -> list[Copy]:
    """Return the copies of a triggered hazard, each with the one parent that triggers it.

    A parent with a copy per place gives the child one per parent copy. Where both have copies,
    they pair by place; a place of the child's where the parent has none follows every copy of
    the parent.
    """
    made = []
    for parent in parents:
        tail = parent.name[len(parent.of) :]  # "" or "/place"
        if places is None:
            made.append(Copy(name + tail, name, hazard, parent.place, False, parent.name))
            continue
        for place in places:
            if parent.place == place:
                made.append(Copy(name + tail, name, hazard, place, True, parent.name))
            elif all(p.place != place for p in parents):
                made.append(Copy(f"{name}/{place}{tail}", name, hazard, place, True, parent.name))
    return made


def copies_of(hazards: Mapping[str, Hazard], book: Atlas, faults: list[Fault]) -> list[Copy]:
    """Return all copies in name order; mistakes are added to `faults`.

    Parameters
    ----------
    hazards : mapping of str to Hazard
        The scenario's hazards.
    book : Atlas
        The network's words.
    faults : list of Fault
        Grows by unknown parents, circles of triggers and unknown sites.

    Returns
    -------
    list of Copy
        Sorted by name: the position is the hazard's number on the tape. Empty where a
        parent is unknown or in a circle.
    """
    wrong = _parent_faults(hazards)
    faults += wrong
    if wrong:
        return []
    made: dict[str, list[Copy]] = {}
    for name in _with_parents_first(hazards):
        hazard = hazards[name]
        places = _places_of(name, hazard, book, faults)
        if hazard.onset.after is not None:
            made[name] = _children(name, hazard, places, made[hazard.onset.after])
        elif places is None:
            made[name] = [Copy(name, name, hazard)]
        else:
            made[name] = [Copy(f"{name}/{p}", name, hazard, p, True) for p in places]
    return sorted((c for group in made.values() for c in group), key=lambda c: c.name)


def parents_first(copies: list[Copy]) -> list[int]:
    """Return the numbers of the copies, each after the one that triggers it."""
    number = {c.name: i for i, c in enumerate(copies)}

    def depth(copy: Copy) -> int:
        return 0 if copy.parent is None else 1 + depth(copies[number[copy.parent]])

    return sorted(range(len(copies)), key=lambda i: (depth(copies[i]), i))
