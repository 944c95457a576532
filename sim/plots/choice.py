"""What a reader has chosen to see of a run: regions, sectors, goods, dates, a measure."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from sim.results.data import Fan, RunData, View

CHOICE, PLACES = "choice", "places"
"""Keys of ``RunData.meta``."""


@dataclass(frozen=True)
class Choice:
    """A part of a run.

    Parameters
    ----------
    regions, sectors, goods : tuple of str
        Names; empty: all.
    first, last : datetime.date or None
        Days that are drawn of what runs over time; None: from the start, to the end.
    """

    regions: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    goods: tuple[str, ...] = ()
    first: dt.date | None = None
    last: dt.date | None = None

    def has(self, region: str, sector: str, good: str) -> bool:
        """Return whether an end user is of the part."""
        pairs = ((self.regions, region), (self.sectors, sector), (self.goods, good))
        return all(not wanted or name in wanted for wanted, name in pairs)


def choice_of(data: RunData) -> Choice:
    """Return what is chosen of a run."""
    found: Choice = data.meta.get(CHOICE, Choice())
    return found


def in_choice(data: RunData, view: View) -> bool:
    """Return whether a region, sector or good is of the part that is chosen."""
    choice = choice_of(data)
    wanted = {"region": choice.regions, "sector": choice.sectors, "product": choice.goods}
    return not wanted.get(view.kind) or view.name in wanted[view.kind]


def drawn_periods(data: RunData) -> tuple[int, int]:
    """Return the first and last period that is drawn of what runs over time."""
    choice, end = choice_of(data), data.n_period - 1
    first = 0 if choice.first is None else (choice.first - data.start).days // data.step_days
    last = end if choice.last is None else (choice.last - data.start).days // data.step_days
    first = min(max(first, 0), end)
    return first, min(max(last, first), end)


def chosen(data: RunData, choice: Choice, users: Mapping[str, tuple[str, str, str]]) -> RunData:
    """Return a part of a run: its figures are drawn of it, and its sentences are about it.

    Parameters
    ----------
    data : RunData
        The run.
    choice : Choice
        The part.
    users : mapping
        End user -> (region, sector, good).
    """
    kind = kind_of(choice)
    meta = {**data.meta, CHOICE: choice}
    if kind is None:
        return dataclasses.replace(data, meta=meta)
    names = {
        "user": {name for name, of in users.items() if choice.has(*of)},
        "region": {*choice.regions},
        "sector": {*choice.sectors},
        "product": {*choice.goods},
    }[kind]
    kept = [x for x, view in enumerate(data.views) if view.kind != kind or view.name in names]
    return dataclasses.replace(
        data,
        views=tuple(data.views[x] for x in kept),
        table={name: Part(told, kept) for name, told in data.table.items()},
        structural_t=cast(Any, Part(data.structural_t, kept)),
        value_usd_per_t=np.asarray(data.value_usd_per_t)[kept],
        fan=None if data.fan is None else _some(data.fan, kept),
        meta={**meta, PLACES: kind},
    )


def kind_of(choice: Choice) -> str | None:
    """Return what is shown: the one kind that is named, or end users where several are."""
    named = [kind for kind, names in (("region", choice.regions), ("sector", choice.sectors),
                                      ("product", choice.goods)) if names]  # fmt: skip
    if not named:
        return None
    return named[0] if len(named) == 1 else "user"


def _some(told: Fan, columns: Sequence[int]) -> Fan:
    return dataclasses.replace(
        told,
        share=told.share[:, :, columns],
        mean=told.mean[:, columns],
        mean_low=told.mean_low[:, columns],
        mean_high=told.mean_high[:, columns],
    )


class Part:
    """Some columns of a table that is read when it is used, shape (n, n_column)."""

    def __init__(self, whole: Any, columns: Sequence[int]) -> None:
        self._whole, self._columns = whole, list(columns)

    def __getitem__(self, key: Any) -> Any:
        rows, columns = key if isinstance(key, tuple) else (key, slice(None))
        if isinstance(columns, (int, np.integer)):
            return self._whole[rows, self._columns[columns]]
        wanted = np.asarray(self._columns)[columns]
        return np.stack([np.asarray(self._whole[rows, int(x)]) for x in wanted], axis=-1)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(self[:, :], dtype=dtype)

    def __iter__(self) -> Iterator[Any]:
        return iter(np.asarray(self))
