"""Messages for the user's mistakes: where, what was found, what was expected, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One mistake in an input.

    Parameters
    ----------
    key : str
        Dotted path of the setting, as a user would override it.
    found : str
        The offending value, as text ("" when the message needs none).
    expected : str
        What was expected and what to do.
    where : str
        ``file:line`` or "command line"; "" when not known.
    """

    key: str
    found: str
    expected: str
    where: str = ""

    def __str__(self) -> str:
        place = f"{self.where}  " if self.where else ""
        found = f" {_short(self.found)}," if self.found else ""
        return _printable(f"{place}{_short(self.key)}:{found} {self.expected}")


MAX_SHOWN = 200
"""Most characters of what a user wrote that a message gives back."""

MAX_FAULTS = 200
"""Most mistakes told at once."""


def _short(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."


def _printable(text: str) -> str:
    """Return text whose control characters are written out: they must not act on a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class UserError(Exception):
    """A mistake of the user's: printed without a traceback, exit code 2.

    Parameters
    ----------
    faults : iterable of Fault or str
        All that is wrong, each printed on a line of its own.
    """

    exit_code = 2

    def __init__(self, faults: Iterable[Fault | str] | Fault | str):
        if isinstance(faults, (Fault, str)):
            faults = [faults]
        self.faults: list[Fault | str] = list(faults)
        if len(self.faults) > MAX_FAULTS:
            more = f"and {len(self.faults) - MAX_FAULTS:,} more"
            self.faults = [*self.faults[:MAX_FAULTS], more]
        super().__init__("\n".join(str(f) for f in self.faults))


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the known name closest to `name`, else ""."""
    close = difflib.get_close_matches(str(name), [str(k) for k in known], n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


class AuditFailure(Exception):  # noqa: N818  it is the audit that failed
    """The two engines disagree: no result of this version may be trusted. Exit code 1."""

    exit_code = 1
