"""From a network's arrays and one replication of a tape to what the actors own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from sim.flow.play import Play
from sim.flow.record.conditions import ON_SITES, Row, Shock
from sim.flow.record.state import Feed, Lane, Project, Reserve, Site
from sim.network.arrays import CompiledNetwork, firms_of
from sim.shocks.tape import LOSS_KEYS, PARAMETERS, Draws, Tape, Targets

# field of the class -> column of the chain
LANE = {
    "supplier": "supplier",
    "base_share": "share",
    "transit": "transit",
    "spot": "spot",
    "qualify_step": "qualify_step",
    "lane_class": "lane_class",
    "home": "home",
}
FEED = {
    name: name
    for name in (
        "coefficient",
        "cover",
        "adjust_gain",
        "learn_gain",
        "rerouting",
        "precaution",
    )
}
SITE = {
    "kind": "kind",
    "nameplate": "capacity",
    "slack": "slack",
    "ramp_share": "ramp_share",
    "n_class": "n_class",
    "home_weight": "home_weight",
    "base_demand": "demand",
    "group": "group",
    "sub_limit": "sub_limit",
    "sub_delay": "sub_delay_days",
    "sub_share": "sub_share",
    **{name: name for name in LOSS_KEYS},
}
RESERVE = {
    "size": "reserve_stock",
    "max_rate": "reserve_max",
    "trigger": "trigger",
    "activation_days": "activation_days",
    "buys": "reserve_buys",
    "start_share": "reserve_start",
    "build_pace": "build_pace",
    "refill_pace": "refill_pace",
    "aims": "reserve_aim",
}
PROJECT = {"capacity": "project_capacity", "ramp": "project_ramp_days"}


@dataclass(frozen=True)
class World:
    """Everything that the actors of one replication own, in the arrays' order."""

    sites: list[Site]
    feeds: list[Feed]
    lanes: list[Lane]
    reserves: list[Reserve]
    projects: list[Project]
    shocks: list[Shock]


def build(play: Play, tape: Tape, replication: int) -> World:
    """Return one replication's world at rest, its uncertain parameters applied (section 0).

    `replication` is the column of the tape, not the replication's number.
    """
    compiled = play.compiled
    columns = {
        key: value.tolist() if hasattr(value, "tolist") else value
        for key, value in compiled.chain._asdict().items()
    }
    lanes = _lanes(columns)
    feeds = _feeds(columns, lanes)
    sites = _sites(columns, compiled, feeds, lanes)
    world = World(
        sites,
        feeds,
        lanes,
        _reserves(columns, compiled, sites, feeds),
        _projects(
            columns, compiled, sites, lanes, tape.project_start_days[:, replication].tolist()
        ),
        _shocks(play.targets, tape, replication, sites, lanes),
    )
    _apply(world, columns["step_days"], play.draws, tape.parameter[:, replication].tolist())
    return world


