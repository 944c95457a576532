"""Shipped files, read once a test run (with several workers: once in each). To be read only."""

from __future__ import annotations

from functools import cache

from sim.api import Study
from sim.build.chain import target
from sim.config.library import Library
from sim.config.settings import assemble
from sim.network.dictionary import Network
from sim.network.load import read_network

LIBRARY = Library()
SCENARIOS = sorted(LIBRARY.files("scenario"))


@cache
def network_of(chain: str) -> Network:
    """Return a committed network, checked."""
    return read_network(target(chain))


def study_of(scenario: str, **files: str) -> Study:
    """Return what ``load`` gives, from files that are read already."""
    return Study(assemble(LIBRARY.read_all({"scenario": scenario, **files}), []).settings)
