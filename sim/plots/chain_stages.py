"""What the chain map shows: stages in columns, countries in stages, flows between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sim.base.units import DAYS_PER_YEAR
from sim.network.arrays import END_USER, F8, RESERVE, CompiledNetwork
from sim.plots.chain_map import Stage
from sim.plots.page import lang
from sim.plots.ribbons import Link, Place
from sim.plots.words import pretty
from sim.words.say import say

USERS = "end users"
SMALL = 0.02
"""Countries below this share of a stage are drawn as one."""


def stages_and_links(
    compiled: CompiledNetwork, titles: Mapping[str, str] | None = None, focus: str = "CHN"
) -> tuple[list[list[Stage]], list[Link]]:
    """Return the columns and flows of a network's reference flow on day 0.

    Products stand in columns by their depth from the mines, side streams above each other; end
    users by region come last.

    Parameters
    ----------
    compiled : CompiledNetwork
        The network.
    titles : mapping, optional
        Product -> title; default from its name.
    focus : str, optional
        Country that is never joined to "other".

    Returns
    -------
    stages : list of list of Stage
        Columns from the left.
    links : list of Link
        Flows between countries, shares of what the buying stage uses of the product.
    """
    carried, usd = _carried(compiled)
    output = _output(compiled, carried)
    names = _joined(output, focus)
    columns: list[list[Stage]] = []
    for column in _columns(compiled, output):
        columns.append([_stage(p, output[p], names, titles or {}) for p in column])
    if USERS in output:
        title = say("chain.users_by_value" if usd else "chain.users", lang())
        columns.append([replace(_stage(USERS, output[USERS], names, {USERS: title}), usd=usd)])
    return columns, _links(compiled, names, carried, usd)


def _carried(compiled: CompiledNetwork) -> tuple[F8, bool]:
    """Return what each lane carries a period, and whether lanes to end users carry value (USD).

    They carry tonnes as all others do, unless end users buy several products: tonnes of different
    goods do not add up, so their value is taken, if it is known of all.
    """
    chain, labels = compiled.chain, compiled.labels
    ends = [i for i, kind in enumerate(chain.kind) if kind == END_USER]
    worth = dict(zip(labels.group, labels.group_value_usd_per_t, strict=True))
    value = {i: worth[labels.site_parent[i]] for i in ends}
    feeds = (f for i in ends for f in range(chain.feed_ptr[i], chain.feed_ptr[i + 1]))
    bought = {labels.feed_product[f] for f in feeds}
    usd = len(bought) > 1 and not np.isnan(list(value.values())).any()
    carried = compiled.reference_lane.copy()
    if usd:
        for i in ends:
            lanes = _lanes_of(compiled, i)
            total = compiled.reference_lane[lanes].sum()
            carried[lanes] *= compiled.reference_out[i] * value[i] / total if total > 0 else 0.0
    return carried, usd


def _lanes_of(compiled: CompiledNetwork, i: int) -> list[int]:
    """Return the lanes that a site buys through."""
    chain = compiled.chain
    return [
        int(l)
        for f in range(chain.feed_ptr[i], chain.feed_ptr[i + 1])
        for l in chain.lane_of[chain.lane_ptr[f] : chain.lane_ptr[f + 1]]
    ]


def _output(compiled: CompiledNetwork, carried: F8) -> dict[str, dict[str, float]]:
    """Return tonnes a year by stage and place; for end users what they buy. No zeros."""
    chain, labels = compiled.chain, compiled.labels
    years = DAYS_PER_YEAR / chain.step_days
    output: dict[str, dict[str, float]] = {}
    for i, out in enumerate(compiled.reference_out):
        stage, place = place_of(compiled, i)
        if chain.kind[i] == END_USER:
            out = float(carried[_lanes_of(compiled, i)].sum())
        if chain.kind[i] != RESERVE and out > 0:
            places = output.setdefault(stage, {})
            places[place] = places.get(place, 0.0) + float(out) * years
    order = [p for p in dict.fromkeys(labels.site_product) if p in output]
    return {p: output[p] for p in [*order, USERS] if p in output}


def place_of(compiled: CompiledNetwork, i: int) -> Place:
    """Return the stage and the country, or the end user's region, of a site."""
    if compiled.chain.kind[i] == END_USER:
        return USERS, compiled.labels.site_region[i]
    country = compiled.labels.site_country[i]
    return compiled.labels.site_product[i], "other" if country == "OTH" else country


