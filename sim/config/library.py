"""Find and read the files that settings come from: plain data by group and name, never code.

A group (scenario, network, demand, supply, policy, run, output) is a folder of YAML files. A
reference is a name ("china_ree_embargo") or a path ("./mine.yaml"). A file may build on others of
its group through ``defaults``. Whatever Hydra or OmegaConf would act upon is refused, so that a
scenario from anybody may be run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.base.errors import Fault, UserError, nearest
from sim.base.paths import data_dir
from sim.base.yaml_files import Document, read_text, read_yaml
from sim.config.together import together
from sim.network.layers import Part, merge, plain, where_in
from sim.policy.joint import JOINT, combined, names_in

__all__ = ["DEFAULTS", "GROUPS", "Library", "Part", "merge", "plain", "where_in"]

GROUPS = ("network", "demand", "supply", "policy", "run", "output", "scenario")
"""In the order in which they are merged: the scenario, which names the others, comes last."""

DEFAULTS = {"network": "rare_earths", "demand": "flat", "supply": "flat", "policy": "none"}
"""What a scenario that names none gets."""

NAMED = tuple(DEFAULTS)
"""Groups that a scenario may choose from."""

_NAME = re.compile(r"\w[\w-]*(\.[\w-]+)*")
_SIBLING = re.compile(r"\./\w[\w.-]*\.yaml")
_HEADER = re.compile(r"\s*#\s*@")
_CODE_KEYS = {"_target_", "_args_", "_partial_", "_recursive_", "_convert_", "hydra", "()"}
_SUSPECT = re.compile("|".join([r"#\s*@", r"\$\{", r"\\", *map(re.escape, sorted(_CODE_KEYS))]))
"""What a file must hold somewhere to give orders; by a backslash its quoted text can hide any."""


@dataclass(frozen=True)
class Library:
    """The folders in which names are looked up.

    Parameters
    ----------
    folders : tuple of pathlib.Path
        The user's own, each with sub-folders named as the groups; they come before the shipped.
    """

    folders: tuple[Path, ...] = ()
    _read: dict[Path, Part] = field(default_factory=dict, compare=False, repr=False)

    def roots(self, group: str) -> list[Path]:
        """Return the folders of a group, first wins."""
        shipped = data_dir("scenarios") if group == "scenario" else data_dir("configs") / group
        return [folder / group for folder in self.folders] + [shipped]

    def files(self, group: str) -> dict[str, Path]:
        """Return name -> file of a group, sorted by name."""
        found: dict[str, Path] = {}
        for root in self.roots(group):
            for path in root.glob("*.yaml"):
                found.setdefault(path.stem, path)
        return dict(sorted(found.items()))

    def find(self, group: str, reference: str, where: str = "") -> Path:
        """Return the file that a name or path means.

        Raises
        ------
        UserError
            If there is none, with the nearest name.
        """
        names = names_in(group, reference)
        if len(names) > 1:
            several = [self.find(group, name, where) for name in names]
            return several[0]
        reference = names[0]
        if is_path(reference):
            return _file(group, Path(os.path.expanduser(reference)), where)
        files = self.files(group)
        if reference in files:
            return files[reference]
        known = ", ".join(files) or "none"
        hint = nearest(reference, files) or f"; known: {known}"
        if os.path.isfile(f"{reference}.yaml"):
            hint += f"; for the file here write {group}=./{reference}.yaml"
        raise UserError(Fault(group, reference, f"no such {group}{hint}", where))

    def read(self, group: str, reference: str, where: str = "") -> Part:
        """Return the content of a file, merged with those that its ``defaults`` name.

        Raises
        ------
        UserError
            If there is no such file, it is not plain data, or it builds on itself.
        """
        names = names_in(group, str(reference))
        if len(names) > 1:
            parts = [self.read(group, name, where) for name in names]
            return together(parts, DEFAULTS) if group == "scenario" else combined(parts)
        path = self.find(group, names[0], where)
        if path not in self._read:  # a sweep asks for the same network again and again
            documents, data = _layers(self, group, path, ())
            self._read[path] = Part(path.stem, path, data, documents)
        return self._read[path]

    def read_all(self, chosen: Mapping[str, str], origin: str = "") -> dict[str, Part]:
        """Return the content of one file a group.

        Parameters
        ----------
        chosen : mapping
            Group -> name or path; a group that is not there is read from the scenario, or has
            its default, as ``config.yaml`` names that of the scenario.
        origin : str
            Where the choices were made, for messages.

        Raises
        ------
        UserError
            With all mistakes at once.
        """
        scenario = self.read("scenario", chosen.get("scenario") or _default_scenario(), origin)
        parts: dict[str, Part] = {}
        faults: list[Fault | str] = []
        for group in GROUPS:
            try:
                named = None
                if group in DEFAULTS and not chosen.get(group):
                    named = reference_in(scenario, group)
                reference = chosen.get(group) or named or DEFAULTS.get(group, "default")
                place = where_in(scenario, (group,)) if named else origin
                parts[group] = (
                    scenario if group == "scenario" else self.read(group, reference, place)
                )
            except UserError as error:
                faults += error.faults
        if faults:
            raise UserError(faults)
        return parts


def _default_scenario() -> str:
    """Return the scenario that is meant where none is named."""
    groups = read_yaml(data_dir("configs") / "config.yaml").data["defaults"]
    return str(next(g["scenario"] for g in groups if "scenario" in g))


def is_path(reference: str) -> bool:
    """Return whether a reference is a path rather than a name."""
    return "/" in reference or os.sep in reference or reference.endswith((".yaml", ".yml"))


def reference_in(part: Part, group: str) -> str | None:
    """Return the file of a group that a scenario names: a name, or a file beside it.

    Several policies come back as one reference, joined by "+".

    Raises
    ------
    UserError
        If it is anything else, such as a path that leaves the scenario's folder.
    """
    value = part.data.get(group)
    if value is None:
        return None
    where, key = where_in(part, (group,)), f"scenario.{group}"
    several = value if isinstance(value, list) else str(value).split(JOINT)
    if group == "policy" and (isinstance(value, list) or len(several) > 1):
        return JOINT.join(_resolved(v, part.path, key, where) for v in several) or "none"
    return _resolved(value, part.path, key, where)


def shown_path(path: Path) -> str:
    """Return a path as messages show it: relative where it lies below the working folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):  # elsewhere, or the working folder has been removed
        return str(path)


