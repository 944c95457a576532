"""Settings -> network -> tapes -> engine -> results: the whole story on one page."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import Fault, UserError
from sim.base.sections import Sections
from sim.config.settings import Settings, change_settings
from sim.flow.drawn import loss_draws
from sim.flow.engine import simulate, simulate_both, simulate_measures
from sim.flow.engine_tables import Sets
from sim.flow.goods import Goods, goods_of
from sim.flow.kernel.measures import BOOKS, SHORT
from sim.flow.kernel.vector import WIDTH
from sim.flow.market import Market, market_of
from sim.flow.play import Play
from sim.flow.trajectories import Flow, Measures
from sim.metrics.goods import Least, goods_table, least_of, reserve_left_days
from sim.metrics.loss import bought, gdp_usd, measure, measures_of, released
from sim.metrics.prices import Places, places_of, price_measures, tally_prices
from sim.metrics.views import Views, views_of, with_judged
from sim.network.arrays import F8, CompiledNetwork
from sim.network.dependence import without_value_added
from sim.network.dictionary import Network
from sim.results.blocks import Arrays
from sim.run.sampling import sections_of
from sim.shocks.firms import compile_with_firms
from sim.shocks.hazard import Selector
from sim.shocks.rare import any_comes
from sim.shocks.sampler import CompiledHazards, compile_hazards, sample
from sim.shocks.select import atlas, select_sites
from sim.shocks.tape import PARAMETERS, Draws, Tape, first_shock_days, without_shocks

CHUNK = 128
"""Replications that are looked at together, and whose trajectories are held at once."""
ROOM = 256_000_000
"""Bytes that the trajectories of a chunk may take: of a large network it has fewer replications."""

Keep = Callable[[NDArray[np.int64], Flow], None]
"""Is given the trajectories of consecutive replications while they are at hand."""

STIRRING = ("capacity", "demand")
"""Parameters whose drawn value can make a shortfall without a shock (see `has_structure`)."""


@dataclasses.dataclass(frozen=True)
class Study:
    """A scenario on a network under a policy, ready to run.

    Parameters
    ----------
    settings : Settings
        Everything that was chosen, validated.
    """

    settings: Settings

    @cached_property
    def n_period(self) -> int:
        """Periods of the horizon; a begun one counts."""
        s = self.settings.scenario
        return -(-s.horizon_days // s.step_days)

    @cached_property
    def sections(self) -> Sections:
        """Which replications are drawn together, and what each counts."""
        run = self.settings.run
        return sections_of(run, self.struck if run.strata == "always" else None)

    @cached_property
    def struck(self) -> float | None:
        """Chance that any shock comes; None where it is not known beforehand, 0 or 1."""
        return any_comes(self.hazards.rules)

    @cached_property
    def network(self) -> Network:
        """The network; without value added where it is not to be told."""
        network = self.settings.network
        told = self.settings.scenario.value_added != "none"
        return network if told else without_value_added(network)

    @cached_property
    def compiled(self) -> CompiledNetwork:
        """The network as arrays; end users as the firms that apply, where licences go to firms."""
        s = self.settings.scenario
        return compile_with_firms(
            self.network,
            s.hazards,
            start=s.start,
            n_period=self.n_period,
            step_days=s.step_days,
        )

    @cached_property
    def hazards(self) -> CompiledHazards:
        """The hazards as arrays."""
        s = self.settings.scenario
        return compile_hazards(
            s.hazards,
            s.tensions,
            s.parameters,
            self.compiled,
            self.network,
            start=s.start,
            horizon_days=self.n_period * s.step_days,
            step_days=s.step_days,
            with_network=s.value_added == "network",
            priced=() if self.market is None else self.market.goods.product,
            answered=self.market is not None and bool(self.market.responses),
            built=self.market is not None and "projects" in self.market.responses,
        )

    @cached_property
    def market(self) -> Market | None:
        """The numbers of prices; None where the scenario has none."""
        scenario = self.settings.scenario
        if scenario.price == "none":
            return None
        goods = self.goods or goods_of(self.compiled)
        who = scenario.responses if scenario.price == "respond" else ()
        return market_of(self.compiled, goods, self.settings.network, who, scenario.start)

    @cached_property
    def places(self) -> Places:
        """The goods and regions whose prices are told."""
        return places_of(self.market)

    @cached_property
    def play(self) -> Play:
        """What a tape is played on."""
        chance = self.hazards.targets, self.hazards.draws
        return Play(self.compiled, *chance, self.n_period, self.goods, self.market)

    @cached_property
    def goods(self) -> Goods | None:
        """Products by region of their buyers; None where nothing is booked of them."""
        return goods_of(self.compiled) if self.settings.run.book_goods else None

    @cached_property
    def views(self) -> Views:
        """The sets of end users that results are summed over."""
        views = views_of(self.compiled.labels)
        judged = self.settings.scenario.judged
        return (
            views
            if judged is None
            else with_judged(views, self.judged_groups(judged), self.compiled.labels)
        )

    @cached_property
    def unbilled(self) -> NDArray[np.bool_]:
        """The views that hold an end user of whose use no price or no value is known."""
        none = np.ones(len(self.compiled.labels.group), np.bool_)
        unknown = none if self.market is None else self.market.unbilled
        return np.array([unknown[self.views.groups(x)].any() for x in range(len(self.views))])

    def judged_groups(self, judged: Selector) -> list[int]:
        """Return the groups of the end users that `judged` selects.

        Raises
        ------
        UserError
            If it names what is not there, or selects no end user.
        """
        faults: list[Fault] = []
        places = atlas(self.compiled, self.settings.network)
        mask = select_sites(judged, places, "scenario.judged", faults)
        groups = sorted(set(self.compiled.chain.group[mask].tolist()) - {-1})
        if not groups and not faults:
            faults.append(Fault("scenario.judged", "", "selects no end user"))
        if faults:
            raise UserError(faults)
        return groups

    def tape(self, replications: NDArray[np.int64]) -> Tape:
        """Draw the bad luck of some replications."""
        return sample(self.hazards, self.settings.run.seed, replications, self.sections)

    def flow(
        self,
        tape: Tape,
        *,
        trace: bool = False,
        stop: NDArray[np.uint8] | None = None,
        engine: str | None = None,
    ) -> Flow:
        """Replay a tape through the chain, in the engine that the settings name."""
        if (engine or self.settings.run.engine) == "simpy":
            from sim.flow.record.model import simulate_simpy

            return simulate_simpy(self.play, tape, trace=trace)
        return simulate(self.play, tape, trace=trace, stop=stop)

    def measure(self, tape: Tape, flow: Flow) -> Arrays:
        """Return what each replication is judged by; replication first."""
        scenario = self.settings.scenario
        short_from = scenario.short_from
        draws = loss_draws(self.play, tape)
        measures = measure(flow, self.views, scenario.step_days, short_from=short_from, draws=draws)
        arrays = self._arrays(tape, measures, released(flow))
        arrays |= self._of_purchases(bought(flow))
        if flow.price is not None:
            arrays |= self._of_prices(tally_prices(flow.price))
        return arrays if self.goods is None else arrays | self._of_goods(least_of(flow))

    def _arrays(self, tape: Tape, measures: Arrays, released_t: NDArray[np.float64]) -> Arrays:
        arrays: Arrays = {f"m.{name}": values for name, values in measures.items()}
        arrays["m.bill_usd"][:, self.unbilled] = np.nan
        arrays["replication"] = tape.replication
        arrays["first_shock_day"] = first_shock_days(tape)
        arrays["reserve_released_t"] = released_t.T
        return arrays

    @property
    def buys(self) -> bool:
        """Whether a reserve buys by rules of its own."""
        return bool(self.compiled.chain.reserve_buys.any())

    def _of_purchases(self, bought_t: F8 | None) -> Arrays:
        """Return what reserves have bought, where one buys by rules of its own."""
        return {"reserve_bought_t": bought_t.T} if self.buys and bought_t is not None else {}

    def _of_prices(self, tally: F8) -> Arrays:
        """Return what is kept of the paths of prices; replication first."""
        step = self.settings.scenario.step_days
        table = price_measures(tally, self.places, self.n_period, step)
        return {f"price.{name}": values for name, values in table.items()}

    def _of_goods(self, least: Least) -> Arrays:
        """Return what is lowest of goods and reserves; replication first."""
        table = goods_table(least, self.settings.scenario.step_days)
        arrays: Arrays = {f"goods.{name}": values for name, values in table.items()}
        return arrays | {"reserve_left_days": reserve_left_days(least)}

    def measures(self, tape: Tape, stop: NDArray[np.uint8], *, goods: bool = True) -> Measures:
        """Replay a tape in the compiled engine and judge it on the way, without trajectories."""
        play = self.play if goods else self.bare
        return simulate_measures(play, tape, self._sets, stop=stop)

    @cached_property
    def _sets(self) -> Sets:
        """The sets of end users that are judged."""
        views = self.views
        return Sets(views.ptr, views.group, self.settings.scenario.short_from, views.cells)

    @cached_property
    def bare(self) -> Play:
        """What tonnes depend on: without prices, unless somebody answers to them."""
        answered = self.market is not None and self.market.responses
        bare = self.play._replace(goods=None)
        return bare if answered else bare._replace(market=None)

    def has_structure(self, tape: Tape) -> bool:
        """Return whether replications of a tape can have a shortfall without a shock.

        Only growth, projects, a drawn capacity or demand, and a reserve that opens because the
        cover which it serves lies below its trigger can disturb the steady state from which every
        replication starts; no shock, no shortfall (a tested law) holds for all others.
        """
        chain, draws = self.compiled.chain, self.hazards.draws
        keys = {PARAMETERS[key] for key in draws.key}
        if chain.path.size or chain.project_site.size or not keys.isdisjoint(STIRRING):
            return True
        return reserves_open_at_rest(self.compiled, draws, tape)

    def compute(
        self, replications: NDArray[np.int64], stop: NDArray[np.uint8], keep: Keep | None = None
    ) -> Arrays | None:
        """Return the judged replications, a pure function of their numbers; None if stopped.

        Where trajectories are to be kept, those of the compiled engine are judged on the way; those
        of the model of record afterwards: the same bits.
        """
        if self.settings.run.engine == "simpy" or keep is not None:
            return self._compute_by_trajectories(replications, stop, keep)
        tape = self.tape(replications)
        return self._finished(tape, self.measures(tape, stop), stop)

    def _finished(self, tape: Tape, judged: Measures, stop: NDArray[np.uint8]) -> Arrays | None:
        """Return all arrays of replications that were judged on the way; None if stopped."""
        if stop[0]:
            return None
        step = self.settings.scenario.step_days
        gdp = gdp_usd(self.views, float(self.n_period * step))
        table = measures_of(judged, step, firms=self.views.n_firm(), gdp=gdp)
        arrays = self._arrays(tape, table, judged.released)
        arrays |= self._of_purchases(judged.bought)
        if judged.goods is not None and judged.reserve_days is not None and self.goods is not None:
            arrays |= self._of_goods(Least(judged.goods, judged.reserve_days))
        if judged.price is not None:
            arrays |= self._of_prices(judged.price)
        arrays["structural_t"] = self._structural(tape, arrays["m.shortfall_t"], stop)
        return None if stop[0] else arrays

    @cached_property
    def chunk(self) -> int:
        """Replications whose trajectories are held at once: at most `CHUNK`, whole vectors."""
        width = len(BOOKS) * len(self.compiled.labels.group) + len(self.compiled.labels.reserve)
        each = 8 * self.n_period * max(width, 1)
        return min(CHUNK, max(WIDTH, ROOM // each // WIDTH * WIDTH))

    def _compute_by_trajectories(
        self, replications: NDArray[np.int64], stop: NDArray[np.uint8], keep: Keep | None
    ) -> Arrays | None:
        """Return the same, one chunk of trajectories after the other."""
        parts: list[Arrays] = []
        for at in range(0, replications.size, self.chunk):
            tape = self.tape(replications[at : at + self.chunk])
            part = self._of_chunk(tape, stop, keep)
            if part is None:
                return None
            parts.append(part)
        return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}

    def _of_chunk(self, tape: Tape, stop: NDArray[np.uint8], keep: Keep | None) -> Arrays | None:
        """Return a chunk's arrays, having handed on its trajectories; None if stopped."""
        if stop[0]:
            return None
        if self.settings.run.engine != "simpy":
            flow, judged = simulate_both(self.play, tape, self._sets, stop=stop)
            if keep is not None and not stop[0]:
                keep(tape.replication, flow)
            return self._finished(tape, judged, stop)
        flow = self.flow(tape, stop=stop)
        if stop[0]:
            return None
        if keep is not None:
            keep(tape.replication, flow)
        arrays = self.measure(tape, flow)
        arrays["structural_t"] = self._structural(tape, arrays["m.shortfall_t"], stop)
        return None if stop[0] else arrays

    def _structural(
        self, tape: Tape, gross: NDArray[np.float64], stop: NDArray[np.uint8]
    ) -> NDArray[np.float64]:
        """Return the shortfall of the same replications without shocks."""
        if not self.has_structure(tape):
            return np.zeros_like(gross)
        found = self.shortfalls(without_shocks(tape), stop)
        return np.zeros_like(gross) if stop[0] else found

    def shortfalls(self, tape: Tape, stop: NDArray[np.uint8]) -> F8:
        """Return the shortfall of each replication and view, tonnes, shape (n, n_view)."""
        if self.settings.run.engine == "simpy":
            flow = self.flow(tape)
            return measure(flow, self.views, self.settings.scenario.step_days)["shortfall_t"]
        found: F8 = self.measures(tape, stop, goods=False).sums[SHORT].T
        return found

    def told(self, tape: Tape, stop: NDArray[np.uint8]) -> Arrays:
        """Return the measures of each replication and view by name, without goods and prices."""
        step, short_from = self.settings.scenario.step_days, self.settings.scenario.short_from
        if self.settings.run.engine == "simpy":
            flow, draws = self.flow(tape), loss_draws(self.play, tape)
            return measure(flow, self.views, step, short_from=short_from, draws=draws)
        judged = self.measures(tape, stop, goods=False)
        gdp = gdp_usd(self.views, float(self.n_period * step))
        return measures_of(judged, step, firms=self.views.n_firm(), gdp=gdp)

    def dump(self) -> dict[str, Any]:
        """Return all settings as plain data, resolved."""
        return self.settings.model_dump(mode="json", exclude_none=True)

    def change(self, changes: dict[str, Any]) -> Self:
        """Return a study with some settings changed, by dotted key.

        Parameters
        ----------
        changes : dict
            Such as ``{"scenario.hazards.embargo.severity.mean": 0.5, "run.replications": 500}``.

        Raises
        ------
        UserError
            If a key is unknown or a value is not allowed.
        """
        return dataclasses.replace(self, settings=change_settings(self.settings, changes))


def reserves_open_at_rest(compiled: CompiledNetwork, draws: Draws, tape: Tape) -> bool:
    """Return whether a reserve's trigger lies above a cover that it serves, as drawn."""
    chain = compiled.chain
    least = chain.cover.copy()
    for d in np.flatnonzero(draws.key == PARAMETERS.index("cover_days")):
        where = draws.index[draws.ptr[d] : draws.ptr[d + 1]]
        least[where] *= tape.parameter[d].min(initial=1.0)
    trigger = np.repeat(chain.trigger, np.diff(chain.serve_ptr))
    return bool((trigger > least[chain.serve_feed]).any())


def with_replications(study: Study, n: int) -> Study:
    """Return the study as one of n replications."""
    settings = study.settings
    if settings.run.replications == n:
        return study
    counted = settings.run.model_copy(update={"replications": n})
    return dataclasses.replace(study, settings=settings.model_copy(update={"run": counted}))


def n_workers(setting: int | str) -> int:
    """Return the number of threads that "auto" or a number means."""
    return (os.cpu_count() or 1) if setting == "auto" else int(setting)
