"""From hazards to tapes: compile the rules of chance once, then draw any replications.

A replication's chance depends on the seed, its number and the names of hazards, effects,
projects and parameters, and on nothing else: not on what is drawn beside it or before it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import Fault, UserError
from sim.base.sections import INDEPENDENT, Sections
from sim.network.arrays import CompiledNetwork
from sim.network.dictionary import Network
from sim.network.distribution import Distribution
from sim.shocks.bounded import crowded, restless
from sim.shocks.check import hazard_faults
from sim.shocks.compiling import Desk, Row
from sim.shocks.copies import PREFIX, Copy, copies_of
from sim.shocks.hazard import Hazard, Parameter, Tension
from sim.shocks.hazard_rows import effect_rows, hazard_row
from sim.shocks.kernel import courses, sampling
from sim.shocks.kernel import rows as row_kernel
from sim.shocks.kernel import shocks as shock_kernel
from sim.shocks.laws import NumberList
from sim.shocks.loss_rows import loss_rows
from sim.shocks.parameter_rows import (
    home_weight_rows,
    parameter_rows,
    price_rows_of,
    project_row,
    prospect_rows_of,
    response_rows_of,
)
from sim.shocks.records import Numbers, Rules
from sim.shocks.select import atlas
from sim.shocks.stack_rows import ragged, stack
from sim.shocks.tape import PARAMETERS, Draws, Tape, Targets


@dataclass(frozen=True)
class CompiledHazards:
    """Everything about chance that does not depend on the replication.

    Parameters
    ----------
    hazard_names : tuple of str
        By hazard number of the tape: name order; copies of an ``each_site`` hazard are
        hazard/site.
    hazard_of : tuple of str
        The hazard of the scenario behind each.
    effect_names : tuple of str
        By effect number: hazard/effect; behind an effect whose licences go to firms, its parts,
        hazard/effect/buyer.
    draw_names : tuple of str
        By row of ``Tape.parameter``.
    rules, numbers : Rules, Numbers
        What the kernels read.
    targets : Targets
        Sites or lanes of each effect.
    draws : Draws
        Where the drawn parameters go.
    n_price : int
        Rows of ``Tape.price``; what answers to prices follows them.
    n_response : int
        Rows of ``Tape.response``; those of projects that answer follow them.
    """

    hazard_names: tuple[str, ...]
    hazard_of: tuple[str, ...]
    effect_names: tuple[str, ...]
    draw_names: tuple[str, ...]
    rules: Rules
    numbers: Numbers
    targets: Targets
    draws: Draws
    n_price: int = 0
    n_response: int = 0


def compile_hazards(
    hazards: Mapping[str, Hazard],
    tensions: Mapping[str, Tension],
    parameters: Mapping[str, Parameter],
    compiled: CompiledNetwork,
    network: Network,
    *,
    start: dt.date,
    horizon_days: float,
    step_days: float = 1.0,
    with_network: bool = False,
    priced: Sequence[str] = (),
    answered: bool = False,
    built: bool = False,
) -> CompiledHazards:
    """Return the plan from which tapes are drawn.

    Parameters
    ----------
    hazards, tensions, parameters : mapping
        The scenario's, by name. The network's own parameters are drawn beside them; of two of one
        name the scenario's counts.
    compiled : CompiledNetwork
        The network's arrays and names.
    network : Network
        The network as written: blocs, products, projects and parameters.
    start : datetime.date
        Day 0.
    horizon_days : float
        Shocks announced from then on are left out.
    step_days : float
        Not used: chance lives in continuous time. Taken so that callers pass the run as it is.
    with_network : bool
        Whether a part of what suppliers of end users lose counts as well: then it is drawn.
    priced : sequence of str, optional
        Products whose price is asked for, in the order of ``Tape.price``.
    answered : bool
        Whether anybody answers to prices: then ``Tape.response`` is drawn.
    built : bool
        Whether projects answer to prices: then ``Tape.prospect`` is drawn.

    Returns
    -------
    CompiledHazards
        Compiled rules; independent of the order of names in a file.

    Raises
    ------
    UserError
        With one fault for each unknown name, contradiction, circle of triggers, value out of
        range, and effect that matches nothing.
    """
    desk = Desk(atlas(compiled, network), start)
    for name in sorted(hazards):
        desk.faults += hazard_faults(name, hazards[name], tensions)
    copies = copies_of(hazards, desk.atlas, desk.faults)
    hazard_rows = [hazard_row(copy, tensions, desk) for copy in copies]
    effects = [_effects_of(copy, desk) for copy in copies]
    project_rows = [project_row(name, network, desk) for name in compiled.labels.project]
    drawn = {**network.parameters, **parameters}
    draw_rows = home_weight_rows(network, desk) + loss_rows(network, desk, with_network)
    draw_rows += [
        row
        for name in sorted(drawn)
        for row in parameter_rows(
            name, drawn[name], desk, "scenario" if name in parameters else "network"
        )
    ]
    price_rows = [row for product in priced for row in price_rows_of(product, network, desk)]
    response_rows = response_rows_of(network, desk) if answered else []
    built_rows = prospect_rows_of(network, compiled.labels.project, desk) if built else []
    desk.faults += _missing(copies, effects, desk.faults)
    numbers = desk.laws.encode()
    desk.faults += desk.laws.faults(numbers)
    if not desk.faults:
        desk.faults += [
            *crowded(copies, hazard_rows, numbers, horizon_days),
            *restless(tensions, horizon_days),
        ]
    if desk.faults:
        raise UserError(dict.fromkeys(desk.faults))
    numbered = [*draw_rows, *price_rows, *response_rows, *built_rows]
    rules = stack(copies, hazard_rows, effects, project_rows, numbered, numbers, horizon_days)
    keys = np.array([PARAMETERS.index(row["key"]) for row in draw_rows], np.int32)
    return CompiledHazards(
        tuple(c.name for c in copies),
        tuple(c.of for c in copies),
        tuple(
            f"{c.name}/{row['name']}"
            for c, rows in zip(copies, effects, strict=True)
            for row in rows
        ),
        tuple(row["name"] for row in draw_rows),
        rules,
        numbers,
        Targets(*ragged([row["targets"] for rows in effects for row in rows], np.int32)),
        Draws(keys, *ragged([row["targets"] for row in draw_rows], np.int32)),
        len(price_rows),
        len(response_rows),
    )


def sample(
    plan: CompiledHazards,
    seed: int,
    replications: NDArray[np.int64],
    sections: Sections = INDEPENDENT,
) -> Tape:
    """Return the tape of some replications.

    Parameters
    ----------
    plan : CompiledHazards
        Compiled rules of chance.
    seed : int
        0 to 2**64 - 1; one seed is one family of futures.
    replications : ndarray of int64, shape (n,)
        Numbers of the replications, in any order: each gets what it would get alone.
    sections : Sections, optional
        Which replications belong together (``sim.shocks.kernel.sampling``): blocks of a power of
        two. Means stay unbiased; intervals must come from whole blocks, not replications.

    Returns
    -------
    Tape
        Their shocks, projects and parameters.

    Raises
    ------
    UserError
        If a hazard strikes more than 100 000 times in one replication.
    """
    rules, numbers, key = plan.rules, plan.numbers, np.uint64(seed)
    replications = np.ascontiguousarray(replications, dtype=np.int64)
    coded = _coded(replications, sections)
    shocks, ptr, fault = shock_kernel.draw_shocks(rules, numbers, key, coded)
    if fault >= 0:
        raise UserError(
            Fault(
                f"{PREFIX}.{plan.hazard_of[fault]}.onset",
                "",
                f"strikes more than {shock_kernel.EVENT_LIMIT} times in one replication: check "
                "rate_per_year, up_days and begin_days",
            )
        )
    row, point, row_ptr = row_kernel.draw_rows(rules, numbers, key, coded, shocks, ptr)
    start, value = row_kernel.draw_others(rules, numbers, key, coded)
    shocks, row = shocks[:, : ptr[-1]], row[:, : row_ptr[-1]]  # the room that was used, not copied
    ends = row[courses.R_END]
    point = point[:, : ends[-1] if ends.size else 0]
    n_draw = plan.draws.key.size
    n_told = n_draw + plan.n_price
    return Tape(
        replication=replications,
        shock_ptr=ptr,
        shock_hazard=shocks[shock_kernel.HAZARD].astype(np.int32),
        announce_days=shocks[shock_kernel.ANNOUNCE],
        onset_days=shocks[shock_kernel.START],
        end_days=shocks[shock_kernel.END],
        called_off=shocks[shock_kernel.OFF] > 0,
        row_ptr=row_ptr,
        row_shock=row[courses.R_SHOCK],
        row_effect=row[courses.R_EFFECT],
        row_kind=row[courses.R_KIND],
        point_ptr=np.concatenate([[0], ends]).astype(np.int32),
        point_day=point[courses.DAY],
        point_value=point[courses.VALUE],
        project_start_days=start,
        parameter=value[: plan.draws.key.size],
        price=value[n_draw:n_told],
        response=value[n_told : n_told + plan.n_response],
        prospect=value[n_told + plan.n_response :],
    )


def _coded(replications: NDArray[np.int64], sections: Sections) -> NDArray[np.int64]:
    """Return numbers that also say how futures belong together, as draws are told them.

    Where a shock comes in every second future, a block is two: first those in which none comes,
    then those in which one does, each a net of its own of half the size.
    """
    numbers, bits = replications.view(np.uint64), np.uint64(sections.bits)
    one = np.uint64(1)
    code = np.uint64(sections.bits << int(sampling.CODE_BITS))
    if not sections.weighted:
        return (numbers | code).view(np.int64)
    half, struck = bits - one, numbers & one
    place = (numbers & ((one << bits) - one)) >> one
    moved = ((numbers >> bits) << bits) | (struck << half) | place
    kind = np.where(struck == one, sampling.STRUCK, sampling.QUIET) << sampling.KIND_BITS
    told: NDArray[np.int64] = (moved | kind | (half << sampling.CODE_BITS)).view(np.int64)
    return told


def compile_kernels() -> None:
    """Compile the kernels by drawing nothing, and leave them in numba's cache."""
    laws = NumberList()
    laws.enter(0.0, "")
    laws.enter(Distribution(min=0.0, mode=1.0, max=2.0), "")  # beta: its constants are compiled too
    numbers = laws.encode()
    laws.faults(numbers)
    rules = stack([], [], [], [], [], numbers, 1.0)
    none = np.zeros(1, np.int32), np.zeros(0, np.int32)
    plan = CompiledHazards((), (), (), (), rules, numbers, Targets(*none), Draws(none[1], *none))
    sample(plan, 0, np.arange(1))


def _effects_of(copy: Copy, desk: Desk) -> list[Row]:
    """Return the effects of one copy in name order; those that do not touch its site left out."""
    rows = [
        row
        for name, effect in sorted(copy.hazard.effects.items())
        for row in effect_rows(copy, name, effect, desk)
    ]
    return [row for row in rows if len(row["targets"])]


def _missing(copies: list[Copy], effects: list[list[Row]], faults: list[Fault]) -> list[Fault]:
    """Return a fault for each effect that no copy of its hazard has, unless that was told."""
    met = {(c.of, row["name"]) for c, rows in zip(copies, effects, strict=True) for row in rows}
    told = [f.key for f in faults]
    missing = []
    for copy in copies:
        for name in copy.hazard.effects:
            key = f"{copy.key}.effects.{name}"
            if (copy.of, name) not in met and not any(t.startswith(key) for t in told):
                missing.append(Fault(key, "", "matches nothing of the network"))
    return missing
