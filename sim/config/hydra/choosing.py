"""Which files are meant, as Hydra's defaults list resolves them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hydra import compose as hydra_compose
from hydra import initialize_config_module
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException

from sim.base.errors import Fault, UserError
from sim.config.hydra.plain_words import HERE
from sim.config.hydra.source import PRIMARY, Mount, base, mount, register
from sim.config.library import GROUPS, Library


def choices(wanted: dict[str, str], library: Library) -> dict[str, str]:
    """Return group -> file; what the command line leaves open depends on the scenario only."""
    key = (wanted.get("scenario"), tuple(sorted(wanted)))
    if key not in library.chosen:
        library.chosen[key] = _by_hydra(wanted, library)
    return library.chosen[key] | wanted


def _by_hydra(wanted: dict[str, str], library: Library) -> dict[str, str]:
    """Return group -> file as Hydra's defaults list resolves it."""
    register()
    token = mount.set(Mount(library))
    quoted = [f"{g}='{r}'" for g, r in wanted.items()]
    try:
        with _fresh_hydra(), initialize_config_module("sim", **base()):  # no look at the call stack
            config = hydra_compose(PRIMARY, overrides=quoted)
    except HydraException as error:
        if "scenario" in wanted:  # the scenario names what is not there: say it our way
            library.read_all(wanted, HERE)
        raise UserError(Fault("settings", "", str(error).splitlines()[0])) from None
    finally:
        mount.reset(token)
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
