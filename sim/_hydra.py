"""Hydra, kept in one file: which files are chosen, and the grammar of overrides and sweeps.

Scenarios, networks and policies are data: Hydra never reads a file of ours or of the user's. It
asks ``DataSource``, which gives it plain data that ``sim.library`` has checked, and nothing is ever
instantiated. When composing, Hydra decides which files are meant and ``sim.assemble`` merges their
contents, because a network of a hundred sites takes OmegaConf about a second per composition.
"""

from __future__ import annotations

import argparse
import io
import itertools
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple

import hydra
from hydra import compose as hydra_compose
from hydra import initialize
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override
from hydra.core.plugins import Plugins
from hydra.errors import HydraException, OverrideParseException
from hydra.plugins.config_source import ConfigResult, ConfigSource
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import OmegaConf

from sim.assemble import Change, Composed
from sim.errors import Fault, UserError, nearest
from sim.library import GROUPS, Library, is_path, plain, reference_in
from sim.paths import data_dir
from sim.settings import Settings, assemble

HERE = "command line"
_PRIMARY = "config"
_SWEEP = "several values are for 'shortfall sweep'; quote it if it is text"
_GRAMMAR = "is not key=value; quote text with commas or brackets, as in \"key='a, b'\""


class _Mount(NamedTuple):
    """What ``DataSource`` serves: Hydra makes it itself and passes no arguments of ours."""

    library: Library
    full: bool = False  # whole contents, for completion; else only which file is meant


_mount: ContextVar[_Mount] = ContextVar("mount")


class DataSource(ConfigSource):
    """Serves scenarios, networks, policies, run and output settings to Hydra as plain data."""

    @staticmethod
    def scheme() -> str:
        """Return the scheme under which the search path names this source."""
        return "shortfall"

    def available(self) -> bool:
        """Return that it can always serve."""
        return True

    def is_group(self, config_path: str) -> bool:
        """Return whether a path is a group; there are five, and the top."""
        return config_path in ("", *GROUPS)

    def is_config(self, config_path: str) -> bool:
        """Return whether there is such a file."""
        group, _, reference = config_path.partition("/")
        if group not in GROUPS:
            return config_path == _PRIMARY
        if is_path(reference):
            return Path(reference).expanduser().is_file()
        return reference in _mount.get().library.files(group)

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """Return groups at the top, names in a group."""
        if config_path in GROUPS:
            names = _mount.get().library.files(config_path)
            return [] if results_filter == ObjectType.GROUP else list(names)
        return [] if config_path or results_filter == ObjectType.CONFIG else sorted(GROUPS)

    def load_config(self, config_path: str) -> ConfigResult:
        """Return a group's file; a scenario also says which network and policy it wants."""
        group, _, reference = config_path.partition("/")
        if config_path == _PRIMARY:
            content: Any = OmegaConf.load(data_dir("configs") / f"{_PRIMARY}.yaml")
        else:
            content = self._content(group, reference)
        return ConfigResult(
            provider=self.provider,
            path=self.full_path(),
            config=content if OmegaConf.is_config(content) else OmegaConf.create(content),
            header={"package": None},
        )

    def _content(self, group: str, reference: str) -> dict[str, Any]:
        library, full = _mount.get()
        part = library.read(group, reference, HERE)
        content = dict(part.data) if full else {"reference": reference}
        if group == "scenario":
            named = {g: reference_in(part, g) for g in ("network", "policy")}
            choices = [{f"override /{g}@_global_.{g}": r} for g, r in named.items() if r]
            content |= {"defaults": ["_self_", *choices]}
        return content


class DataPath(SearchPathPlugin):
    """Puts ``DataSource`` on Hydra's search path; no folder of files is ever on it."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append our source; take off the package's folder, which Hydra adds as "main"."""
        entries = search_path.get_path()
        entries[:] = [entry for entry in entries if entry.provider != "main"]
        search_path.append("shortfall", "shortfall://")


class Point(NamedTuple):
    """One point of a sweep."""

    varied: dict[str, str]  # key -> value, of what differs between points
    composed: Composed[Settings]


def settings_from(overrides: Sequence[str], folders: Sequence[str | Path] = ()) -> Settings:
    """Return validated settings from overrides as they are written on the command line.

    Parameters
    ----------
    overrides : sequence of str
        Such as ``scenario=china_ree_embargo``, ``run.replications=500``.
    folders : sequence of path
        Own folders of scenarios, networks and policies (``--config-dir``), looked into first.

    Raises
    ------
    UserError
        With all mistakes at once.
    """
    return compose(overrides, folders).settings


