"""Rows of a design that pin drawn parameters, each played on the same futures."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.run.case import Study
from sim.shocks.tape import Tape
from sim.sweep.design import Row
from sim.sweep.points import Points

PREFIX = "parameter/"
"""Of the columns, as in ``inputs.parquet``."""


@dataclasses.dataclass(frozen=True)
class Pinned(Study):
    """A study some of whose drawn parameters have one number in all futures.

    Parameters
    ----------
    pins : mapping of str to float
        Draw (``CompiledHazards.draw_names``) -> its number.
    """

    pins: Mapping[str, float] = dataclasses.field(default_factory=dict)

    @cached_property
    def _rows(self) -> list[int]:
        return [self.hazards.draw_names.index(name) for name in self.pins]

    def tape(self, replications: NDArray[np.int64]) -> Tape:
        """Draw the bad luck of some replications; hazards and projects keep theirs."""
        tape = super().tape(replications)
        numbers = tape.parameter.copy()
        numbers[self._rows] = np.array(list(self.pins.values()))[:, None]
        return tape._replace(parameter=numbers)


class PinnedPoints(Points):
    """The studies of a design that pins parameters of one study."""

    def __init__(self, study: Study):
        super().__init__(lambda choices: study)
        self._study_of_all = study
        study.hazards, study.views, study.compiled  # noqa: B018  shared by all rows

    def study(self, row: Row) -> Study:
        """Return the study with the parameters of a row."""
        pins = {key.removeprefix(PREFIX): float(v) for key, v in row.changes.items()}
        pinned = Pinned(self._study_of_all.settings, pins)
        # what does not depend on the pins is in the cached properties' own places
        vars(pinned).update({k: v for k, v in vars(self._study_of_all).items() if k != "settings"})
        return pinned
