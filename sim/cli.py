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
import os
import shlex
import sys
from collections.abc import Sequence
from typing import NoReturn, TextIO

from sim import __version__
from sim.base import precompile
from sim.base.errors import AuditFailure, Fault, UserError, nearest
from sim.base.plain_text import cut, plain_streams
from sim.commands._command import Command, all_declared, declared, names
from sim.commands._typed import refuse_flags

MAIN = """\
usage: shortfall COMMAND [arguments]

  shortfall run scenario=china_ree_embargo
  shortfall list scenarios
  shortfall show china_ree_controls_2025_10

Who runs short of critical minerals when something breaks: what, when, how badly, how surely.

commands:
{commands}

'shortfall COMMAND --help' tells more. 'shortfall --version'.
Completion: eval "$(shortfall -sc install=bash)"
"""
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
    with plain_streams():
        try:
            return _told(words)
        except BrokenPipeError:  # the reader, such as `head`, has seen enough
            _close(sys.stdout, sys.stderr)
            return 0
        finally:
            gc.set_threshold(*before)


def _told(words: list[str]) -> int:
    """Run a command; tell of what ends it, by message and exit code."""
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
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.errno not in _DISK:
            raise
        place = cut(str(error.filename or "the output"))
        _close(sys.stdout)
        _say("shortfall: cannot write or read", f"  {place}: {error.strerror}; free space, mend "
             "its permissions, or name another folder with output.dir=...")  # fmt: skip
        return 2


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
        print(_help(words[1:2]), end="")
        return 0
    if words[0] in ("-V", "--version"):
        print(f"shortfall {__version__}")
        return 0
    if words[0] in ("-sc", "--shell-completion"):
        from sim.config.hydra.completion import complete

        complete(words, {name: command.offers for name, command in all_declared().items()})
        return 0
    refuse_flags(words)
    name, rest = words[0], words[1:]
    if name not in names():
        known = nearest(name, names()) or f"; one of {', '.join(all_declared())}"
        raise UserError(Fault(name, "", f"no such command{known}"))
    command = declared(name)
    if "-h" in rest or "--help" in rest:
        print(command.help, end="")
        return 0
    args = parser_of(name, command).parse_intermixed_args(rest)
    if command.simulates:
        precompile.begin()
    command.function(args)
    return 0


def _help(words: list[str]) -> str:
    """Return the help of the command that is named, or that of all."""
    if words and words[0] in names():
        return declared(words[0]).help
    width = max(map(len, names())) + 2
    lines = [f"  {name:{width}}{c.summary}" for name, c in all_declared().items()]
    return MAIN.format(commands="\n".join(lines))


class _Parser(argparse.ArgumentParser):
    """Reports a wrong option as any other mistake, without a page of usage."""

    def error(self, message: str) -> NoReturn:
        close = nearest(_option_in(message), self._option_string_actions)
        raise UserError(Fault(self.prog, "", f"{message}{close}; see: {self.prog} --help"))


def _option_in(message: str) -> str:
    """Return the option that argparse does not know; "" where it is something else."""
    _, unknown, words = message.partition("unrecognized arguments: ")
    return words.partition(" ")[0].partition("=")[0] if unknown else ""


def parser_of(name: str, command: Command) -> argparse.ArgumentParser:
    """Return the parser of a command's words."""
    parser = _Parser(prog=f"shortfall {name}", add_help=False, allow_abbrev=False)
    command.words(parser)
    return parser


def _close(*streams: TextIO) -> None:
    """Let nothing more be written there, not even at exit."""
    for stream in streams:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _count(error: UserError) -> str:
    n = len(error.faults)
    return "one thing is wrong" if n == 1 else f"{n} things are wrong"


def _say(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
