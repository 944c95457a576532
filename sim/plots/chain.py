"""The picture of a network: the map of its flows, or bars of its stages if it is too wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.plots import chain_map, stage_bars
from sim.plots.chain_stages import blocks_of, stages_and_links
from sim.plots.layout import joined
from sim.plots.page import lang, room
from sim.plots.stage_bars import WIDE
from sim.words.titles import title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.network.arrays import CompiledNetwork
    from sim.network.dictionary import Network

MOST_STREAMS = 6
"""Stages above each other in one column of a map; with more the flows cannot be told apart."""

NARROWEST = 2.0
"""Inches of a report that a column of the map needs."""


def figure(network: Network, compiled: CompiledNetwork, facts: str = "") -> Figure:
    """Return the chain map of a network on its first day, or its stage bars.

    Parameters
    ----------
    network : Network
        For titles and the caption.
    compiled : CompiledNetwork
        For the reference flows.
    facts : str
        Up to which day the facts of the scenario reach, for the caption.
    """
    described = network.description.strip().rstrip(".") if lang() == "en" else ""  # data's English
    note = joined(described, facts.rstrip("."))
    titles = {name: title(product.title, lang()) for name, product in network.products.items()}
    named = title(network.title, lang())
    stages, links = stages_and_links(compiled, titles)
    fits = room(WIDE) >= NARROWEST * len(stages)
    if fits and max((len(column) for column in stages), default=0) <= MOST_STREAMS:
        return chain_map.figure(named, stages, links, note)
    return stage_bars.figure(named, blocks_of(compiled, titles), note)
