"""What the shipped model makes of the shock of each published study (data/published/shocks.csv)."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from sim.api import Study, load
from sim.flow.drawn import LossDraws
from sim.flow.kernel.measures import LOSSES
from sim.flow.record.loss import lost_share
from sim.flow.trajectories import Flow
from sim.metrics.loss import losses
from sim.network.dependence import dependence_of, middle_of

DATA = Path(__file__).resolve().parent.parent / "data" / "published"
N = 128
"""Futures of a study: dependence, elasticities, buffers and what is made up are drawn."""

START = "2026-12-01"
BILLION, YEAR = 1e9, 365.0


@dataclass(frozen=True)
class Found:
    """What the model gives for one row: mean, and the 5 and 95 % quantiles of the draws."""

    value: float
    low: float
    high: float


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of data/published."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def found(shock: dict[str, str], n: int = N) -> Found:
    """Return what the model makes of a row of shocks.csv, in the unit of its measure."""
    return {
        "gdp_year": _gdp,
        "gdp_shock": _gdp,
        "usd": _usd,
        "semiconductor_share": _semiconductors,
        "output_at_risk": _output_at_risk,
        "cost_share": _cost_share,
        "scenario": _scenario,
        "formula": _formula,
    }[shock["measure"]](shock, n)


def study_of(shock: dict[str, str]) -> Study:
    """Return the shipped network under one shock: nothing else happens, nobody has a policy."""
    days = int(shock["days"])
    places = {key: _places(shock[key].split(";")) for key in ("origin", "to")}
    effect = {"kind": "control", "type": "ban", "severity": float(shock["severity"]), **places}
    hazard = {"onset": {"day": 0}, "duration_days": days, "effects": {"all": effect}}
    scenario = {
        "title": shock["id"],
        "network": shock["network"],
        "policy": "none",
        "start": START,
        "horizon_days": days + 364,
        "value_added": "network",
        "hazards": {"shock": hazard},
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "published.yaml"
        path.write_text(yaml.safe_dump(scenario), encoding="utf-8")
        study = load(path)
    return _later(study) if shock["elasticity"] == "later" else study


def _places(names: list[str]) -> dict[str, list[str]]:
    regions = {"CHN", "JPN", "USA", "EU", "KOR", "ROW"}
    kind = "region" if set(names) <= regions else "country"
    return {kind: names}


def _later(study: Study) -> Study:
    """Return the study with the elasticities of the third year from the first day on."""
    network = study.settings.network
    products = {
        name: product
        if product.dependence is None
        else product.model_copy(
            update={
                "dependence": product.dependence.model_copy(
                    update={"elasticity": product.dependence.elasticity_later}
                )
            }
        )
        for name, product in network.products.items()
    }
    changed = network.model_copy(update={"products": products})
    return Study(study.settings.model_copy(update={"network": changed}))


@cache
def _played(key: tuple[tuple[str, str], ...], n: int) -> tuple[Study, dict[str, Any]]:
    """Return a study and its measures; rows that share a shock share it."""
    study = study_of(dict(key) | {"id": "published"})
    arrays = study.compute(np.arange(n, dtype=np.int64), np.zeros(1, np.uint8))
    assert arrays is not None
    return study, arrays


def played(shock: dict[str, str], n: int) -> tuple[Study, dict[str, Any]]:
    """Return the study of a row and its measures, one row a replication."""
    keys = ("network", "origin", "to", "severity", "days", "elasticity")
    return _played(tuple((key, shock[key]) for key in keys), n)


def _column(study: Study, kind: str, name: str) -> int:
    return next(x for x, v in enumerate(study.views.view) if (v.kind, v.name) == (kind, name))


def lost_usd(shock: dict[str, str], n: int) -> np.ndarray:
    """Return what the regions of a row lose with their suppliers, USD, one a replication."""
    study, arrays = played(shock, n)
    columns = [_column(study, "region", region) for region in shock["region"].split(";")]
    gdp = study.views.cells.gdp_usd[columns] * (study.n_period * 7 / YEAR)
    return (arrays["m.gdp_loss_share"][:, columns] * gdp).sum(axis=1)


def _told(values: np.ndarray) -> Found:
    return Found(float(values.mean()), *np.quantile(values, [0.05, 0.95]).tolist())


def _usd(shock: dict[str, str], n: int) -> Found:
    return _told(-lost_usd(shock, n) / BILLION)


def _gdp(shock: dict[str, str], n: int) -> Found:
    """Return the change in % of GDP: of a year, or of the days of the shock."""
    study, _ = played(shock, n)
    gdp = sum(study.settings.network.gdp_usd_per_year[r] for r in shock["region"].split(";"))
    years = float(shock["days"]) / YEAR if shock["measure"] == "gdp_shock" else 1.0
    return _told(-100 * lost_usd(shock, n) / (gdp * years))


def _semiconductors(shock: dict[str, str], n: int) -> Found:
    """Return the semiconductor makers' part of what gallium and germanium lose in the USA."""
    study, arrays = played(shock, n)
    lost = arrays["m.value_added_lost_usd"]
    names = [v.name for v in study.views.view if v.kind == "user" and v.name.startswith("usa_g")]
    total = sum(lost[:, _column(study, "user", name)] for name in names)
    makers = lost[:, _column(study, "user", "usa_gallium_semiconductors")]
    return _told(np.divide(makers, total, out=np.zeros_like(makers), where=total > 0))