def _joined(output: Mapping[str, Mapping[str, float]], focus: str) -> dict[Place, Place]:
    """Return under which name each place of a stage is drawn."""
    names: dict[Place, Place] = {}
    for stage, places in output.items():
        total = sum(places.values())
        small = [p for p, t in places.items() if t < SMALL * total and p != focus]
        join = stage != USERS and (len(small) > 1 or "other" in places)
        for place in places:
            names[stage, place] = (stage, "other" if join and place in small else place)
    return names


def _columns(compiled: CompiledNetwork, output: Mapping[str, object]) -> list[list[str]]:
    """Return the products that are made, by depth; names within a depth as in the file's order."""
    chain, labels = compiled.chain, compiled.labels
    depth: dict[str, int] = {}
    for i, product in enumerate(labels.site_product):  # every supplier stands before its buyers
        if chain.kind[i] in (END_USER, RESERVE):
            continue
        feeds = range(chain.feed_ptr[i], chain.feed_ptr[i + 1])
        above = [depth.get(labels.feed_product[f], 0) + 1 for f in feeds]
        depth[product] = max([depth.get(product, 0), *above])
    made = [p for p in depth if p in output]
    rows = sorted({depth[p] for p in made})
    return [_side_by_side([p for p in made if depth[p] == d], compiled) for d in rows]


def _side_by_side(products: list[str], compiled: CompiledNetwork) -> list[str]:
    """Order a column by tonnes, so that the main stream is on top all along."""
    output = dict.fromkeys(products, 0.0)
    for i, out in enumerate(compiled.reference_out):
        if compiled.labels.site_product[i] in output:
            output[compiled.labels.site_product[i]] += float(out)
    return sorted(products, key=lambda p: (-output[p], p))


def _stage(
    product: str,
    places: Mapping[str, float],
    names: Mapping[Place, Place],
    titles: Mapping[str, str],
) -> Stage:
    total = sum(places.values())
    shares: dict[str, float] = {}
    for place, t in places.items():
        name = names[product, place][1]
        shares[name] = shares.get(name, 0.0) + t / total
    title = titles.get(product) or pretty(product)
    return Stage(product, title[:1].upper() + title[1:], shares, total)


def _links(
    compiled: CompiledNetwork, names: Mapping[Place, Place], carried: F8, usd: bool
) -> list[Link]:
    """Return flows summed by drawn places, as shares of the buying stage's use of the product.

    Flows to end users that carry value are shares of the value of all that they buy.
    """
    chain = compiled.chain
    flows: dict[tuple[Place, Place], float] = {}
    used: dict[tuple[str, str], float] = {}
    for l, t in enumerate(carried):
        source = names.get(place_of(compiled, int(chain.supplier[l])))
        target = names.get(place_of(compiled, int(chain.feed_site[chain.lane_feed[l]])))
        if t <= 0 or source is None or target is None:
            continue
        flows[source, target] = flows.get((source, target), 0.0) + float(t)
        pair = _use(source, target, usd)
        used[pair] = used.get(pair, 0.0) + float(t)
    return [Link(s, b, t / used[_use(s, b, usd)]) for (s, b), t in sorted(flows.items())]


def _use(source: Place, target: Place, usd: bool) -> tuple[str, str]:
    """Return which use a flow is a share of: of a product by a stage, or all that users buy."""
    return ("" if usd and target[0] == USERS else source[0]), target[0]


def blocks_of(
    compiled: CompiledNetwork, titles: Mapping[str, str] | None = None, focus: str = "CHN"
) -> list[list[Stage]]:
    """Return the stages that are made, from the mines on, those of one chain together.

    Two products belong to one chain if a site makes one from the other, however indirectly.

    Parameters
    ----------
    compiled, titles, focus
        As in ``stages_and_links``.
    """
    columns, _ = stages_and_links(compiled, titles, focus)
    stages = [stage for column in columns for stage in column if stage.name != USERS]
    chain_of = _joined_products(compiled, [stage.name for stage in stages])
    blocks: dict[str, list[Stage]] = {}
    for stage in stages:
        blocks.setdefault(chain_of[stage.name], []).append(stage)
    return list(blocks.values())


def _joined_products(compiled: CompiledNetwork, products: Sequence[str]) -> dict[str, str]:
    """Return one name for each chain of products that are made from each other."""
    name = {product: product for product in products}
    for f, i in enumerate(compiled.chain.feed_site):
        feed, made = compiled.labels.feed_product[f], compiled.labels.site_product[i]
        if feed in name and made in name and name[feed] != name[made]:
            old, new = name[made], name[feed]
            name = {p: new if n == old else n for p, n in name.items()}
    return name
