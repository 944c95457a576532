"""What never acts is said, with the reason: hazards in `check` and `run`, reserves in `run`."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
import yaml

from sim.api import Study, load
from sim.cli import main
from sim.run.idle import certainly_idle, idle_hazards

NET = {
    "title": "Own network",
    "products": {
        "ore": {"title": "Ore", "stage": "mining", "value_usd_per_t": 100},
        "dust": {"title": "Dust", "stage": "mining"},
        "good": {"title": "Good", "stage": "use"},
    },
    "sites": {
        "pit": {"kind": "mine", "product": "ore", "country": "CHN", "capacity": 365},
        "shut": {"kind": "mine", "product": "ore", "country": "AUS", "capacity": 0},
        "heap": {"kind": "mine", "product": "dust", "country": "CHN", "capacity": 50},
        "users": {
            "kind": "end_user",
            "product": "good",
            "country": "JPN",
            "sector": "motors",
            "demand": 365,
            "feeds": {
                "ore": {
                    "cover_days": 0,
                    "adjustment_days": 0,
                    "lanes": {"pit": {"share": 1, "transit_days": 7}},
                }
            },
        },
    },
}
STOP = {
    "onset": {"day": 70},
    "duration_days": 35,
    "effects": {"pit": {"kind": "outage", "sites": {"site": "pit"}, "severity": 1}},
}
BAN = {
    "onset": {"day": 70},
    "duration_days": 35,
    "effects": {
        "ban": {"kind": "control", "type": "ban", "origin": {"country": "CHN"}, "severity": 1}
    },
}


def study_of(folder: Path, hazard: dict, **scenario: object) -> Study:
    return load(written(folder, hazard, **scenario))


def written(folder: Path, hazard: dict, net: dict | None = None, **scenario: object) -> Path:
    (folder / "net.yaml").write_text(yaml.safe_dump(net or NET), encoding="utf-8")
    whole = {"title": "An outage", "network": "./net.yaml", "start": "2026-01-01",
             "horizon_days": 364, "hazards": {"stop": hazard}} | scenario  # fmt: skip
    path = folder / "sc.yaml"
    path.write_text(yaml.safe_dump(whole), encoding="utf-8")
    return path


def but(hazard: dict, **changes: object) -> dict:
    """Return a hazard with values changed: `effects__ban__leakage=1` goes down the keys."""
    changed = copy.deepcopy(hazard)
    for path, value in changes.items():
        *above, last = path.split("__")
        at = changed
        for key in above:
            at = at[key]
        at[last] = value
    return changed


NEVER = [
    (but(STOP, onset={"day": 400}), "its onset, 2027-02-05 (day 400), lies after the horizon"),
    (but(STOP, onset={"day": 1e15}), "its onset, day 1e+15, lies after"),
    (but(STOP, onset={"date": "2027-06-01"}), "its onset, 2027-06-01 (day 516), lies after"),
    (but(STOP, onset={"date": "2025-06-01"}), "it is over on 2025-07-06 (day -179), before"),
    (but(STOP, effects__pit__severity=0), "its severity is 0"),
    (but(BAN, effects__ban__leakage=1), "its leakage of 1 lets everything through"),
    (but(STOP, onset={"day": 70, "probability": 0}), "its probability is 0"),
    (but(STOP, onset={"rate_per_year": 0}), "its yearly rate is 0"),
    (but(STOP, effects__pit__sites={"site": "shut"}), "nothing that it selects carries"),
    (but(STOP, effects__pit__sites={"product": "dust"}), "nothing that it selects carries"),
]


@pytest.mark.parametrize(("hazard", "reason"), NEVER)
def test_a_hazard_that_can_act_in_no_future_is_said_to_with_the_reason(tmp_path, hazard, reason):
    study = study_of(tmp_path, hazard)
    (certain,) = certainly_idle(study)
    assert certain.startswith("hazard stop never acts: ") and reason in certain
    (seen,) = idle_hazards(study, 200)
    assert seen.startswith("hazard stop acts in none of the 200 futures: ") and reason in seen


@pytest.mark.parametrize(
    "hazard",
    [STOP, BAN, but(STOP, onset={"day": -20}), but(STOP, onset={"day": 363.5}),
     but(STOP, onset={"rate_per_year": 1.0}), but(BAN, effects__ban__leakage=0.99)],
)  # fmt: skip
def test_nothing_is_said_of_a_hazard_that_acts(tmp_path, hazard):
    study = study_of(tmp_path, hazard)
    assert certainly_idle(study) == [] and idle_hazards(study, 200) == []


def test_a_rare_hazard_that_did_not_come_is_no_certain_matter(tmp_path):
    study = study_of(tmp_path, but(STOP, onset={"day": 70, "probability": 1e-6}))
    assert certainly_idle(study) == []
    (seen,) = idle_hazards(study, 200)
    assert seen.endswith("it came in none of them (chance 1e-06)")


def test_check_and_run_both_say_it(tmp_path, capsys):
    path = written(tmp_path, but(STOP, onset={"day": 400}))
    assert main(["check", str(path)]) == 0
    assert "note: hazard stop never acts: its onset" in capsys.readouterr().err
    out = tmp_path / "out"
    words = ["run.replications=20", "run.audit=0", f"output.dir={out}"]
    assert main(["run", f"scenario={path}", *words]) == 0
    assert "note: hazard stop acts in none of the 20 futures: its onset" in capsys.readouterr().err
    assert "acts in none" in json.loads((out / "manifest.json").read_text())["idle"][0]
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "<li>Hazard stop acts in none of the 20 futures: its onset, 2027-02-05" in report
    assert main(["plot", str(out)]) == 0
    assert (out / "report.html").read_text(encoding="utf-8") == report


def test_a_reserve_of_what_the_short_do_not_need_says_so(tmp_path, capsys):
    net = copy.deepcopy(NET)
    net["products"]["dust"]["bill"] = "left_out"
    net["sites"]["vault"] = {
        "kind": "reserve", "product": "dust", "country": "JPN", "stock": 100,
        "trigger_days": 5, "serves": {"others": None},
    }  # fmt: skip
    net["sites"]["others"] = {
        "kind": "end_user", "product": "good", "country": "JPN", "sector": "paint", "demand": 10,
        "feeds": {"dust": {"cover_days": 30, "lanes": {"heap": {"share": 1, "transit_days": 7}}}},
    }  # fmt: skip
    path, out = written(tmp_path, STOP, net), tmp_path / "out"
    words = ["run.replications=20", "run.audit=0", "output.figures=false", f"output.dir={out}"]
    assert main(["run", f"scenario={path}", *words]) == 0
    said = capsys.readouterr().err
    opened = "note: reserve vault opened in 0 of 20 futures; "
    assert opened + "those short: users, who need ore; it holds dust" in said
