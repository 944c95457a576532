"""What contracted offtake asks of the stages before it: sites that would have to make too much."""

from __future__ import annotations

from typing import Any

from sim.network.dictionary import Network
from sim.policy.flows import at_full_ramp, flows_of
from sim.policy.ground import Ground

SLACK = 1e-6
"""Lacks below this share of what a site makes are rounding."""


def lacks(network: Network) -> dict[str, float]:
    """Return site -> capacity that it lacks once all projects run, in the network's rate unit."""
    out = flows_of(at_full_ramp(network)).out
    capacity = {name: site.capacity or 0.0 for name, site in network.sites.items()}
    for project in network.projects.values():
        capacity[project.site] += project.capacity
    return {
        name: out[name] - capacity[name]
        for name, site in network.sites.items()
        if site.kind in ("mine", "refiner") and out[name] - capacity[name] > SLACK * out[name]
    }


def new_lacks(before: Ground, after: Ground) -> dict[str, float]:
    """Return site -> capacity that it lacks more than before."""
    old = lacks(before.network)
    more = {name: t - old.get(name, 0.0) for name, t in lacks(after.network).items()}
    return {name: t for name, t in more.items() if t > SLACK * max(1.0, old.get(name, 0.0))}


def support(before: Ground, changes: dict[str, Any], timing: dict[str, Any], tag: str) -> Any:
    """Return projects that give the stages before an offtake what they newly lack.

    Parameters
    ----------
    before : Ground
        Without the changes.
    changes : dict
        Of a rule: projects with offtakes.
    timing : dict
        Start, delay, odds and ramp of the rule's own projects.
    tag : str
        Of the rule; names the projects and their source.
    """
    lacking = new_lacks(before, before.with_changes(changes))
    return {
        f"{tag}_for_{name}": {
            "title": f"Feed for {tag}: {before.network.sites[name].title or name}",
            "site": name,
            "capacity": t,
            **timing,
        }
        for name, t in lacking.items()
        if name in before.network.sites
    }
