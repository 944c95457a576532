"""Projects as they ramp up, and the reference flows that follow: sections 0 and 1b."""

from __future__ import annotations

from sim.flow.record import rules
from sim.flow.record.actors import send
from sim.flow.record.build import World
from sim.flow.record.clock import Calendar, Process
from sim.flow.record.state import Project, Site
from sim.network.arrays import END_USER, RESERVE


def references(calendar: Calendar, world: World) -> Process:
    """Let projects grow and references follow, period by period."""
    for k in calendar.periods():
        yield calendar.until(k, calendar.references)
        set_references(world, k, calendar.step)


def set_references(world: World, k: int, step: float) -> None:
    """Set progress, capacity, lane shares and reference flows of period k."""
    for project in world.projects:
        project.progress = rules.progress(project.start, project.ramp, k * step, (k + 1) * step)
    for site in world.sites:
        site.capacity = site.nameplate * (
            1.0 if site.capacity_path is None else site.capacity_path[k]
        )
    for project in world.projects:
        project.site.capacity += project.capacity * project.progress
    set_shares(world, world.projects)
    for site in reversed(world.sites):
        refer(site, k)


def set_shares(world: World, projects: list[Project]) -> None:
    """Give offtake lanes their contracted share; the others shrink in proportion."""
    contracted = [0.0] * len(world.lanes)
    taken = [0.0] * len(world.feeds)
    for project in projects:
        for lane, share in project.offtakes:
            contracted[lane.index] += share * project.progress
            taken[lane.feed.index] += share * project.progress
    for lane in world.lanes:
        lane.share = lane.base_share * (1.0 - taken[lane.feed.index]) + contracted[lane.index]


def refer(site: Site, k: int) -> None:
    """Set one site's reference output and what it draws from its suppliers."""
    if site.kind == END_USER:
        growth = 1.0 if site.demand_path is None else site.demand_path[k]
        site.reference = site.base_demand * growth
    else:
        site.reference = rules.total(lane.reference for lane in site.lanes)
    for feed in site.feeds:
        feed.reference_use = site.reference * feed.coefficient
        if site.kind != RESERVE:
            feed.dust = rules.DUST * feed.reference_use
        for lane in feed.lanes:
            lane.reference = lane.share * feed.reference_use


def settle(calendar: Calendar, world: World) -> None:
    """Set the steady state: stocks at cover, pipelines full, run rates at reference (section 0)."""
    set_references(world, 0, calendar.step)
    for site in world.sites:
        site.rate = site.reference
    for feed in world.feeds:
        feed.stock = feed.reference_use * feed.cover
    for reserve in world.reserves:
        reserve.site.feeds[0].stock = reserve.size * reserve.start_share
        reserve.highest = reserve.size * reserve.start_share
        reserve.site.feeds[0].dust = rules.DUST * reserve.size
    for feed in world.feeds:
        feed.position = feed.stock
        for lane in feed.lanes:
            feed.position += lane.reference * lane.transit
            for k in range(lane.transit):
                send(calendar, lane, lane.reference, k)
