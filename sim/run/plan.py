"""The plan of a run: what makes its numbers, in which blocks. Written first, compared on resume."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from sim.base.errors import Fault, UserError
from sim.results.blocks import Fields, Origin, block_path, blocks_in
from sim.results.files import read_json, write_text
from sim.results.folder import read_manifest
from sim.results.owner import holds_only_leftovers, refuse_links
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

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the plan's content."""
        return digest_of(self.config, self.version)

    def origin(self, number: int, fields: Fields | None = None) -> Origin:
        """Return what block `number` says, and must say, of itself."""
        return Origin(self.digest, number * self.block, self.block, fields)

    def count(self, n: int) -> int:
        """Return how many blocks hold n replications."""
        return -(-n // self.block)

    def blocks(self, n: int) -> Iterator[Block]:
        """Return (number, first replication, end) of each block that holds n replications."""
        return blocks_of(n, self.block)


def digest_of(config: Any, version: str) -> str:
    """Return the SHA-256 of what decides every bit of a run's replications."""
    text = json.dumps([config, version], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def flatten(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted key, leaf) of nested mappings."""
    if isinstance(value, dict) and value and key.count(".") < 60:  # deeper comes from no settings
        for name, inner in value.items():
            yield from flatten(inner, f"{key}.{name}" if key else str(name))
    else:
        yield key, value


class Recorded(NamedTuple):
    """What a ``plan.json`` says, as far as it agrees with its own digest."""

    digest: str
    version: str
    block: int
    config: dict[str, Any]


def check_folder(folder: Path, overwrite: bool = False) -> None:
    """Refuse a folder in which somebody's files lie, before anything is made there.

    Raises
    ------
    UserError
        If it is not empty and holds no plan, or one of its folders is a link.
    """
    refuse_links(folder)
    if overwrite or (folder / PLAN).exists() or holds_only_leftovers(folder):
        return
    raise UserError(
        Fault(
            "output.dir",
            str(folder),
            "holds files, and no plan of a run of ours; name another folder with output.dir=..., "
            "or output.overwrite=true to write among them",
        )
    )


def open_plan(folder: Path, plan: Plan, overwrite: bool = False) -> None:
    """Write the plan into a new folder, or check that it is the one that lies there.

    Raises
    ------
    UserError
        If the folder holds a run of another configuration, naming the first keys that differ, or
        somebody's files.
    """
    check_folder(folder, overwrite)
    content = {
        "digest": plan.digest,
        "version": plan.version,
        "block": plan.block,
        "config": plan.config,
    }
    text = json.dumps(content, indent=1, sort_keys=True, default=str) + "\n"
    if (folder / PLAN).exists() and not overwrite:
        found, wanted = read_plan(folder)._asdict(), json.loads(text)
        if found == wanted:
            return
        raise UserError(list(_differences(folder, found, wanted)))
    remove_results(folder)
    write_text(folder / PLAN, text)


def remove_results(folder: Path) -> None:
    """Remove the blocks of the run before, and what vouches for them; only files of ours."""
    manifest = folder / "manifest.json"
    ours = [folder / "blocks" / block_path(folder, x).name for x in blocks_in(folder)]
    if "replications_digest" in read_manifest(folder):
        ours.append(manifest)
    for path in ours:
        path.unlink(missing_ok=True)


def read_plan(folder: Path) -> Recorded:
    """Return the plan that lies in a folder.

    Raises
    ------
    UserError
        If there is none, it cannot be read, or it does not give its own digest.
    """
    path = folder / PLAN
    try:
        found = Recorded(**read_json(path))
        typed = isinstance(found.version, str) and isinstance(found.config, dict)
        if not typed or type(found.block) is not int or found.block < 1:
            raise ValueError("it holds something else")
        if digest_of(found.config, found.version) != found.digest:
            raise ValueError("it was changed: it does not give its own digest")
        return found
    except (OSError, ValueError, TypeError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            Fault(
                str(path),
                "",
                f"is not a readable plan ({reason}); name another "
                "folder with output.dir=..., or output.overwrite=true",
            )
        ) from error


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (dotted key, old value, new value) of the first five leaves that differ.

    The version comes first: where it differs, keys have come and gone.
    """
    before, after = dict(flatten(old)), dict(flatten(new))
    every = sorted(before.keys() | after.keys(), key=lambda k: (k != "version", k))
    keys = [k for k in every if before.get(k) != after.get(k)]
    found = [(k, _short(before, k), _short(after, k)) for k in keys[:5]]
    more = [("...", "", f"{len(keys) - 5} more settings")] if len(keys) > 5 else []
    return [*found, *more]


def _short(leaves: dict[str, Any], key: str) -> str:
    """Return a leaf as text for a message."""
    text = str(leaves.get(key, "(absent)"))
    return text if len(text) <= 100 else f"{text[:97]}..."


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
           "shard", "dask", "strata")  # fmt: skip
"""Keys of `run` that change no bit of a replication, or are told apart: see `plan_of`."""


def plan_of(study: Study) -> Plan:
    """Return what decides every bit of the run."""
    config = study.dump()
    config.pop("output", None)
    config.pop("notes", None)
    config["run"] = {k: v for k, v in config["run"].items() if k not in NEUTRAL}
    if study.settings.run.sampling == "sobol":
        config["run"]["scrambled"] = study.sections.size or 1
    if study.sections.weighted:
        config["run"]["strata"] = "always"
    return Plan(config, revision(), study.settings.run.block)
