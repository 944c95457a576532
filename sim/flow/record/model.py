"""The SimPy model of record: calls the actors of one future on stage and lets them play."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import simpy

from sim.flow.market import answers_of, numbers_of
from sim.flow.news import news_of
from sim.flow.play import Play
from sim.flow.prospects import wanted_of
from sim.flow.record import actors
from sim.flow.record.books import Ledger, bookkeeper, empty_flow
from sim.flow.record.build import World, build
from sim.flow.record.clock import Calendar, Process
from sim.flow.record.conditions import Conditions, forecast, shock
from sim.flow.record.goods import goods_keeper
from sim.flow.record.log import Log, chronicle, note_shock
from sim.flow.record.price import Prices, pricing
from sim.flow.record.references import references, settle
from sim.flow.record.responses import Builders, Responses
from sim.flow.trajectories import Flow
from sim.network.arrays import END_USER, MINE, REFINER, CompiledNetwork
from sim.shocks.tape import Tape

Order = Callable[[list[Process]], Sequence[Process]]


def simulate_simpy(
    play: Play,
    tape: Tape,
    *,
    trace: bool = False,
    log: Log | None = None,
    order: Order | None = None,
) -> Flow:
    """Return what every replication of the tape does to the network (docs/model.md).

    Parameters
    ----------
    play : Play
        Network, targets, draws and number of periods.
    tape : Tape
        The realised chance of n replications, played one after the other.
    trace : bool, optional
        Keep stocks, positions, orders, shipments, arrivals and run rates of every period.
    log : Log, optional
        Collects the events of all replications of the tape: give a tape of one.
    order : callable, optional
        Permutes the actors before they start; a test shows that nothing depends on it.

    Returns
    -------
    Flow
        Arrays (n_period, groups or reserves, n), tonnes per period.
    """
    n = int(tape.replication.size)
    compiled, n_period = play.compiled, play.n_period
    flow = empty_flow(play, n, trace)
    market = play.market
    numbers = None if market is None else numbers_of(market, tape)
    news = news_of(tape).tolist()
    wanted = None
    if market is not None and "projects" in market.responses:
        wanted = wanted_of(market.prospects, tape)
    for j in range(n):
        world = build(play, tape, j)
        env = simpy.Environment()
        calendar = Calendar(
            env, compiled.chain.step_days, n_period, len(world.sites), len(world.reserves)
        )
        settle(calendar, world)
        conditions, ledger = Conditions(), Ledger(flow, j)
        cast = [*players(calendar, world, ledger), *events(calendar, world, conditions)]
        if market is not None and numbers is not None:
            prices = Prices(market, world, numbers[:, :, j].tolist())
            answer = None
            if market.responses:
                drawn = answers_of(market, tape)[:, j].tolist()
                answer = Responses(market, world, prices, drawn).move
            build_for = None
            if wanted is not None:  # the tape holds what its projects wait for
                build_for = Builders(market, world, prices, wanted, j).move
            cast.append(pricing(calendar, prices, conditions, news, ledger, answer, build_for))
        if flow.trace is not None:
            cast.append(bookkeeper(calendar, flow.trace, j, world.sites, world.lanes))
        if play.goods is not None and flow.goods is not None:
            cast.append(goods_keeper(calendar, play.goods, world, flow.goods, j))
        if log is not None:
            cast.append(_chronicle(calendar, world, log, compiled))
        for process in cast if order is None else order(cast):
            env.process(process)
        env.run()
    return flow


def players(calendar: Calendar, world: World, ledger: Ledger) -> list[Process]:
    """Return one generator for each site."""
    cast = [actors.reserve(calendar, store, ledger) for store in world.reserves]
    for site in world.sites:
        if site.kind == MINE:
            cast.append(actors.mine(calendar, site))
        elif site.kind == REFINER:
            cast.append(actors.refiner(calendar, site))
        elif site.kind == END_USER:
            cast.append(actors.end_user(calendar, site, ledger))
    return cast


def events(calendar: Calendar, world: World, conditions: Conditions) -> list[Process]:
    """Return what happens to the sites: shocks, projects and arrivals."""
    return [
        *(shock(calendar, conditions, what) for what in world.shocks),
        forecast(calendar, conditions),
        references(calendar, world),
        actors.carrier(calendar, world.lanes),
    ]


def _chronicle(calendar: Calendar, world: World, log: Log, compiled: CompiledNetwork) -> Process:
    for what in world.shocks:
        note_shock(log, what, calendar.n_period * calendar.step)
    users = [site for site in world.sites if site.kind == END_USER]
    return chronicle(calendar, log, users, compiled.labels.group, world.reserves, world.projects)
