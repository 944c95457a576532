"""A firm's own plants on a shipped network, and firms together on the same futures."""

import csv
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.advice import firm_report, firm_stress
from sim.advice.firm import Firm, overlay_of
from sim.advice.pool import Column, pooled, read_column, worst_futures, write_column
from sim.base.errors import UserError
from sim.cli import main
from sim.config.library import Library
from sim.network.load import read_network
from sim.network.validate import validate

NET = {
    "title": "Own network",
    "products": {"ore": {"title": "Ore", "stage": "mining"}, "good": {"title": "Good"}},
    "sites": {
        "pit": {"kind": "mine", "product": "ore", "country": "CHN", "capacity": 1000},
        "pit_b": {"kind": "mine", "product": "ore", "country": "AUS", "capacity": 1000},
        "users": {
            "kind": "end_user", "product": "good", "country": "JPN", "sector": "motors",
            "demand": 365,
            "feeds": {"ore": {"lanes": {"pit": {"share": 0.75, "transit_days": 7},
                                        "pit_b": {"share": 0.25, "transit_days": 14}}}},
        },
    },
}  # fmt: skip


def firm_of(**plant):
    data = {"title": "Own works", "network": "rare_earths", "plants": {"works": {
        "country": "JPN", "value_added_usd_per_year": 365e6,
        "needs": {"ore": {"t_per_year": 10, "cover_days": 0}}, **plant}}}  # fmt: skip
    return validate(Firm, data, "firm")


def overlay(firm):
    network = read_network(NET)
    return overlay_of(firm, network, firm_stress.reference_output(network))


def test_a_plant_buys_as_its_region_does_unless_it_says():
    feed = overlay(firm_of()).sites["works"]["feeds"]["ore"]
    assert {s: lane["share"] for s, lane in feed["lanes"].items()} == {"pit": 0.75, "pit_b": 0.25}
    assert feed["lanes"]["pit_b"]["transit_days"] == 14
    assert feed["coefficient"] == 10


def test_suppliers_by_country_and_second_sources():
    needs = {"ore": {"t_per_year": 10, "suppliers": {"CHN": 1}, "second_sources": ["AUS"]}}
    lanes = overlay(firm_of(needs=needs)).sites["works"]["feeds"]["ore"]["lanes"]
    assert lanes["pit"]["share"] == 1
    assert lanes["pit_b"]["share"] == 0
    assert lanes["pit_b"]["spot"] == 1


@pytest.mark.parametrize(
    ("needs", "expected"),
    [({"orr": {"t_per_year": 1}}, "nobody makes such a product; did you mean 'ore'?"),
     ({"ore": {"t_per_year": 1, "suppliers": {"pitt": 1}}}, "did you mean 'pit'?"),
     ({"ore": {"t_per_year": 1, "suppliers": {"BRA": 1}}}, "it is made in AUS, CHN"),
     ({"ore": {"t_per_year": 1, "suppliers": {"CHN": 0.9}}}, "the shares must sum to 1")],
)  # fmt: skip
def test_what_the_network_lacks_is_told(needs, expected):
    with pytest.raises(UserError, match=r"plants\.works") as caught:
        overlay(firm_of(needs=needs))
    assert expected in str(caught.value)


# --- a stop that can be worked out by hand ------------------------------------------------------

SCENARIO = """\
title: The pit stops
network: ./net.yaml
start: 2026-01-01
horizon_days: 364
hazards:
  stop: {onset: {day: 70}, duration_days: 35, effects: {pit: {kind: outage, sites: {site: pit},
         severity: 1}}}
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    import yaml

    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(yaml.safe_dump(NET), encoding="utf-8")
    (tmp_path / "stop.yaml").write_text(SCENARIO, encoding="utf-8")
    firm = """\
title: Own works
network: ./net.yaml
plants:
  works:
    country: JPN
    value_added_usd_per_year: 365000000
    needs: {ore: {t_per_year: 10, cover_days: 0, rerouting: 0, suppliers: {CHN: 1}}}
