"""The joining of shards into one run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.base.errors import Fault, UserError
from sim.results.blocks import DamagedBlock, block_path, blocks_in, load_block, write_block
from sim.results.data import RunData
from sim.results.files import make_folder, sweep_parts
from sim.results.owner import refuse_links
from sim.run.auditing import Auditing
from sim.run.beside import beside
from sim.run.case import Study
from sim.run.cost import refuse_excess
from sim.run.finish import finish
from sim.run.local import missing_blocks
from sim.run.lock import locked
from sim.run.many import terminate_as_interrupt
from sim.run.plan import Plan, differences, open_plan, plan_of
from sim.run.received import study_in
from sim.run.shard import commands_for, note, noted
from sim.run.worker import as_text


def merge(folders: Sequence[Path]) -> RunData:
    """Join the shards of a run into the first folder and finish it there.

    Parameters
    ----------
    folders : sequence of pathlib.Path
        One that all shards shared, or one of each.

    Returns
    -------
    RunData
        As of a run that was made at once.

    Raises
    ------
    UserError
        If the folders hold different runs, naming the key, or blocks are missing, naming the
        commands that compute them.
    """
    target = folders[0]
    study, plan = study_in(target)
    refuse_links(target)
    refuse_excess(study)
    with terminate_as_interrupt(), locked(target):
        open_plan(target, plan)
        make_folder(target / "blocks")
        sweep_parts(target)
        for other in folders[1:]:
            _check_same(target, other, study)
        for other in folders[1:]:
            with locked(other):
                _take(target, other, plan, study.settings.run.replications)
        _check_complete(folders, study, plan)
        with beside(lambda: as_text(study)) as process:
            return finish(study, target, plan, None, Auditing(study, process), process)


def _check_same(target: Path, other: Path, study: Study) -> None:
    """Refuse to join another run, by the name of the first keys that differ."""
    theirs, _ = study_in(other)
    mine, found = _comparable(study), _comparable(theirs)
    if mine != found:
        raise UserError(
            [
                Fault(key, b, f"in {other}, but {target} has {a}: not shards of one run")
                for key, a, b in differences(mine, found)
            ]
        )


def _comparable(study: Study) -> dict[str, Any]:
    """Return what must be alike in all shards of a run, as plain data."""
    plan = plan_of(study)
    run = {**plan.config["run"], "replications": study.settings.run.replications}
    return dict(json.loads(json.dumps({**plan.config, "block": plan.block, "run": run})))


def _take(target: Path, other: Path, plan: Plan, n: int) -> None:
    """Copy blocks that the target lacks; a link where the file system allows one."""
    missing = missing_blocks(target, plan, n)
    for number in blocks_in(other):
        if any(number in part for part in missing):
            _copy_block(target, other, plan, number)
    for shard, command in noted(other):
        note(target, shard, command)


def _copy_block(target: Path, other: Path, plan: Plan, number: int) -> None:
    """Copy a block that is whole and of this run."""
    try:
        arrays = load_block(block_path(other, number), plan.origin(number))
    except DamagedBlock:
        return
    write_block(target, number, arrays, plan.origin(number))


def _check_complete(folders: Sequence[Path], study: Study, plan: Plan) -> None:
    n = study.settings.run.replications
    missing = missing_blocks(folders[0], plan, n)
    if not missing:
        return
    commands = commands_for(folders[0], missing)
    told = "; ".join(commands) or "the commands of the other shards"
    raise UserError(
        Fault(
            "merge",
            numbers_as_text(missing),
            f"{sum(map(len, missing))} of {plan.count(n)} blocks are missing or damaged; "
            f"compute them with: {told}, then merge again",
        )
    )


def numbers_as_text(numbers: Sequence[range]) -> str:
    """Return ranges of block numbers as text: "block 3", "blocks 1-3, 7"."""
    parts = ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in numbers[:10])
    more = ", ..." if len(numbers) > 10 else ""
    return f"block{'s' if sum(map(len, numbers)) > 1 else ''} {parts}{more}"
