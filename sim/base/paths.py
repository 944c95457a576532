"""Where configs and scenarios lie: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def data_dir(name: str) -> Path:
    """Return the folder `name` ("configs", "scenarios", "hindcasts") of this installation.

    Parameters
    ----------
    name : str
        Folder name.

    Returns
    -------
    pathlib.Path
        ``sim/_data/<name>`` in a wheel, ``<checkout>/<name>`` or ``<checkout>/data/<name>`` in an
        editable install.

    Raises
    ------
    FileNotFoundError
        If neither exists, which means a broken installation.
    """
    beside = _PACKAGE.parent
    for folder in (_PACKAGE / "_data" / name, beside / name, beside / "data" / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the installation lacks its '{name}' folder; install shortfall again")
