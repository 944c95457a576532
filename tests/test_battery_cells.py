"""Battery cells: all minerals at once, as the IEA counts; the missing one stops the line."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import numpy as np
import pytest
from shipped import network_of

from sim.build.compose import tables_of
from sim.build.report import reference
from sim.flow.engine import simulate
from sim.flow.play import Play
from sim.network.compile import compile_network
from sim.shocks.hazard import Hazard
from sim.shocks.sampler import compile_hazards, sample

START, STEP, N_PERIOD = dt.date(2025, 4, 4), 7, 104
NEEDS = {
    "cell_nickel": {"lithium_chemical", "nickel_sulphate", "cobalt_sulphate", "graphite_anode"},
    "cell_lfp": {"lithium_chemical", "graphite_anode"},
}
IEA_T = {
    "lithium_chemical": 128_001,
    "nickel_sulphate": 338_109,
    "cobalt_sulphate": 70_568,
    "graphite_anode": 1_505_195,
}
"""EV batteries and grid storage, 2024 (IEA Critical Minerals Dataset, May 2025)."""


CELLS = (("cell_nickel", 510.1, 3885 / 3705.99), ("cell_lfp", 622.2, 1.49426))
"""GWh made in 2024, and how they are raised to 2025 (source `cells_volume_2025`)."""

KG_PER_KWH = {
    "cell_nickel": {"lithium_chemical": 0.129, "nickel_sulphate": 0.663, "cobalt_sulphate": 0.13834,
                    "graphite_anode": 1.3293},
    "cell_lfp": {"lithium_chemical": 0.1, "graphite_anode": 1.3293},
}  # fmt: skip


def network():
    return network_of("battery_cells")


def makers():
    return {name: site for name, site in network().sites.items() if "cell_maker" in site.tags}


def quota(product: str, share: float) -> Hazard:
    """Return a lasting cap on all sales of a product, at a share of the reference flows."""
    rule = {
        "kind": "control",
        "type": "quota",
        "quota": share,
        "origin": {"product": product},
        "to": {"tag": "cell_maker"},
    }
    onset = {"onset": {"day": 0}, "duration_days": STEP * N_PERIOD}
    return Hazard.model_validate({**onset, "effects": {"cap": rule}})


def made_under(hazards: dict[str, Hazard]) -> tuple[dict[str, float], dict[str, float]]:
    """Return output of cells in the last period by product, and all shortfall by sector.

    Output is a share of the reference; projects do not start, so that the reference stays.
    """
    bare = network().model_copy(update={"projects": {}})
    compiled = compile_network(bare, start=START, n_period=N_PERIOD, step_days=STEP)
    clock = {"start": START, "horizon_days": N_PERIOD * STEP, "step_days": STEP}
    plan = compile_hazards(hazards, {}, {}, compiled, bare, **clock)
    tape = sample(plan, 1, np.arange(1))
    flow = simulate(Play(compiled, plan.targets, plan.draws, N_PERIOD), tape, trace=True)
    made, usual, short = defaultdict(float), defaultdict(float), defaultdict(float)
    for n, f in enumerate(compiled.chain.lane_feed):
        product = compiled.labels.feed_product[f]
        made[product] += float(flow.trace.shipped[-1, n, 0])
        usual[product] += float(compiled.reference_lane[n])
    for g, sector in enumerate(compiled.labels.group_sector):
        short[sector] += float(flow.shortfall[:, g, 0].sum())
    return {cell: made[cell] / usual[cell] for cell in NEEDS}, short


def test_every_cell_maker_needs_all_its_minerals_at_once():
    assert len(makers()) >= 25
    for name, site in makers().items():
        assert set(site.feeds) == NEEDS[site.product], name


def test_cell_makers_use_what_the_iea_counts_in_vehicles_and_grids():
    compiled = reference(network())
    used = defaultdict(float)
    for f, i in enumerate(compiled.chain.feed_site):
        if "cell_maker" in compiled.labels.site_tags[i]:
            use = compiled.reference_out[i] * compiled.chain.coefficient[f]
            used[compiled.labels.feed_product[f]] += float(use) * 365 / compiled.chain.step_days
    assert used.keys() == IEA_T.keys()
    for product in IEA_T:
        t = sum(gwh * grown * KG_PER_KWH[cell].get(product, 0) * 1000 for cell, gwh, grown in CELLS)
        assert used[product] == pytest.approx(t, rel=2e-3), product
    whole = {p: sum(gwh * KG_PER_KWH[c].get(p, 0) * 1000 for c, gwh, _ in CELLS) for p in IEA_T}
    assert whole == pytest.approx(IEA_T, rel=2e-3)


def test_cells_take_the_place_of_the_batteries_sectors():
    sectors = {site.sector for site in network().sites.values()}
    assert {"ev_nickel", "ev_lfp", "grid_storage"} <= sectors
    assert not {s for s in sectors if s.endswith("_batteries")}
    assert {"nickel_stainless", "cobalt_superalloys", "lithium_other"} <= sectors


def test_india_is_a_user_of_its_own_within_the_rest_of_the_world():
    user = network().sites["ind_ev_lfp"]
    assert (user.country, user.region) == ("IND", "ROW")


def test_reserves_of_battery_minerals_serve_the_cell_makers_of_their_country():
    served = network().sites["komir_cobalt_sulphate"].serves
    assert set(served) == {n for n, s in makers().items() if s.country == "KOR"}
    assert "panasonic_japan_cells" in network().sites["jogmec_lithium"].serves
    assert "jpn_lithium_other" in network().sites["jogmec_lithium"].serves


def test_contracts_of_mineral_projects_follow_to_the_cell_makers_of_the_region():
    offtake = network().projects["thacker_pass_1"].offtake
    assert set(offtake) == {n for n, s in makers().items() if s.country == "USA"}


@pytest.mark.parametrize(
    ("product", "stopped"),
    [
        ("cobalt_sulphate", {"cell_nickel"}),
        ("nickel_sulphate", {"cell_nickel"}),
        ("lithium_chemical", {"cell_nickel", "cell_lfp"}),
        ("graphite_anode", {"cell_nickel", "cell_lfp"}),
    ],
)
def test_cells_fall_to_what_the_missing_mineral_allows(product, stopped):
    made, short = made_under({"h": quota(product, 0.4)})
    for cell in NEEDS:
        assert made[cell] == pytest.approx(0.4 if cell in stopped else 1.0, abs=0.005)
    assert (short["ev_nickel"] > 0) == ("cell_nickel" in stopped)
    assert (short["ev_lfp"] > 0) == (short["grid_storage"] > 0) == ("cell_lfp" in stopped)
    others = {s for s in short if s not in ("ev_nickel", "ev_lfp", "grid_storage")}
    assert len(others) >= 8
    assert sum(short[s] for s in others) == 0


def test_of_two_missing_minerals_the_scarcer_one_decides():
    made, _ = made_under({"h": quota("cobalt_sulphate", 0.7), "g": quota("graphite_anode", 0.3)})
    assert made["cell_nickel"] == pytest.approx(0.3, abs=0.005)
    assert made["cell_lfp"] == pytest.approx(0.3, abs=0.005)


def test_known_trade_of_battery_minerals_is_a_share_of_what_the_buyers_need():
    rows = {r["product"] for r in tables_of("battery_cells")["trade"] if r.get("of_t")}
    assert rows >= {"lithium_chemical", "graphite_anode"}
