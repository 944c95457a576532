"""Results folders broken at random: one message and exit code 2, or the undisturbed digest."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.api import Study, load
from sim.cli import main
from sim.results.blocks import MAGIC, block_path
from sim.results.store import Store
from sim.run.plan import digest_of, plan_of

SCENARIO = Path(__file__).parent / "data" / "tiny_ban.yaml"
QUICK = {"run.replications": 10, "run.block": 4, "run.audit": 0, "run.workers": 1,
         "output.figures": False, "output.fan_replications": 4}  # fmt: skip
WORDS = [f"scenario={SCENARIO}", *(f"{k}={json.dumps(v)}" for k, v in QUICK.items())]
COMMANDS = ("compare", "merge", "plot", "replay", "run")
TEXTS = ("config.yaml", "plan.json", "manifest.json", "shards/1-of-2.json")


class Truth:
    """A finished run that nobody touches, and another seed's, to mix blocks with."""

    def __init__(self, folder: Path) -> None:
        self.study: Study = load(SCENARIO, QUICK)
        self.folder, self.other = folder / "truth", folder / "other"
        self.study.run(self.folder)
        self.study.change({"run.seed": 4}).run(self.other)
        (self.folder / "shards").mkdir()
        note = {"shard": "1/2", "command": ["run", *WORDS]}
        (self.folder / "shards" / "1-of-2.json").write_text(json.dumps(note))

    def digest(self, n: int) -> str:
        return Store(self.folder, 4, n, plan_of(self.study).digest).digest()


@pytest.fixture(scope="module")
def truth(tmp_path_factory) -> Truth:
    return Truth(tmp_path_factory.mktemp("fuzz"))


# --- what is broken ------------------------------------------------------------------------------


def files_in(folder: Path) -> list[Path]:
    names = [*TEXTS, *(f"blocks/{p.name}" for p in sorted((folder / "blocks").iterdir()))]
    return [folder / name for name in names if (folder / name).is_file()]


