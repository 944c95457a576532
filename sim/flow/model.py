"""The SimPy model of record: sets up actors, shocks and projects for one future and lets it run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import simpy

from sim.flow import actors, rules
from sim.flow.actors import Calendar, Feed, Lane, Process, Project, Reserve, Site
from sim.flow.flow import Flow
from sim.flow.ledger import Ledger, Log, empty_flow
from sim.flow.weather import Row, Shock, Weather, shock
from sim.network.arrays import END_USER, REFINER, Chain, CompiledNetwork
from sim.shocks.tape import PARAMETERS, Draws, Tape, Targets

Order = Callable[[list[Process]], Sequence[Process]]


def simulate_simpy(
    compiled: CompiledNetwork,
    targets: Targets,
    draws: Draws,
    tape: Tape,
    n_period: int,
    *,
    trace: bool = False,
    log: Log | None = None,
    order: Order | None = None,
) -> Flow:
    """Return what every replication of the tape does to the network (docs/model.md).

    Parameters
    ----------
    compiled, targets, draws, tape, n_period, trace
        As for ``sim.flow.engine.simulate``.
    log : Log, optional
        Collects the events (of all replications of the tape: give a tape of one).
    order : callable, optional
        Permutes the actors before they are started; a test shows that nothing depends on it.

    Returns
    -------
    Flow
        Arrays (n_period, groups or reserves, n).
    """
    n = int(tape.replication.size)
    flow = empty_flow(compiled, n_period, n, trace)
    for j in range(n):
        World(compiled, targets, draws, tape, j, n_period, Ledger(flow, j), log).run(order)
    return flow


class World:
    """One future: its actors, their calendar and what the tape holds for them."""

    def __init__(self, compiled: CompiledNetwork, targets: Targets, draws: Draws, tape: Tape, j: int,
                 n_period: int, ledger: Ledger, log: Log | None):
        chain = compiled.chain
        self.ledger, self.log = ledger, log
        self.lanes = _lanes(chain)
        self.feeds = _feeds(chain, self.lanes)
        self.sites = _sites(chain, compiled.labels.site, self.feeds, self.lanes)
        self.reserves = _reserves(chain, self.sites, self.feeds)
        _settle(self, chain.step_days, draws, tape, j)
        self.projects = [
            Project(name, self.sites[i], capacity, ramp, start,
                    [(self.lanes[lane], share) for lane, share in offtakes])
            for name, i, capacity, ramp, start, offtakes in _project_rows(compiled, tape, j)]
        self.env = simpy.Environment()
        self.calendar = Calendar(self.env, chain.step_days, n_period, len(self.sites),
                                 len(self.reserves))
        self.weather = Weather(self.calendar, self.sites, self.lanes)
        self.shocks = _shocks(targets, tape, j, self.sites, self.lanes)

    def run(self, order: Order | None = None) -> None:
        """Set the steady state, start everybody and run to the end of the horizon."""
        self.set_references(0)
        self.start()
        started = self.processes()
        for process in started if order is None else order(started):
            self.env.process(process)
        self.env.run()

    def processes(self) -> list[Process]:
        """Return every actor's generator."""
        calendar, ledger = self.calendar, self.ledger
        makers: list[Process] = [shock(calendar, self.weather, s, self.log) for s in self.shocks]
        makers += [self.weather.run(), self.planner(), actors.harbour(calendar, self.lanes),
                   actors.buyers(calendar, self.sites, self.lanes, ledger)]
        for reserve in self.reserves:
            makers += [actors.reserve_release(calendar, reserve, ledger),
                       actors.reserve_orders(calendar, reserve)]
        for site in self.sites:
            if site.kind == END_USER:
                makers.append(actors.end_user(calendar, site, ledger))
            elif site.kind == REFINER:
                makers.append(actors.refiner_orders(calendar, site))
            if site.lanes:
                makers.append(actors.supplier(calendar, site))
        return makers

    def planner(self) -> Process:
        """Let projects grow and references follow, period by period."""
        for k in self.calendar.periods():
            yield self.calendar.until(k, self.calendar.projects)
            self.set_references(k)

    def set_references(self, k: int) -> None:
        """Set progress, capacity, shares and reference flows of period k, last site first."""
        t0, t1 = k * self.calendar.step, (k + 1) * self.calendar.step
        for project in self.projects:
            before = project.progress
            project.progress = rules.progress(project.start, project.ramp, t0, t1)
            if self.log and before == 0.0 < project.progress:
                self.log.add(project.start, "project", f"{project.name} starts")
        for site in self.sites:
            site.capacity = site.nameplate * (site.capacity_path[k] if site.capacity_path else 1.0)
        taken = {feed.index: 0.0 for feed in self.feeds}
        given = {lane.index: 0.0 for lane in self.lanes}
        for project in self.projects:
            project.site.capacity += project.capacity * project.progress
            for lane, share in project.offtakes:
                given[lane.index] += share * project.progress
                taken[lane.feed.index] += share * project.progress
        for lane in self.lanes:
            lane.share = lane.base_share * (1.0 - taken[lane.feed.index]) + given[lane.index]
        for site in reversed(self.sites):
            self._refer(site, k)

    def _refer(self, site: Site, k: int) -> None:
        growth = site.demand_path[k] if site.demand_path else 1.0
        site.reference = site.base_demand * growth if site.kind == END_USER else 0.0
        for lane in site.lanes:
            site.reference += lane.reference
        for feed in site.feeds:
            feed.reference_use = site.reference * feed.coefficient
            feed.lead = 0.0
            for lane in feed.lanes:
                lane.reference = lane.share * feed.reference_use
                feed.lead += lane.share * lane.transit

    def start(self) -> None:
        """Set the steady state: stocks at cover, pipelines full, run rates at reference."""
        for site in self.sites:
            site.rate = site.reference
        for feed in self.feeds:
            feed.stock = feed.reference_use * feed.cover
        for reserve in self.reserves:
            reserve.site.feeds[0].stock = reserve.size
        for feed in self.feeds:
            feed.position = feed.stock
            for lane in feed.lanes:
                feed.position += lane.reference * lane.transit
                for k in range(lane.transit):
                    actors.ship(self.calendar, lane, lane.reference, k)