def compose(overrides: Sequence[str], folders: Sequence[str | Path] = ()) -> Composed[Settings]:
    """Return validated settings and the place of each value.

    Raises
    ------
    UserError
        With all mistakes at once; also for a sweep, which is a command of its own.
    """
    given = _parse(overrides)
    sweeps = [o for o in given if o.is_sweep_override()]
    if sweeps:
        raise UserError([Fault(o.key_or_group, str(o.input_line), _SWEEP, HERE) for o in sweeps])
    return _composed([_Given.of(o, o.value()) for o in given], _library(folders))


def expand(overrides: Sequence[str], folders: Sequence[str | Path] = ()) -> list[Point]:
    """Return every point of a sweep, all validated before any is run.

    Parameters
    ----------
    overrides : sequence of str
        Hydra's multirun syntax: ``a=1,2``, ``scenario=glob(china_*)``, ``x=range(1,4)``.
    folders : sequence of path
        Own folders, looked into first.

    Raises
    ------
    UserError
        With the mistakes of all points, each told once.
    """
    library = _library(folders)
    axes = [list(_values(o, library)) for o in _parse(overrides)]
    points: list[Point] = []
    faults: dict[str, Fault | str] = {}
    for choice in itertools.product(*axes):
        varied = {g.key: g.text for g, axis in zip(choice, axes, strict=True) if len(axis) > 1}
        try:
            points.append(Point(varied, _composed(choice, library)))
        except UserError as error:
            at = ", ".join(f"{k}={v}" for k, v in varied.items())
            for fault in error.faults:
                faults.setdefault(str(fault), f"{fault}  [at {at}]" if at else fault)
    if faults:
        raise UserError(faults.values())
    return points


def complete(arguments: Sequence[str], commands: Sequence[str]) -> None:
    """Install, remove or answer shell completion (``-sc install=bash``), as Hydra does it.

    Parameters
    ----------
    arguments : sequence of str
        All after the program's name.
    commands : sequence of str
        Our commands, which Hydra knows nothing of.
    """
    line = os.environ.get("COMP_LINE", "")
    words = line.split()
    if not any(a.startswith("query=") for a in arguments):
        _hydra_completion(arguments)
    elif len(words) < 2 or (len(words) == 2 and not line.endswith(" ")):
        print(" ".join(commands))
    elif words[1] in ("run", "sweep"):
        os.environ["COMP_LINE"] = re.sub(r"^(\s*\S+\s+)\S+\s?", r"\1", line)
        offered = io.StringIO()
        with redirect_stdout(offered):
            _hydra_completion(arguments)
        print(" ".join(w for w in offered.getvalue().split() if not w.startswith("hydra")))
    elif words[1] in ("show", "list"):
        library = Library()
        names = [n for group in ("scenario", "network", "policy") for n in library.files(group)]
        print("scenarios networks policies hazards" if words[1] == "list" else " ".join(names))


def _hydra_completion(arguments: Sequence[str]) -> None:
    _plugins()
    _mend_argparse()
    before, sys.argv = sys.argv, ["shortfall", *arguments]
    token = _mount.set(_Mount(Library(), full=True))
    try:
        with suppress(UserError):  # nothing to offer for a file that cannot be read
            hydra.main(config_path=None, config_name=_PRIMARY, **_base())(lambda cfg: None)()
    finally:
        _mount.reset(token)
        sys.argv = before


class _Given(NamedTuple):
    """One override with one value."""

    key: str
    value: Any
    text: str
    remove: bool = False

    @classmethod
    def of(cls, override: Override, value: Any) -> _Given:
        text = value if isinstance(value, str) else str(plain(value))
        return cls(override.key_or_group, value, text, override.is_delete())


def _parse(overrides: Sequence[str]) -> list[Override]:
    """Return overrides parsed by Hydra's grammar; refuse what could reach Hydra's settings."""
    parser, parsed, faults = OverridesParser.create(), [], []
    for text in overrides:
        try:
            (override,) = parser.parse_overrides([text])
        except (OverrideParseException, HydraException):
            faults.append(Fault(text, "", _GRAMMAR, HERE))
            continue
        fault = _forbidden(override, text)
        faults += [fault] if fault else []
        parsed.append(override)
    if faults:
        raise UserError(faults)
    return parsed


