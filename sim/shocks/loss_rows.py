"""Draws of what value added hangs on: one uniform number a key and replication, for all users.

What is not known of these numbers was judged by the same people from the same few papers, so the
errors of sectors go together: with draws of their own, the interval of a sum of sectors would be
too narrow. Each end user turns the one number into its own by its own law.
"""

from __future__ import annotations

import numpy as np

from sim.base.rng import stream_id
from sim.network.dependence import DRAWN, NETWORK_SHARE, Number, dependence_of, number_of
from sim.network.dictionary import Network
from sim.network.distribution import Distribution
from sim.shocks.compiling import Desk, Row

NETWORK_LAW = Distribution(min=NETWORK_SHARE[0], max=NETWORK_SHARE[1])

KEYS = {"dependence" if key == "share" else key: key for key in DRAWN}
"""Key of a draw (``sim.shocks.tape.PARAMETERS``) -> key of ``Dependence``."""

LOSS_BOUNDS = {key: (DRAWN[own].low, DRAWN[own].high) for key, own in KEYS.items()}
LOSS_BOUNDS["network_share"] = (0.0, 1.0)
"""Where a drawn number must lie, by key of a draw; beyond, it is cut."""


def loss_rows(network: Network, desk: Desk, with_network: bool) -> list[Row]:
    """Return the draws of a network's value added: for each key, one row a law.

    Parameters
    ----------
    network : Network
        As written.
    desk : Desk
        Collects laws and faults.
    with_network : bool
        Whether ``network_share`` is drawn; else it stays 0.
    """
    users: dict[str, list[int]] = {}
    for i, name in enumerate(desk.atlas.compiled.labels.site_parent):
        if network.sites[name].value_added_usd_per_year is not None:
            users.setdefault(name, []).append(i)
    rows: list[Row] = []
    for key, own in KEYS.items():
        for law, sites in _by_law(network, users, own).items():
            rows.append(_row(key, law, sites, f"network.dependence.{own}", desk))
    if with_network and users:
        sites = sorted(i for of_user in users.values() for i in of_user)
        rows.append(_row("network_share", NETWORK_LAW, sites, "network_share", desk))
    return rows


def _by_law(
    network: Network, users: dict[str, list[int]], own: str
) -> dict[Distribution, list[int]]:
    """Return the sites of each law; plain numbers need no draw."""
    found: dict[str, tuple[Distribution, list[int]]] = {}
    for name, sites in users.items():
        number: Number = number_of(dependence_of(network, network.sites[name]), own)
        if isinstance(number, Distribution):
            law = found.setdefault(number.model_dump_json(), (number, []))
            law[1].extend(sites)
    return {law: sorted(sites) for law, sites in found.values()}


def _row(key: str, law: Distribution, sites: list[int], told: str, desk: Desk) -> Row:
    low, high = LOSS_BOUNDS[key]
    return {
        "name": f"{key} of {desk.atlas.compiled.labels.site_parent[sites[0]]}",
        "key": key,
        "targets": np.array(sites, np.int32),
        "stream": stream_id(f"loss:{key}"),
        "law": desk.laws.enter(law, told, low, high),
        "low": low,
        "high": high,
    }
