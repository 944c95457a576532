"""Approvals, buyer by buyer, as fields of records: each buyer is a part of its control."""

from __future__ import annotations

import math

import numpy as np

from sim.base.errors import Fault, nearest
from sim.base.rng import stream_id
from sim.network.arrays import I4
from sim.shocks.approval import Approval, verdict_for
from sim.shocks.compiling import Desk, Row
from sim.shocks.copies import Copy
from sim.shocks.select import Atlas

NO_APPROVAL: Row = {
    "n_part": 0,
    "applicants": [],
    "approval_days": -1,
    "refused": 0.0,
    "reapply_days": math.inf,
    "granted": -1,
}
"""Fields of an effect that no applicant waits behind."""


def approval_rows(copy: Copy, approval: Approval, whole: Row, desk: Desk) -> list[Row]:
    """Return one part for each buyer on the lanes of a control; `whole` then bars nothing itself.

    Parameters
    ----------
    copy : Copy
        The hazard as it is drawn.
    approval : Approval
        The control's.
    whole : dict
        Fields of the control, its lanes among them; changed.
    desk : Desk
        Gets the laws, and faults for a destination that is unknown, not reached, or met twice.
    """
    key = f"{copy.key}.effects.{whole['name']}.approval"
    chain, book = desk.atlas.compiled.chain, desk.atlas
    buyer = chain.feed_site[chain.lane_feed[whole["targets"]]]
    found = {int(i): _destination(approval, int(i), f"{key}.by", desk) for i in np.unique(buyer)}
    if buyer.size:
        desk.faults += _unreached(approval, set(found.values()), f"{key}.by", book)
    verdicts = {d: _verdict(approval, d, key, desk) for d in dict.fromkeys(found.values())}
    parts = [
        whole
        | verdicts[destination]
        | {
            "name": f"{whole['name']}/{book.compiled.labels.site[i]}",
            "control": 0,
            "applicants": _applicants(copy, approval, whole["name"], i, book),
            "targets": whole["targets"][buyer == i],
        }
        for i, destination in found.items()
    ]
    whole["n_part"] = len(parts)
    return parts


def _verdict(approval: Approval, destination: str | None, key: str, desk: Desk) -> Row:
    """Return the laws that hold for one destination."""
    it, enter = verdict_for(approval, destination), desk.laws.enter
    own = approval.by[destination] if destination is not None else approval
    path = {
        name: f"{key}.by.{destination}.{name}"
        if destination is not None and getattr(own, name) is not None
        else f"{key}.{name}"
        for name in ("days", "share")
    }
    return {
        "approval_days": enter(it.days, path["days"], 0, whole=True),
        "refused": it.refused,
        "reapply_days": math.inf if it.reapply_days is None else it.reapply_days,
        "granted": enter(it.share, path["share"], 0, 1, whole=True),
    }


def _applicants(copy: Copy, approval: Approval, effect: str, i: int, book: Atlas) -> list[int]:
    """Return the streams of a buyer's applicants: a cohort's own, or those behind one site."""
    labels = book.compiled.labels
    site, parent = labels.site[i], labels.site_parent[i]
    if site != parent:
        names = [site]
    else:
        n = 1 if is_user(book, i) else book.firms.get(parent, approval.firms)
        names = [f"{parent}#{j + 1}" for j in range(n)]
    return [stream_id(f"hazard:{copy.name}/{effect}/{name}") for name in names]


def _destination(approval: Approval, i: int, key: str, desk: Desk) -> str | None:
    """Return the destination of `by` that a buyer belongs to: its country, region, or a bloc."""
    labels = desk.atlas.compiled.labels
    country, region = labels.site_country[i], labels.site_region[i]
    for name in (country, region):
        if name in approval.by:
            return name
    blocs = [
        name
        for name in sorted(approval.by)
        if {country, region} & set(desk.atlas.blocs.get(name, []))
    ]
    if len(blocs) > 1:
        desk.faults.append(
            Fault(
                f"{key}.{blocs[1]}",
                "",
                f"holds {labels.site_parent[i]}, as {blocs[0]} does: which one counts?",
            )
        )
    return blocs[0] if blocs else None


def _unreached(approval: Approval, met: set[str | None], key: str, book: Atlas) -> list[Fault]:
    """Return a fault for each destination of `by` to which the control bars nothing."""
    known = sorted(book.known["region"] | book.known["country"])
    return [
        Fault(
            f"{key}.{name}",
            "",
            "no country, region or bloc of that name in the network" + nearest(name, known)
            if name not in known
            else "the control reaches no buyer there that another entry does not name",
        )
        for name in approval.by
        if name not in met
    ]


def is_user(book: Atlas, i: int) -> bool:
    """Return whether a site is an end user, or a cohort of one."""
    return bool(book.compiled.chain.group[i] >= 0)


def buyers_of(lanes: I4, book: Atlas) -> list[int]:
    """Return the sites into which some lanes lead, ascending."""
    chain = book.compiled.chain
    return [int(i) for i in np.unique(chain.feed_site[chain.lane_feed[lanes]])]
