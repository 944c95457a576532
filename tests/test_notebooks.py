"""Every notebook runs from top to bottom, in a folder of its own."""

from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.py"))


NEEDS = {"uncertain_numbers": "SALib", "scenario_discovery": "ema_workbench"}
"""Packages of extras that a notebook is about."""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs(path: Path, tmp_path: Path) -> None:
    if path.stem in NEEDS:
        pytest.importorskip(NEEDS[path.stem])
    jupytext = pytest.importorskip("jupytext")
    client = pytest.importorskip("nbclient")
    notebook = jupytext.read(path)
    client.NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    printed = [
        o
        for cell in notebook.cells
        for o in cell.get("outputs", [])
        if o["output_type"] == "stream"
    ]
    assert printed, "a notebook that prints nothing shows nothing"
