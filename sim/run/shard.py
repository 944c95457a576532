"""Shards: every n-th block of a run, computed apart and joined by ``shortfall merge``."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.results.files import make_folder, read_json, write_text

FOLDER = "shards"
MOST_SHARDS = 1_000_000
"""As ``run.shard`` allows."""

MOST_COMMANDS = 20
"""Commands that a message names."""


@dataclass(frozen=True)
class Shard:
    """One of n shares of the blocks: those whose number is i - 1 modulo n.

    Parameters
    ----------
    i, n : int
        Which of how many, from 1.
    """

    i: int
    n: int

    @classmethod
    def of(cls, text: str) -> Shard:
        """Return the shard of a text such as "2/8"."""
        i, _, n = text.partition("/")
        return cls(int(i), int(n))

    def __str__(self) -> str:
        return f"{self.i}/{self.n}"

    def has(self, number: int) -> bool:
        """Return whether block `number` is of this shard."""
        return number % self.n == self.i - 1


def note(folder: Path, shard: Shard, command: Sequence[str]) -> None:
    """Leave word in a folder that a shard works there, by which command."""
    make_folder(folder / FOLDER)
    path = folder / FOLDER / f"{shard.i}-of-{shard.n}.json"
    write_text(path, json.dumps({"shard": str(shard), "command": list(command)}) + "\n")


def noted(folder: Path) -> Iterator[tuple[Shard, list[str]]]:
    """Yield the shards that have worked in a folder, and their commands."""
    for path in sorted((folder / FOLDER).glob("*-of-*.json")):
        try:
            found = read_json(path)
            shard, words = Shard.of(found["shard"]), [str(word) for word in found["command"]]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        if 1 <= shard.i <= shard.n <= MOST_SHARDS:
            yield shard, words


_PLAIN = re.compile(r"[~+]?[A-Za-z_][\w.]*(=[\w./+,:*()\[\]-]*)?", re.ASCII)


def commands_for(folder: Path, missing: Sequence[range]) -> list[str]:
    """Return the commands that compute missing blocks, as far as shards have left word.

    A folder may come from somebody else, and a reader may paste what is printed: a word of
    theirs that is more than plain settings (an option, quotes, an order to overwrite) is not
    repeated.
    """
    known = [(shard, words) for shard, words in noted(folder) if _is_harmless(words)]
    if not known:
        return []
    n, words = known[-1][0].n, known[-1][1]
    shards = sorted({number % n + 1 for part in missing for number in part[:n]})
    kept = [word for word in words if not word.lstrip("+").startswith("run.shard=")]
    told = [shlex.join(["shortfall", *kept, f"run.shard={i}/{n}"]) for i in shards[:MOST_COMMANDS]]
    more = len(shards) - len(told)
    return [*told, f"and so on for {more:,} more shards"] if more else told


def _is_harmless(words: Sequence[str]) -> bool:
    settings = words[1:]
    return (
        list(words[:1]) in (["run"], ["sweep"])
        and all(_PLAIN.fullmatch(word) for word in settings)
        and not any("output.overwrite" in word for word in settings)
    )
