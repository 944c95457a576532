"""Which end users stand for several firms because licences reach them one by one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping

import numpy as np

from sim.network.arrays import CompiledNetwork
from sim.network.compile import compile_network
from sim.network.dictionary import Network
from sim.shocks.approval_rows import buyers_of, is_user
from sim.shocks.hazard import Control, Hazard
from sim.shocks.select import Atlas, atlas, control_lanes


def compile_with_firms(
    network: Network,
    hazards: Mapping[str, Hazard],
    *,
    start: dt.date,
    n_period: int,
    step_days: int,
) -> CompiledNetwork:
    """Return a network as arrays, end users split into the firms that apply for licences.

    A scenario without approvals has the arrays of ``compile_network``.

    Raises
    ------
    UserError
        As ``compile_network``. What a control names wrongly is told when hazards are compiled.
    """

    def compiled(firms: Mapping[str, int] | None) -> CompiledNetwork:
        return compile_network(
            network, start=start, n_period=n_period, step_days=step_days, firms=firms
        )

    whole = compiled(None)
    if not any(_by_firm(hazards)):
        return whole
    firms = firms_of(hazards, atlas(whole, network))
    return compiled(firms) if firms else whole


def firms_of(hazards: Mapping[str, Hazard], book: Atlas) -> dict[str, int]:
    """Return the end users without cohorts that licences reach, and how many firms each gets.

    As many as the end user says, else the most that any licence on its lanes says.
    """
    found: dict[str, int] = {}
    for effect in _by_firm(hazards):
        lanes = np.flatnonzero(control_lanes(effect, book, "", []))
        for i in buyers_of(lanes.astype(np.int32), book):
            name = book.compiled.labels.site_parent[i]
            if is_user(book, i) and effect.approval is not None:
                asked = book.firms.get(name, effect.approval.firms)
                found[name] = max(asked, found.get(name, 1))
    return {name: n for name, n in sorted(found.items()) if n > 1}


def mark_of(hazards: Mapping[str, Hazard]) -> str:
    """Return a text that is the same where all that decides about firms is the same."""
    keys = {"origin", "to", "exempt"}
    return json.dumps(
        sorted(
            json.dumps([e.model_dump(mode="json", include=keys), e.approval and e.approval.firms])
            for e in _by_firm(hazards)
        )
    )


def _by_firm(hazards: Mapping[str, Hazard]) -> Iterator[Control]:
    """Yield the controls whose licences go to firms."""
    for hazard in hazards.values():
        for effect in hazard.effects.values():
            if isinstance(effect, Control) and effect.approval is not None:
                yield effect
