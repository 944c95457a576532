"""docs/own_chain.md: its tables and commands, as they stand there."""

import re
import shlex
from pathlib import Path

import pytest

from sim.cli import main

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "own_chain.md").read_text(encoding="utf-8")


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    for name, text in zip(("sites", "lanes"), blocks("csv"), strict=True):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def commands():
    return [shlex.split(line)[1:] for text in blocks("sh") for line in text.splitlines()]


def test_every_command_of_the_page_runs_as_it_stands(place, monkeypatch):
    monkeypatch.chdir(place)
    ran = 0
    for words in commands():
        if words[0] == "pool":  # two firms: the one above, and the same under another name
            for name in ("a", "b"):
                (place / name).symlink_to(place / "results" / "stress-works")
        quick = ["output.figures=false"] if words[0] == "run" else []
        assert main([*words, *quick]) == 0, words
        ran += 1
    assert ran == 6
    assert (place / "results" / "stop" / "summary.csv").exists()
    assert (place / "results" / "stress-works" / "report.html").exists()
    assert (place / "results" / "pool.csv").exists()
