"""The data dictionary of approvals: a licensing control that lets buyers in firm by firm.

The aggregate falls at once and comes back as approvals trickle in, unevenly by destination; the
unlucky firm stops first, though its region as a whole is supplied (``docs/chance.md``, Approval).
"""

from __future__ import annotations

from sim.network.dictionary import Strict, setting
from sim.shocks.number import Number

FIRMS = 10
"""Applicants of a site that stands for a region's industry, where nothing else is said."""


class Verdict(Strict):
    """What differs for the buyers of one destination; what is not given is as for all."""

    days: Number | None = setting(None, "days", "from the onset to an applicant's approval")
    refused: float | None = setting(None, "share", "chance that a request is refused", ge=0, le=1)
    reapply_days: float | None = setting(
        None, "days", "from a refusal to the next request, which is drawn anew", ge=0
    )
    share: Number | None = setting(None, "share", "what a licence grants of the normal flow")


class Approval(Strict):
    """How the firms behind a control's buyers get their licences, each for itself."""

    days: Number = setting(unit="days", help="from the onset to an applicant's approval")
    refused: float = setting(0.0, "share", "chance that a request is refused", ge=0, le=1)
    reapply_days: float | None = setting(
        None,
        "days",
        "from a refusal to the next request, which is drawn anew; not given: refused for good",
        ge=0,
    )
    share: Number = setting(1.0, "share", "what a licence grants of the normal flow")
    firms: int = setting(
        FIRMS, help="applicants of a buyer without cohorts that does not say `firms`", ge=1, le=100
    )
    by: dict[str, Verdict] = setting(
        {}, help="what differs by destination: a country, a region, or a bloc of the network"
    )


def verdict_for(approval: Approval, destination: str | None) -> Verdict:
    """Return what holds for the buyers of one of `by`'s destinations; None: of no such one."""
    own = approval.by[destination] if destination is not None else Verdict()
    given = {name: getattr(own, name) for name in Verdict.model_fields}
    return Verdict.model_construct(
        **{n: getattr(approval, n) if value is None else value for n, value in given.items()}
    )
