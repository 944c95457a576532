"""IAMC rows as the community's own reader sees them: pyam, in an environment of its own."""

import csv
import json
import subprocess
import sys
import venv

import pytest

import sim
from sim.cli import main

PACKAGES = ("pyam-iamc>=3", "sqlalchemy<2.1")  # what pyam stands on breaks with SQLAlchemy 2.1

READ = """
import json, sys
import pyam
frame = pyam.IamDataFrame(sys.argv[1])
data = frame.data
rows = data[["model", "scenario", "region", "variable", "unit", "year", "value"]]
print(json.dumps(rows.values.tolist()))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Return an interpreter that has pyam; skip where no package index is reachable."""
    folder = tmp_path_factory.mktemp("pyam")
    venv.create(folder, with_pip=True)
    found = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    command = [found, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"pyam cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
    return found


@pytest.mark.slow
def test_pyam_reads_back_every_row_of_an_export(python, tmp_path):
    changes = {"run.replications": 20, "run.audit": 0, "output.figures": False}
    sim.load("china_ree_embargo", changes).run(tmp_path / "run")
    assert main(["export", str(tmp_path / "run"), "--to", "iamc", "-o", str(tmp_path)]) == 0
    with open(tmp_path / "iamc.csv", encoding="utf-8", newline="") as stream:
        _, *written = csv.reader(stream)
    done = subprocess.run(
        [python, "-c", READ, tmp_path / "iamc.csv"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout.splitlines()[-1])
    assert len(read) == len(written) > 100
    assert {(*r[:5], int(r[5])): r[6] for r in read} == {
        (*w[:5], int(w[5])): pytest.approx(float(w[6])) for w in written
    }