def _lanes(chain: Chain) -> list[Lane]:
    rows = zip(chain.supplier.tolist(), chain.share.tolist(), chain.transit.tolist(),
               chain.spot.tolist(), chain.qualify_step.tolist(), chain.lane_class.tolist(),
               strict=True)
    return [Lane(x, *row) for x, row in enumerate(rows)]


def _feeds(chain: Chain, lanes: list[Lane]) -> list[Feed]:
    rows = zip(chain.coefficient.tolist(), chain.cover.tolist(), chain.adjust_gain.tolist(),
               chain.learn_gain.tolist(), chain.rerouting.tolist(), chain.precaution.tolist(),
               chain.cost_share.tolist(), strict=True)
    feeds = []
    for f, row in enumerate(rows):
        own = [lanes[x] for x in chain.lane_of[chain.lane_ptr[f] : chain.lane_ptr[f + 1]]]
        feeds.append(Feed(f, *row, own))
        for lane in own:
            lane.feed = feeds[-1]
    return feeds


def _sites(chain: Chain, names: Sequence[str], feeds: list[Feed], lanes: list[Lane]) -> list[Site]:
    paths = chain.path.tolist()

    def path(row: int) -> Sequence[float] | None:
        return paths[row] if row >= 0 else None

    return [
        Site(index=i, name=names[i], kind=int(chain.kind[i]),
             feeds=feeds[chain.feed_ptr[i] : chain.feed_ptr[i + 1]],
             lanes=lanes[chain.out_ptr[i] : chain.out_ptr[i + 1]],
             nameplate=float(chain.capacity[i]), capacity_path=path(int(chain.capacity_path[i])),
             slack=float(chain.slack[i]), ramp_share=float(chain.ramp_share[i]),
             n_class=int(chain.n_class[i]), base_demand=float(chain.demand[i]),
             demand_path=path(int(chain.demand_path[i])), group=int(chain.group[i]),
             sub_limit=float(chain.sub_limit[i]), sub_delay=float(chain.sub_delay_days[i]),
             sub_share=float(chain.sub_share[i]), priced=bool(chain.price_on[i]),
             demand_elasticity=float(chain.price_demand_elasticity[i]),
             supply_elasticity=float(chain.price_supply_elasticity[i]),
             price_gain=float(chain.price_gain[i]))
        for i in range(chain.kind.size)]


