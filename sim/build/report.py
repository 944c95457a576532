"""Our shares of each stage beside the published ones."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sim.base.units import DAYS_PER_YEAR
from sim.build.chain import target
from sim.build.compose import tables_of
from sim.build.tables import Row, number, words
from sim.network.arrays import CompiledNetwork
from sim.network.compile import compile_network
from sim.network.countries import region_by_country
from sim.network.dictionary import Network
from sim.network.load import read_network
from sim.network.references import stage_shares


class Compared(NamedTuple):
    """One published share beside ours."""

    stage: str
    product: str
    country: str
    ours: float
    published: float
    year: str
    source: str
    confidence: str
    exception: str
    """Why the two are far apart, if they may be."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Which row of the table this is."""
        return self.stage, self.product, self.country


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

    ``OTH`` is all countries that the table does not name. A statistic that covers several products
    lists them in ``products``; one that the chain has no counterpart for (all rare earths in
    t REO) is left out.
    """
    made = output_t(reference(network))
    rows = tables_of(chain)["published_shares"]
    found = []
    for row in rows:
        products = counted(row)
        if not set(products) <= set(network.products):
            continue
        named = {r["country"] for r in rows if _same(r, row)}
        ours = dict.fromkeys({*named, "OTH"}, 0.0)
        for (product, country), t in made.items():
            ours[_named_as(country, named)] += t * products.get(product, 0.0)
        share = ours[row["country"]] / sum(ours.values())
        found.append(
            Compared(row["stage"], row["product"], row["country"], share, number(row, "share"),
                     row["year"], row["source"], row["confidence"], row.get("exception", ""))
        )  # fmt: skip
    return found


def _named_as(country: str, named: set[str]) -> str:
    """Return under which of the table's names a country counts: its own, the EU's, or OTH."""
    if country in named:
        return country
    return "EU" if "EU" in named and region_by_country(country) == "EU" else "OTH"


def counted(row: Row) -> dict[str, float]:
    """Return the products whose output a published share is a share of, and their weights.

    Examples
    --------
    >>> counted({"product": "cells", "products": "cell_nickel*0.25;cell_lfp*0.17"})
    {'cell_nickel': 0.25, 'cell_lfp': 0.17}
    """
    parts = [part.partition("*") for part in words(row.get("products", ""))]
    return {name: float(weight or 1) for name, _, weight in parts} or {row["product"]: 1.0}


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
