"""The joining of shards into one run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.base.errors import Fault, UserError
from sim.config.settings import Settings
from sim.results.blocks import DamagedBlock, block_path, verify_block
from sim.results.data import RunData
from sim.results.files import make_folder, sweep_parts, write_whole
from sim.results.folder import read_config
from sim.run.case import Study
from sim.run.finish import finish
from sim.run.local import missing_blocks
from sim.run.lock import locked
from sim.run.many import terminate_as_interrupt
from sim.run.plan import Plan, differences, open_plan, plan_of
from sim.run.shard import commands_for


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
    study = Study(Settings.model_validate(read_config(target)))
    plan = plan_of(study)
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
        return finish(study, target, plan)


def _check_same(target: Path, other: Path, study: Study) -> None:
    """Refuse to join another run, by the name of the first keys that differ."""
    theirs = Study(Settings.model_validate(read_config(other)))
    mine, found = _told(study), _told(theirs)
    if mine != found:
        raise UserError(
            [
                Fault(key, b, f"in {other}, but {target} has {a}: not shards of one run")
                for key, a, b in differences(mine, found)
            ]
        )
    open_plan(other, plan_of(study))


def _told(study: Study) -> dict[str, Any]:
    plan = plan_of(study)
    replications = study.settings.run.replications
    told = {**plan.config, "block": plan.block}
    told["run"] = {**told["run"], "replications": replications}
    as_json: dict[str, Any] = json.loads(json.dumps(told, default=str))
    return as_json


def _take(target: Path, other: Path, plan: Plan, n: int) -> None:
    """Copy blocks that the target lacks; a link where the file system allows one."""
    for number in missing_blocks(target, plan, n):
        source, copy = block_path(other, number), block_path(target, number)
        try:
            verify_block(source)
        except DamagedBlock:
            continue
        with open(source, "rb") as file:
            write_whole(copy, lambda out, file=file: shutil.copyfileobj(file, out))  # type: ignore[misc]
    for path in (other / "shards").glob("*.json"):
        make_folder(target / "shards")
        if not (target / "shards" / path.name).exists():
            shutil.copy(path, target / "shards")


def _check_complete(folders: Sequence[Path], study: Study, plan: Plan) -> None:
    n = study.settings.run.replications
    missing = missing_blocks(folders[0], plan, n)
    if not missing:
        return
    commands = commands_for(folders[0], missing)
    told = " or ".join(commands) if len(commands) == 1 else "; ".join(commands)
    raise UserError(
        Fault(
            "merge",
            ranges(missing),
            f"{len(missing)} of {len(list(plan.blocks(n)))} blocks are missing or damaged; "
            f"compute them with: {told or 'the commands of the other shards'}, then merge again",
        )
    )


def ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers as text: "block 3", "blocks 1-3, 7"."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    told = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts[:10])
    more = ", ..." if len(parts) > 10 else ""
    return f"block{'s' if len(numbers) > 1 else ''} {told}{more}"
