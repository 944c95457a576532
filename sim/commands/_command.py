"""A command declares itself: its words, help and function in one file, found by the file's name."""

from __future__ import annotations

import argparse
import importlib
import keyword
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from sim import commands


@dataclass(frozen=True)
class Command:
    """What ``COMMAND`` of a file in this folder says of its command.

    Parameters
    ----------
    summary : str
        One line for the main help.
    help : str
        All that ``shortfall NAME --help`` prints: usage and three examples first.
    words : callable
        Adds the command's arguments to a parser.
    function : callable
        Does it, given the parsed arguments. What is heavy is imported inside.
    rank : int, optional
        Place in the main help, from above; those without one come last, by name.
    simulates : bool, optional
        Whether kernels will be needed, so that they are compiled ahead.
    offers : str, optional
        What Tab offers after it: words with spaces between; or "settings" or "names".
    """

    summary: str
    help: str
    words: Callable[[argparse.ArgumentParser], None]
    function: Callable[[argparse.Namespace], None]
    rank: int = 1000
    simulates: bool = False
    offers: str = ""


def names() -> list[str]:
    """Return the names of all commands: of the files here that begin with no underscore.

    One that ends with an underscore (``import_``) is a word of Python's.
    """
    found = (module.name for module in pkgutil.iter_modules(commands.__path__))
    return [n.rstrip("_").replace("_", "-") for n in found if not n.startswith("_")]


def declared(name: str) -> Command:
    """Return what a command's file declares."""
    file = name.replace("-", "_") + ("_" if keyword.iskeyword(name) else "")
    module = importlib.import_module(f"{commands.__name__}.{file}")
    command: Command = module.COMMAND
    return command


def all_declared() -> dict[str, Command]:
    """Return every command by name, in the order of the main help."""
    found = {name: declared(name) for name in names()}
    return dict(sorted(found.items(), key=lambda item: (item[1].rank, item[0])))
