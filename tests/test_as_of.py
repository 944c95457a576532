"""The day up to which a scenario's facts reach: checked at the door, told wherever it is shown."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from sim.api import load
from sim.cli import main
from sim.run.comparison import comparison_figure
from sim.run.saved import saved_run

DATA = Path(__file__).parent / "data"
QUICK = {"run.replications": 40, "run.audit": 0}
TOLD = "Facts up to 13 Apr 2026"


def words_of(svg: Path) -> str:
    """Return what a drawing says to who cannot see it: its title and description."""
    _, _, rest = svg.read_text(encoding="utf-8").partition("<title>")
    return " ".join(rest.partition("</desc>")[0].split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose scenario says it, in a folder of its own."""
    into = tmp_path_factory.mktemp("dated") / "run"
    load(DATA / "tiny_ban.yaml", {**QUICK, "scenario.as_of": "2026-04-13"}).run(into)
    return into


@pytest.mark.parametrize("figure", ["fan", "exceedance", "chain_map"])
def test_every_figure_of_a_run_tells_it(folder: Path, figure: str) -> None:
    assert TOLD in words_of(folder / "figures" / f"{figure}.svg")


def test_report_manifest_and_saved_tables_tell_it(folder: Path) -> None:
    head, _, _ = (folder / "report.html").read_text(encoding="utf-8").partition("</header>")
    assert f"{TOLD}. Network: " in head
    assert json.loads((folder / "manifest.json").read_text())["as_of"] == "2026-04-13"
    assert saved_run(folder).meta["as_of"] == "2026-04-13"


def test_a_comparison_tells_those_of_all_its_runs(folder: Path, tmp_path: Path) -> None:
    one = saved_run(folder)
    other = load(DATA / "tiny_ban.yaml", {**QUICK, "scenario.as_of": "2026-10-10"})
    comparison_figure({"one": one, "other": other.run(tmp_path / "other")}, tmp_path / "both")
    assert f"{TOLD}; Facts up to 10 Oct 2026" in words_of(tmp_path / "both.svg")


def test_what_does_not_say_it_tells_nothing(tmp_path: Path) -> None:
    load(DATA / "tiny_ban.yaml", QUICK).run(tmp_path / "run")
    assert "Facts up to" not in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["as_of"] == ""


def test_show_and_the_table_of_a_run_tell_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, dated = f"{DATA}/tiny_ban.yaml", "scenario.as_of=2026-04-13"
    assert main(["show", file, dated]) == 0
    assert ", facts up to 2026-04-13" in capsys.readouterr().out
    quick = [f"{key}={value}" for key, value in QUICK.items()]
    into = ["output.figures=false", f"output.dir={tmp_path}/run"]
    assert main(["run", f"scenario={file}", dated, *quick, *into]) == 0
    assert TOLD in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "told"),
    [("October", "must be a date"), ("1492-10-12", "must be a date from 1800 to 2500")],
)
def test_it_must_be_a_date_of_our_times(
    capsys: pytest.CaptureFixture[str], value: str, told: str
) -> None:
    assert main(["show", f"{DATA}/tiny_ban.yaml", f"scenario.as_of={value}"]) == 2
    said = capsys.readouterr().err
    assert "scenario.as_of" in said and told in said and value in said


@pytest.mark.parametrize(("second", "known"), [("2026-09-29", "2026-04-13"), (None, None)])
def test_scenarios_together_know_what_all_of_them_know(
    tmp_path: Path, second: str | None, known: str | None
) -> None:
    shutil.copy(DATA / "tiny.yaml", tmp_path)
    text = (DATA / "tiny_ban.yaml").read_text()
    (tmp_path / "one.yaml").write_text(f"{text}\nas_of: 2026-04-13\n")
    (tmp_path / "two.yaml").write_text(f"{text}\nas_of: {second}\n" if second else text)
    both = load([tmp_path / "one.yaml", tmp_path / "two.yaml"])
    assert both.settings.scenario.as_of == (dt.date.fromisoformat(known) if known else None)
