"""A small network and short words for the tests of the sampler."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

import numpy as np

from sim.network.arrays import CompiledNetwork
from sim.network.compile import compile_network
from sim.network.dictionary import Network
from sim.network.load import read_network
from sim.shocks.hazard import Hazard, Parameter, Tension
from sim.shocks.sampler import CompiledHazards, compile_hazards, sample
from sim.shocks.tape import ROW_KINDS, Tape

START = dt.date(2025, 1, 1)
YEAR = 365.0


def user(country: str, sector: str = "cars", cover: Any = 20.0) -> dict[str, Any]:
    feed = {
        "cover_days": cover,
        "lanes": {
            "refinery": {"share": 0.5, "transit_days": 20.0, "routes": ["strait"]},
            "smelter": {"share": 0.5},
        },
    }
    return {
        "kind": "end_user",
        "product": "car",
        "country": country,
        "sector": sector,
        "demand": 100.0,
        "feeds": {"metal": feed},
    }


def network_data() -> dict[str, Any]:
    """Return a mine in CHN, refiners in CHN and DEU, users in CHN, JPN and DEU, a reserve."""
    ore = {"ore": {"lanes": {"mine": {"share": 1.0, "routes": ["border"]}}}}
    return {
        "title": "small",
        "blocs": {"allies": ["JPN", "EU"]},
        "products": {p: {"title": p} for p in ("ore", "metal", "car")},
        "sites": {
            "mine": {
                "kind": "mine",
                "product": "ore",
                "country": "CHN",
                "capacity": 1000.0,
                "tags": ["pit"],
            },
            "refinery": {
                "kind": "refiner",
                "product": "metal",
                "country": "CHN",
                "capacity": 500.0,
                "feeds": ore,
            },
            "smelter": {
                "kind": "refiner",
                "product": "metal",
                "country": "DEU",
                "region": "EU",
                "capacity": 500.0,
                "feeds": ore,
            },
            "chn_cars": user("CHN"),
            "jpn_cars": user("JPN", cover={"min": 10.0, "mode": 20.0, "max": 60.0}),
            "deu_arms": user("DEU", "defence") | {"region": "EU"},
            "jpn_stock": {
                "kind": "reserve",
                "product": "metal",
                "country": "JPN",
                "stock": 10.0,
                "trigger_days": 5.0,
                "serves": {"jpn_cars": None},
            },
        },
        "projects": {
            "new_pit": {
                "site": "mine",
                "capacity": 50.0,
                "start": dt.date(2025, 7, 1),
                "probability": 0.6,
                "delay_days": {"min": 0.0, "max": 100.0},
            },
            "b_line": {"site": "smelter", "capacity": 50.0, "start": 90.0, "delay_days": 10.0},
        },
    }


@functools.cache
def small() -> tuple[Network, CompiledNetwork]:
    network = read_network(network_data())
    return network, compile_network(network, start=START, n_period=52, step_days=7)


def outage(
    onset: dict[str, Any],
    days: Any = 10.0,
    severity: Any = 1.0,
    site: str | None = "mine",
    **more: Any,
) -> dict[str, Any]:
    """Return a hazard that stops one site."""
    return {
        "onset": onset,
        "duration_days": days,
        "severity": severity,
        "effects": {"stop": {"kind": "outage", "sites": {"site": site}}},
        **more,
    }


def exponential(mean: float) -> dict[str, Any]:
    """Return an exponential law."""
    return {"family": "exponential", "mean": mean}


def control(days: Any = 100.0, day: float = 50.0, **effect: Any) -> dict[str, Any]:
    """Return a dated export control on metal out of CHN, a ban unless told otherwise."""
    return {
        "onset": {"day": day},
        "duration_days": days,
        "effects": {
            "law": {
                "kind": "control",
                "type": "ban",
                "origin": {"country": "CHN", "product": "metal"},
                **effect,
            }
        },
    }


def plan_of(
    hazards: dict[str, Any],
    horizon: float = 365.0,
    tensions: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
) -> CompiledHazards:
    network, compiled = small()
    return compile_hazards(
        {k: Hazard.model_validate(v) for k, v in hazards.items()},
        {k: Tension.model_validate(v) for k, v in (tensions or {}).items()},
        {k: Parameter.model_validate(v) for k, v in (parameters or {}).items()},
        compiled,
        network,
        start=START,
        horizon_days=horizon,
        step_days=7,
    )


def tape_of(
    hazards: dict[str, Any], n: int = 1, horizon: float = 365.0, seed: int = 1, **more: Any
) -> Tape:
    return sample(plan_of(hazards, horizon, **more), seed, np.arange(n))


def rows(tape: Tape) -> list[tuple[str, list[tuple[float, float]]]]:
    """Return (kind, points) of each row, points rounded to a billionth."""
    return [
        (
            ROW_KINDS[tape.row_kind[q]],
            [
                (round(float(tape.point_day[p]), 9), round(float(tape.point_value[p]), 9))
                for p in range(tape.point_ptr[q], tape.point_ptr[q + 1])
            ],
        )
        for q in range(len(tape.row_kind))
    ]


def replication_of_shock(tape: Tape) -> np.ndarray:
    return np.repeat(np.arange(len(tape.replication)), np.diff(tape.shock_ptr))


def counts(tape: Tape, hazard: int = 0) -> np.ndarray:
    """Return the number of shocks of a hazard in each replication."""
    mine = replication_of_shock(tape)[tape.shock_hazard == hazard]
    return np.bincount(mine, minlength=len(tape.replication))


def value_at(tape: Tape, day: float, start: float = 1.0, rule: Any = np.multiply) -> np.ndarray:
    """Return the product of (1 - severity) at one instant, for rows with plateaus alone."""
    replication = np.repeat(np.arange(len(tape.replication)), np.diff(tape.row_ptr))
    first, last = tape.point_ptr[:-1], tape.point_ptr[1:] - 1
    on = (tape.point_day[first] <= day) & (day < tape.point_day[last])
    out = np.full(len(tape.replication), start)
    rule.at(out, replication[on], 1.0 - tape.point_value[first][on])
    return out


def time_down(tape: Tape, horizon: float) -> tuple[np.ndarray, np.ndarray]:
    """Return days with any row acting, and how many separate spells, by replication."""
    down, spells = np.zeros(len(tape.replication)), np.zeros(len(tape.replication), int)
    begin = np.maximum(tape.point_day[tape.point_ptr[:-1]], 0.0)
    end = np.minimum(tape.point_day[tape.point_ptr[1:] - 1], horizon)
    for r in range(len(down)):
        reached = -1.0
        for q in range(tape.row_ptr[r], tape.row_ptr[r + 1]):
            if begin[q] >= horizon:
                continue
            spells[r] += begin[q] > reached
            down[r] += max(0.0, end[q] - max(begin[q], reached))
            reached = max(reached, end[q])
    return down, spells


def same(a: Tape, b: Tape) -> bool:
    """Return whether two tapes are bit-equal."""
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
