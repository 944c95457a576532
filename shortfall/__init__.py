"""``import shortfall``: the package ``sim`` by the project's name; the same objects, no copy.

``shortfall`` is ``sim``, and ``shortfall.api`` is ``sim.api``: without the finder below Python
would read the files of ``sim`` once more under the other name, with classes of their own.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING

import sim

if TYPE_CHECKING:
    from sim import *  # noqa: F403
    from sim import __version__ as __version__

_NAME = "shortfall."


class _SameModule(MetaPathFinder, Loader):
    """Answers ``shortfall.x`` with the module ``sim.x``."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(_NAME) or fullname == f"{_NAME}__main__":
            return None
        return ModuleSpec(fullname, _SameModule())

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(f"sim.{spec.name.removeprefix(_NAME)}")
        self.own = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.own  # the import has put its own there; the module is run already


sys.meta_path.insert(0, _SameModule())
sys.modules[__name__] = sim
