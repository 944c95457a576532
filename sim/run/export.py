"""A finished run in other programs' words: CSV, Excel, NetCDF, Parquet, IAMC.

What is written is what the run's own tables say: ``summary.csv``, ``fan.csv`` and
``replications.parquet``; nothing is computed anew but IAMC's means by calendar year.

References
----------
.. [1] IAMC data template: https://docs.ece.iiasa.ac.at/iamc.html (model, scenario, region,
   variable, unit, year, value).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim import __version__
from sim.base.errors import Fault, UserError
from sim.base.plain_text import cell_text
from sim.results.data import Fan, RunData, View
from sim.results.files import make_folder, write_text, write_whole

MOST_ROWS = 1_048_575
"""Rows of an Excel sheet below its header."""

Rows = list[list[Any]]


def export(data: RunData, to: str, target: Path, decimal: str = ".") -> list[Path]:
    """Write a run in another form; return the files.

    Parameters
    ----------
    data : RunData
        A finished run.
    to : str
        One of `FORMS`.
    target : pathlib.Path
        Folder.
    decimal : str, optional
        Mark before decimals in CSV; with "," the columns are parted by semicolons.

    Raises
    ------
    UserError
        If a library that the form needs is not installed, or the run does not fit into it.
    """
    make_folder(target)
    return FORMS[to](data, target, decimal)


# --- the tables ---------------------------------------------------------------------------------


def replication_rows(data: RunData) -> Iterator[list[Any]]:
    """Yield a header and a row a replication: ``measure|kind|name`` columns."""
    names = [f"{m}|{v.kind}|{v.name}" for m in data.table for v in data.views]
    weighted = data.sections.weighted
    yield ["replication", *(["weight"] if weighted else []), *names]
    for piece in data.pieces():
        block = np.concatenate([np.asarray(data.table[m][piece]) for m in data.table], axis=1)
        for at, row in enumerate(block.tolist(), start=piece.start):
            yield [at, *([float(data.sections.weights(2)[at % 2])] if weighted else []), *row]


def summary_rows(data: RunData) -> Rows:
    """Return the summary with its header."""
    names = list(data.summary[0]) if data.summary else []
    return [names, *([row.get(n, "") for n in names] for row in data.summary)]


def fan_rows(data: RunData) -> Rows:
    """Return the course over time with its header: shares of what was wanted, a row a day."""
    fan = data.fan
    if fan is None:
        return []
    quantiles = [f"q{100 * q:g}" for q in fan.levels]
    rows: Rows = [["date", "kind", "view", "unit", "mean", "mean_low", "mean_high", *quantiles]]
    for k in range(fan.mean.shape[0]):
        day = data.start + dt.timedelta(days=k * data.step_days)
        for x, view in enumerate(data.views):
            numbers = [fan.mean[k, x], fan.mean_low[k, x], fan.mean_high[k, x], *fan.share[:, k, x]]
            rows.append([day.isoformat(), view.kind, view.name, "share", *map(float, numbers)])
    return rows


def iamc_rows(data: RunData) -> Rows:
    """Return long IAMC rows: yearly means of the share short, and the horizon's statistics.

    Regions of the model are those of the run; the views of sectors and goods are part of the
    variable's name and stand in region World.
    """
    head = ["model", "scenario", "region", "variable", "unit", "year", "value"]
    model, scenario = f"Shortfall {__version__}", str(data.meta.get("scenario") or data.title)
    rows: Rows = [head]
    for x, view in enumerate(data.views):
        region, name = _iamc_names(view)
        for year, share in _yearly(data, data.fan, x):
            if np.isfinite(
                share
            ):  # readers drop empty values, and then the variable is there alone
                rows.append([model, scenario, region, f"{name}|Share|Mean", "%", year, 100 * share])
    for row in data.summary:
        view = View(str(row["kind"]), str(row["view"]), str(row["view"]))
        if row["kind"] not in _IAMC_KINDS or not _is_number(row["value"]):
            continue
        region, name = _iamc_names(view)
        variable = f"{name}|{_plain(row['measure'])}|{_plain(row['statistic'])}"
        unit = str(row["unit"]) or "1"
        rows.append([model, scenario, region, variable, unit, data.start.year, float(row["value"])])
    return rows


def _is_number(value: Any) -> bool:
    return value not in ("", None) and bool(np.isfinite(float(value)))


_IAMC_KINDS = ("total", "region", "sector", "product")


def _iamc_names(view: View) -> tuple[str, str]:
    if view.kind == "region":
        return view.name, "Critical Minerals|Shortfall"
    inner = "" if view.kind == "total" else f"|{view.kind.capitalize()}|{view.title}"
    return "World", f"Critical Minerals|Shortfall{inner}"


def _plain(word: Any) -> str:
    return str(word).replace("|", " ")


def _yearly(data: RunData, fan: Fan | None, x: int) -> Iterator[tuple[int, float]]:
    """Yield the mean share short of each calendar year, periods by their days in it."""
    if fan is None:
        return
    days: dict[int, float] = {}
    lost: dict[int, float] = {}
    for k in range(fan.mean.shape[0]):
        for d in range(data.step_days):
            year = (data.start + dt.timedelta(days=k * data.step_days + d)).year
            days[year] = days.get(year, 0.0) + 1.0
            lost[year] = lost.get(year, 0.0) + float(fan.mean[k, x])
    for year in sorted(days):
        yield year, lost[year] / days[year]


# --- the forms ----------------------------------------------------------------------------------


def _csv_text(rows: Sequence[Sequence[Any]], decimal: str) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if decimal == "," else ",", lineterminator="\n")
    writer.writerows([_cell(v, decimal) for v in row] for row in rows)
    return buffer.getvalue()


def _cell(value: Any, decimal: str) -> Any:
    if isinstance(value, float):
        return "" if value != value else f"{value:.9g}".replace(".", decimal)
    return "" if value is None else cell_text(value) if isinstance(value, str) else value


def _to_csv(data: RunData, target: Path, decimal: str) -> list[Path]:
    tables = {
        "summary": summary_rows(data), "fan": fan_rows(data),
        "replications": list(replication_rows(data)),
    }  # fmt: skip
    files = []
    for name, rows in tables.items():
        path = target / f"{name}.csv"
        write_text(path, _csv_text(rows, decimal))
        files.append(path)
    return files


def _to_iamc(data: RunData, target: Path, decimal: str) -> list[Path]:
    path = target / "iamc.csv"
    write_text(path, _csv_text(iamc_rows(data), decimal))
    return [path]


def _to_xlsx(data: RunData, target: Path, decimal: str) -> list[Path]:
    try:
        from openpyxl import Workbook
    except ImportError:
        raise _lacking("xlsx", "openpyxl", "excel") from None
    if data.n > MOST_ROWS:
        raise UserError(Fault("--to", "xlsx", f"a sheet holds {MOST_ROWS:,} rows, the run has "
                              f"{data.n:,} futures; use parquet"))  # fmt: skip
    book = Workbook(write_only=True)
    for name, rows in (("summary", summary_rows(data)), ("fan", fan_rows(data)),
                       ("replications", replication_rows(data))):  # fmt: skip
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if v != v else cell_text(v) if isinstance(v, str) else v
                          for v in row])  # fmt: skip
    path = target / "run.xlsx"
    write_whole(path, book.save)
    return [path]


def _to_parquet(data: RunData, target: Path, decimal: str) -> list[Path]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = {f"{m}|{v.kind}|{v.name}": (m, x) for m in data.table for x, v in enumerate(data.views)}
    columns = {n: np.asarray(data.table[m][:, x]) for n, (m, x) in names.items()}
    table = pa.table(({"weight": data.weights} if data.sections.weighted else {}) | columns)
    path = target / "run.parquet"
    write_whole(path, lambda stream: pq.write_table(table, stream))
    return [path]


class _Kept(io.BytesIO):
    """Bytes that stay when the library closes what it was given."""

    def close(self) -> None:
        """Keep them."""


def _to_netcdf(data: RunData, target: Path, decimal: str) -> list[Path]:
    from scipy.io import netcdf_file

    path = target / "run.nc"

    def write(stream: Any) -> None:
        whole = _Kept()
        file = netcdf_file(whole, "w", version=2)
        file.title, file.history = data.title, f"Shortfall {__version__}, seed {data.seed}"
        names = [f"{v.kind}:{v.name}".encode() for v in data.views]
        file.createDimension("replication", data.n)
        file.createDimension("view", len(names))
        file.createDimension("letter", max(map(len, names)))
        label = file.createVariable("view_name", "c", ("view", "letter"))
        letters = np.zeros(label.shape, "S1")
        for x, name in enumerate(names):
            letters[x, : len(name)] = np.frombuffer(name, "S1")
        label[:] = letters
        for measure in data.table:
            variable = file.createVariable(measure, "d", ("replication", "view"))
            variable[:] = np.asarray(data.table[measure][:])
        if data.sections.weighted:
            file.createVariable("weight", "d", ("replication",))[:] = data.weights
        file.flush()
        stream.write(whole.getvalue())

    write_whole(path, write)
    return [path]


def _lacking(form: str, library: str, extra: str) -> UserError:
    return UserError(Fault("--to", form, f"needs {library}: pip install 'shortfall[{extra}]'"))


FORMS: dict[str, Callable[[RunData, Path, str], list[Path]]] = {
    "csv": _to_csv,
    "xlsx": _to_xlsx,
    "netcdf": _to_netcdf,
    "iamc": _to_iamc,
    "parquet": _to_parquet,
}
"""Form -> what writes it."""
