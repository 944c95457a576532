"""What a rule sees, and how its changes are laid on: a network that grows rule by rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from sim.network.countries import region_of
from sim.network.dictionary import Network, Product, Project, Site, Source, Strict, setting
from sim.network.distribution import Distribution
from sim.network.layers import merge
from sim.policy.flows import Flows, embodied, flows_of
from sim.policy.pick import in_region

Changes = dict[str, Any]
_MODELS = {"sites": Site, "projects": Project, "products": Product, "sources": Source}


class RuleBase(Strict):
    """What every rule says beside what it does."""

    title: str = setting("", help="one line")
    sources: dict[str, str] = setting({}, help="key -> citation and confidence; 'all' for the rest")
    confidence: str = setting("low", help="high, medium or low", pattern="^(high|medium|low)$")
    note: str = setting("", help="what is assumed")


class Outcome(NamedTuple):
    """What a rule comes to in one network."""

    changes: Changes
    notes: list[str]


@dataclass(frozen=True)
class Ground:
    """The network as it stands when a rule acts.

    Parameters
    ----------
    network : Network
        With all that earlier rules have changed.
    start : datetime.date
        Day 0 of the scenario.
    step_days : int
        Length of a period.
    """

    network: Network
    start: dt.date
    step_days: int = 7
    _seen: dict[tuple[str, ...], dict[str, float]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def first(self) -> dt.date:
        """First day on which what a policy builds can be there: the start of the second period.

        The first period is the steady state that the network tells, without any shortage.
        """
        return self.start + dt.timedelta(days=self.step_days)

    @cached_property
    def flows(self) -> Flows:
        """Reference flows."""
        return flows_of(self.network)

    @cached_property
    def full(self) -> Flows:
        """Reference flows with every project at full ramp."""
        return flows_of(self.network, full=True)

    def embodied(self, regions: Iterable[str]) -> dict[str, float]:
        """Return product -> what the end users of some regions need of it, chain and all."""
        words = tuple(regions)
        if words not in self._seen:
            users = {
                name: site.demand or 0.0
                for name, site in self.network.sites.items()
                if site.kind == "end_user" and in_region(self.network, site, list(words))
            }
            self._seen[words] = embodied(self.network, users)
        return self._seen[words]

    def expected_capacity(self, name: str) -> float:
        """Return a site's capacity with its projects, each by its odds."""
        projects = self.network.projects.values()
        return (self.network.sites[name].capacity or 0.0) + sum(
            p.capacity * p.probability for p in projects if p.site == name
        )

    def makers(self, product: str) -> list[str]:
        """Return the mines and refiners of a product."""
        return [
            name
            for name, site in self.network.sites.items()
            if site.product == product and site.kind in ("mine", "refiner")
        ]

    def with_changes(self, changes: Changes) -> Ground:
        """Return the ground with changes laid on it; only what they touch is validated again."""
        if not changes:
            return self
        update = {}
        for group, own in changes.items():
            entries = dict(getattr(self.network, group))
            for name, change in own.items():
                entries[name] = _changed(_MODELS[group], entries.get(name), change)
            update[group] = entries
        return Ground(self.network.model_copy(update=update), self.start, self.step_days)

    def region(self, name: str) -> str:
        """Return a site's region."""
        return region_of(self.network.sites[name])


def _changed(model: type[Any], before: Any, change: Mapping[str, Any]) -> Any:
    base = {} if before is None else before.model_dump(mode="json", exclude_unset=True)
    return model.model_validate(merge(base, change))


def scaled(value: float | Distribution, factor: float) -> Any:
    """Return a number or distribution of days times a factor, as plain data.

    A beta distribution without bounds lies in [0, 1] and gets the bounds [0, factor].
    """
    if not isinstance(value, Distribution):
        return value * factor
    data = value.model_dump(exclude_none=True)
    if value.law == "beta" and "min" not in data and "alpha" in data:
        return data | {"family": "beta", "min": 0.0, "max": factor}
    lengths = ("value", "min", "mode", "max", "mean", "sd", "median", "p90", "scale")
    told = {k: v * factor if k in lengths else v for k, v in data.items()}
    if "values" in data:
        told["values"] = [v * factor for v in data["values"]]
    return {"family": value.law} | told


def citation(rule: RuleBase, tag: str) -> Changes:
    """Return the entry of a network's sources that a rule's numbers name."""
    told = "; ".join(dict.fromkeys(rule.sources.values())) or f"assumption of {tag}"
    entry = {"citation": told, "confidence": rule.confidence, "note": rule.note}
    return {"sources": {tag: {k: v for k, v in entry.items() if v}}}
