"""stockpyl: its serial multi-echelon simulation with shipments to stage 2 stopped."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np

from benchmarks.peers.chains import DEMAND


def late_units(begin: int, days: int, n_period: int) -> np.ndarray:
    """Return units that the customer wanted in each period and did not get in it (then backlog)."""
    states = [begin <= t < begin + days for t in range(n_period)]
    net = _network()
    net.get_node_from_index(2).disruption_process = _stop("E", disruption_state_list=states)
    level = _simulate(net, n_period)
    backlog = np.maximum(0.0, -level)
    return np.diff(backlog, prepend=0.0).clip(min=0.0)


def seconds(n_period: int, seed: int) -> float:
    """Return the seconds of one replication with random stops (up 50, down 10 in the mean)."""
    net = _network()
    net.get_node_from_index(2).disruption_process = _stop(
        "M", disruption_probability=0.02, recovery_probability=0.1
    )
    begin = time.perf_counter()
    _simulate(net, n_period, seed)
    return time.perf_counter() - begin


def _network() -> Any:
    """Return three stages with base-stock levels that leave 20 units in each stock."""
    from stockpyl.supply_chain_network import serial_system

    return serial_system(
        num_nodes=3, node_order_in_system=[3, 2, 1], node_order_in_lists=[1, 2, 3],
        shipment_lead_time=[1, 2, 1], demand_type="D", demand_list=DEMAND, policy_type="BS",
        base_stock_level=[30, 40, 30], local_holding_cost=[1, 1, 1], stockout_cost=[1, 0, 0],
    )  # fmt: skip


def _stop(kind: str, **law: Any) -> Any:
    from stockpyl.disruption_process import DisruptionProcess

    return DisruptionProcess(random_process_type=kind, disruption_type="SP", **law)


def _simulate(net: Any, n_period: int, seed: int | None = None) -> np.ndarray:
    """Run in the fastest setting (no progress bar, no checks); return stage 1's level."""
    from stockpyl.sim import simulation

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        simulation(net, n_period, rand_seed=seed, progress_bar=False, consistency_checks="N")
    stage1 = net.get_node_from_index(1)
    return np.array([sum(stage1.state_vars[t].inventory_level.values()) for t in range(n_period)])
