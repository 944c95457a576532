"""The world map of flows: what crosses borders, by country and passage, and where it is drawn."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from sim.cli import main
from sim.network.arrays import CompiledNetwork
from sim.network.compile import compile_network
from sim.network.dictionary import Network
from sim.network.load import read_network
from sim.plots import flow_map, world_map
from sim.plots.flows import Flows, bought_for, flows_of, goods_that_flow
from sim.plots.page import SIZES, drawn_for, page_of
from sim.words.say import LANGUAGES

SCENARIO = Path(__file__).parent / "data" / "tiny_ban.yaml"
FOLDER = world_map.FOLDER


def lane(share: float, *routes: str) -> dict[str, object]:
    return {"share": share, "transit_days": 14, "routes": [*routes]}


def user(country: str, demand: float, **lanes: dict[str, object]) -> dict[str, object]:
    return {"kind": "end_user", "product": "car", "country": country, "sector": "motors",
            "demand": demand, "feeds": {"metal": {"cover_days": 21, "lanes": lanes}}}  # fmt: skip


NETWORK = {
    "title": "By hand",
    "products": {
        "ore": {"title": "Ore"},
        "metal": {"title": "Metal", "value_usd_per_t": 1000},
        "car": {"title": "Car"},
    },
    "sites": {
        "pit": {"kind": "mine", "product": "ore", "country": "COD", "capacity": 2000},
        "works": {"kind": "refiner", "product": "metal", "country": "CHN", "capacity": 1500,
                  "feeds": {"ore": {"cover_days": 14,
                                    "lanes": {"pit": lane(1, "cape", "malacca")}}}},
        "japan": user("JPN", 300, works=lane(1, "a_new_strait")),
        "rest": user("ROW", 100, works=lane(1)),
        "home": user("CHN", 600, works=lane(1)),
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def chain() -> tuple[Network, CompiledNetwork]:
    network = read_network(NETWORK)
    return network, compile_network(network, start=dt.date(2026, 1, 1), n_period=4, step_days=7)


# --- what flows ----------------------------------------------------------------------------------


def test_flows_of_one_good_are_tonnes_a_year_between_countries(chain):
    flows = flows_of(*chain, ["metal"])
    assert flows.unit == "t" and flows.goods == ("metal",)
    assert [*flows.amount] == [("CHN", "JPN"), ("CHN", "ROW")]  # largest first, none at home
    assert [*flows.amount.values()] == pytest.approx([300, 100], rel=0.01)
    assert flows.through == pytest.approx({"a_new_strait": flows.amount["CHN", "JPN"]})
    assert flows.sites == {"CHN": ("end_user", "refiner"), "JPN": ("end_user",),
                           "ROW": ("end_user",)}  # fmt: skip


def test_several_goods_add_up_by_value_and_one_without_a_value_is_left_out(chain):
    flows = flows_of(*chain)
    assert (flows.unit, flows.goods, flows.left_out) == ("USD", ("metal",), ("ore",))
    assert flows.amount["CHN", "JPN"] == pytest.approx(
        1000 * flows_of(*chain, ["metal"]).amount["CHN", "JPN"]
    )


def test_a_shipment_counts_at_every_passage_that_its_lane_names(chain):
    flows = flows_of(*chain, ["ore"])
    assert flows.through == pytest.approx({"cape": flows.total, "malacca": flows.total})


def test_goods_of_end_users_stand_for_what_these_buy(chain):
    _, compiled = chain
    assert goods_that_flow(compiled) == ["ore", "metal"]
    assert bought_for(compiled, ["car"]) == ["metal"] and bought_for(compiled, []) == []


# --- the map -------------------------------------------------------------------------------------


def test_places_lie_where_they_should_and_every_row_has_source_and_confidence():
    for name in ("places.csv", "chokepoints.csv"):
        for row in world_map._rows(name):
            assert row["source"] and row["confidence"] in ("high", "medium", "low")
            assert abs(float(row["longitude"])) <= 180 and abs(float(row["latitude"])) <= 90
    japan, congo = world_map.places()["JPN"], world_map.places()["COD"]
    assert 130 < japan.longitude < 145 and 30 < japan.latitude < 45
    assert 12 < congo.longitude < 31 and -13 < congo.latitude < 5
    assert {*flow_map.ROUTES} == {*world_map.chokepoints()}  # all have a name in every language


def test_the_outline_is_small_says_its_source_and_has_land_under_the_countries():
    from matplotlib.path import Path as Ring

    text = (FOLDER / "land.csv").read_text(encoding="utf-8")
    assert len(text) < 100_000 and "Natural Earth" in text and "public domain" in text

    def on_land(x: float, y: float) -> bool:
        return any(Ring(ring).contains_point((x + turn, y))
                   for _, ring in world_map.land() for turn in (-360, 0, 360))  # fmt: skip

    for code in ("CHN", "USA", "AUS", "COD", "CHL", "RUS", "IND", "BRA"):
        assert on_land(*world_map.places()[code]), code
    assert not on_land(-30, 0) and not on_land(-140, 20)


def test_an_arc_joins_two_places_and_crosses_the_atlantic_over_the_edge():
    places, wide = world_map.places(), 360 * world_map.STRETCH
    line = world_map.arc(places["CHN"], places["USA"])
    np.testing.assert_allclose(line[[0, -1]], [world_map.projected(places[p])
                                               for p in ("CHN", "USA")])  # fmt: skip
    over = world_map.arc(places["EU"], places["USA"])
    np.testing.assert_allclose(over[-1, 0] + wide, world_map.projected(places["USA"])[0])
    assert over[:, 0].min() < 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_figure_tells_what_it_draws_and_what_it_cannot(chain, lang):
    with drawn_for(page_of("report", lang=lang)):
        figure = flow_map.figure(*chain, ["metal"])
    drawn = {(row["from"], row["to"]): row["drawn"] for row in figure.rows if row["from"]}
    assert drawn == {("CHN", "JPN"): True, ("CHN", "ROW"): False}
    assert sum(row["share"] for row in figure.rows if row["what"] == "flow") == pytest.approx(1)
    assert "75" in figure.title  # per cent of 400 t
    assert "a new strait" in figure.caption  # a passage that has no place
    if lang == "en":
        assert figure.title.startswith("The largest flow between countries: China to Japan, 30")
        assert "flows of Rest of world (25 %)" in figure.caption


def test_names_do_not_lie_on_each_other_on_any_page(chain):
    for size in SIZES:
        with drawn_for(page_of(size)):
            figure = flow_map.figure(*chain, ["ore"])
            figure.draw_without_rendering()
            boxes = [t.get_window_extent() for t in figure.axes[0].texts]
        assert len(boxes) >= 2
        for i, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[i + 1 :]), size


def test_nothing_is_drawn_where_nothing_crosses_a_border():
    sites = {name: site for name, site in NETWORK["sites"].items() if name == "home"}
    sites["works"] = {"kind": "mine", "product": "metal", "country": "CHN", "capacity": 900}
    network = read_network({**NETWORK, "sites": sites})
    compiled = compile_network(network, start=dt.date(2026, 1, 1), n_period=4, step_days=7)
    assert flow_map.figure(network, compiled) is None
    assert isinstance(flows_of(network, compiled), Flows)


def test_plot_draws_it_of_a_run_and_of_any_good_of_the_chain(tmp_path, capsys):
    folder = tmp_path / "run"
    words = ["run.replications=20", "run.audit=1", "output.figures=false", f"output.dir={folder}"]
    assert main(["run", f"scenario={SCENARIO}", *words]) == 0
    for good in ("metal", "good"):
        assert main(["plot", str(folder), "figures=flow_map", f"goods={good}", "format=svg"]) == 0
        with open(folder / "plots" / f"flow_map-{good}.csv", encoding="utf-8") as file:
            rows = [*csv.DictReader(file)]
        assert (rows[0]["from"], rows[0]["to"]) == ("CHN", "JPN")
    capsys.readouterr()
    assert main(["plot", str(folder), "figures=flow_map", "goods=metle"]) == 2
    assert "metal" in capsys.readouterr().err
    assert main(["plot", str(folder), "figures=flow_map", "goods=ore"]) == 2  # crosses no border


# --- both maps -----------------------------------------------------------------------------------


def test_the_map_of_the_chain_and_of_the_world_tell_the_same_flows():
    from sim.base.paths import data_dir
    from sim.plots import chain_map
    from sim.plots.chain_stages import USERS, stages_and_links
    from sim.plots.style import PALETTE

    network = read_network(str(data_dir("configs") / "network" / "rare_earths.yaml"))
    compiled = compile_network(network, start=dt.date(2026, 1, 1), n_period=4, step_days=7)
    stages, links = stages_and_links(compiled)
    (users,) = (stage for column in stages for stage in column if stage.name == USERS)
    flows = flows_of(network, compiled, ["ndfeb_magnet"])
    told = {
        (link.source[1], link.target[1]): link.share * users.total_t_per_year
        for link in links
        if link.source[0] == "ndfeb_magnet" and link.target[0] == USERS
    }
    named = {pair for pair in told if "other" not in pair and pair[0] != pair[1]}
    assert ("CHN", "JPN") in named and len(named) > 8
    for pair in named:
        assert told[pair] == pytest.approx(flows.amount[pair], rel=1e-9), pair
    abroad = sum(t for (source, target), t in told.items() if source != target)
    assert abroad == pytest.approx(flows.total, rel=0.02)  # small makers stand together as "other"
    with drawn_for(page_of("report")):
        world = flow_map.figure(network, compiled, ["ndfeb_magnet"])
        chain_of = chain_map.figure("", stages, links, "")
    arcs = {row["from"] for row in world.rows if row["drawn"] and row["what"] == "flow"}
    assert "CHN" in arcs and flow_map.FOCUS == "CHN"
    reds = [p for p in chain_of.axes[0].patches if p.get_facecolor()[:3] == rgb(PALETTE[2])]
    assert reds and any(rgb(line.get_color()) == rgb(PALETTE[2]) for line in lines_of(world))


def rgb(color) -> tuple[float, ...]:
    from matplotlib.colors import to_rgb

    return to_rgb(color)


def lines_of(figure):
    """Everything on a map that has a colour of its own: legend and arcs."""
    from matplotlib.lines import Line2D

    return figure.findobj(Line2D)