"""
    (tmp_path / "firm.yaml").write_text(firm, encoding="utf-8")
    return tmp_path


def table(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_stop_of_35_days_of_the_only_supplier(here, capsys):
    """Felt for 35 days from day 77 on: 35 days of work, a million each."""
    assert main(["stress", "firm.yaml", "scenario=./stop.yaml", "run.replications=16"]) == 0
    folder = here / capsys.readouterr().out.strip()
    (row,) = table(folder / "stress.csv")
    assert float(row["chance_of_stop"]) == 1
    assert float(row["first_day_median"]) == pytest.approx(77)
    assert float(row["days_lost_mean"]) == pytest.approx(35)
    assert float(row["value_added_at_risk_usd"]) == pytest.approx(35e6)
    worst = table(folder / "suppliers.csv")[0]
    assert (worst["supplier"], worst["buys_directly"]) == ("pit", "yes")
    assert float(worst["time_to_survive_days"]) == pytest.approx(7)
    origins = {r["country"]: float(r["share"]) for r in table(folder / "origins.csv")}
    assert origins == {"CHN": 1.0}
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "The pit stops" in page
    assert "Art. 24" in page


def test_the_headline_follows_from_the_rows(here, capsys):
    main(["stress", "firm.yaml", "scenario=./stop.yaml", "run.replications=16"])
    rows = [
        {"chance_of_stop": 0.2, "chance_of_stop_low": 0.1, "chance_of_stop_high": 0.3,
         "days_lost_mean": 4.0, "horizon_days": 364, "scenario_title": "A", "title": "W", "n": 16},
        {"chance_of_stop": 0.0, "chance_of_stop_low": 0.0, "chance_of_stop_high": 0.1,
         "days_lost_mean": 0.0, "horizon_days": 364, "scenario_title": "B", "title": "W", "n": 16},
    ]  # fmt: skip
    assert firm_report.headline(rows) == (
        "Worst: A. W lacks an input in 20 % of the futures (10 % to 30 %), for 4 days on average "
        "over 364."
    )
    assert firm_report.headline(rows[1:]) == (
        "No plant lacks anything in any of 1 cases of 16 futures each."
    )


def test_unknown_keys_are_told_by_file_and_line(here, capsys):
    (here / "firm.yaml").write_text("title: x\nplants:\n  w: {contry: JPN}\n", encoding="utf-8")
    assert main(["stress", "firm.yaml"]) == 2
    told = capsys.readouterr().err
    assert "firm.yaml:3" in told
    assert "did you mean 'country'?" in told


def test_a_new_firm_is_one_that_can_be_stressed(here):
    assert main(["new", "firm", "works"]) == 0
    firm = firm_stress.read_firm("works.yaml")
    firm_stress.check_goods(firm, Library(), "works.yaml")


def test_a_good_that_nobody_makes_is_told_by_file_and_line(here, capsys):
    text = (here / "firm.yaml").read_text(encoding="utf-8").replace("{ore:", "{orr:")
    (here / "firm.yaml").write_text(text, encoding="utf-8")
    assert main(["stress", "firm.yaml"]) == 2
    told = capsys.readouterr().err
    assert "firm.yaml:7" in told
    assert "did you mean 'ore'?" in told


# --- firms together -----------------------------------------------------------------------------


def column(name, loss, digest="same"):
    return Column(name, "s", digest, "USD", np.array(loss, float))


def test_firms_on_the_same_futures(tmp_path):
    for name, loss in (("a", [0, 1, 2, 0]), ("b", [0, 5, 0, 0])):
        write_column(tmp_path / f"{name}.parquet", column(name, loss))
    columns, rows = pooled([tmp_path / "a.parquet", tmp_path / "b.parquet"])
    value = {(r["who"], r["what"]): r["value"] for r in rows}
    assert value["together", "chance that any loses"] == 0.5
    assert value["together", "chance that all lose"] == 0.25
    assert value["together", "mean loss"] == 2.0
    assert worst_futures(columns)[0] == {"future": 1, "firms": 2, "a": 1.0, "b": 5.0}


def test_other_futures_are_refused(tmp_path):
    write_column(tmp_path / "a.parquet", column("a", [1, 2]))
    write_column(tmp_path / "b.parquet", column("b", [1, 2], digest="other"))
    with pytest.raises(UserError, match="met other futures"):
        pooled([tmp_path / "a.parquet", tmp_path / "b.parquet"])


def test_networks_may_differ_and_seeds_may_not(here):
    firm, library = firm_stress.read_firm("firm.yaml"), Library()
    digests = [
        firm_stress.digest_of(
            firm_stress.settings_for(firm, "./stop.yaml", "./net.yaml", changes, library), 16
        )
        for changes in ({}, {"network.title": "Other"}, {"run.seed": 7})
    ]
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_a_column_tells_no_supplier(tmp_path):
    write_column(tmp_path / "a.parquet", column("a", [1, 2]))
    told = json.loads(pq.read_schema(tmp_path / "a.parquet").metadata[b"shortfall"])
    assert set(told) == {"name", "scenario", "digest", "unit", "together"}
    assert pq.read_schema(tmp_path / "a.parquet").names == ["loss"]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"x" * 100])
def test_what_is_no_column_is_told(tmp_path, content):
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(UserError, match="is no column"):
        read_column(tmp_path / "a.parquet")


def test_losses_that_cannot_be_are_refused(tmp_path):
    meta = {"shortfall": json.dumps(dict.fromkeys(Column._fields[:4], "x"))}
    pq.write_table(pa.table({"loss": [1.0, float("nan")]}).replace_schema_metadata(meta),
                   tmp_path / "a.parquet")  # fmt: skip
    with pytest.raises(UserError, match="finite"):
        read_column(tmp_path / "a.parquet")
