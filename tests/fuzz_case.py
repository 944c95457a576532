"""Inputs with slips in their structure: nodes gone, doubled, retyped, scaled, nested, aliased."""

from __future__ import annotations

import copy
import random
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml
from random_hazards import random_hazards, random_parameters
from random_networks import TENSIONS, random_network

from sim.base.paths import data_dir

DATA = Path(__file__).parent / "data"
SEEDS = (*range(17), *range(18, 25))  # 17 asks for more than it can make
N_BASE = len(SEEDS)
JUNK: list[Any] = [
    None, True, "", " ", "x", "NO", "012", "12:30", "2026-13-01", "86400", "0,85", "85%", "[/red]",
    "${oc.env:HOME}", "../x", "a/b", "\x1b[31m", "é" * 400, 0, -1, 1, 2, 0.5, -0.0, 1e-320, 1e-30,
    1e14, 1e300, 10**30, 10**400, 2**63, float("nan"), float("inf"), -float("inf"), [], {}, [1, 2],
    [[0, 1], [0, 2]], [[-3650, 1.0]], {"a": 1}, {1: 2}, {None: 1}, {"median": 1, "p90": 2},
    {"mean": {"mean": 1}}, {"family": "beta", "mean": 0.5, "sd": 0.6},
    {"family": "normal", "mean": 1, "sd": 0.7}, {"family": "gamma", "mean": 1e-20, "sd": 1},
    {"family": "weibull", "shape": 1e-9, "scale": 1},
    {"family": "pareto", "min": 1, "exponent": 0.01},
    {"family": "gamma", "shape": 1e-12, "mean": 3}, {"family": "beta", "alpha": 1e-9, "beta": 1e9},
    {"values": [1, 2], "weights": [0, 1]}, {"min": 0, "mode": 0, "max": 0}, {"country": "CHN"},
    {"value": 3}, ["x", {"y": 1}],
]  # fmt: skip
FACTORS = [-1, 0, 0.5, 2, 100, 1e-320, 1e-18, 1e-6, 1e6, 1e18, 1e300]
OPERATIONS = ("delete", "double", "retype", "scale", "nest", "alias", "rename", "swap")


class Slip(NamedTuple):
    """One thing done to one node."""

    what: str
    node: int  # counted through the tree, modulo its size
    other: int  # junk, factor or another node


def spoilt(data: Any, slips: list[Slip]) -> Any:
    """Return data with some slips made in it, one after the other."""
    data = copy.deepcopy(data)
    for slip in slips:
        paths = list(_paths(data, ()))[1:]
        if isinstance(data, dict) and paths:
            _slip(data, paths[slip.node % len(paths)], slip, paths)
    return data


def _paths(data: Any, path: tuple) -> Any:
    yield path
    items = data.items() if isinstance(data, dict) else ()
    for key, value in enumerate(data) if isinstance(data, list) else items:
        yield from _paths(value, (*path, key))


def _at(data: Any, path: tuple) -> Any:
    for key in path:
        data = data[key]
    return data


def _slip(data: Any, path: tuple, slip: Slip, paths: list[tuple]) -> None:
    box, key = _at(data, path[:-1]), path[-1]
    value = box[key]
    if slip.what == "delete":
        del box[key]
    elif slip.what == "double" and isinstance(box, list):
        box.insert(key, copy.deepcopy(value))
    elif slip.what == "double":
        box[f"{key}_2"] = copy.deepcopy(value)
    elif slip.what == "rename" and isinstance(box, dict):
        name = JUNK[slip.other % len(JUNK)]
        box[name if isinstance(name, (str, int, float, bool, type(None))) else "x"] = box.pop(key)
    elif slip.what == "nest":
        box[key] = [value] if slip.other % 2 else {str(key): value}
    elif slip.what == "scale" and isinstance(value, (int, float)) and not isinstance(value, bool):
        with suppress(OverflowError):  # a whole number of hundreds of digits stays as it is
            box[key] = value * FACTORS[slip.other % len(FACTORS)]
    elif slip.what in ("alias", "swap"):
        other = _at(data, paths[slip.other % len(paths)])
        box[key] = (
            other if slip.what == "alias" and not _holds(other, box) else copy.deepcopy(other)
        )
    else:
        box[key] = copy.deepcopy(JUNK[slip.other % len(JUNK)])


def _holds(value: Any, box: Any) -> bool:
    """Whether `box` lies in `value`: an alias of it would hold itself, and not be written out."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is box or any(_holds(v, box) for v in inner)


def text_of(data: Any) -> str:
    """Return data as YAML; what is one object stands as an alias."""
    return yaml.dump(data, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)


def torn(text: str, place: int, how: int) -> str:
    """Return a text with a slip of the keyboard in it."""
    at = place % (len(text) + 1)
    odd = ("'", '"', "[", "{", "\t", ": ", "\n", "- ", "&a ", "*a ", "#", "!!int ", "\x07", "%", "")
    cut = 0 if how % 2 else 1 + how % 7
    return text[:at] + odd[how % len(odd)] + text[at + cut :]


@cache
def base(n: int) -> dict[str, Any]:
    """Return a scenario, a network, a policy and outlooks as plain data, by group."""
    n = SEEDS[n]
    rng = np.random.default_rng(n)
    if n % 4 == 0:
        network, hazards, parameters = _of("tiny"), _of("tiny_ban")["hazards"], {}
    else:
        network = random_network(rng, size=6 + n)
        hazards, parameters = random_hazards(rng, network), random_parameters(rng, network)
    scenario = {
        "title": "A scenario", "network": "./network.yaml", "policy": "./policy.yaml",
        "demand": "./demand.yaml", "supply": "./supply.yaml", "start": "2026-01-01",
        "horizon_days": 84, "hazards": hazards, "parameters": parameters,
    }  # fmt: skip
    if n % 4:
        scenario["tensions"] = TENSIONS
    groups = {"scenario": scenario, "network": network}
    pick = random.Random(n)
    for group in ("policy", "demand", "supply"):
        files = sorted((data_dir("configs") / group).glob("*.yaml"))
        groups[group] = yaml.safe_load(pick.choice(files).read_text(encoding="utf-8"))
    if n % 4 == 0:
        groups["policy"] = _of("tiny_stock")
    return _plain(groups)


def _plain(value: Any) -> Any:
    """Return data with numpy's numbers and tuples as plain ones."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value.item() if isinstance(value, np.generic) else value


def _of(name: str) -> Any:
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
