"""What never acts, said rather than passed over in silence: hazards and reserves without effect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.network.arrays import I4, MINE, REFINER, Chain
from sim.results.data import RunData
from sim.run.case import CHUNK, Study
from sim.run.idle_reasons import certain_reason, likely_reason
from sim.shocks.tape import AVAILABILITY, DEMAND, OUTPUT, Tape

Mask = NDArray[np.bool_]
MOST_LOOKED_AT = 20_000
"""Futures that are looked through for a hazard that has not acted yet: half a second."""


def idle_notes(study: Study, data: RunData) -> list[str]:
    """Return a sentence for each hazard and each reserve that acts in none of a run's futures.

    Parameters
    ----------
    study : Study
        What was run.
    data : RunData
        What it found.
    """
    return [*idle_hazards(study, data.n), *idle_reserves(study, data)]


def certainly_idle(study: Study) -> list[str]:
    """Return the sentences that need no future to be drawn: what ``check`` can say."""
    names = sorted(study.settings.scenario.hazards)
    found = [(name, certain_reason(study, name, carrying(study))) for name in names]
    return [f"hazard {name} never acts: {reason}" for name, reason in found if reason]


def idle_hazards(study: Study, n: int) -> list[str]:
    """Return a sentence for each hazard that acts in none of the first `n` futures.

    Futures are drawn again, a chunk at a time, until every hazard has been seen to act; where one
    does not, at most ``MOST_LOOKED_AT`` of them.
    """
    waiting = set(study.settings.scenario.hazards)
    carries, looked, came = carrying(study), 0, set[str]()
    while waiting and looked < min(n, MOST_LOOKED_AT):
        end = min(looked + CHUNK, n)
        tape = study.tape(np.arange(looked, end, dtype=np.int64))
        names = np.array(study.hazards.hazard_of, dtype=object)
        came |= set(names[tape.shock_hazard])
        waiting -= set(names[acting(study, tape, carries)])
        looked = end
    some = "" if looked == n else "first "
    return [
        f"hazard {name} acts in none of the {some}{looked:,} futures: "
        + (certain_reason(study, name, carries) or likely_reason(study, name, name in came))
        for name in sorted(waiting)
    ]


def acting(study: Study, tape: Tape, carries: Mask) -> I4:
    """Return the numbers of the hazards that change anything within the horizon, on this tape."""
    rows = lasting_rows(tape, float(study.n_period * study.settings.scenario.step_days))
    rows = rows[carries[tape.row_effect[rows]]]
    return np.unique(tape.shock_hazard[tape.row_shock[rows]])


def lasting_rows(tape: Tape, horizon_days: float) -> I4:
    """Return the rows whose value differs from 0 for some time within the horizon."""
    row = np.repeat(np.arange(tape.row_kind.size), np.diff(tape.point_ptr))
    day, value = tape.point_day, tape.point_value
    live = (row[1:] == row[:-1]) & (day[1:] > day[:-1]) & (day[1:] > 0) & (day[:-1] < horizon_days)
    live &= (value[1:] != 0) | (value[:-1] != 0)
    return np.unique(row[:-1][live]).astype(np.int32)


def carrying(study: Study) -> Mask:
    """Return, for each effect, whether anything that it acts on could carry or want anything."""
    chain, targets = study.compiled.chain, study.hazards.targets
    lanes = carrying_lanes(chain)
    sells = np.bincount(chain.supplier[lanes], minlength=chain.kind.size) > 0
    makes = (np.isin(chain.kind, (MINE, REFINER))) & ((chain.capacity > 0) | built(chain)) & sells
    by_kind = {AVAILABILITY: makes, OUTPUT: makes, DEMAND: chain.demand > 0}
    kinds = study.hazards.rules.effect["kind"]
    found = np.zeros(kinds.size, np.bool_)
    for e, kind in enumerate(kinds):
        where = targets.index[targets.ptr[e] : targets.ptr[e + 1]]
        found[e] = by_kind.get(int(kind), lanes)[where].any()
    return found


def carrying_lanes(chain: Chain) -> Mask:
    """Return which lanes have a share, could be bought from on the spot, or get an offtake."""
    lanes = (chain.share > 0) | (chain.spot > 0)
    lanes[chain.offtake_lane] = True
    return lanes


def built(chain: Chain) -> Mask:
    """Return which sites a project would give capacity."""
    sites = np.zeros(chain.kind.size, np.bool_)
    sites[chain.project_site] = True
    return sites


def idle_reserves(study: Study, data: RunData) -> list[str]:
    """Return a sentence for each reserve that released nothing, with what the short ones need."""
    released = np.asarray(data.reserve_released_t)
    return [
        f"reserve {name} opened in 0 of {data.n:,} futures; {_why_closed(study, data, v)}"
        for v, name in enumerate(data.reserves)
        if not released[:, v].any()
    ]


def _why_closed(study: Study, data: RunData, v: int) -> str:
    """Return who is short of what although a reserve stayed shut."""
    chain, labels = study.compiled.chain, study.compiled.labels
    short = short_users(data)
    if not short:
        return "nobody is short"
    served = set(chain.serve_feed[chain.serve_ptr[v] : chain.serve_ptr[v + 1]].tolist())
    group = {name: u for u, name in enumerate(labels.group)}
    feeds = [f for f in range(chain.feed_site.size)
             if chain.group[chain.feed_site[f]] in {group[name] for name in short}]  # fmt: skip
    if served & set(feeds):
        return "the stocks that it watches never fell below its trigger for long enough"
    needed = sorted({labels.feed_product[f] for f in feeds})
    holds = labels.site_product[int(chain.reserve_site[v])]
    many = f" and {len(short) - 3} more" if len(short) > 3 else ""
    who = f"{', '.join(short[:3])}{many}"
    return f"those short: {who}, who need {', '.join(needed)}; it holds {holds}"


def short_users(data: RunData) -> list[str]:
    """Return the end users who are short in any future, worst first."""
    column = data.table["shortfall_t"]
    means = {data.views[x].name: data.sections.mean(column[:, x]) for x in data.columns("user")}
    return sorted((n for n, t in means.items() if t > 0), key=lambda n: (-means[n], n))
