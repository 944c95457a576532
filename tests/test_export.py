"""``shortfall export``: what is written is what the run says."""

import csv

import numpy as np
import pytest

import sim
from sim.cli import main
from sim.commands import export
from sim.run.export import FORMS, iamc_rows


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    changes = {"run.replications": 30, "run.audit": 0, "output.figures": False}
    study = sim.load("china_ree_embargo", changes)
    folder = tmp_path_factory.mktemp("export") / "run"
    return study.run(folder), folder


def rows(path, delimiter=","):
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, delimiter=delimiter))


def test_the_command_knows_every_form():
    assert set(export.FORMS) == set(FORMS)


def test_csv_holds_every_future_and_the_summary(done, capsys):
    data, folder = done
    assert main(["export", str(folder), "--to", "csv"]) == 0
    files = capsys.readouterr().out.split()
    assert [f.rsplit("/", 1)[1] for f in files] == ["summary.csv", "fan.csv", "replications.csv"]
    head, *body = rows(files[2])
    column = head.index("shortfall_t|region|JPN")
    got = np.array([float(r[column]) for r in body])
    np.testing.assert_allclose(got, data.of("shortfall_t", "region", "JPN"), rtol=1e-6)
    assert len(rows(files[0])) == 1 + len(data.summary)


def test_a_decimal_comma_parts_columns_by_semicolons(done, tmp_path):
    data, folder = done
    assert main(["export", str(folder), "--to", "csv", "--decimal", ",", "-o", str(tmp_path)]) == 0
    head, *body = rows(tmp_path / "replications.csv", ";")
    column = head.index("shortfall_t|region|JPN")
    got = np.array([float(r[column].replace(",", ".")) for r in body])
    np.testing.assert_allclose(got, data.of("shortfall_t", "region", "JPN"), rtol=1e-6)


def test_iamc_rows_are_long_and_every_pair_is_there_once(done):
    data, _ = done
    head, *body = iamc_rows(data)
    assert head == ["model", "scenario", "region", "variable", "unit", "year", "value"]
    keys = [tuple(r[:6]) for r in body]
    assert len(keys) == len(set(keys))
    assert all(np.isfinite(r[6]) for r in body)
    yearly = {r[5]: r[6] for r in body if r[2] == "JPN" and r[3].endswith("|Share|Mean")}
    days = data.n_period * data.step_days
    assert sorted(yearly) == list(range(data.start.year, data.start.year + len(yearly)))
    assert 1 + days // 366 <= len(yearly) <= 2 + days // 365


def test_netcdf_is_read_back(done, tmp_path):
    from scipy.io import netcdf_file

    data, folder = done
    assert main(["export", str(folder), "--to", "netcdf", "-o", str(tmp_path)]) == 0
    with netcdf_file(tmp_path / "run.nc", mmap=False) as file:
        names = [b"".join(row).rstrip(b"\0").decode() for row in file.variables["view_name"][:]]
        got = file.variables["shortfall_t"][:, names.index("region:JPN")]
    np.testing.assert_allclose(got, data.of("shortfall_t", "region", "JPN"))


def test_parquet_is_read_back(done, tmp_path):
    import pyarrow.parquet as pq

    data, folder = done
    assert main(["export", str(folder), "--to", "parquet", "-o", str(tmp_path)]) == 0
    got = pq.read_table(tmp_path / "run.parquet")["shortfall_t|region|JPN"].to_numpy()
    np.testing.assert_allclose(got, data.of("shortfall_t", "region", "JPN"))


def test_xlsx_is_read_back(done, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    data, folder = done
    assert main(["export", str(folder), "--to", "xlsx", "-o", str(tmp_path)]) == 0
    book = openpyxl.load_workbook(tmp_path / "run.xlsx", read_only=True)
    assert book.sheetnames == ["summary", "fan", "replications"]
    assert sum(1 for _ in book["replications"].rows) == 1 + data.n


@pytest.mark.parametrize("word", ["cvs", "pdf"])
def test_an_unknown_form_is_told(done, capsys, word):
    assert main(["export", str(done[1]), "--to", word]) == 2
    assert "no such form" in capsys.readouterr().err
