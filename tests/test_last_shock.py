"""A first shortage is told by the last shock before it that reaches those who run short."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from sim.api import load
from sim.run.last_shock import follows, last_shock_notes

NET = {
    "title": "Two chains",
    "products": {
        "ore": {"title": "Ore", "stage": "mining"},
        "sand": {"title": "Sand", "stage": "mining"},
        "good": {"title": "Good", "stage": "use"},
    },
    "sites": {
        "pit": {"kind": "mine", "product": "ore", "country": "CHN", "capacity": 365},
        "dune": {"kind": "mine", "product": "sand", "country": "CHN", "capacity": 365},
        "users": {
            "kind": "end_user", "product": "good", "country": "JPN", "sector": "motors",
            "demand": 365,
            "feeds": {"ore": {"cover_days": 0, "adjustment_days": 0,
                              "lanes": {"pit": {"share": 1, "transit_days": 7}}}},
        },
        "others": {
            "kind": "end_user", "product": "good", "country": "USA", "sector": "glass",
            "demand": 365,
            "feeds": {"sand": {"cover_days": 200,
                               "lanes": {"dune": {"share": 1, "transit_days": 7}}}},
        },
    },
}  # fmt: skip


def outage(site: str, day: float, days: float = 35) -> dict:
    effect = {"kind": "outage", "sites": {"site": site}, "severity": 1}
    return {"onset": {"day": day}, "duration_days": days, "effects": {site: effect}}


@pytest.fixture
def ran(tmp_path):
    (tmp_path / "net.yaml").write_text(yaml.safe_dump(NET), encoding="utf-8")
    hazards = {
        "first": outage("dune", 0, 300),  # the clock of all hazards starts here; it reaches others
        "stop": outage("pit", 70),
        "later": outage("pit", 200),
    }
    scenario = {"title": "Two stops", "network": "./net.yaml", "start": "2026-01-01",
                "horizon_days": 364, "hazards": hazards}  # fmt: skip
    (tmp_path / "sc.yaml").write_text(yaml.safe_dump(scenario), encoding="utf-8")
    more = {"run.replications": 20, "run.audit": 0, "output.figures": False}
    study = load(tmp_path / "sc.yaml", more)
    return study, study.run(tmp_path / "out")


def test_the_hazard_that_reaches_the_good_is_named_with_the_days_since_its_onset(ran):
    study, data = ran
    japan = follows(study, data, data.index("region", "JPN"), 20)
    assert japan == ("JPN", "stop", 20, 20, 7.0)  # seven days at sea
    usa = follows(study, data, data.index("region", "USA"), 20)
    assert usa is not None and (usa.hazard, usa.n) == ("first", 20)
    assert usa.median_days == pytest.approx(207, abs=7)  # 200 days of stock, 7 at sea


def test_the_sentences_follow_from_the_columns(ran):
    study, data = ran
    notes = last_shock_notes(study, data)
    assert len(notes) == 2
    day = float(
        np.median(np.asarray(data.table["first_shortage_day"][:, data.index("region", "JPN")]))
    )
    expected = f"was stop, {day - 70:.0f} days before (median)"
    assert notes[0].startswith("first shortage in JPN: in 20 of 20 futures")
    assert notes[0].endswith(expected)


def test_nothing_is_said_of_fewer_futures_than_a_statement_needs(ran):
    study, data = ran
    column = data.index("region", "JPN")
    assert follows(study, data, column, 3) is None