def _records(columns: dict[str, Any], names: dict[str, str]) -> list[dict[str, Any]]:
    """Return one record an entry: field of the class -> value of the column."""
    rows = zip(*(columns[column] for column in names.values()), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _part(columns: dict[str, Any], ptr: str, n: int, name: str) -> list[Any]:
    """Return entry n of a CSR column."""
    return list(columns[name][columns[ptr][n] : columns[ptr][n + 1]])


def _lanes(columns: dict[str, Any]) -> list[Lane]:
    return [Lane(index=x, **row) for x, row in enumerate(_records(columns, LANE))]


def _feeds(columns: dict[str, Any], lanes: list[Lane]) -> list[Feed]:
    feeds = []
    for f, row in enumerate(_records(columns, FEED)):
        own = [lanes[x] for x in _part(columns, "lane_ptr", f, "lane_of")]
        feeds.append(Feed(index=f, lanes=own, **row))
        for lane in own:
            lane.feed = feeds[-1]
    return feeds


def _sites(
    columns: dict[str, Any], compiled: CompiledNetwork, feeds: list[Feed], lanes: list[Lane]
) -> list[Site]:
    def path(row: int) -> list[float] | None:
        return columns["path"][row] if row >= 0 else None

    firms = firms_of(compiled.chain).tolist()
    return [
        Site(
            index=i,
            name=compiled.labels.site[i],
            feeds=feeds[columns["feed_ptr"][i] : columns["feed_ptr"][i + 1]],
            lanes=lanes[columns["out_ptr"][i] : columns["out_ptr"][i + 1]],
            capacity_path=path(columns["capacity_path"][i]),
            demand_path=path(columns["demand_path"][i]),
            is_firm=firms[i],
            **row,
        )
        for i, row in enumerate(_records(columns, SITE))
    ]


def _reserves(
    columns: dict[str, Any], compiled: CompiledNetwork, sites: list[Site], feeds: list[Feed]
) -> list[Reserve]:
    return [
        Reserve(
            index=v,
            name=compiled.labels.reserve[v],
            site=sites[columns["reserve_site"][v]],
            serves=[feeds[f] for f in _part(columns, "serve_ptr", v, "serve_feed")],
            shares=_part(columns, "serve_ptr", v, "serve_share"),
            low_days=[0.0] * len(_part(columns, "serve_ptr", v, "serve_feed")),
            **row,
        )
        for v, row in enumerate(_records(columns, RESERVE))
    ]


def _projects(
    columns: dict[str, Any],
    compiled: CompiledNetwork,
    sites: list[Site],
    lanes: list[Lane],
    starts: list[float],
) -> list[Project]:
    return [
        Project(
            name=compiled.labels.project[p],
            site=sites[columns["project_site"][p]],
            start=starts[p],
            offtakes=[
                (lanes[x], share)
                for x, share in zip(
                    _part(columns, "offtake_ptr", p, "offtake_lane"),
                    _part(columns, "offtake_ptr", p, "offtake_share"),
                    strict=True,
                )
            ],
            **row,
        )
        for p, row in enumerate(_records(columns, PROJECT))
    ]


def _apply(world: World, step: float, draws: Draws, drawn: list[float]) -> None:
    """Multiply or set the uncertain parameters, in the order of the draws."""
    for d, value in enumerate(drawn):
        key = PARAMETERS[draws.key[d]]
        for i in draws.index[draws.ptr[d] : draws.ptr[d + 1]].tolist():
            _set(world, key, i, value, step)


def _set(world: World, key: str, i: int, value: float, step: float) -> None:
    """Multiply or set one number of site, feed or reserve i."""
    if key == "capacity":
        world.sites[i].nameplate *= value
    elif key == "demand":
        world.sites[i].base_demand *= value
    elif key == "substitution_limit":
        world.sites[i].sub_limit = value
    elif key in ("slack", "home_weight", *LOSS_KEYS):
        setattr(world.sites[i], key, value)
    elif key == "ramp_days":
        world.sites[i].ramp_share = step / value if value > 0.0 else math.inf
    elif key == "cover_days":
        world.feeds[i].cover *= value
    elif key in ("rerouting", "precaution"):
        setattr(world.feeds[i], key, value)
    elif key == "perception_days":
        world.feeds[i].learn_gain = min(1.0, step / value) if value > 0.0 else 1.0
    elif key == "stock":
        world.reserves[i].size *= value
    else:
        world.reserves[i].activation_days = value


def _shocks(
    targets: Targets, tape: Tape, j: int, sites: list[Site], lanes: list[Lane]
) -> list[Shock]:
    """Return the replication's shocks with the rows through which they act."""
    shocks = {
        m: Shock(
            int(tape.shock_hazard[m]),
            float(tape.announce_days[m]),
            float(tape.onset_days[m]),
            float(tape.end_days[m]),
            bool(tape.called_off[m]),
            [],
        )
        for m in range(int(tape.shock_ptr[j]), int(tape.shock_ptr[j + 1]))
    }
    for q in range(int(tape.row_ptr[j]), int(tape.row_ptr[j + 1])):
        effect, kind = int(tape.row_effect[q]), int(tape.row_kind[q])
        acted = targets.index[targets.ptr[effect] : targets.ptr[effect + 1]].tolist()
        points = slice(tape.point_ptr[q], tape.point_ptr[q + 1])
        course = (tape.point_day[points].tolist(), tape.point_value[points].tolist())
        on = [sites[i] if kind in ON_SITES else lanes[i] for i in acted]
        shocks[int(tape.row_shock[q])].rows.append(Row(q, kind, course, on))
    return list(shocks.values())
