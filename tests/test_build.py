"""The committed rare-earth network: rebuilt from its tables, balanced, sourced, near statistics."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict

import numpy as np
import pytest
from shipped import network_of

from sim.base.errors import UserError
from sim.build import __main__ as command
from sim.build.balance import Block, balance, rounded_shares, sparse_balance
from sim.build.chain import build, build_text, target
from sim.build.report import compare, reference
from sim.build.select import matches
from sim.build.sites import demand_t
from sim.build.tables import data_folder, number, read_table, read_tables
from sim.network.compile import compile_network

CHAIN = "rare_earths"
YEAR = 365.0


@pytest.fixture(scope="module")
def network():
    return network_of(CHAIN)


@pytest.fixture(scope="module")
def tables():
    return read_tables(data_folder(CHAIN))


@pytest.fixture(scope="module")
def flows(network):
    """Reference flow (t/year) by (supplier, buyer, product), cohorts together, without projects."""
    compiled = reference(network)
    chain, labels = compiled.chain, compiled.labels
    total: dict[tuple[str, str, str], float] = defaultdict(float)
    for n, t in enumerate(compiled.reference_lane):
        f = chain.lane_feed[n]
        ends = (labels.site_parent[chain.supplier[n]], labels.site_parent[chain.feed_site[f]])
        total[(*ends, labels.feed_product[f])] += float(t) * YEAR / chain.step_days
    return total


def test_the_committed_file_is_what_its_tables_give_byte_for_byte():
    assert target(CHAIN).read_bytes() == build_text(CHAIN).encode()


def test_check_tells_a_changed_file_from_the_built_one(tmp_path, monkeypatch, capsys):
    copy = tmp_path / "rare_earths.yaml"
    copy.write_bytes(target(CHAIN).read_bytes())
    monkeypatch.setattr(command, "target", lambda chain: copy)
    assert command.main([CHAIN, "--check"]) == 0
    copy.write_bytes(copy.read_bytes() + b"\n")
    assert command.main([CHAIN, "--check"]) == 1
    assert "differs" in capsys.readouterr().out


def test_every_published_share_is_met_within_two_points(network):
    found = compare(CHAIN, network)
    far = [c for c in found if abs(c.ours - c.published) > 0.02]
    assert {(c.stage, c.product) for c in far} <= {("separation", "magnet_ree")}
    assert all(c.exception for c in far)
    stages = {(c.stage, c.product) for c in found if c.country == "CHN"}
    assert len(stages) == 8, "mining 3, separation 3, metal, magnets"


def test_china_makes_what_statistics_and_reports_say(network):
    china = {(c.stage, c.product): c.ours for c in compare(CHAIN, network) if c.country == "CHN"}
    assert china["mining", "magnet_ree"] == pytest.approx(0.610, abs=0.02)
    assert 0.84 < china["separation", "magnet_ree"] < 0.91, "the IEA's chart and its table, 2025"
    assert china["separation", "dytb_oxide"] == pytest.approx(0.98, abs=0.02)
    assert china["metal", "ndpr_metal"] == pytest.approx(0.91, abs=0.02)
    assert china["magnets", "ndfeb_magnet"] == pytest.approx(0.94, abs=0.02)


def test_each_stage_makes_exactly_what_the_next_one_uses(network, flows):
    made: dict[str, float] = defaultdict(float)
    used: dict[str, float] = defaultdict(float)
    out = {name: site.demand or 0.0 for name, site in network.sites.items()}
    for (supplier, _, product), t in flows.items():
        out[supplier] += t
        made[product] += t
    for name, site in network.sites.items():
        for product, feed in site.feeds.items():
            used[product] += out[name] * feed.coefficient
    assert made.keys() == used.keys()
    for product in made:
        assert made[product] == pytest.approx(used[product], rel=1e-9)


def test_every_site_makes_its_tabled_output(tables, flows):
    made: dict[str, float] = defaultdict(float)
    for (supplier, _, _), t in flows.items():
        made[supplier] += t
    for row in tables["sites"]:
        assert made[row["name"]] == pytest.approx(number(row, "output_t"), rel=0.01, abs=2.0)


def test_chinas_magnet_exports_are_those_of_the_customs_by_destination(network, flows):
    to: dict[str, float] = defaultdict(float)
    for (supplier, buyer, product), t in flows.items():
        if product == "ndfeb_magnet" and network.sites[supplier].country == "CHN":
            to[network.sites[buyer].region] += t
    exports = sum(to.values()) - to["CHN"]
    assert exports == pytest.approx(58152, rel=0.05)
    expected = {"USA": 7051, "EU": 22100, "KOR": 5479, "JPN": 2234}
    assert {k: to[k] for k in expected} == pytest.approx(expected, rel=0.03)


def test_known_trade_of_every_product_is_kept(network, tables, flows):
    sites = {name: site.model_dump() for name, site in network.sites.items()}
    for row in tables["trade"]:
        t = sum(
            amount
            for (supplier, buyer, product), amount in flows.items()
            if product == row["product"]
            and matches(row["supplier"], supplier, sites[supplier])
            and matches(row["buyer"], buyer, sites[buyer])
        )
        assert t == pytest.approx(number(row, "t"), rel=0.03), row


def test_world_use_of_magnets_is_240_kt_and_sectors_have_their_shares(tables):
    use = demand_t(tables)
    share = np.array([number(row, "share") for row in tables["sectors"]])
    assert use.sum() == pytest.approx(240_000)
    np.testing.assert_allclose(use.sum(axis=0) / use.sum(), share / share.sum(), rtol=1e-6)


def test_no_lane_is_thin_unless_it_is_named_trade_or_a_suppliers_largest(network, tables, flows):
    largest = {}
    for (supplier, buyer, _), t in flows.items():
        if t > largest.get(supplier, ("", 0.0))[1]:
            largest[supplier] = (buyer, t)
    trade = {row["source"] for row in tables["trade"]}
    thin = [
        (supplier, name)
        for name, site in network.sites.items()
        for feed in site.feeds.values()
        for supplier, lane in feed.lanes.items()
        if 0 < lane.share < 0.02 - 1e-4
        and largest[supplier][0] != name
        and lane.sources["share"] not in trade
    ]
    assert not thin


def test_a_row_without_a_known_source_is_refused_with_its_line(tmp_path):
    for path in data_folder(CHAIN).glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    path = tmp_path / "bill.csv"
    rows = list(csv.DictReader(path.open()))
    rows[0]["source"] = "bill_recovry"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (tmp_path / "trade.csv").rename(tmp_path / "trades.csv")
    with pytest.raises(UserError, match=r"trade\.csv"):
        read_tables(tmp_path)
    (tmp_path / "trades.csv").rename(tmp_path / "trade.csv")
    with pytest.raises(UserError, match=r"bill\.csv:2\.source.*bill_recovery"):
        read_tables(tmp_path)


@pytest.mark.parametrize("row", ["Guangxi,1,839 t", "Guangxi"])
def test_a_row_with_too_many_or_too_few_cells_is_refused_with_its_line(tmp_path, row):
    path = tmp_path / "sites.csv"
    path.write_text(f"name,output_t\nShanxi,336\n{row}\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"sites\.csv:3.* more or fewer cells than the head"):
        read_table(path)


def test_a_selector_that_fits_no_site_is_refused_with_its_line(tables):
    slip = {**tables, "preferences": [dict(row) for row in tables["preferences"]]}
    slip["preferences"][1]["buyer"] = "!northern_ndrp"
    with pytest.raises(UserError, match=r"preferences\.csv:3\.buyer.*northern_ndrp.*northern_ndpr"):
        build(slip)


def test_both_products_of_a_mine_share_a_tag_that_hazards_can_name(network):
    hosts = defaultdict(set)
    for site in network.sites.values():
        if site.kind == "mine":
            for tag in site.tags:
                hosts[tag].add(site.product)
    both = {
        tag for tag, made in hosts.items() if made == {"light_concentrate", "heavy_concentrate"}
    }
    assert both >= {"host:bayan_obo", "host:kachin", "host:mt_weld", "host:south_china"}


def test_every_magnet_maker_needs_both_metals(network):
    made = [s for s in network.sites.values() if s.product == "ndfeb_magnet"]
    makers = [s for s in made if s.kind == "refiner"]
    assert len(makers) >= 15
    assert all(set(s.feeds) == {"ndpr_metal", "dytb_metal"} for s in makers)


@pytest.mark.parametrize("start", [dt.date(2025, 4, 4), dt.date(2025, 10, 9), dt.date(2026, 1, 6)])
def test_the_network_compiles_at_each_scenarios_start(network, start):
    compiled = compile_network(network, start=start, n_period=156, step_days=7)
    assert len(compiled.labels.group) == 36


@pytest.mark.slow
def test_ten_years_without_a_shock_leave_nobody_short_whatever_projects_do(network):
    from sim.flow.engine import simulate
    from sim.flow.play import Play
    from sim.shocks.sampler import compile_hazards, sample

    start, n_period = dt.date(2025, 4, 4), 520
    compiled = compile_network(network, start=start, n_period=n_period, step_days=7)
    clock = {"start": start, "horizon_days": n_period * 7, "step_days": 7}
    plan = compile_hazards({}, {}, {}, compiled, network, **clock)
    tape = sample(plan, 5, np.arange(64))
    flow = simulate(Play(compiled, plan.targets, plan.draws, n_period), tape)
    assert flow.shortfall.sum() == 0
    assert flow.released.sum() == 0


def test_balance_knows_no_more_than_the_margins():
    made, need = np.array([30.0, 70.0]), np.array([20.0, 50.0, 30.0])
    flow = balance(np.ones((2, 3)), made, need, [])
    np.testing.assert_allclose(flow, np.outer(made, need) / 100, rtol=1e-9)


def test_balance_keeps_known_trade_and_forbidden_cells():
    made, need = np.array([30.0, 70.0]), np.array([20.0, 50.0, 30.0])
    prior = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    known = Block(np.array([[True, False, False], [False, False, False]]), 12.0)
    flow = balance(prior, made, need, [known])
    np.testing.assert_allclose(flow, [[12, 18, 0], [8, 32, 30]], rtol=1e-6)


def test_balance_is_the_matrix_of_least_relative_entropy():
    rng = np.random.default_rng(3)
    prior = rng.uniform(0.2, 2, (3, 4))
    exact = rng.uniform(1, 9, (3, 4))
    made, need = exact.sum(axis=1), exact.sum(axis=0)
    flow = balance(prior, made, need, [], tol=1e-14)

    def entropy(x):
        return float((x * np.log(x / prior)).sum())

    for i, j, k, m in [(0, 1, 0, 1), (1, 2, 2, 3), (0, 2, 1, 3)]:
        swap = np.zeros((3, 4))
        swap[i, k] = swap[j, m] = 1e-3
        swap[i, m] = swap[j, k] = -1e-3
        assert entropy(flow + swap) > entropy(flow) < entropy(flow - swap)


def test_thin_lanes_go_and_the_sums_stay():
    made, need = np.array([99.0, 1.0]), np.array([50.0, 50.0])
    flow = sparse_balance(np.ones((2, 2)), made, need, [], least_share=0.015)
    assert (flow[1] > 0).sum() == 1
    np.testing.assert_allclose(flow.sum(axis=1), made)
    np.testing.assert_allclose(flow.sum(axis=0), need)


def test_rounded_shares_sum_to_one_exactly_in_ten_thousandths():
    rng = np.random.default_rng(1)
    share = rounded_shares(rng.uniform(0, 1, (7, 50)))
    units = np.rint(share * 10_000)
    np.testing.assert_array_equal(units.sum(axis=0), 10_000)
    np.testing.assert_allclose(units / 10_000, share, atol=1e-15)


def test_the_documented_shares_are_the_ones_that_the_network_has(network):
    page = (target(CHAIN).parents[2] / "docs" / "rare_earths.md").read_text(encoding="utf-8")
    for c in compare(CHAIN, network):
        row = f"| {c.stage} | {c.product} | {c.country} | {c.ours * 100:.1f} | "
        assert f"{row}{c.published * 100:.1f} | {c.source} |" in page
