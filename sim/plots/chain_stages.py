"""What the chain map shows: stages in columns, countries in stages, flows between them."""

from __future__ import annotations

from collections.abc import Mapping

from sim.network.arrays import END_USER, RESERVE, CompiledNetwork
from sim.plots.chain_map import Link, Stage
from sim.plots.words import pretty
from sim.units import DAYS_PER_YEAR

USERS = "end users"
SMALL = 0.02
"""Countries below this share of a stage are drawn as one."""

Place = tuple[str, str]  # stage, country or region


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
    output = _output(compiled)
    names = _joined(output, focus)
    columns: list[list[Stage]] = []
    for column in _columns(compiled, output):
        columns.append([_stage(p, output[p], names, titles or {}) for p in column])
    if USERS in output:
        columns.append([_stage(USERS, output[USERS], names, {USERS: "End users"})])
    return columns, _links(compiled, names)


def _output(compiled: CompiledNetwork) -> dict[str, dict[str, float]]:
    """Return tonnes a year by stage and place; for end users what they buy. No zeros."""
    chain, labels = compiled.chain, compiled.labels
    years = DAYS_PER_YEAR / chain.step_days
    output: dict[str, dict[str, float]] = {}
    for i, out in enumerate(compiled.reference_out):
        stage, place = place_of(compiled, i)
        if chain.kind[i] == END_USER:
            lanes = [
                l
                for f in range(chain.feed_ptr[i], chain.feed_ptr[i + 1])
                for l in chain.lane_of[chain.lane_ptr[f] : chain.lane_ptr[f + 1]]
            ]
            out = float(compiled.reference_lane[lanes].sum())
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


def _links(compiled: CompiledNetwork, names: Mapping[Place, Place]) -> list[Link]:
    """Return flows summed by drawn places, as shares of the buying stage's use of the product."""
    chain = compiled.chain
    flows: dict[tuple[Place, Place], float] = {}
    used: dict[tuple[str, str], float] = {}
    for l, t in enumerate(compiled.reference_lane):
        source = names.get(place_of(compiled, int(chain.supplier[l])))
        target = names.get(place_of(compiled, int(chain.feed_site[chain.lane_feed[l]])))
        if t <= 0 or source is None or target is None:
            continue
        flows[source, target] = flows.get((source, target), 0.0) + float(t)
        pair = source[0], target[0]
        used[pair] = used.get(pair, 0.0) + float(t)
    return [Link(s, b, t / used[s[0], b[0]]) for (s, b), t in sorted(flows.items())]
