"""Reserves whose stock is asked of each future: so many days of use, instead of their own draw."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.advice.candidates import overlays, reserve_candidates
from sim.base.errors import Fault, UserError, nearest
from sim.flow.engine import simulate_measures
from sim.flow.engine_tables import Sets
from sim.flow.kernel.measures import SHORT, WANT
from sim.flow.play import Play
from sim.network.arrays import END_USER, F8, REFINER
from sim.network.checks import check_network
from sim.network.dictionary import Network
from sim.network.validate import validate
from sim.run.case import Study
from sim.shocks.tape import PARAMETERS, Draws, Tape

Mask = NDArray[np.bool_]
STOCK = PARAMETERS.index("stock")


@dataclass(frozen=True)
class Good:
    """A good to hold for the buyers of a region, as ``--reserve`` has it: product@REGION."""

    product: str
    region: str

    def __str__(self) -> str:
        return f"{self.product}@{self.region}"


def goods_of(words: Sequence[str]) -> list[Good]:
    """Return what ``--reserve`` names, each once.

    Raises
    ------
    UserError
        For each that is not product@REGION.
    """
    wrong = [w for w in words if w.count("@") != 1 or not all(p.strip() for p in w.split("@"))]
    if wrong or not words:
        told = "must be product@REGION, such as dytb_oxide@JPN"
        raise UserError([Fault("--reserve", w, told) for w in wrong or [""]])
    pairs = [(p.strip(), r.strip()) for p, r in (w.split("@") for w in words)]
    return list(dict.fromkeys(Good(p, r.upper() if len(r) <= 3 else r) for p, r in pairs))


def bought(study: Study) -> dict[str, set[str]]:
    """Return the products that somebody buys, each with the regions of its buyers."""
    labels, chain = study.compiled.labels, study.compiled.chain
    found: dict[str, set[str]] = {}
    for f, i in enumerate(chain.feed_site):
        use = study.compiled.reference_out[i] * chain.coefficient[f]
        if chain.kind[i] in (REFINER, END_USER) and use > 0:
            found.setdefault(labels.feed_product[f], set()).add(labels.site_region[i])
    return found


def check_goods(study: Study, goods: Sequence[Good]) -> None:
    """Refuse goods that nobody buys, or not there.

    Raises
    ------
    UserError
        With the nearest right name, and where it is bought.
    """
    known = bought(study)
    places = sorted(set().union(*known.values()))
    faults = []
    for good in goods:
        if good.product not in known:
            hint = nearest(good.product, known) or f"; there are {', '.join(sorted(known))}"
            told = f"nobody buys such a product{hint}"
            faults.append(Fault("--reserve", str(good), told))
        elif good.region not in places:
            hint = nearest(good.region, places)
            told = f"no such region{hint}; there are {', '.join(places)}"
            faults.append(Fault("--reserve", str(good), told))
        elif good.region not in known[good.product]:
            told = f"nobody there buys it; it is bought in {', '.join(sorted(known[good.product]))}"
            faults.append(Fault("--reserve", str(good), told))
    if faults:
        raise UserError(faults)


def reserves_of(study: Study, good: Good) -> list[int]:
    """Return the numbers of the reserves that hold a good for a buyer in its region."""
    labels, chain = study.compiled.labels, study.compiled.chain
    found = []
    for v, i in enumerate(chain.reserve_site):
        served = chain.serve_feed[chain.serve_ptr[v] : chain.serve_ptr[v + 1]]
        regions = {labels.site_region[chain.feed_site[f]] for f in served}
        if labels.site_product[i] == good.product and good.region in regions:
            found.append(v)
    return found


def with_reserves(
    study: Study, goods: Sequence[Good], days: float = 1.0
) -> tuple[Study, list[str]]:
    """Return a study in which every good has a reserve, and the names of those that were added.

    One that is added is as those that ``rank-projects`` tries: it serves every buyer there, and is
    not filled again. It holds so many days of use.
    """
    network = study.settings.network
    missing = [g for g in goods if not reserves_of(study, g)]
    if not missing:
        return study, []
    names = [f"reserve_{g.region.lower()}_{g.product}" for g in missing]
    regions = sorted({g.region for g in missing})
    tried = {c.name: c for c in reserve_candidates(network, study.compiled, regions, days)}
    data = network.model_dump(mode="json", exclude_unset=True)
    whole = overlays(data, [tried[name].overlay for name in names])
    settings = study.settings.model_copy(update={"network": validate(Network, whole, "network")})
    wider = dataclasses.replace(study, settings=settings)
    faults = check_network(wider.network)
    if faults:
        raise UserError(faults)
    return wider, names


@dataclass(frozen=True)
class Sizing:
    """A study in which each future is asked how it fares with so many days of stock.

    Parameters
    ----------
    study : Study
        With a reserve for every good.
    numbers : tuple of int
        The reserves that are sized.
    groups : ndarray of bool, shape (n_group,)
        End users who are to stay served.
    at_once : bool
        Whether the reserves open without delay; what binds is found so.
    unlimited : bool
        Whether they release as fast as is asked.
    full : bool
        Whether they are full on day 0, although they are to be built up.
    """

    study: Study
    numbers: tuple[int, ...]
    groups: Mask
    at_once: bool = False
    unlimited: bool = False
    full: bool = False

    @cached_property
    def use_t_per_day(self) -> F8:
        """Reference use of those that each reserve serves, on day 0."""
        compiled = self.study.compiled
        chain = compiled.chain
        found = []
        for v in self.numbers:
            feeds = chain.serve_feed[chain.serve_ptr[v] : chain.serve_ptr[v + 1]]
            use = compiled.reference_out[chain.feed_site[feeds]] * chain.coefficient[feeds]
            found.append(float(use.sum()) / chain.step_days)
        return np.array(found)

    @cached_property
    def play(self) -> Play:
        """What tapes with days of stock are played on: a day of use is what the rows multiply."""
        bare, numbers = self.study.bare, list(self.numbers)
        chain = bare.compiled.chain
        stock = chain.reserve_stock.copy()
        stock[numbers] = self.use_t_per_day
        fields: dict[str, Any] = {"reserve_stock": stock}
        if self.at_once:
            fields["activation_days"] = np.where(_marked(stock.size, numbers), 0.0,
                                                 chain.activation_days)  # fmt: skip
        if self.unlimited:
            fields["reserve_max"] = np.where(_marked(stock.size, numbers), np.inf,
                                             chain.reserve_max)  # fmt: skip
        if self.full:
            fields["reserve_start"] = np.where(_marked(stock.size, numbers), 1.0,
                                               chain.reserve_start)  # fmt: skip
        compiled = dataclasses.replace(bare.compiled, chain=chain._replace(**fields))
        return bare._replace(compiled=compiled, draws=self._draws(bare.draws))

    def _draws(self, draws: Draws) -> Draws:
        """Return the draws with one of the stock of each sized reserve, and none besides."""
        keys = [STOCK] + [PARAMETERS.index("activation_days")] * self.at_once
        targets = []
        for d, key in enumerate(draws.key):
            at = draws.index[draws.ptr[d] : draws.ptr[d + 1]]
            targets.append(at[~np.isin(at, self.numbers)] if key in keys else at)
        targets += [np.array([v], np.int32) for v in self.numbers]
        ptr = np.array([0, *np.cumsum([t.size for t in targets])], np.int32)
        key = np.concatenate([draws.key, np.full(len(self.numbers), STOCK, np.int32)])
        return Draws(key, ptr, np.concatenate(targets).astype(np.int32))

    def tape(self, replications: NDArray[np.int64], days: F8) -> Tape:
        """Return the luck of some replications, with the days of stock of each.

        Parameters
        ----------
        replications : ndarray, shape (n,)
            Their numbers.
        days : ndarray, shape (n,) or (n_reserve, n)
            Common to all sized reserves, or of each.
        """
        tape = self.study.tape(replications)
        rows = np.broadcast_to(days, (len(self.numbers), replications.size))
        return tape._replace(parameter=np.concatenate([tape.parameter, rows]))

    def short_share(
        self,
        replications: NDArray[np.int64],
        days: F8,
        stop: NDArray[np.uint8],
        change: Callable[[Tape], Tape] = lambda tape: tape,
    ) -> F8:
        """Return the share of want that those end users miss in each replication, shape (n,).

        After a stop its numbers mean nothing. `change` may take shocks off the tape.
        """
        counted = np.flatnonzero(self.groups).astype(np.int32)
        sets = Sets(np.array([0, counted.size], np.int32), counted)
        tape = change(self.tape(replications, days))
        sums = simulate_measures(self.play, tape, sets, stop=stop).sums
        if sums.shape[2] < replications.size:
            return np.zeros(replications.size)
        short, wanted = sums[SHORT, 0], sums[WANT, 0]
        share: F8 = np.divide(short, wanted, out=np.zeros_like(short), where=wanted > 0)
        return share


def _marked(n: int, where: list[int]) -> Mask:
    mask = np.zeros(n, np.bool_)
    mask[where] = True
    return mask
