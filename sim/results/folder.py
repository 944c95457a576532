"""A results folder: what is in it, written from a run in memory and read back."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.results.data import RunData
from sim.results.files import read_json, write_text
from sim.results.inputs import FILE as INPUTS
from sim.results.inputs import write_inputs
from sim.results.write import (
    checksum,
    fan_rows,
    goods_rows,
    write_json,
    write_replications,
    write_rows,
    write_yaml,
)

CONFIG = "config.yaml"
PRICE_FAN = "price_fan.csv"
OVERRIDES = "overrides.yaml"
README = """\
Results of shortfall {version}: {title}.

summary.csv           every number with its 95 % interval, or the reason why it has none
replications.parquet  one row a future: measure/kind/view (float32); weight, where not alike
inputs.parquet        one row a future: what chance decided of it and what varies (float32)
fan.csv               quantiles over time of the share of demand that went short
goods.csv             the same of stocks, deliveries, orders and capacity of each good, by region
config.yaml           all settings, resolved
overrides.yaml        settings as given: shortfall run experiment=overrides.yaml
manifest.json         versions, seed, checksums
blocks/, plan.json    finished replications in full precision, reused by a longer run
shards/               where shards have worked: their commands
figures/, report.html where they were asked for
"""


def write_folder(
    folder: Path, data: RunData, config: Mapping[str, Any], manifest: Mapping[str, Any]
) -> None:
    """Write the tables of a run; the manifest last, so that it vouches for what is there.

    Parameters
    ----------
    folder : pathlib.Path
        Exists.
    data : RunData
        With summary and fan.
    config : mapping
        Resolved settings.
    manifest : mapping
        Versions, seed, digests.
    """
    write_yaml(folder / CONFIG, dict(config))
    write_rows(folder / "summary.csv", data.summary)
    if data.fan is not None:
        rows = list(fan_rows(data.fan, data.views, data.step_days))
        write_rows(folder / "fan.csv", rows)
    if data.goods is not None and data.goods.fans:
        write_rows(folder / "goods.csv", list(goods_rows(data.goods, data.step_days)))
    if data.prices is not None and data.prices.fan is not None:
        rows = list(fan_rows(data.prices.fan, data.prices.course, data.step_days, "times"))
        write_rows(folder / PRICE_FAN, rows)
    write_replications(folder / "replications.parquet", data)
    if data.inputs:
        write_inputs(folder / INPUTS, data.inputs)
    version = manifest.get("version", "")
    write_text(folder / "README.txt", README.format(version=version, title=data.title))
    names = (
        "summary.csv",
        "fan.csv",
        "goods.csv",
        PRICE_FAN,
        "replications.parquet",
        INPUTS,
        CONFIG,
    )
    files = {name: checksum(folder / name) for name in names if (folder / name).is_file()}
    write_json(
        folder / "manifest.json",
        {
            **manifest,
            "files": files,
            "written": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        },
    )


def write_overrides(folder: Path, given: Sequence[str]) -> None:
    """Keep settings as they were written, or where they are not known the way to the resolved."""
    words = list(given) or [f"scenario={folder / CONFIG}"]
    write_yaml(folder / OVERRIDES, {"overrides": words})


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return a run's manifest; empty where it was not finished."""
    try:
        found = read_json(folder / "manifest.json")
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def with_summary(data: RunData, summary: list[dict[str, Any]], folder: Path | None) -> RunData:
    """Return a run's data with its summary and folder filled in."""
    return dataclasses.replace(data, summary=summary, folder=folder)
