"""Episodes: which there are, the scenario of each, and the half that constants were set on."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

from sim.base.errors import Fault, UserError, nearest
from sim.base.paths import data_dir
from sim.build.tables import Row, number, read_table

HALVES = {
    "set": "constants were set with it in sight",
    "scored": "constants were never changed for it",
}


class Episode(NamedTuple):
    """An episode of the past.

    Parameters
    ----------
    name : str
        Of the file of its facts, and the word for the command.
    title : str
        As in ``data/events/hindcasts.csv``.
    scenario : str
        File of ``scenarios/hindcast`` without its ending; "" where no chain exists.
    news : datetime.date or None
        Day on which it became known: until then the model is at rest and prices are 1.
    onset : datetime.date or None
        Day from which lags and days are counted.
    half : str
        One of `HALVES`, or "" where no chain exists.
    why : str
        What the scenario imposes; why there is none.
    """

    name: str
    title: str
    scenario: str
    news: dt.date | None
    onset: dt.date | None
    half: str
    why: str
    at: str


def folder() -> Path:
    """Return the folder of the facts."""
    return data_dir("hindcasts")


def scenario_path(episode: Episode) -> Path:
    """Return the scenario that imposes an episode's inputs."""
    return data_dir("scenarios") / "hindcast" / f"{episode.scenario}.yaml"


def read_episodes(path: Path | None = None) -> dict[str, Episode]:
    """Return all episodes by name, those without a chain among them.

    Raises
    ------
    UserError
        With the file, line and key of what is wrong.
    """
    rows = read_table(path or folder() / "episodes.csv")
    return {row["episode"]: _episode(row) for row in rows}


def _episode(row: Row) -> Episode:
    if row["scenario"] and row["half"] not in HALVES:
        expected = f"must be one of {', '.join(HALVES)}"
        raise UserError(Fault("half", row["half"], expected, row["at"]))
    news, onset = (_day(row, key) if row["scenario"] else None for key in ("news", "onset"))
    words = (row["half"], row["why"], row["at"])
    return Episode(row["episode"], row["title"], row["scenario"], news, onset, *words)


def _day(row: Row, key: str) -> dt.date:
    try:
        return dt.date.fromisoformat(row[key])
    except ValueError:
        expected = "must be a day, such as 2025-04-04"
        raise UserError(Fault(key, row[key], expected, row["at"])) from None


def asked(names: list[str], known: dict[str, Episode]) -> list[Episode]:
    """Return the episodes of some names, each once; all that have a chain where none is named.

    Raises
    ------
    UserError
        If a name is unknown, with the nearest; or if its episode has no chain, with why.
    """
    playable = [e.name for e in known.values() if e.scenario]
    faults = []
    for name in names:
        if name not in known:
            hint = nearest(name, known) or f"; known: {', '.join(playable)}"
            faults.append(Fault("hindcast", name, f"no such episode{hint}"))
        elif not known[name].scenario:
            why = f"cannot be played: {known[name].why}"
            faults.append(Fault("hindcast", name, why, known[name].at))
    if faults:
        raise UserError(faults)
    return [known[name] for name in dict.fromkeys(names or playable)]


def constants(path: Path | None = None) -> dict[str, float]:
    """Return the constants by name; they hold for every episode alike.

    Raises
    ------
    UserError
        If a value is no number, with its place.
    """
    rows = read_table(path or folder() / "constants.csv")
    return {row["name"]: number(row, "value") for row in rows}
