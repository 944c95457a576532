"""Our shares of each stage beside the published ones."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sim.build.chain import target
from sim.build.tables import data_folder, number, read_tables
from sim.network.arrays import CompiledNetwork
from sim.network.compile import compile_network
from sim.network.dictionary import Network
from sim.network.load import read_network
from sim.network.references import stage_shares
from sim.units import DAYS_PER_YEAR

COMBINED = {
    "mining": ("light_concentrate", "heavy_concentrate"),
    "separation": ("ndpr_oxide", "dytb_oxide"),
}


class Compared(NamedTuple):
    """One published share beside ours."""

    stage: str
    product: str
    country: str
    ours: float
    published: float
    source: str


def reference(network: Network) -> CompiledNetwork:
    """Return a network compiled without its projects: the reference year as the tables have it."""
    bare = network.model_copy(update={"projects": {}})
    return compile_network(bare, start=dt.date(2024, 7, 1), n_period=1, step_days=7)


def output_t(compiled: CompiledNetwork) -> dict[tuple[str, str], float]:
    """Return reference output (t/year) by product and country, mines and refiners."""
    labels, made = compiled.labels, {}
    for key in stage_shares(compiled):
        made[key] = 0.0
    for i, out in enumerate(compiled.reference_out):
        key = labels.site_product[i], labels.site_country[i]
        if key in made:
            made[key] += float(out) * DAYS_PER_YEAR / compiled.chain.step_days
    return made


def compare(chain: str, network: Network) -> list[Compared]:
    """Return every published share that the network can answer, with ours.

    ``OTH`` is all countries that the table does not name; ``magnet_ree`` is NdPr and Dy/Tb
    together. Shares of all rare earths (t REO) have no counterpart here and are left out.
    """
    made = output_t(reference(network))
    rows = read_tables(data_folder(chain))["published_shares"]
    found = []
    for row in rows:
        products = COMBINED[row["stage"]] if row["product"] == "magnet_ree" else (row["product"],)
        if row["product"] not in network.products and row["product"] != "magnet_ree":
            continue
        named = {r["country"] for r in rows if _same(r, row)}
        ours = dict.fromkeys(named, 0.0)
        for (product, country), t in made.items():
            if product in products:
                ours[country if country in named else "OTH"] += t
        share = ours[row["country"]] / sum(ours.values())
        found.append(
            Compared(row["stage"], row["product"], row["country"], share, number(row, "share"),
                     row["source"])
        )  # fmt: skip
    return found


def _same(a: dict[str, str], b: dict[str, str]) -> bool:
    return (a["stage"], a["product"]) == (b["stage"], b["product"])


def report(chain: str) -> str:
    """Return the comparison as text, shares in percent."""
    network = read_network(target(chain))
    lines = [f"{'stage':11} {'product':18} {'country':8} {'ours %':>7} {'publ. %':>8}  source"]
    lines += [
        f"{c.stage:11} {c.product:18} {c.country:8} {c.ours * 100:7.1f} {c.published * 100:8.1f}"
        f"  {c.source}"
        for c in compare(chain, network)
    ]
    return "\n".join(lines)