def _reserves(chain: Chain, sites: list[Site], feeds: list[Feed]) -> list[Reserve]:
    reserves = []
    for v, i in enumerate(chain.reserve_site.tolist()):
        served = slice(chain.serve_ptr[v], chain.serve_ptr[v + 1])
        serves = [feeds[f] for f in chain.serve_feed[served]]
        reserves.append(Reserve(v, sites[i], float(chain.reserve_stock[v]),
                                float(chain.reserve_max[v]), float(chain.trigger[v]),
                                float(chain.activation_days[v]), serves,
                                chain.serve_share[served].tolist(), [0.0] * len(serves)))
    return reserves


def _settle(world: World, step: float, draws: Draws, tape: Tape, j: int) -> None:
    """Apply the replication's uncertain parameters: multiplied or set (section 0)."""
    for d in range(draws.key.size):
        key, drawn = PARAMETERS[draws.key[d]], float(tape.parameter[d, j])
        for i in draws.index[draws.ptr[d] : draws.ptr[d + 1]].tolist():
            if key == "capacity":
                world.sites[i].nameplate *= drawn
            elif key == "demand":
                world.sites[i].base_demand *= drawn
            elif key == "slack":
                world.sites[i].slack = drawn
            elif key == "substitution_limit":
                world.sites[i].sub_limit = drawn
            elif key == "cover_days":
                world.feeds[i].cover *= drawn
            elif key == "rerouting":
                world.feeds[i].rerouting = drawn
            elif key == "perception_days":
                world.feeds[i].learn_gain = min(1.0, step / drawn) if drawn > 0.0 else 1.0
            elif key == "stock":
                world.reserves[i].size *= drawn
            else:
                world.reserves[i].activation_days = drawn


def _project_rows(compiled: CompiledNetwork, tape: Tape, j: int) -> list[tuple]:
    chain = compiled.chain
    rows = []
    for p, name in enumerate(compiled.labels.project):
        part = slice(chain.offtake_ptr[p], chain.offtake_ptr[p + 1])
        offtakes = list(zip(chain.offtake_lane[part].tolist(), chain.offtake_share[part].tolist(),
                            strict=True))
        rows.append((name, int(chain.project_site[p]), float(chain.project_capacity[p]),
                     float(chain.project_ramp_days[p]), float(tape.project_start_days[p, j]),
                     offtakes))
    return rows


def _shocks(targets: Targets, tape: Tape, j: int, sites: list[Site],
            lanes: list[Lane]) -> list[Shock]:
    """Return the replication's shocks with the rows through which they act."""
    shocks = {m: Shock(int(tape.shock_hazard[m]), float(tape.announce_days[m]),
                       float(tape.onset_days[m]), float(tape.end_days[m]),
                       bool(tape.called_off[m]), [])
              for m in range(int(tape.shock_ptr[j]), int(tape.shock_ptr[j + 1]))}
    for q in range(int(tape.row_ptr[j]), int(tape.row_ptr[j + 1])):
        effect, kind = int(tape.row_effect[q]), int(tape.row_kind[q])
        acted = targets.index[targets.ptr[effect] : targets.ptr[effect + 1]].tolist()
        part = slice(tape.point_ptr[q], tape.point_ptr[q + 1])
        course = (tape.point_day[part].tolist(), tape.point_value[part].tolist())
        on: list = [sites[i] for i in acted] if kind in (0, 4) else [lanes[i] for i in acted]
        shocks[int(tape.row_shock[q])].rows.append(Row(q, kind, course, on))
    return list(shocks.values())


