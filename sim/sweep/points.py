"""From rows to studies: only what a row changes is validated and compiled again."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, create_model

from sim.base.errors import Fault, UserError
from sim.config.compose import Change, changed
from sim.config.settings import Settings, change_settings
from sim.network.arrays import CompiledNetwork
from sim.network.dictionary import Strict
from sim.run.case import Study
from sim.run.sampling import refuse_strata
from sim.shocks.firms import mark_of
from sim.sweep.design import CHOICES, Row

T = TypeVar("T")
Base = Callable[[dict[str, str]], Study]
"""Groups chosen, such as {"policy": "none"} -> the study that rows change."""

NETWORKS_KEPT = 64
"""Networks kept compiled, the last used; a design of more than these in turn compiles anew."""

MISTAKES_SHOWN = 50
"""Mistakes shown at once; a column that is wrong is shown once, not once a row."""


class Points:
    """The studies of a design.

    Parameters
    ----------
    base : callable
        Study of the groups that a row chooses.

    Notes
    -----
    A row's `scenario` and `run` settings are validated by themselves; the rest, and the compiled
    network that follows from it, is shared by all rows that have it alike. A study is the same as
    ``Study.change`` gives (a test).
    """

    def __init__(self, base: Base):
        self._base = base
        self._around: OrderedDict[str, Study] = OrderedDict()
        self._compiled: OrderedDict[tuple[str, ...], CompiledNetwork] = OrderedDict()

    def study(self, row: Row) -> Study:
        """Return the study of a row, validated and compiled.

        Raises
        ------
        UserError
            With all mistakes of the row, each with its place in the design.
        """
        try:
            return self._study(row)
        except UserError as error:
            raise UserError([_placed(f, row) for f in error.faults]) from None

    def _study(self, row: Row) -> Study:
        inner = {k: v for k, v in row.changes.items() if _is_inner(k)}
        outer = {k: v for k, v in row.changes.items() if not _is_inner(k)}
        key = json.dumps(outer, sort_keys=True, default=str)
        around = _kept(self._around, key, lambda: self._opened(outer))
        settings = _changed_inside(around.settings, inner)
        refuse_strata(settings.run)
        study = Study(settings)
        s = settings.scenario
        clock = (key, str(s.start), str(s.horizon_days), str(s.step_days), mark_of(s.hazards))
        # the cached property's own place
        vars(study)["compiled"] = _kept(self._compiled, clock, lambda: study.compiled)
        study.hazards, study.views  # noqa: B018  compiled here, so that mistakes show
        return study

    def _opened(self, outer: dict[str, Any]) -> Study:
        base = self._base({k: str(v) for k, v in outer.items() if k in CHOICES})
        changes = {k: v for k, v in outer.items() if k not in CHOICES}
        return Study(change_settings(base.settings, changes)) if changes else base


def check_rows(points: Points, rows: Iterable[Row]) -> None:
    """Validate and compile every row; keep none.

    Raises
    ------
    UserError
        With the mistakes of all rows. One that many rows share is told once, at the first of them.
    """
    alike: dict[tuple[str, str, str], list[Fault]] = {}
    for row in rows:
        try:
            points.study(row)
        except UserError as error:
            for fault in error.faults:
                f = fault if isinstance(fault, Fault) else Fault("design", "", fault, row.where)
                alike.setdefault((f.key, f.found, f.expected), []).append(f)
    faults = [_and_more(same) for same in alike.values()]
    if len(faults) > MISTAKES_SHOWN:
        more = f"and {len(faults) - MISTAKES_SHOWN} more mistakes"
        faults = [*faults[:MISTAKES_SHOWN], Fault("design", "", more)]
    if faults:
        raise UserError(faults)


def _is_inner(key: str) -> bool:
    """Whether a setting leaves the network as it is, and no rule of a policy has read it."""
    return key.startswith(("scenario.", "run.")) and key != "scenario.start"


def _changed_inside(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return settings with some of `scenario` and `run` changed, the rest not looked at again."""
    if not changes:
        return settings
    groups = tuple(sorted({key.partition(".")[0] for key in changes}))
    data = {
        group: getattr(settings, group).model_dump(mode="json", exclude_unset=True)
        for group in groups
    }
    part = changed(_part(groups), data, [Change.of(k, v) for k, v in changes.items()]).settings
    return settings.model_copy(update={group: getattr(part, group) for group in groups})


@lru_cache(maxsize=8)
def _part(groups: Sequence[str]) -> type[BaseModel]:
    """Return the schema of some groups of the settings."""
    fields: dict[str, Any] = {g: (Settings.model_fields[g].annotation, ...) for g in groups}
    return create_model("Part", __base__=Strict, **fields)


def _kept(kept: OrderedDict[Any, T], key: Any, make: Callable[[], T]) -> T:
    """Return what is kept under a key, made where it is not; forget the one longest not used."""
    if key not in kept:
        kept[key] = make()
        if len(kept) > NETWORKS_KEPT:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


def _placed(fault: Fault | str, row: Row) -> Fault | str:
    """Say in which row a mistake is, unless a file is to blame."""
    if isinstance(fault, str) or fault.where not in ("", "change"):
        return fault
    return Fault(fault.key, fault.found, fault.expected, row.where)


def _and_more(same: list[Fault]) -> Fault:
    first = same[0]
    if len(same) == 1:
        return first
    also = f"{first.expected} (and so in {len(same) - 1:,} more rows)"
    return Fault(first.key, first.found, also, first.where)
