"""SupplyNetPy: its own benchmark case, 50 nodes and 500 days.

Told again from its published description (Winter Simulation Conference 2026, section 5.2): fixed
network, all to all between echelons, (s, S) replenishment, exponential lead times of 3 days and
exponential gaps of a day between orders of 10 units; logging off, and garbage collection off while
timing, as there. Its authors give 0.870 s (median of 30) on their server.
"""

from __future__ import annotations

import gc
import random
import time
import warnings
from typing import Any

from benchmarks.peers.chains import DEMAND, N_DAY, echelons

REPORTED_S = 0.8704
"""Median seconds of the own case, from its repository's perform_n_summary.csv."""


def own_case(seed: int) -> tuple[float, float, float]:
    """Run the own case once; return seconds, units demanded and units lost."""
    from SupplyNetPy import Components as scm  # noqa: N813

    random.seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = scm.create_sc_net(*_fifty(scm))
        gc.collect()
        gc.disable()
        begin = time.perf_counter()
        net = scm.simulate_sc_net(net, sim_time=N_DAY, logging=False)
        seconds = time.perf_counter() - begin
        gc.enable()
    return seconds, float(net["demand_by_customers"][1]), float(net["lost_sales"][1])


def _fifty(scm: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """Return nodes, links and demands of the own case."""
    from SupplyNetPy.Components.core import Product, RawMaterial

    ore = RawMaterial(
        ID="RM", name="raw", extraction_quantity=1000, extraction_time=1, mining_cost=1, cost=2
    )
    names = {
        letter: [f"{letter}{i}" for i in range(count)]
        for letter, count in zip("SMDR", echelons(), strict=True)
    }
    nodes: list[dict[str, Any]] = [
        {"ID": s, "name": s, "node_type": "infinite_supplier", "raw_material": ore}
        for s in names["S"]
    ]
    for m in names["M"]:
        made = Product(
            ID=f"P{m}", name="made", manufacturing_cost=1, manufacturing_time=1, sell_price=15,
            raw_materials=[(ore, 1)], batch_size=100,
        )  # fmt: skip
        nodes.append(
            _stocked(scm, m, "manufacturer", 1000, 200, (200, 800), sell=15) | {"product": made}
        )
    nodes += [_stocked(scm, d, "distributor", 500, 150, (100, 400), 10, 13) for d in names["D"]]
    nodes += [_stocked(scm, r, "retailer", 200, 80, (40, 150), 13, 18) for r in names["R"]]
    links = [
        {"ID": f"L{a}{b}", "source": a, "sink": b, "cost": 3, "lead_time": _three_days}
        for up, down in ("SM", "MD", "DR")
        for b in names[down]
        for a in names[up]
    ]
    demands = [
        {
            "ID": f"d{r}", "name": "demand", "order_arrival_model": _one_day,
            "order_quantity_model": lambda: DEMAND, "demand_node": r,
        }
        for r in names["R"]
    ]  # fmt: skip
    return nodes, links, demands


def _stocked(
    scm: Any, name: str, kind: str, capacity: int, level: int, policy: tuple[int, int],
    buy: int | None = None, sell: int = 0,
) -> dict[str, Any]:  # fmt: skip
    node = {
        "ID": name, "name": name, "node_type": kind, "capacity": capacity, "initial_level": level,
        "inventory_holding_cost": 0.5, "replenishment_policy": scm.SSReplenishment,
        "policy_param": {"s": policy[0], "S": policy[1]}, "product_sell_price": sell,
    }  # fmt: skip
    return node if buy is None else node | {"product_buy_price": buy}


def _three_days() -> float:
    return random.expovariate(1 / 3)


def _one_day() -> float:
    return random.expovariate(1)
