"""Whose folder is it: nobody's files are written over, and no link inside a folder is followed.

A folder of ours holds a mark: the plan of a run, or for tables of other commands a small file that
names the command. One that holds anything else, and no mark, belongs to somebody.
"""

from __future__ import annotations

from pathlib import Path

from sim.base.errors import Fault, UserError
from sim.results.files import make_folder, unwritable, write_text

MARK = ".shortfall"
"""The file that says which command a folder of tables belongs to."""

INNER = ("blocks", "shards", "figures", "plots", "pieces", "work")
"""Folders that we make inside a folder of ours, and write and remove files in."""


def holds_only_leftovers(folder: Path) -> bool:
    """Return whether a folder holds nothing, or what a run killed at its very start leaves."""
    try:
        return all(_is_leftover(path) for path in folder.iterdir())
    except FileNotFoundError:
        return True
    except OSError as error:
        raise unwritable(folder, error) from error


def _is_leftover(path: Path) -> bool:
    if path.is_symlink():
        return False
    if path.is_dir():
        return path.name in INNER and not any(path.iterdir())
    return path.name.startswith(".lock") or path.name.endswith(".part")


def refuse_links(folder: Path) -> None:
    """Refuse a folder whose own sub-folders lead elsewhere.

    Raises
    ------
    UserError
        Naming each link.
    """
    links = [folder / name for name in INNER if (folder / name).is_symlink()]
    if links:
        told = "is a symbolic link, and nothing is written or removed through one; remove the link"
        raise UserError([Fault("output.dir", str(link), told) for link in links])


def claim(folder: Path, command: str, key: str = "output.dir") -> None:
    """Make a folder for a command's tables and mark it, or see that it is marked.

    Parameters
    ----------
    folder : pathlib.Path
        Where the tables go.
    command : str
        Such as "sweep"; only a folder of the same command is used again.
    key : str, optional
        How the user names another folder, for the message.

    Raises
    ------
    UserError
        If somebody's files lie there, or another command's.
    """
    refuse_links(folder)
    mark = folder / MARK
    if not mark.is_symlink() and mark.is_file():
        if mark.read_bytes()[:100].decode(errors="replace").strip() == command:
            return
    elif holds_only_leftovers(folder):
        make_folder(folder)
        write_text(mark, f"{command}\n")
        return
    raise UserError(
        Fault(
            key,
            str(folder),
            f"holds files, and nothing there says that 'shortfall {command}' made them; name "
            f"another folder with {key}, or empty this one",
        )
    )
