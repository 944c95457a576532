"""Folders of results that a command is given."""

from __future__ import annotations

from pathlib import Path

from sim.base.errors import Fault, UserError


def runs_of(folders: list[str]) -> list[Path]:
    """Return folders of results.

    Raises
    ------
    UserError
        For each that is none.
    """
    faults = [
        Fault("RUN", folder, "is not a folder of results (it holds no config.yaml)")
        for folder in folders
        if not (Path(folder) / "config.yaml").is_file()
    ]
    if faults:
        raise UserError(faults)
    return [Path(folder) for folder in folders]
