"""Before much work: what it will take, as an estimate; and consent where it is very much."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sim.base.errors import Fault, UserError
from sim.run.case import Study
from sim.run.cost import Cost, cost_of, in_bytes, in_time, refuse_excess, refuse_full_disk
from sim.run.shard import Shard

TOLD_S = 60.0
"""Work beyond it is told before it is begun."""
ASKED_S = 3600.0
"""Work beyond it needs consent."""


def consent(runs: Sequence[tuple[Study, Path]], yes: bool) -> None:
    """Tell what runs will take where it is much, and ask where it is very much.

    Raises
    ------
    UserError
        If it is more than any folder or this machine takes; or more than an hour, and nobody
        says yes.
    """
    for study, _ in runs:
        refuse_excess(study)
    cost = Cost.sum_of(cost_of(study, folder) for study, folder in runs)
    if runs:
        refuse_full_disk(cost, runs[0][1])
    at_most = "at most " if any(s.settings.run.precision for s, _ in runs) else ""
    _agree(cost, yes, at_most)


def consent_to_rows(study: Study, replications: Sequence[int], folder: Path, yes: bool) -> None:
    """Tell and ask the same of a design, whose rows keep no blocks.

    Parameters
    ----------
    study : Study
        Which the rows change.
    replications : sequence of int
        Of each row.
    folder : pathlib.Path
        Where the table goes.
    yes : bool
        Whether consent was given.

    Raises
    ------
    UserError
        If it is more than an hour, and nobody says yes.
    """
    one = cost_of(study, folder / "none")
    shard = study.settings.run.shard
    total = -(-sum(replications) // (Shard.of(shard).n if shard else 1))
    seconds = one.seconds * total / max(one.replications, 1)
    _agree(Cost(seconds, 0.0, total), yes)


def consent_to_advice(yes: bool, folder: Path, what: str, less: str) -> Callable[[Cost], None]:
    """Return what tells and asks the same of advice, once it is known how much is tried.

    Parameters
    ----------
    yes : bool
        Whether consent was given.
    folder : pathlib.Path
        Where the advice goes.
    what, less : str
        What is played, and what makes less work of it.
    """

    def agree(cost: Cost) -> None:
        refuse_full_disk(cost, folder, "--output")
        _agree(cost, yes, "at most ", what, less)

    return agree


def _agree(
    cost: Cost,
    yes: bool,
    at_most: str = "",
    what: str = "replications",
    less: str = "take fewer replications",
) -> None:
    if cost.seconds <= TOLD_S:
        return
    disk = f" and {in_bytes(cost.disk_bytes)} of disk" if cost.disk_bytes else ""
    told = (
        f"{at_most}{cost.replications:,} {what}: about {in_time(cost.seconds)}{disk} (an estimate)"
    )
    print(told, file=sys.stderr)
    if cost.seconds > ASKED_S and not yes:
        _ask(told, less)


def _ask(told: str, less: str) -> None:
    """Ask at a terminal; refuse where nobody is there to answer."""
    if sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty():
        print("go on? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() in ("y", "yes"):
            return
        raise UserError(Fault("run", "", "not begun"))
    raise UserError(Fault("run", "", f"{told}; add --yes to begin all the same, or {less}"))
