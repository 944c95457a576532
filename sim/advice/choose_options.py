"""What can be bought: candidates with what they cost, and those left out, each with its reason."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sim.advice import candidates as options
from sim.advice.candidates import Candidate
from sim.advice.choose_costs import (
    NO_COST,
    Known,
    holding_cost,
    holding_source,
    policy_cost,
    years_of,
)
from sim.advice.trial import Bench
from sim.base.errors import Fault, UserError, nearest
from sim.network.dictionary import Network
from sim.run.case import Study

BUILT_ANYWAY = "is built for sure and on time already"


@dataclass(frozen=True)
class Option:
    """Something that can be bought once.

    Parameters
    ----------
    candidate : Candidate
        What it does.
    cost_usd : float
        What it takes of the budget.
    rival : str
        Options of one name, such as the sizes of one reserve, exclude each other.
    assumed : bool
        Whether the cost is that of ``--assume-cost``.
    """

    candidate: Candidate
    cost_usd: float
    rival: str
    assumed: bool = False

    @property
    def name(self) -> str:
        """The candidate's name."""
        return self.candidate.name


class LeftOut(NamedTuple):
    """A candidate that cannot be bought, and why."""

    candidate: Candidate
    reason: str


@dataclass(frozen=True)
class Prices:
    """How costs are counted.

    Parameters
    ----------
    interest : float
        A year, simple, on what a reserve's stock costs.
    assumed : mapping of str to float
        Name -> US dollars of candidates whose cost is not known; "" for all others.
    """

    interest: float
    assumed: Mapping[str, float]


def options_of(
    bench: Bench,
    study: Study,
    places: Sequence[str],
    wanted: str,
    sizes_days: Sequence[float],
    policies: Mapping[str, str],
    prices: Prices,
) -> tuple[list[Option], list[LeftOut]]:
    """Return what can be bought, cheapest first, and what was left out.

    Parameters
    ----------
    bench : Bench
        For the networks under policies.
    study : Study
        The scenario with nothing done.
    places : sequence of str
        Regions whose buyers reserves may serve.
    wanted : str
        Kinds or names, as ``--candidates`` takes them; a reserve's name means all its sizes.
    sizes_days : sequence of float
        Sizes of reserves, days of use.
    policies : mapping of str to str
        Name -> title of the policies to try.
    prices : Prices
        How costs are counted.

    Raises
    ------
    UserError
        If no such candidate exists, none of them has a cost, or a cost is assumed of nothing.
    """
    network = study.settings.network
    rivals: dict[str, str] = {}
    every = [*options.project_candidates(network), *_policies(study, policies)]
    every += _reserves(study, places, sizes_days, rivals)
    things = options.chosen(every, _spelt_out(wanted, rivals))
    _check_assumed(prices.assumed, every, rivals)
    found: list[Option] = []
    left: list[LeftOut] = []
    for thing in things:
        rival = rivals.get(thing.name, thing.name)
        priced = _priced(bench, study, thing, prices, rival, max(sizes_days, default=0.0))
        (found if isinstance(priced, Option) else left).append(priced)  # type: ignore[arg-type]
    if not found:
        raise UserError(Fault("--candidates", wanted, _nothing(network, left)))
    return sorted(found, key=lambda o: (o.cost_usd, o.name)), left


def _policies(study: Study, policies: Mapping[str, str]) -> list[Candidate]:
    return options.policy_candidates(policies, study.settings.policy.name.split("+"))


def _reserves(
    study: Study, places: Sequence[str], sizes_days: Sequence[float], rivals: dict[str, str]
) -> list[Candidate]:
    """Return each reserve in each size, and note whose sizes they are."""
    found = []
    for days in sizes_days:
        made = options.reserve_candidates(study.settings.network, study.compiled, places, days)
        for one in made:
            sized = dataclasses.replace(one, name=f"{one.name}_{days:g}d")
            rivals[sized.name] = one.name
            found.append(sized)
    return found


def _spelt_out(wanted: str, rivals: Mapping[str, str]) -> str:
    """Return ``--candidates`` with each reserve's name as the names of its sizes."""
    words = [w.strip() for w in wanted.split(",")]
    sizes = {w: [name for name, rival in rivals.items() if rival == w] for w in words}
    return ",".join(name for w in words for name in sizes[w] or [w])


def _check_assumed(
    assumed: Mapping[str, float], every: Iterable[Candidate], rivals: Mapping[str, str]
) -> None:
    known = {c.name for c in every} | set(rivals.values())
    faults: list[Fault | str] = [
        Fault("--assume-cost", name, f"no such candidate{nearest(name, known)}")
        for name in assumed
        if name and name not in known
    ]
    if faults:
        raise UserError(faults)


def _priced(
    bench: Bench, study: Study, thing: Candidate, prices: Prices, rival: str, largest: float
) -> Option | LeftOut:
    """Return a candidate with its cost, or why it is left out."""
    if thing.kind == "project" and _comes_anyway(study.settings.network, thing):
        return LeftOut(thing, BUILT_ANYWAY)
    known = _known(bench, study, thing, prices.interest)
    if not math.isnan(known.cost_usd):
        return Option(_with_cost(thing, known.cost_usd, known.source), known.cost_usd, rival)
    names = (thing.name, rival, "")
    assumed = next((prices.assumed[n] for n in names if n in prices.assumed), None)
    if assumed is None or known.reason != NO_COST:
        return LeftOut(thing, known.reason)
    cost = assumed * (_days(thing) / largest if thing.kind == "reserve" else 1.0)
    return Option(_with_cost(thing, cost, "assumed (--assume-cost)"), cost, rival, assumed=True)


def _known(bench: Bench, study: Study, thing: Candidate, interest: float) -> Known:
    """Return what a candidate costs."""
    if thing.kind == "policy":
        return policy_cost(bench, study, thing, interest)
    if thing.kind == "project":
        return Known(thing.cost_usd, thing.cost_source, NO_COST)
    years = years_of(study)
    cost = holding_cost(study.settings.network, _product(thing), thing.size_t, years, interest)
    return Known(cost, holding_source(years, interest), NO_COST)


def _with_cost(thing: Candidate, cost_usd: float, source: str) -> Candidate:
    return dataclasses.replace(thing, cost_usd=cost_usd, cost_source=source)


def _comes_anyway(network: Network, thing: Candidate) -> bool:
    """Whether every project of a candidate is certain and on time as it stands."""
    projects = [network.projects[name] for name in thing.overlay["projects"]]
    return all(p.probability == 1.0 and p.delay_days == 0.0 for p in projects)


def _product(thing: Candidate) -> str:
    (site,) = thing.overlay["sites"].values()
    return str(site["product"])


def _days(thing: Candidate) -> float:
    return float(thing.name.rsplit("_", 1)[1].removesuffix("d"))


def _nothing(network: Network, left: Sequence[LeftOut]) -> str:
    if any(p.cost_usd is not None for p in network.projects.values()) or any(
        p.reserve_usd_per_t is not None for p in network.products.values()
    ):
        return "leaves nothing that has a cost; give one with --assume-cost"
    return (
        "the network states no cost (cost_usd of projects, reserve_usd_per_t of products), so "
        f"none of {len(left)} candidates can be bought; give one with --assume-cost"
    )
