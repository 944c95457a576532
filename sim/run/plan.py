"""The plan of a run: what makes its numbers, in which blocks. Written first, compared on resume."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.base.errors import Fault, UserError
from sim.results.files import write_text
from sim.run.case import Study
from sim.run.many import Block, blocks_of
from sim.run.source_hash import revision

PLAN = "plan.json"


@dataclass(frozen=True)
class Plan:
    """What decides every bit of a run's replications.

    Parameters
    ----------
    config : dict
        Resolved network, scenario, policy and seed; nothing that cannot change a result.
    version : str
        Version of the package and revision of its kernels.
    block : int
        Replications a block.
    """

    config: dict[str, Any]
    version: str
    block: int

    @property
    def digest(self) -> str:
        """SHA-256 of the plan's content."""
        text = json.dumps([self.config, self.version], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def blocks(self, n: int) -> Iterator[Block]:
        """Return (number, first replication, end) of each block that holds n replications."""
        return blocks_of(n, self.block)


def flatten(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted key, leaf) of nested mappings."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from flatten(inner, f"{key}.{name}" if key else str(name))
    else:
        yield key, value


def open_plan(folder: Path, plan: Plan, overwrite: bool = False) -> None:
    """Write the plan into a new folder, or check that it is the one that lies there.

    Raises
    ------
    UserError
        If the folder holds a run of another configuration, naming the first keys that differ.
    """
    path = folder / PLAN
    content = {
        "digest": plan.digest,
        "version": plan.version,
        "block": plan.block,
        "config": plan.config,
    }
    text = json.dumps(content, indent=1, sort_keys=True, default=str) + "\n"
    if path.is_file() and not overwrite:
        found = _read(path)
        if found == json.loads(text):
            return
        raise UserError(list(_differences(folder, found, json.loads(text))))
    for old in (folder / "blocks").glob("block-*"):
        old.unlink()
    write_text(path, text)


def _read(path: Path) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return fields
    except (OSError, ValueError) as error:
        raise UserError(
            Fault(
                str(path),
                "",
                f"is not a readable plan ({error}); name another "
                "folder with output.dir=..., or output.overwrite=true",
            )
        ) from error


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (dotted key, old value, new value) of the first five leaves that differ."""
    before, after = dict(flatten(old)), dict(flatten(new))
    keys = [k for k in sorted(before.keys() | after.keys()) if before.get(k) != after.get(k)]
    found = [(k, str(before.get(k, "(absent)")), str(after.get(k, "(absent)"))) for k in keys[:5]]
    more = [("...", "", f"{len(keys) - 5} more settings")] if len(keys) > 5 else []
    return [*found, *more]


def _differences(folder: Path, found: dict[str, Any], wanted: dict[str, Any]) -> Iterator[Fault]:
    old, new = ({k: v for k, v in x.items() if k != "digest"} for x in (found, wanted))
    for key, before, after in differences(old, new):
        yield Fault(
            key.removeprefix("config."),
            after,
            f"but the run in {folder} has {before or 'others'}; name another folder "
            "with output.dir=..., or output.overwrite=true to start it again",
        )


NEUTRAL = ("replications", "audit", "workers", "block", "engine", "precision", "max_replications",
           "shard", "dask")  # fmt: skip
"""Keys of `run` that change no bit of a replication: a run may be resumed with others."""


def plan_of(study: Study) -> Plan:
    """Return what decides every bit of the run."""
    config = study.dump()
    config.pop("output", None)
    config.pop("notes", None)
    config["run"] = {k: v for k, v in config["run"].items() if k not in NEUTRAL}
    return Plan(config, revision(), study.settings.run.block)