def _output_at_risk(shock: dict[str, str], _: int) -> Found:
    """Return output that needs what each end user lacks of a year's use; no chain between."""
    study = load("background", network=shock["network"])
    chain, views, q = study.compiled.chain, study.views, float(shock["severity"])
    want = np.ones((1, len(study.compiled.labels.group), 1))
    zero = {name: 0.0 * want for name in Flow._fields if name not in ("trace", "released")}
    flow = Flow(
        **(zero | {"want": want, "shortfall": q * want, "idled": q * want}),
        released=np.zeros((1, 0, 1)),
        trace=None,
    )
    d = chain.dependence[:, None]
    told = losses(flow, views, YEAR, 0.001, LossDraws(d, 0.0 * d, 1.0 + 0.0 * d))
    assert told is not None
    output = float(told[LOSSES.index("output"), _column(study, "total", "all"), 0])
    return Found(-output / BILLION, -output / BILLION, -output / BILLION)


def _cost_share(shock: dict[str, str], _: int) -> Found:
    """Return how much dearer cells get where the price of their input doubles, %."""
    shares = []
    for name in shock["network"].split(";"):
        network = load("background", network=name).settings.network
        cells = [s for s in network.sites.values() if s.sector == f"{name}_batteries"]
        abroad = next(s for s in cells if s.region != "CHN")
        shares.append(100 * middle_of(dependence_of(network, abroad), "value_of_input_share"))
    mean = float(np.mean(shares))
    return Found(mean, min(shares), max(shares))


def _scenario(shock: dict[str, str], n: int) -> Found:
    """Return the change of value added in % of GDP in a shipped scenario."""
    study = load("china_graphite_licensing").change({"scenario.value_added": "network"})
    arrays = study.compute(np.arange(n, dtype=np.int64), np.zeros(1, np.uint8))
    assert arrays is not None
    column = _column(study, "region", shock["region"])
    return _told(-100 * arrays["m.gdp_loss_share"][:, column])


def _formula(_: dict[str, str], __: int) -> Found:
    value = -100 * lost_share(0.1, 0.04, 0.04)
    return Found(value, value, value)


def order_of(shocks: Iterable[dict[str, str]], n: int = N) -> dict[str, float]:
    """Return what the USA lose by product where China's exports stop for a year, bn USD."""
    return {s["network"]: float(lost_usd(s, n).mean()) / BILLION for s in shocks}
