"""The saved tables of a run of another version: what a reader of now can still show of it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import __version__
from sim.base.errors import Fault, UserError
from sim.base.yaml_files import read_yaml
from sim.results.data import Fan, RunData, View
from sim.results.folder import CONFIG, read_manifest
from sim.results.inputs import FILE as INPUTS
from sim.results.inputs import Inputs, read_inputs
from sim.results.write import checksum
from sim.run.sampling import sections_in

TABLES = (CONFIG, "summary.csv", "fan.csv", "replications.parquet")
MAX_NUMBERS = 250_000_000
"""Of a table of replications, a gigabyte of them in single precision."""


def saved_run(folder: Path) -> RunData:
    """Return what the tables of a finished run say, whatever version wrote them.

    Measures come back in single precision, as ``replications.parquet`` holds them.

    Raises
    ------
    UserError
        If a table is absent, or is not the one that the manifest vouches for.
    """
    manifest = read_manifest(folder)
    _check(folder, manifest)
    try:
        return _read(folder, manifest)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise _refusal(folder, f"has tables that cannot be read ({error})") from error


def _check(folder: Path, manifest: Mapping[str, Any]) -> None:
    files = manifest.get("files")
    if not isinstance(files, dict):
        raise _refusal(folder, "was not finished: it has no manifest that vouches for its tables")
    for name in TABLES:
        path = folder / name
        if not path.is_file() or checksum(path) != files.get(name):
            raise _refusal(path, "is absent or was changed after the run")


def _refusal(path: Path, why: str) -> UserError:
    return UserError(Fault("RUN", str(path), f"{why}; run again into another folder"))


def _read(folder: Path, manifest: Mapping[str, Any]) -> RunData:
    config = read_yaml(folder / CONFIG).data
    scenario = config["scenario"]
    table = _Saved(folder / "replications.parquet")
    views = tuple(table.views())
    step_days = int(scenario["step_days"])
    return RunData(
        title=str(scenario["title"]),
        story=str(scenario.get("story", "")),
        start=dt.date.fromisoformat(str(scenario["start"])),
        step_days=step_days,
        n_period=-(-int(scenario["horizon_days"]) // step_days),
        seed=int(manifest["seed"]),
        views=views,
        table=table,
        first_shock_day=table.column("first_shock_day"),
        reserve_released_t=np.zeros((table.n, 0)),
        reserves=(),
        structural_t=table["structural_t"],
        value_usd_per_t=np.full(len(views), np.nan),
        fan=_fan(folder / "fan.csv", views),
        summary=list(_summary(folder / "summary.csv")),
        folder=folder,
        inputs=_inputs(folder, manifest),
        meta={
            **{k: scenario.get(k, "") for k in ("network", "demand", "supply")},
            "policy": config["policy"].get("name") or "none",
            "scenario": scenario.get("name", ""),
            "as_of": str(scenario.get("as_of") or ""),
            "version": str(manifest["version"]),
            "goods": " and ".join(v.title for v in views if v.kind == "product"),
        },
        sections=sections_in(config, manifest),
    )


def _inputs(folder: Path, manifest: Mapping[str, Any]) -> Mapping[str, NDArray[np.float64]]:
    """Return the inputs that the manifest vouches for; none where the version wrote none."""
    path = folder / INPUTS
    if not path.is_file() or checksum(path) != manifest["files"].get(INPUTS):
        return {}
    return Inputs(lambda: read_inputs(path))


class _Saved(Mapping[str, NDArray[Any]]):
    """Measures of ``replications.parquet`` by name, each read when it is used."""

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet as pq

        self._file = pq.ParquetFile(path)
        meta = self._file.metadata
        if meta.num_rows * meta.num_columns > MAX_NUMBERS:
            raise ValueError(f"more than {MAX_NUMBERS:,} numbers")
        self.n = meta.num_rows
        self._columns: dict[str, list[str]] = {}
        for name in self._file.schema_arrow.names:
            measure, _, view = name.partition("/")
            if view and not view.startswith(("reserve/", "good/")):
                self._columns.setdefault(measure, []).append(name)

    def views(self) -> Iterator[View]:
        """Yield the sets of end users, in the order of the columns."""
        titles = {"total": "All end users", "judged": "Judged end users"}
        for column in self._columns["shortfall_t"]:
            _, kind, name = column.split("/", 2)
            yield View(kind, name, titles.get(kind, name.replace("_", " ")))

    def column(self, name: str) -> NDArray[np.float64]:
        """Return a column as numbers."""
        return np.asarray(self._file.read([name])[name].to_numpy(), dtype=np.float64)

    def __getitem__(self, measure: str) -> NDArray[np.float64]:
        return np.stack([self.column(name) for name in self._columns[measure]], axis=1)

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._columns if name != "structural_t")

    def __len__(self) -> int:
        return len(list(iter(self)))


def _fan(path: Path, views: tuple[View, ...]) -> Fan:
    rows = list(_rows(path))
    names = [name for name in rows[0] if name[0] == "q" and name[1:].replace(".", "").isdigit()]
    columns = [*names, "mean", "mean_low", "mean_high"]
    values = np.array([[float(row[c] or "nan") for c in columns] for row in rows])
    values = values.reshape(-1, len(views), len(columns)).transpose(2, 0, 1)
    levels = tuple(float(name[1:]) / 100 for name in names)
    return Fan(levels, values[:-3], values[-3], values[-2], values[-1], int(rows[0]["n"]))


def _summary(path: Path) -> Iterator[dict[str, Any]]:
    for row in _rows(path):
        numbers = {key: float(row[key] or "nan") for key in ("value", "low", "high")}
        yield {**row, **numbers, "n": int(row["n"])}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))


def notice(folder: Path, data: RunData) -> str:
    """Return what to say where saved tables stand for a run."""
    version = str(data.meta["version"])
    which = f"version {version}" + (" from other sources" if version == __version__ else "")
    return f"note: {folder} was made by {which}: its saved tables are read, in single precision"
