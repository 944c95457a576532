"""N-1 cover: how much of demand is met without the largest supplier country. Plain arithmetic."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sim.base.paths import data_dir
from sim.base.units import DAYS_PER_YEAR
from sim.base.written import Written
from sim.base.yaml_files import read_yaml
from sim.network.arrays import MINE, REFINER, CompiledNetwork
from sim.network.dictionary import Network, Source, Strict, setting
from sim.network.references import references
from sim.network.validate import validate


class PublishedCover(Strict):
    """One published N-1 cover."""

    low: float = setting(unit="share", help="lower end, as published", ge=0, le=1)
    high: float = setting(unit="share", help="upper end, as published", ge=0, le=1)
    year: int = setting(help="year it holds for")
    stage: str = setting("", help="stage it was worked out for")
    source: str = setting(help="name in the file's sources")
    note: str = setting("", help="what to know")


class PublishedCovers(Strict):
    """The file of published N-1 covers."""

    title: str = setting(help="one line")
    definition: str = setting(help="what the publisher divides by what")
    products: dict[str, PublishedCover] = setting(help="by product of our networks")
    missing: dict[str, str] = setting({}, help="minerals without a figure, and why")
    sources: dict[str, Source] = setting(help="citations by name")


class Cover(NamedTuple):
    """N-1 cover of one product; shares of 0 to 1 and more.

    Parameters
    ----------
    product, stage : str
        What is made.
    country : str
        Its largest supplier.
    supplier_share : float
        Its share of the reference output.
    cover_share : float
        Reference output of all others over all use: what is met if its customers share alike.
    cover_capacity_share : float
        The same with the others at full capacity.
    rest_share : float
        Reference output of all others over what end users outside that country need of it, in
        whatever they buy: the IEA's question, which leaves out the supplier's own demand. inf where
        nobody else needs any.
    rest_capacity_share : float
        The same with the others at full capacity.
    output_t, outside_output_t, outside_use_t : float
        What it rests on, t/year.
    """

    product: str
    stage: str
    country: str
    supplier_share: float
    cover_share: float
    cover_capacity_share: float
    rest_share: float
    rest_capacity_share: float
    output_t: float
    outside_output_t: float
    outside_use_t: float


Table = dict[str, dict[str, float]]
"""Product -> country -> t/year."""


def covers(network: Network, compiled: CompiledNetwork) -> list[Cover]:
    """Return the N-1 cover of every product that is made, in the order of the network's products.

    Parameters
    ----------
    network : Network
        Names and stages of the products.
    compiled : CompiledNetwork
        The same network: its reference flows of the first period.
    """
    made, capacity = _by_country(compiled)
    tops = {name: min(by, key=lambda c: (-by[c], c)) for name, by in made.items()}
    use = {top: _use_outside(compiled, top) for top in sorted({"", *tops.values()})}
    found = []
    for name, product in network.products.items():
        if sum(made.get(name, {}).values()) > 0:
            top = tops[name]
            needs = use[""].get(name, 0.0), use[top].get(name, 0.0)
            found.append(_cover(name, product.stage, top, made[name], capacity[name], needs))
    return found


def _cover(
    name: str,
    stage: str,
    top: str,
    made: dict[str, float],
    capacity: dict[str, float],
    use: tuple[float, float],
) -> Cover:
    """Return the cover, given all use and that of end users outside the top supplier."""
    total = sum(made.values())
    outside, could = total - made[top], sum(capacity.values()) - capacity[top]
    return Cover(
        name, stage, top, made[top] / total, _ratio(outside, use[0]), _ratio(could, use[0]),
        _ratio(outside, use[1]), _ratio(could, use[1]), total, outside, use[1],
    )  # fmt: skip


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else math.inf


def _by_country(compiled: CompiledNetwork) -> tuple[Table, Table]:
    """Return what is made and what could be made, t/year."""
    labels, chain = compiled.labels, compiled.chain
    per_year = DAYS_PER_YEAR / chain.step_days
    made: Table = {}
    could: Table = {}
    for i in range(chain.kind.size):
        if chain.kind[i] not in (MINE, REFINER):
            continue
        country, product = labels.site_country[i], labels.site_product[i]
        for table, amount in ((made, compiled.reference_out[i]), (could, chain.capacity[i])):
            box = table.setdefault(product, {})
            box[country] = box.get(country, 0.0) + float(amount) * per_year
    return made, could


def _use_outside(compiled: CompiledNetwork, country: str) -> dict[str, float]:
    """Return what end users outside a country need of each product, traced to the mines, t/year."""
    labels, chain = compiled.labels, compiled.chain
    places = zip(labels.site_country, labels.site_region, strict=True)
    home = np.array([country in pair for pair in places], np.bool_)
    demand = np.where(home, 0.0, chain.demand)
    use = references(chain._replace(demand=demand)).use
    needs: dict[str, float] = {}
    for f, product in enumerate(labels.feed_product):
        needs[product] = needs.get(product, 0.0) + float(use[f]) * DAYS_PER_YEAR / chain.step_days
    return needs


def published_covers() -> PublishedCovers:
    """Return the published N-1 covers that travel with the package.

    Raises
    ------
    UserError
        If the file is damaged.
    """
    document = read_yaml(data_dir("configs") / "published" / "n_minus_1.yaml")
    with Written({"n_minus_1": (document,)}).placing():
        return validate(PublishedCovers, document.data, "n_minus_1")


def rows_of(found: list[Cover], published: PublishedCovers) -> list[dict[str, Any]]:
    """Return ours beside the published, one row a product."""
    rows = []
    for cover in found:
        theirs = published.products.get(cover.product)
        rows.append({
            **cover._asdict(),
            "published_low": theirs.low if theirs else None,
            "published_high": theirs.high if theirs else None,
            "published_year": theirs.year if theirs else None,
            "published_source": published.sources[theirs.source].citation if theirs else "",
            "published_confidence": published.sources[theirs.source].confidence if theirs else "",
        })  # fmt: skip
    return rows
