"""Networks that others published, told again in small tables: imported, checked and run.

What each is, where it comes from and what was lost: docs/others_chains.md.
"""

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.cli import main
from sim.network.load import read_network

CHAINS = Path(__file__).resolve().parent / "chains"
DAYS = 365.0
WEEKS = 365 / 7

SHAPES = {  # sites, lanes, what end users want (pieces, USD or t a year)
    "cobalt_trade_usa_2023": (14, 12, 6635 + 4295),
    "disruptsc_testkistan": (11, 11, 15_000 + 950_000 + 830_000),
    "stockpyl_assembly": (10, 9, 5 * WEEKS),
    "stockpyl_distribution": (8, 7, 4 * 8 * WEEKS),
    "stockpyl_serial": (4, 3, 5 * WEEKS),
    "stockpyl_tree": (6, 5, (22 + 15.3) * DAYS),
    "supplynetpy_bread": (11, 12, 125 * DAYS),
    "supplynetpy_brushes": (4, 3, 35 * DAYS),
}
"""As their publications tell them; demands are means of their laws."""


def tables(name):
    return [str(CHAINS / name / f) for f in ("sites.csv", "lanes.csv", "trade.csv")
            if (CHAINS / name / f).exists()]  # fmt: skip


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """Import every chain once, by the command; return name -> file."""
    folder = tmp_path_factory.mktemp("chains")
    for name in SHAPES:
        assert main(["import", *tables(name), "--to", str(folder / f"{name}.yaml")]) == 0
    return {name: folder / f"{name}.yaml" for name in SHAPES}


def test_every_folder_is_tried_and_told():
    assert {p.name for p in CHAINS.iterdir() if p.is_dir()} == set(SHAPES)
    page = (CHAINS.parents[1] / "docs" / "others_chains.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in SHAPES)


@pytest.mark.parametrize("name", SHAPES)
def test_it_has_the_sites_lanes_and_demand_that_were_published(imported, name):
    network = read_network(imported[name])
    sites, lanes, demand = SHAPES[name]
    assert len(network.sites) == sites
    feeds = [f for s in network.sites.values() for f in s.feeds.values()]
    assert sum(len(f.lanes) for f in feeds) == lanes
    assert sum(s.demand or 0.0 for s in network.sites.values()) == pytest.approx(demand)


@pytest.mark.parametrize("name", SHAPES)
def test_it_runs_and_both_engines_agree(imported, name, monkeypatch):
    """Nobody goes short if nothing happens, somebody if the largest supplier stops for a year."""
    monkeypatch.chdir(imported[name].parent)
    assert main(["new", "scenario", f"stop_{name}", "--network", f"./{name}.yaml"]) == 0
    onset = "scenario.hazards.outage.onset.probability"
    long = {"scenario.hazards.outage.duration_days": 365}
    mean = {}
    for probability in (0, 1):
        changes = {"run.replications": 6, "run.audit": 1, onset: probability, **long}
        study = sim.load(f"./stop_{name}.yaml", {**changes, "output.figures": False})
        data = study.run(Path(f"run_{name}_{probability}"))
        mean[probability] = float(np.mean(data.of("shortfall_t", "total", "all")))
    assert mean[0] == pytest.approx(0.0, abs=1e-9)
    assert mean[1] > 0


# --- what is known of them ------------------------------------------------------------------------


def test_bread_takes_flour_and_has_a_second_distributor(imported):
    sites = read_network(imported["supplynetpy_bread"]).sites
    assert sites["bakery"].feeds["flour"].coefficient == 30
    assert sites["bakery"].title == "Bakery"  # ids beside names
    assert sites["fmill"].capacity == pytest.approx(30 * 125 * DAYS / 0.9)
    second = sites["cake_shop2"].feeds["bread delivered"].lanes["dist2"]
    assert (second.share, second.spot, second.qualification_days) == (0, 1, 0)
    assert sites["cake_shop1"].feeds["bread delivered"].cover_days == pytest.approx(30 / 12.5)


def test_weeks_are_days_and_stocks_are_covers(imported):
    sites = read_network(imported["stockpyl_serial"]).sites
    feed = sites["1"].feeds["stage 2"]
    assert feed.lanes["2"].transit_days == 7
    assert feed.cover_days == pytest.approx(1.49 / 5 * 7)


def test_an_assembly_needs_all_its_parts(imported):
    sites = read_network(imported["stockpyl_assembly"]).sites
    assert set(sites["1"].feeds) == {"part 2", "part 3"}
    assert set(sites["4"].feeds) == {"part 6", "part 7"}


def test_time_in_a_stage_is_time_on_the_way_to_it(imported):
    sites = read_network(imported["stockpyl_tree"]).sites
    assert sites["3"].feeds["part 4"].lanes["4"].transit_days == 21
    assert sites["1"].feeds["machine"].lanes["3"].transit_days == 7


def test_an_input_output_table_gives_its_coefficients(imported):
    sites = read_network(imported["disruptsc_testkistan"]).sites
    assert sites["AGRI"].feeds["manufactures"].coefficient == pytest.approx(200 / 830)
    assert sites["MANUF"].feeds["imported goods"].coefficient == pytest.approx(10 / 1150)
