"""Our words on every shipped scenario, and the page that shows them beside the program's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shipped import LIBRARY, SCENARIOS

from benchmarks.scenarios import PAGE, ROOT, VERDICTS, headline, section, words
from sim.base.paths import data_dir

SAID = words()
TEXT = PAGE.read_text(encoding="utf-8")
PARTS = {
    found[1]: part
    for part in TEXT.split("\n## ")[1:]
    if (found := re.search(r"^`(\w+)`\.", part, re.MULTILINE))
}


def story(name: str) -> str:
    return " ".join(str(LIBRARY.read("scenario", name).data.get("story", "")).split())


def test_every_shipped_scenario_has_its_words_and_no_other() -> None:
    assert sorted(SAID) == SCENARIOS
    assert sorted(PARTS) == SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_row_has_all_cells_and_a_verdict_that_is_one(name: str) -> None:
    said = SAID[name]
    assert all(cell.strip() for cell in said)
    assert said.verdict in VERDICTS
    assert said.confidence in ("high", "medium", "low")
    assert 20 <= len(said.words.split()) <= 90, "two to four sentences"
    assert 2 <= len(re.findall(r"[.?!](?: |$)", said.words)) <= 5


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_a_row_rests_on_is_in_the_project(name: str) -> None:
    files = re.findall(r"(?:data|docs|scenarios)/[\w/.]+", SAID[name].source)
    assert files
    for file in files:
        assert (ROOT / file).is_file(), file
    events = Path(data_dir("data"), "events")
    known = "".join(p.read_text(encoding="utf-8") for p in events.glob("*events*.csv"))
    for event in re.findall(r"\b[ER]\d{3}\b", SAID[name].source):
        assert f"\n{event}," in known, event


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_page_shows_title_verdict_and_words(name: str) -> None:
    said, part = SAID[name], PARTS[name]
    assert part.startswith(f"{LIBRARY.read('scenario', name).data['title']}\n")
    assert f"**{said.verdict.capitalize()}.**" in part
    assert said.known in part
    assert said.words in part
    assert "\n> " in part, "no sentence of the program"


@pytest.mark.parametrize("name", SCENARIOS)
def test_nobody_is_said_by_story_verdict_and_run_alike(name: str) -> None:
    is_told = "The answer is nobody" in story(name)
    assert is_told == (SAID[name].verdict == "nobody")
    assert is_told <= ("> Nobody runs short" in PARTS[name])


def test_the_outlook_says_that_prices_bring_mines_and_that_they_do_not_bring_enough() -> None:
    name = "outlook_2050"
    data = LIBRARY.read("scenario", name).data
    assert "that prices bring" in str(data["title"])
    assert "projects" in data["responses"]
    assert "Prices now bring mines" in SAID[name].words
    assert SAID[name].verdict == "not yet"


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_page_is_true(name: str, tmp_path: Path) -> None:
    assert (
        "## " + PARTS[name].rstrip() == section(name, headline(name, tmp_path), SAID[name]).rstrip()
    )
