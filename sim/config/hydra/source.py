"""What Hydra is given to read: plain data by group and name, and nothing else."""

from __future__ import annotations

import os
import re
from contextvars import ContextVar
from typing import Any, NamedTuple

import hydra
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.object_type import ObjectType
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult, ConfigSource
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import OmegaConf

from sim.base.paths import data_dir
from sim.config.hydra.plain_words import HERE
from sim.config.library import GROUPS, NAMED, Library, is_path, reference_in
from sim.policy.joint import names_in

PRIMARY = "config"


class Mount(NamedTuple):
    """What ``DataSource`` serves: Hydra makes it itself and passes no arguments of ours."""

    library: Library


mount: ContextVar[Mount] = ContextVar("mount")


class DataSource(ConfigSource):
    """Serves scenarios, networks, outlooks, policies, run and output settings as plain data."""

    @staticmethod
    def scheme() -> str:
        """Return the scheme under which the search path names this source."""
        return "shortfall"

    def available(self) -> bool:
        """Return that it can always serve."""
        return True

    def is_group(self, config_path: str) -> bool:
        """Return whether a path is a group, or the top."""
        return config_path in ("", *GROUPS)

    def is_config(self, config_path: str) -> bool:
        """Return whether there is such a file."""
        group, _, reference = config_path.partition("/")
        if group not in GROUPS:
            return config_path == PRIMARY
        return all(_is_file(group, name) for name in names_in(group, reference))

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """Return groups at the top, names in a group."""
        if config_path in GROUPS:
            names = mount.get().library.files(config_path)
            return [] if results_filter == ObjectType.GROUP else list(names)
        return [] if config_path or results_filter == ObjectType.CONFIG else sorted(GROUPS)

    def load_config(self, config_path: str) -> ConfigResult:
        """Return a group's file; a scenario also says which files of other groups it wants."""
        group, _, reference = config_path.partition("/")
        if config_path == PRIMARY:
            content: Any = OmegaConf.load(data_dir("configs") / f"{PRIMARY}.yaml")
        else:
            content = self._content(group, reference)
        return ConfigResult(
            provider=self.provider,
            path=self.full_path(),
            config=content if OmegaConf.is_config(content) else OmegaConf.create(content),
            header={"package": None},
        )

    def _content(self, group: str, reference: str) -> dict[str, Any]:
        part = mount.get().library.read(group, reference, HERE)
        content = dict(part.data)
        if group == "scenario":
            named = {g: reference_in(part, g) for g in NAMED}
            choices = [{f"override /{g}@_global_.{g}": r} for g, r in named.items() if r]
            content |= {"defaults": ["_self_", *choices]}
        return content


def _is_file(group: str, reference: str) -> bool:
    if is_path(reference):
        return os.path.isfile(os.path.expanduser(reference))
    return reference in mount.get().library.files(group)


class DataPath(SearchPathPlugin):
    """Puts ``DataSource`` on Hydra's search path; no folder of files is ever on it."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append our source; take off the package's folder, which Hydra adds as "main"."""
        entries = search_path.get_path()
        entries[:] = [entry for entry in entries if entry.provider != "main"]
        search_path.append("shortfall", "shortfall://")


def register() -> None:
    """Register our source and search path through Hydra's public plugin registry."""
    for plugin in (DataSource, DataPath):
        Plugins.instance().register(plugin)


def base() -> dict[str, Any]:
    """Return the compatibility level; Hydra 1.4 has done away with it."""
    release = tuple(int(n) for n in re.findall(r"\d+", hydra.__version__)[:2])
    return {"version_base": "1.3"} if release < (1, 4) else {}