def _forbidden(override: Override, text: str) -> Fault | None:
    key = override.key_or_group
    if key == "hydra" or key.startswith(("hydra.", "hydra/")):
        return Fault(key, "", "Hydra's own settings have no effect here", HERE)
    if override.package is not None or "@" in key:
        return Fault(key, "", "packages (@) are not used here", HERE)
    if "${" in text:
        return Fault(key, "", "interpolation (${...}) is not allowed", HERE)
    if "." not in key and key not in GROUPS:
        return Fault(
            key, "", f"no such setting{nearest(key, GROUPS)}; groups are {', '.join(GROUPS)}", HERE
        )
    if key in GROUPS and override.is_delete():
        return Fault(key, "", "cannot be removed; choose another, as in policy=none", HERE)
    return None


def _values(override: Override, library: Library) -> Iterator[_Given]:
    """Yield an override once for each of its values."""
    if not override.is_sweep_override():
        yield _Given.of(override, override.value())
        return
    value, key = override.value(), override.key_or_group
    if not isinstance(value, Glob):
        for one in override.sweep_iterator():
            yield _Given.of(override, one)
        return
    names = value.filter(list(library.files(key))) if key in GROUPS else []
    if not names:
        raise UserError(Fault(key, override.input_line or "", "matches no name of a group", HERE))
    for name in names:
        yield _Given.of(override, name)


def _composed(given: Sequence[_Given], library: Library) -> Composed[Settings]:
    """Let Hydra choose the files, then merge their contents and the changes."""
    faults = [
        Fault(g.key, g.text, "must be a name or a path to a YAML file", HERE)
        for g in given
        if g.key in GROUPS and not isinstance(g.value, str)
    ]
    if faults:
        raise UserError(faults)
    wanted = {g.key: g.value for g in given if g.key in GROUPS}
    for group, reference in wanted.items():
        library.find(group, reference, HERE)
    parts = library.read_all(_choices(wanted, library), HERE)
    changes = [
        Change(tuple(g.key.split(".")), plain(g.value), g.remove, HERE)
        for g in given
        if g.key not in GROUPS
    ]
    return assemble(parts, changes)


def _choices(wanted: dict[str, str], library: Library) -> dict[str, str]:
    """Return group -> file as Hydra's defaults list resolves it."""
    _plugins()
    token = _mount.set(_Mount(library))
    quoted = [f"{g}='{r}'" for g, r in wanted.items()]
    try:
        with _fresh_hydra(), initialize(config_path=None, **_base()):
            config = hydra_compose(_PRIMARY, overrides=quoted)
    except HydraException as error:
        if "scenario" in wanted:  # the scenario names what is not there: say it our way
            library.read_all(wanted, HERE)
        raise UserError(Fault("settings", "", str(error).splitlines()[0])) from None
    finally:
        _mount.reset(token)
    return {group: config[group]["reference"] for group in GROUPS}


@contextmanager
def _fresh_hydra() -> Iterator[None]:
    """Give way to a Hydra that the calling program has initialised, and put it back after."""
    before = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        yield
    finally:
        GlobalHydra.instance().hydra = before


def _library(folders: Sequence[str | Path]) -> Library:
    for folder in folders:
        if not Path(folder).is_dir():
            raise UserError(Fault("--config-dir", str(folder), "is not a folder", HERE))
    return Library(tuple(Path(folder) for folder in folders))


def _plugins() -> None:
    """Register our source and search path through Hydra's public plugin registry."""
    for plugin in (DataSource, DataPath):
        Plugins.instance().register(plugin)


def _base() -> dict[str, Any]:
    """Return the compatibility level; Hydra 1.4 has done away with it."""
    release = tuple(int(n) for n in re.findall(r"\d+", hydra.__version__)[:2])
    return {"version_base": "1.3"} if release < (1, 4) else {}


def _mend_argparse() -> None:
    """Let Python 3.14's check of help texts pass over Hydra 1.3's lazy help objects."""
    check = getattr(argparse.ArgumentParser, "_check_help", None)
    if check is not None and sys.version_info >= (3, 14):
        argparse.ArgumentParser._check_help = lambda self, action: (  # type: ignore[attr-defined]
            check(self, action) if isinstance(action.help, str | None) else None
        )