def _file(group: str, path: Path, where: str) -> Path:
    if os.path.isfile(path):
        return path
    if os.path.exists(path) and not os.path.isdir(path):
        raise UserError(Fault(group, str(path), "is not a regular file; name a YAML file", where))
    if os.path.isdir(path):
        raise UserError(Fault(group, str(path), "is a folder; name a YAML file", where))
    if path.name == str(path) and path.stem in Library().files(group):
        hint = f"no such file; did you mean {group}={path.stem}, without .yaml?"
        raise UserError(Fault(group, str(path), hint, where))
    beside = sorted(path.parent.glob("*.yaml")) if os.path.isdir(path.parent) else []
    names = {p.stem: p.name for p in beside}
    close = nearest(path.stem, names)  # a common ending makes nothing alike
    for stem, name in names.items():
        close = close.replace(f"'{stem}'", f"'{name}'")
    raise UserError(Fault(group, str(path), f"no such file{close}", where))


def _layers(
    library: Library, group: str, path: Path, seen: tuple[Path, ...]
) -> tuple[tuple[Document, ...], dict[str, Any]]:
    """Return the files that a file builds on, itself among them, and their merged data."""
    document = _read_plain(path)
    own = dict(document.data)
    names = own.pop("defaults", ["_self_"])
    where = document.where(("defaults",))
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise UserError(
            Fault("defaults", str(names), f"must be a list of names of the group {group}", where)
        )
    if path.resolve() in seen:
        raise UserError(Fault("defaults", path.stem, "builds on itself", where))
    data: Any = {}
    documents: tuple[Document, ...] = ()
    for name in names if "_self_" in names else [*names, "_self_"]:
        if name == "_self_":
            data, documents = merge(data, own), (*documents, document)
            continue
        below = library.find(group, _resolved(name, path, "defaults", where), where)
        more, content = _layers(library, group, below, (*seen, path.resolve()))
        data, documents = merge(data, content), (*documents, *more)
    return documents, data


def _resolved(value: Any, path: Path, key: str, where: str) -> str:
    """Return a reference inside a file as one that `find` takes; refuse one that leads away."""
    if isinstance(value, str) and ".." not in value:
        if _NAME.fullmatch(value):
            return value
        if _SIBLING.fullmatch(value):
            return f"{path.parent}/{value[2:]}"
    expected = "must be a name, or ./file.yaml for a file beside this one"
    if isinstance(value, bool):
        expected = "must be a name; quote it"
    raise UserError(Fault(key, str(value), expected, where))


def _read_plain(path: Path) -> Document:
    """Read a YAML file and refuse what is not data. Dates become text, as everywhere in configs."""
    file = shown_path(path)
    text = read_text(file if os.path.isfile(file) else path)
    document = read_yaml(file, text)
    faults = list(_code(document, text.splitlines())) if _SUSPECT.search(text) else []
    if faults:
        raise UserError(faults)
    return document._replace(data=plain(document.data))


def _code(document: Document, lines: list[str]) -> Iterator[Fault]:
    """Yield what Hydra or OmegaConf would act upon."""
    for n, line in enumerate(lines, 1):
        if _HEADER.match(line):
            yield Fault(
                "(header)",
                line.strip()[:60],
                "files are data: a comment must not begin with '# @', which gives orders to Hydra",
                f"{document.file}:{n}",
            )
    for path, key, value in _entries(document.data, ()):
        if key in _CODE_KEYS:
            yield Fault(
                ".".join(map(str, path)),
                "",
                f"files are data: the key '{key}' is code to Hydra and not allowed",
                document.where(path),
            )
        for text in (key, value):
            if isinstance(text, str) and "${" in text:
                yield Fault(
                    ".".join(map(str, path)),
                    repr(text)[:60],
                    "files are data: '${' is not allowed",
                    document.where(path),
                )


def _entries(data: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    items: list[tuple[Any, Any]] = []
    if isinstance(data, Mapping):
        items = list(data.items())
    elif isinstance(data, list):
        items = list(enumerate(data))
    for key, value in items:
        yield (*path, key), key, value
        yield from _entries(value, (*path, key))