def flip(folder: Path, rng: random.Random, truth: Truth) -> None:
    path = rng.choice(files_in(folder))
    content = bytearray(path.read_bytes())
    for _ in range(rng.choice((1, 1, 8))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(bytes(content))


def cut(folder: Path, rng: random.Random, truth: Truth) -> None:
    path = rng.choice(files_in(folder))
    content = path.read_bytes()
    at = rng.randrange(len(content))
    path.write_bytes(rng.choice((content[:at], content[at:], content + content[at:], b"")))


def lose(folder: Path, rng: random.Random, truth: Truth) -> None:
    rng.choice(files_in(folder)).unlink()


def swap(folder: Path, rng: random.Random, truth: Truth) -> None:
    a, b = rng.sample(files_in(folder), 2)
    shutil.copy(a, b)


def mix(folder: Path, rng: random.Random, truth: Truth) -> None:
    source = block_path(truth.other, rng.randrange(3))
    shutil.copy(source, block_path(folder, rng.randrange(4)))


def link(folder: Path, rng: random.Random, truth: Truth) -> None:
    path = rng.choice([*files_in(folder), folder / "blocks", folder / "shards"])
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    path.symlink_to(rng.choice((path, truth.folder, truth.folder / "plan.json", Path("nowhere"))))


def replace(folder: Path, rng: random.Random, truth: Truth) -> None:
    path = rng.choice(files_in(folder))
    path.unlink()
    rng.choice((os.mkfifo, os.mkdir))(path)


VALUES: list[Any] = [None, -1, 0, 1, 2**70, 1.5, 1e308, float("nan"), "", "x", "\x1b[31m", True, [],
                     {}, [[]], {"x": 1}, "2026-02-30", "9" * 400]  # fmt: skip


def retyped(data: Any, rng: random.Random) -> Any:
    """Return plain data with one node changed for something else, lost, or nested."""
    data = copy.deepcopy(data)
    places = list(nodes(data))
    if not places:
        return rng.choice(VALUES)
    holder, key = rng.choice(places)
    how = rng.randrange(4)
    if how == 0 and isinstance(holder, dict):
        del holder[key]
    elif how == 1 and isinstance(holder, dict):
        holder[rng.choice(("odd", "", "seed", "a.b"))] = holder[key]
    elif how == 2:
        holder[key] = {"nested": [holder[key]] * 2}
    else:
        holder[key] = rng.choice(VALUES)
    return data


def nodes(data: Any) -> Iterator[tuple[Any, Any]]:
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in list(items):
        yield data, key
        if isinstance(value, (dict, list)):
            yield from nodes(value)


def retype(folder: Path, rng: random.Random, truth: Truth) -> None:
    path = folder / rng.choice(TEXTS)
    if path.suffix == ".yaml":
        path.write_text(yaml.safe_dump(retyped(yaml.safe_load(path.read_text()), rng)))
    else:
        path.write_text(json.dumps(retyped(json.loads(path.read_text()), rng)))


def forge(folder: Path, rng: random.Random, truth: Truth) -> None:
    """Change the plan, and give it the digest that fits."""
    path = folder / "plan.json"
    plan = json.loads(path.read_text())
    plan["config"] = retyped(plan["config"], rng)
    path.write_text(json.dumps({**plan, "digest": digest_of(plan["config"], plan["version"])}))


def head(folder: Path, rng: random.Random, truth: Truth) -> None:
    """Change the header of a block, and give it the checksum that fits."""
    path = block_path(folder, rng.randrange(3))
    content = path.read_bytes()
    line = content.index(b"\n") + 1
    end = line + int(content[len(MAGIC) : len(MAGIC) + 8])
    text = json.dumps(retyped(json.loads(content[line:end]), rng)).encode()
    first = MAGIC + f"{len(text):08d} {hashlib.sha256(text).hexdigest()}\n".encode()
    path.write_bytes(first + text + content[end:])


BREAK: list[Callable[[Path, random.Random, Truth], None]] = [
    flip, cut, lose, swap, mix, link, retype, retype, forge, head, head,
]  # fmt: skip
if hasattr(os, "mkfifo"):
    BREAK.append(replace)


# --- what must come of it ------------------------------------------------------------------------


def words_of(command: str, folder: Path, truth: Truth) -> list[str]:
    return {
        "compare": [str(truth.folder), str(folder), "--output", str(folder.parent / "out")],
        "replay": [str(folder), "-r", "2"],
        "run": [*WORDS, f"output.dir={folder}"],
    }.get(command, [str(folder)])


def try_one(seed: int, place: Path, truth: Truth, capsys: pytest.CaptureFixture[str]) -> int:
    """Break a copy once or twice, call a command; return its exit code."""
    rng = random.Random(seed)
    folder = place / "run"
    shutil.copytree(truth.folder, folder)
    ways = [rng.choice(BREAK) for _ in range(rng.choice((1, 1, 2)))]
    for alone in (link, replace):  # what is broken next must not lie behind a link or in a pipe
        ways = [alone] if alone in ways else ways
    ways[0](folder, rng, truth)
    for way in ways[1:]:
        with contextlib.suppress(Exception):  # it could not read what was broken before
            way(folder, rng, truth)
    command = rng.choice(COMMANDS)
    code = main([command, *words_of(command, folder, truth)])
    captured = capsys.readouterr()
    case = (seed, command, [way.__name__ for way in ways], captured.err[-600:])
    assert code in (0, 2), case
    assert "Traceback" not in captured.err, case
    if code == 2:
        assert captured.err.count("is wrong\n") + captured.err.count("are wrong\n") == 1 or (
            "cannot write or read" in captured.err
        ), case
    elif command in ("merge", "run"):
        manifest = json.loads((folder / "manifest.json").read_text())
        assert manifest["replications_digest"] == truth.digest(manifest["replications"]), case
    elif command == "compare":
        table = (place / "out" / "compare.csv").read_text()
        means = [line for line in table.splitlines() if ",mean_difference," in line]
        assert means and all(",mean_difference,0," in line for line in means), case
    return code


def try_many(seeds: range, place: Path, truth: Truth, capsys: pytest.CaptureFixture[str]) -> None:
    before = {p: p.read_bytes() for p in truth.folder.rglob("*") if p.is_file()}
    codes = []
    for seed in seeds:
        codes.append(try_one(seed, place, truth, capsys))
        for path in place.iterdir():
            shutil.rmtree(path)
    assert {p: p.read_bytes() for p in truth.folder.rglob("*") if p.is_file()} == before
    assert 0.2 < codes.count(2) / len(codes) < 0.98


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the drawing, which reads nothing that was broken."""
    monkeypatch.setattr("sim.plots.style.save", lambda figure, path: [])
    monkeypatch.setattr("sim.run.reopen.draw", lambda study, data, folder: [])


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights there")
def test_a_folder_broken_at_random_ends_in_a_message_or_in_the_undisturbed_run(
    tmp_path, truth, capsys
):
    try_many(range(160), tmp_path, truth, capsys)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights there")
def test_three_thousand_broken_folders_end_in_a_message_or_in_the_undisturbed_run(
    tmp_path, truth, capsys
):
    try_many(range(1000, 4200), tmp_path, truth, capsys)
