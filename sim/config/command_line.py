"""From overrides to validated settings: one run, or every point of a sweep."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sim.base.collector import collector_at_rest
from sim.base.errors import Fault, UserError
from sim.config.compose import Change, Composed
from sim.config.hydra.plain_words import HERE, Given, plain_words
from sim.config.library import GROUPS, Library, plain
from sim.config.settings import Settings, assemble_named

_COMMA = re.compile(r"(-?\d+),(\d+)")
_SWEEP = "several values are for 'shortfall sweep'; quote it if it is text"
MAX_POINTS = 10_000
"""Most points of a grid: each holds its settings and has a folder of its own."""


class Point(NamedTuple):
    """One point of a sweep."""

    varied: dict[str, str]  # key -> value, of what differs between points
    composed: Composed[Settings]


def settings_from(overrides: Sequence[str], folders: Sequence[str | Path] = ()) -> Settings:
    """Return validated settings from overrides as they are written on the command line.

    Parameters
    ----------
    overrides : sequence of str
        Such as ``scenario=china_ree_embargo``, ``run.replications=500``.
    folders : sequence of path
        Own folders of scenarios, networks and policies (``--config-dir``), looked into first.

    Raises
    ------
    UserError
        With all mistakes at once.
    """
    return compose(overrides, folders).settings


@collector_at_rest()
def compose(overrides: Sequence[str], folders: Sequence[str | Path] = ()) -> Composed[Settings]:
    """Return validated settings and the place of each value.

    Raises
    ------
    UserError
        With all mistakes at once; also for a sweep, which is a command of its own.
    """
    given = plain_words(overrides)
    if given is not None:
        return _composed(given, _library(folders))
    from sim.config.hydra.grammar import given_of, parse

    parsed = parse(overrides)
    sweeps = [o for o in parsed if o.is_sweep_override()]
    if sweeps:
        raise UserError([_several(o.key_or_group, str(o.input_line)) for o in sweeps])
    return _composed([given_of(o, o.value()) for o in parsed], _library(folders))


def _several(key: str, text: str) -> Fault:
    """Return the fault of several values where one belongs; 0,85 is one in some countries."""
    number = _COMMA.fullmatch(text.partition("=")[2])
    meant = f"did you mean {number[1]}.{number[2]}? " if number else ""
    return Fault(key, text, meant + _SWEEP, HERE)


def expand(overrides: Sequence[str], folders: Sequence[str | Path] = ()) -> list[Point]:
    """Return every point of a sweep, all validated before any is run.

    Parameters
    ----------
    overrides : sequence of str
        Hydra's multirun syntax: ``a=1,2``, ``scenario=glob(china_*)``, ``x=range(1,4)``.
    folders : sequence of path
        Own folders, looked into first.

    Raises
    ------
    UserError
        With the mistakes of all points, each told once.
    """
    from sim.config.hydra.grammar import parse, values

    library = _library(folders)
    axes = [list(values(o, library)) for o in parse(overrides)]
    if (n_point := math.prod(map(len, axes))) > MAX_POINTS:
        expected = f"points are too many: {MAX_POINTS:,} at most; see --design"
        raise UserError(Fault("sweep", f"{n_point:,}", expected, HERE))
    points: list[Point] = []
    faults: dict[str, Fault | str] = {}
    for choice in itertools.product(*axes):
        varied = {g.key: g.text for g, axis in zip(choice, axes, strict=True) if len(axis) > 1}
        try:
            points.append(Point(varied, _composed(choice, library)))
        except UserError as error:
            at = ", ".join(f"{k}={v}" for k, v in varied.items())
            for fault in error.faults:
                faults.setdefault(str(fault), f"{fault}  [at {at}]" if at else fault)
    if faults:
        raise UserError(faults.values())
    return points


def _composed(given: Sequence[Given], library: Library) -> Composed[Settings]:
    """Merge the contents of the files that are meant, then the changes."""
    faults = [
        Fault(g.key, g.text, "must be a name or a path to a YAML file", HERE)
        for g in given
        if g.key in GROUPS and not isinstance(g.value, str)
    ]
    if faults:
        raise UserError(faults)
    wanted = {g.key: g.value for g in given if g.key in GROUPS}
    for group, reference in wanted.items():
        library.find(group, reference, HERE)
    changes = [
        Change(tuple(g.key.split(".")), plain(g.value), g.remove, HERE)
        for g in given
        if g.key not in GROUPS
    ]
    return assemble_named(library, wanted, changes, HERE)


def _library(folders: Sequence[str | Path]) -> Library:
    for folder in folders:
        if not Path(folder).is_dir():
            raise UserError(Fault("--config-dir", str(folder), "is not a folder", HERE))
    return Library(tuple(Path(folder) for folder in folders))
