"""What chance decided of each future, drawn again by name and seed: nothing is played for it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.network.arrays import F8
from sim.network.prices import PRICE_BOUNDS, RESPONSE_BOUNDS
from sim.results.blocks import Arrays
from sim.results.inputs import in_single
from sim.run.assumed import came_in, title_of, unsure
from sim.run.case import Study
from sim.run.many import in_memory
from sim.shocks.tape import AVAILABILITY, DEMAND, EXTRA_DAYS, HOLD, LANE_CAP, OUTPUT, Tape

MOST = 100_000
"""Futures, from the first, whose inputs are told."""
BLOCK = 2048
CAME = "came/"
"""Before the name of a hazard that may not come, beside the inputs."""

HOW_HARD = {
    "severity": (AVAILABILITY, LANE_CAP, OUTPUT),
    "extra_days": (EXTRA_DAYS,),
    "held": (HOLD,),
    "demand": (DEMAND,),
}
"""What is told of how hard a hazard strikes -> kinds of rows whose furthest value it is."""


class Luck:
    """What chance decided of the first futures: drawn once, when it is first asked for.

    Parameters
    ----------
    study : Study
        Whose luck is drawn.
    n : int
        Futures; of more than `MOST` only so many.
    workers : int, optional
        Threads; changes no bit.
    """

    def __init__(self, study: Study, n: int, workers: int = 1) -> None:
        self._study, self._n, self._workers = study, min(n, MOST), workers

    @cached_property
    def _drawn(self) -> Arrays:
        study = self._study
        study.hazards  # noqa: B018  compiled once, before threads share it

        def compute(replications: NDArray[np.int64], stop: NDArray[np.uint8]) -> Arrays:
            tape = study.tape(replications)
            came = {f"{CAME}{name}": mask for name, mask in came_in(study, tape).items()}
            told = _of_tape(study, tape)
            return came | {name: np.asarray(x, np.float32) for name, x in told}

        return in_memory(compute, self._n, BLOCK, self._workers, lambda _: None)

    @property
    def came(self) -> dict[str, NDArray[np.bool_]]:
        """Title of each hazard that may not come -> in which of the futures it did."""
        hazards = self._study.settings.scenario.hazards
        names = unsure(hazards)
        return {title_of(x, hazards[x]): self._drawn[f"{CAME}{x}"] for x in names}

    @property
    def inputs(self) -> dict[str, F8]:
        """What varies, by name, shape (m,); see ``inputs_of``."""
        drawn = ((name, x) for name, x in self._drawn.items() if not name.startswith(CAME))
        single = ((name, in_single(x)) for name, x in drawn)
        return {name: values for name, values in single if _says_more(name, values)}


def inputs_of(study: Study, n: int, workers: int = 1) -> dict[str, F8]:
    """Return what varies of the luck of the first futures, by name, shape (m,).

    Parameters
    ----------
    study : Study
        Whose luck is drawn.
    n : int
        Futures; of more than `MOST` only so many.
    workers : int, optional
        Threads; changes no bit.

    Returns
    -------
    dict of ndarray
        hazard/NAME/came (1 or 0), times (how often, where that is more than once), day (of the
        first onset, where that varies; NaN: never), days (in force, summed, to the horizon),
        severity, extra_days, held, demand (furthest from 0), called_off; of copies of an
        ``each_site`` hazard all together. project/NAME/built (1: within the horizon), day (NaN:
        never). parameter/NAME, price/PRODUCT/NUMBER, response/NUMBER.
    """
    return Luck(study, n, workers).inputs


def _says_more(name: str, values: F8) -> bool:
    """Return whether an input varies, and says more than that something came."""
    known = values[~np.isnan(values)]
    if known.size == 0 or (name.endswith("/times") and known.max() <= 1.0):
        return False
    alike = bool((known == known[0]).all())
    return not alike or (known.size < values.size and not name.endswith("/day"))


def _of_tape(study: Study, tape: Tape) -> Iterator[tuple[str, F8]]:
    """Yield each input of a tape's replications."""
    horizon = float(study.n_period * study.settings.scenario.step_days)
    yield from _of_hazards(study, tape, horizon)
    for name, start in zip(study.compiled.labels.project, tape.project_start_days, strict=True):
        yield f"project/{name}/built", (start < horizon).astype(float)
        yield f"project/{name}/day", np.where(np.isinf(start), np.nan, start)
    names = [f"parameter/{name}" for name in study.hazards.draw_names]
    yield from zip(names, tape.parameter, strict=True)
    if study.market is not None:
        products = study.market.goods.product
        priced = [f"price/{p}/{number}" for p in products for number in PRICE_BOUNDS]
        yield from zip(priced, tape.price, strict=False)
        yield from zip((f"response/{x}" for x in RESPONSE_BOUNDS), tape.response, strict=False)


def _of_hazards(study: Study, tape: Tape, horizon: float) -> Iterator[tuple[str, F8]]:
    names = sorted(set(study.hazards.hazard_of))
    of = np.array([names.index(name) for name in study.hazards.hazard_of], np.int64)
    shape = len(names), tape.replication.size
    owner = np.repeat(np.arange(shape[1]), np.diff(tape.shock_ptr))
    number = of[tape.shock_hazard] if of.size else np.zeros(0, np.int64)
    times, off, days = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    first = np.full(shape, np.inf)
    came = ~tape.called_off & (tape.onset_days < horizon)
    at = number[came], owner[came]
    np.add.at(times, at, 1.0)
    np.maximum.at(off, (number[tape.called_off], owner[tape.called_off]), 1.0)
    np.minimum.at(first, at, tape.onset_days[came])
    lasted = np.minimum(tape.end_days[came], horizon) - np.maximum(tape.onset_days[came], 0.0)
    np.add.at(days, at, np.maximum(lasted, 0.0))
    hard = _how_hard(tape, number, owner, came, shape)
    for h, name in enumerate(names):
        yield f"hazard/{name}/came", (times[h] > 0).astype(float)
        yield f"hazard/{name}/times", times[h]
        yield f"hazard/{name}/day", np.where(np.isinf(first[h]), np.nan, first[h])
        yield f"hazard/{name}/days", days[h]
        for what, values in hard.items():
            yield f"hazard/{name}/{what}", values[h]
        yield f"hazard/{name}/called_off", off[h]


def _how_hard(
    tape: Tape,
    number: NDArray[np.int64],
    owner: NDArray[np.int64],
    came: NDArray[np.bool_],
    shape: tuple[int, int],
) -> dict[str, F8]:
    """Return the value furthest from 0 that rows of each hazard reach, 0 where it did not come."""
    found = {what: np.zeros(shape) for what in HOW_HARD}
    if not tape.row_kind.size:
        return found
    value = tape.point_value
    high = np.maximum.reduceat(value, tape.point_ptr[:-1])
    low = np.minimum.reduceat(value, tape.point_ptr[:-1])
    for what, kinds in HOW_HARD.items():
        rows = np.flatnonzero(np.isin(tape.row_kind, kinds) & came[tape.row_shock])
        shock = tape.row_shock[rows]
        peak, trough = np.zeros(shape), np.zeros(shape)
        np.maximum.at(peak, (number[shock], owner[shock]), high[rows])
        np.minimum.at(trough, (number[shock], owner[shock]), low[rows])
        found[what] = np.where(peak >= -trough, peak, trough)
    return found
