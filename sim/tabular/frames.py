"""Data frames and graphs of networks: for notebooks, both ways."""

from __future__ import annotations

from typing import Any

from sim.network.dictionary import Network
from sim.network.load import read_network
from sim.tabular.columns import LANES, SITES
from sim.tabular.network_of import network_data
from sim.tabular.read_table import table_from


def network_from(
    sites: Any, lanes: Any = None, *, title: str = "Own network", scale: bool = False
) -> Network:
    """Return a network from a table of sites and one of lanes, or from one of flows alone.

    Parameters
    ----------
    sites : DataFrame, sequence of mapping, or networkx.DiGraph
        A row a site: ``site``, ``kind``, ``product``, ``country``, ``capacity`` or ``demand``
        (t/year), ``cover_days`` and so on, by any of the usual names. A graph has all of it as
        attributes of nodes and edges. Without `lanes`: a row a lane.
    lanes : DataFrame or sequence of mapping, optional
        A row a lane: ``supplier``, ``buyer``, ``share`` or ``flow`` (t/year), ``transit_days``.
    title : str, optional
        Of the network.
    scale : bool, optional
        Divide shares that do not sum to 1 by their sum.

    Returns
    -------
    Network
        Validated; what was missing is assumed as ``shortfall import`` assumes it.

    Raises
    ------
    UserError
        With all that is wrong, by row and column.

    Examples
    --------
    >>> import sim
    >>> net = sim.network_from([{"from": "pit", "to": "users", "flow": 365.0}])
    >>> net.sites["users"].demand
    365.0
    """
    if hasattr(sites, "edges") and hasattr(sites, "nodes"):
        sites, lanes = _rows_of_graph(sites)
    first = None if lanes is None else table_from(sites, SITES, "sites")
    second = table_from(sites if lanes is None else lanes, LANES, "lanes")
    return read_network(network_data(first, second, title=title, scale=scale).data)


def _rows_of_graph(graph: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    sites = [{"site": name, **data} for name, data in graph.nodes(data=True)]
    lanes = [{"supplier": a, "buyer": b, **data} for a, b, data in graph.edges(data=True)]
    return sites, lanes


def site_records(network: Network) -> list[dict[str, Any]]:
    """Return a row a site, by the columns that `network_from` reads.

    Raises
    ------
    UserError
        Never: what a table cannot hold (reserves, projects, paths) is left out.
    """
    per_year = 365.0 if network.rates_per == "day" else 1.0
    return [
        {
            "site": name, "kind": site.kind, "product": site.product, "country": site.country,
            "sector": site.sector, "title": site.title, "slack": site.slack,
            "ramp_days": site.ramp_days,
            "capacity": None if site.capacity is None else site.capacity * per_year,
            "demand": None if site.demand is None else site.demand * per_year,
        }
        for name, site in network.sites.items()
        if site.kind != "reserve"
    ]  # fmt: skip


def lane_records(network: Network) -> list[dict[str, Any]]:
    """Return a row a lane, by the columns that `network_from` reads; covers that are laws by mean.

    Lanes of share 0 (spot and offtake) are left out: a table of flows has no word for them.
    """
    return [
        {
            "supplier": supplier, "buyer": name, "product": product, "share": lane.share,
            "transit_days": lane.transit_days, "coefficient": feed.coefficient,
            "cover_days": _mean(feed.cover_days), "routes": " ".join(lane.routes),
        }
        for name, site in network.sites.items()
        if site.kind != "reserve"
        for product, feed in site.feeds.items()
        for supplier, lane in feed.lanes.items()
        if lane.share > 0
    ]  # fmt: skip


def _mean(cover: Any) -> float:
    if isinstance(cover, (int, float)):
        return float(cover)
    from sim.network.cohorts import mid_quantiles

    middle = mid_quantiles(cover, 99)
    return float(sum(middle) / len(middle))


def to_frames(network: Network) -> tuple[Any, Any]:
    """Return a network as two pandas data frames, sites and lanes; `network_from` reads them back.

    Raises
    ------
    ImportError
        If pandas is not installed.
    """
    import pandas as pd

    return pd.DataFrame(site_records(network)), pd.DataFrame(lane_records(network))


def to_networkx(network: Network) -> Any:
    """Return a network as a ``networkx.DiGraph``, rows as attributes; `network_from` reads it back.

    Raises
    ------
    ImportError
        If networkx is not installed.
    """
    import networkx as nx

    graph = nx.DiGraph(title=network.title)
    for record in site_records(network):
        name = record.pop("site")
        graph.add_node(name, **{k: v for k, v in record.items() if v not in (None, "")})
    for record in lane_records(network):
        ends = record.pop("supplier"), record.pop("buyer")
        graph.add_edge(*ends, **{k: v for k, v in record.items() if v not in (None, "")})
    return graph
