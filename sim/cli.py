"""The command ``shortfall``: which command, with which words; messages and exit codes.

Results go to stdout, everything else to stderr. Exit code 0; 2 for the user's mistake, told without
a traceback; 130 on Ctrl-C. Nothing heavy is imported here.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import errno
import gc
import importlib
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from sim import __version__
from sim.base import precompile
from sim.base.errors import AuditFailure, Fault, UserError, nearest
from sim.commands.help import COMMANDS, MAIN

_ADVICE = ("vulnerabilities", "rank-projects")
SIMULATING = ("run", "sweep", "replay", *_ADVICE)
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR,
         errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.EFBIG}  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Words after the program's name; default those of this process.

    Returns
    -------
    int
        0; 2 for the user's mistake; 130 on Ctrl-C.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    before = gc.get_threshold()
    prepare_process()
    try:
        code = _main(words)
        sys.stdout.flush()  # a full disk or a closed pipe shows here, not at exit
        return code
    except UserError as error:
        _say(f"shortfall: {_count(error)}", *(f"  {fault}" for fault in error.faults))
        return 2
    except AuditFailure as error:
        _say(f"shortfall: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        _say("", "stopped; finished work is kept. To go on:", f"  shortfall {shlex.join(words)}")
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        _close_stdout()
        return 0
    except OSError as error:
        if error.errno not in _DISK:
            raise
        place = error.filename or "the output"
        _close_stdout()
        _say("shortfall: cannot write or read", f"  {place}: {error.strerror}; free space, mend "
             "its permissions, or name another folder with output.dir=...")  # fmt: skip
        return 2
    finally:
        gc.set_threshold(*before)


def prepare_process() -> None:
    """Spare this process what costs time at start and end, and does nothing for a command.

    No linear algebra is done here, but the threads of numpy's BLAS, and scipy's, spin when they
    start. Settings, networks and libraries stay to the end, so the garbage collector need not walk
    over them again and again, least of all when the process ends.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(100_000, 20, 100)
    atexit.register(gc.freeze)


def _main(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(COMMANDS.get("".join(words[1:2]), MAIN), end="")
        return 0
    if words[0] in ("-V", "--version"):
        print(f"shortfall {__version__}")
        return 0
    if words[0] in ("-sc", "--shell-completion"):
        from sim.config.hydra.completion import complete

        complete(words, list(COMMANDS))
        return 0
    command, rest = words[0], words[1:]
    if command not in COMMANDS:
        known = nearest(command, COMMANDS) or f"; one of {', '.join(COMMANDS)}"
        raise UserError(Fault(command, "", f"no such command{known}"))
    if "-h" in rest or "--help" in rest:
        print(COMMANDS[command], end="")
        return 0
    args = parser_of(command).parse_intermixed_args(rest)
    if command in SIMULATING:
        precompile.begin()
    _command(command)(args)
    return 0


def _command(name: str) -> Callable[[argparse.Namespace], None]:
    home = name.replace("-", "_")
    module = importlib.import_module(f"sim.commands.{home}")
    return getattr(module, "catalog" if name == "list" else home)


class _Parser(argparse.ArgumentParser):
    """Reports a wrong option as any other mistake, without a page of usage."""

    def error(self, message: str) -> NoReturn:
        raise UserError(Fault(self.prog, "", f"{message}; see: {self.prog} --help"))


def parser_of(command: str) -> argparse.ArgumentParser:
    """Return the parser of a command's words."""
    parser = _Parser(prog=f"shortfall {command}", add_help=False, allow_abbrev=False)
    if command in ("run", "sweep", "list", "show", "check", *_ADVICE):
        parser.add_argument("--config-dir", "-cd", action="append", default=[], type=Path)
    if command in ("run", "sweep", "show"):
        if command == "show":
            parser.add_argument("name")
            parser.add_argument("--yaml", action="store_true")
        if command == "sweep":
            parser.add_argument("--design", type=Path)
            parser.add_argument("--table", choices=("parquet", "csv"), default="parquet")
        parser.add_argument("overrides", nargs="*")
    elif command in _ADVICE:
        _advice_words(parser, command)
    elif command == "list":
        parser.add_argument("what", nargs="?")
    elif command == "check":
        parser.add_argument("words", nargs="*")
    elif command == "replay":
        parser.add_argument("run")
        parser.add_argument("--replication", "-r", type=int, required=True)
    else:
        parser.add_argument("runs", nargs="+")
        if command == "compare":
            parser.add_argument("--output", "-o", type=Path, default=Path("results/compare"))
    return parser


def _advice_words(parser: argparse.ArgumentParser, command: str) -> None:
    """Add the words of the commands that advise; the command checks their values."""
    parser.add_argument("--for", dest="regions", default="")
    parser.add_argument("--output", "-o", type=Path)
    parser.add_argument("--top", type=int, default=15)
    if command == "vulnerabilities":
        parser.add_argument("network")
        parser.add_argument("--policy", default="none")
        parser.add_argument("--days", type=int, default=365)
        parser.add_argument("--horizon", type=int, default=1095)
        parser.add_argument("--severity", type=float, default=1.0)
        parser.add_argument("--pairs", action="store_true")
    else:
        parser.add_argument("overrides", nargs="*")
        parser.add_argument("--candidates", default="all")
        parser.add_argument("--greedy", type=int, default=3)
        parser.add_argument("--by", default="mean")
        parser.add_argument("--reserve-days", type=float, default=90.0)


def _close_stdout() -> None:
    """Let nothing more be written there, not even at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _count(error: UserError) -> str:
    n = len(error.faults)
    return "one thing is wrong" if n == 1 else f"{n} things are wrong"


def _say(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
