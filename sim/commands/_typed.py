"""What people type out of habit, of Hydra or in haste: told with the words that do it here."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sim.base.errors import Fault, UserError, nearest
from sim.commands._experiment import expanded

WHERE = "command line"
FLAGS = {
    ("-m", "--multirun"): "several values are for: shortfall sweep key=value,value",
    ("-c", "--cfg", "--resolve", "-p", "--package"): "to see all settings: shortfall show NAME"
    " --yaml",
    ("-i", "--info", "--hydra-help"): "to see what is meant: shortfall show NAME, or --help",
    ("-cn", "--config-name"): "a scenario is chosen by scenario=NAME or scenario=./FILE.yaml",
    ("-cp", "--config-path"): "own folders are given by --config-dir DIR",
    ("-e", "--experimental-rerun"): "the same command goes on where it stopped",
}
"""Options of Hydra's command line, and what to write here."""
KEYS = {
    "hydra/launcher": "workers are chosen by run.workers=N, run.dask=local or run.shard=i/n",
    "hydra/sweeper": "points of one's own are given by: shortfall sweep --design FILE.csv",
    "hydra.launcher": "workers are chosen by run.workers=N, run.dask=local or run.shard=i/n",
    "hydra.sweeper": "points of one's own are given by: shortfall sweep --design FILE.csv",
    "hydra.run": "the folder is chosen by output.dir=FOLDER",
    "hydra.sweep": "the folder is chosen by output.dir=FOLDER",
    "+experiment": "settings kept in a file are given by experiment=FILE, without a +",
}
"""Settings of Hydra's, and of projects that use it, and what to write here."""


def refuse_flags(words: list[str]) -> None:
    """Name our equivalent of Hydra's options.

    Raises
    ------
    UserError
        If any was given.
    """
    flags = {flag: text for names, text in FLAGS.items() for flag in names}
    found = [word.partition("=")[0] for word in words]
    faults = [Fault(flag, "", flags[flag], WHERE) for flag in found if flag in flags]
    if faults:
        raise UserError(faults)


def refuse_group(word: str) -> None:
    """Refuse ``scenario=NAME`` where a name alone is wanted.

    Raises
    ------
    UserError
        With the name alone.
    """
    from sim.config.library import GROUPS

    group, is_setting, name = word.partition("=")
    if is_setting and group in GROUPS:
        raise UserError(Fault(word, "", f"did you mean the name alone: {name}?", WHERE))


def settings_of(args: argparse.Namespace) -> list[str]:
    """Return the settings that were typed.

    Raises
    ------
    UserError
        If one is plainly meant otherwise, with what was meant.
    """
    args.overrides = expanded(args.overrides)
    faults = [Fault(word, "", text, WHERE) for word, text in _meant(args.overrides, args)]
    if faults:
        raise UserError(faults)
    return list(args.overrides)


def _meant(words: list[str], args: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yield words that mean something else, and what to write."""
    if "=" in words:
        yield "=", "write key=value without spaces"
        return
    for word in words:
        key, is_setting, value = word.partition("=")
        if not is_setting:
            text = "" if word.startswith("~") else _chosen(word, args.config_dir)
        else:
            text = _equivalent(key) or _full_key(key, value) or _without_ending(key, value, args)
        if text:
            yield word, text


def _equivalent(key: str) -> str:
    known = [text for name, text in KEYS.items() if key == name or key.startswith(f"{name}.")]
    return known[0] if known else ""


def _chosen(word: str, folders: list[Path]) -> str:
    """Return how a name or file is chosen that was given without its group."""
    if Path(word).is_file():
        path = word if "/" in word else f"./{word}"
        return f"did you mean scenario={path}?"
    from sim.config.library import GROUPS, Library

    library = Library(tuple(folders))
    names = {group: list(library.files(group)) for group in sorted(GROUPS, key=_scenario_first)}
    for group, known in names.items():
        if word in known:
            return f"did you mean {group}={word}?"
    close = nearest(word, [f"{group}={name}" for group, known in names.items() for name in known])
    close = close or nearest(f"scenario={word}", [f"scenario={n}" for n in names["scenario"]])
    return f"is not key=value{close}"


def _scenario_first(group: str) -> tuple[bool, str]:
    return group != "scenario", group


def _full_key(key: str, value: str) -> str:
    """Return the full key of a setting that was given without its group."""
    if "." in key:
        return ""
    from sim.config.settings import Output, Run, Scenario

    for group, model in (("run", Run), ("output", Output), ("scenario", Scenario)):
        if key in model.model_fields and key not in ("network", "demand", "supply", "policy"):
            return f"did you mean {group}.{key}={value}?"
    return ""


def _without_ending(key: str, value: str, args: argparse.Namespace) -> str:
    """Return the name that was given as a file, where there is no such file."""
    from sim.config.library import GROUPS, Library

    path = Path(value)
    is_file = path.suffix in (".yaml", ".yml") and path.name == value
    if key not in GROUPS or not is_file or path.is_file():
        return ""
    known = path.stem in Library(tuple(args.config_dir)).files(key)
    return f"no such file; did you mean {key}={path.stem}?" if known else ""
