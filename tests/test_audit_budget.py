"""The audit: a tenth of the run by counts, the same futures everywhere, beside the blocks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sim.api import Study, load
from sim.base.errors import AuditFailure
from sim.run import audit, audit_size, auditing, beside, beside_main, execute, figures
from sim.run.audit_size import COMPILED_S, SIMPY_S, Size, audited_of, size_of
from sim.run.worker import as_text, study_of

SCENARIO = Path(__file__).parent / "data" / "tiny_ban.yaml"
QUICK = {"run.replications": 60, "output.figures": False, "output.fan_replications": 20}


def tiny(**changes) -> Study:
    return load(SCENARIO, {**QUICK, **{k.replace("__", "."): v for k, v in changes.items()}})


@pytest.fixture
def short_of_time(monkeypatch):
    """Let a whole replication of the tiny network be more than a tenth of the run."""
    monkeypatch.setattr(audit_size, "LITTLE_S", 0.0)
    monkeypatch.setattr(audit_size, "BESIDE_S", 0.0)


def test_a_number_that_is_asked_for_is_audited_whole():
    assert size_of(4, 1000, 10_000, 150) == Size(4, 150)
    assert size_of(0, 1000, 10_000, 150) == Size(0, 150)
    assert size_of(9, 3, 10, 150) == Size(3, 150)


@pytest.mark.parametrize("n_lane", [20, 1_400, 10_500, 140_000])
@pytest.mark.parametrize("n", [1, 400, 10_000, 1_000_000])
def test_by_itself_the_audit_takes_about_a_tenth_of_the_run(n, n_lane):
    size, n_period = size_of("auto", n, n_lane, 150), 150
    assert size.n >= 1
    took = size.n * size.n_period * n_lane * SIMPY_S
    run = audit_size.BESIDE_S + n * n_lane * n_period * COMPILED_S
    least = audit_size.LEAST_PERIODS * n_lane * SIMPY_S
    assert took <= max(0.1 * run, audit_size.LITTLE_S, least) * (1 + 1e-9)
    assert size.n_period == n_period or size.n == 1, "a stretch is of one replication"


def test_a_small_run_is_audited_whole_and_a_large_network_by_a_stretch():
    assert size_of("auto", 400, 20, 150) == Size(1, 150)
    assert size_of("auto", 1_000_000, 20, 150) == Size(40, 150)
    assert size_of("auto", 400, 10_569, 104).n_period < 20


def test_of_the_candidates_the_future_in_which_most_happens_is_taken():
    study = tiny()
    (chosen,), n_period, acting = audited_of(study, 60)
    tape = study.tape(audit_size.pick(study.settings.run.seed, 60, 16))
    rows = np.diff(tape.row_ptr)
    assert n_period == study.n_period
    assert chosen == tape.replication[np.argmax(rows)]
    assert 0 < acting <= rows.max()


def test_the_manifest_says_what_was_audited(tmp_path, capsys, short_of_time):
    tiny(run__workers=1).run(tmp_path / "run")
    told = json.loads((tmp_path / "run" / "manifest.json").read_text())["audit"]
    assert told["periods"] == audit_size.LEAST_PERIODS < told["of_periods"]
    (number,) = told["replications"]
    said = f"audit: the first {told['periods']} of {told['of_periods']} periods of replication"
    assert f"{said} {number} again in the SimPy model (a moment)" in capsys.readouterr().err


def test_a_bit_that_differs_in_the_stretch_ends_the_run(tmp_path, monkeypatch, short_of_time):
    record = audit.simulate_simpy

    def wrong(*args, **kwargs):
        flow = record(*args, **kwargs)
        flow.want[3, 0, 0] = np.nextafter(flow.want[3, 0, 0], np.inf)
        return flow

    monkeypatch.setattr(audit, "simulate_simpy", wrong)
    with pytest.raises(AuditFailure, match=r"replication \d+: want .* period 3"):
        tiny(run__workers=1).run(tmp_path / "run")
    assert not (tmp_path / "run" / "manifest.json").exists()


def test_a_stored_number_that_was_not_found_ends_the_run(short_of_time):
    study = tiny()
    found = study.compute(np.array([7]), np.zeros(1, np.uint8))
    audit.check(study, 7, found, 4)
    found["m.wanted_t"][0, 0] = np.nextafter(found["m.wanted_t"][0, 0], 0.0)
    with pytest.raises(AuditFailure, match="stored wanted_t"):
        audit.check(study, 7, found, 4)


def test_the_process_beside_a_run_finds_what_the_run_does(tmp_path, monkeypatch, capsys):
    alone = tiny(run__workers=1, run__audit=2).run(tmp_path / "alone")
    monkeypatch.setattr(auditing, "WORTH_S", 0.0)
    monkeypatch.setattr(execute, "WORTH_S", 0.0)
    monkeypatch.setattr(auditing, "rows_of", None)  # not here
    with_one = tiny(run__workers=2, run__audit=2).run(tmp_path / "beside")
    assert np.array_equal(alone.of("shortfall_t"), with_one.of("shortfall_t"))
    a, b = (json.loads((tmp_path / f / "manifest.json").read_text()) for f in ("alone", "beside"))
    assert a["audit"] == b["audit"]
    assert "died" not in capsys.readouterr().err


def test_where_the_process_dies_the_run_audits_itself(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(auditing, "WORTH_S", 0.0)
    monkeypatch.setattr(execute, "WORTH_S", 0.0)
    monkeypatch.setattr(beside, "_MAIN", "raise SystemExit(1)")
    tiny(run__workers=2, run__audit=1).run(tmp_path / "run")
    assert "audited here" in capsys.readouterr().err
    assert (tmp_path / "run" / "manifest.json").exists()


def test_a_failure_in_the_process_is_a_failure_of_the_run(monkeypatch):
    def wrong(*_):
        raise AuditFailure("audit failed: here")

    monkeypatch.setattr(beside_main, "rows_of", wrong)
    answer = beside.Answer(
        *beside_main.audit(beside_main.Desk(tiny()), {"number": 3, "n_period": 4}, b"")
    )
    process = beside.Beside(str)
    monkeypatch.setattr(process, "ask", lambda *_, **__: None)
    monkeypatch.setattr(process, "answer", lambda: answer)
    monkeypatch.setattr(auditing, "WORTH_S", 0.0)
    with pytest.raises(AuditFailure, match="here"):
        auditing.Auditing(tiny(run__audit=1), process).end(None)


def test_a_study_that_travels_as_text_computes_the_same_bits():
    study = load("china_ree_controls_2025_10")  # whose end users share pools of value added
    numbers, stop = np.arange(2), np.zeros(1, np.uint8)
    here, there = study.compute(numbers, stop), study_of(as_text(study)).compute(numbers, stop)
    assert all(np.array_equal(here[name], there[name], equal_nan=True) for name in here)


@pytest.mark.parametrize("lives", [True, False])
def test_figures_drawn_by_two_processes_are_those_drawn_by_one(tmp_path, monkeypatch, lives):
    monkeypatch.setattr(execute, "WORTH_S", 0.0)
    one = {"exceedance": figures.FIGURES["exceedance"]}
    monkeypatch.setattr(figures, "FIGURES", one)
    if not lives:
        monkeypatch.setattr(beside, "_MAIN", "raise SystemExit(1)")
    study = tiny(run__audit=0, output__figures=True)
    data = study.run(tmp_path / "run")
    alone = tmp_path / "alone"
    alone.mkdir()
    for file in figures.draw(study, data, alone):
        assert file.read_bytes() == (tmp_path / "run" / file.relative_to(alone)).read_bytes()
