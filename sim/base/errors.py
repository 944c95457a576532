"""Messages for the user's mistakes: where, what was found, what was expected, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from sim.base.plain_text import cut, plain

_LONGEST_ADVICE = 4000
"""Characters of what was expected, which may list names and commands."""
_LONGEST_NAME = 200
"""Beyond it nothing is meant by a slip of the fingers, and looking for it takes long."""

TOP = "(top)"
"""Key of a whole document."""


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
        """Return the message on one line, whatever the input held."""
        place = f"{self.where}  " if self.where else ""
        found = f" {cut(self.found)}," if self.found else ""
        return plain(f"{place}{cut(self.key)}:{found} {cut(self.expected, _LONGEST_ADVICE)}")


MAX_FAULTS = 200
"""Most mistakes told at once."""


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
        if len(self.faults) > MAX_FAULTS + 1:  # that one line tells "and N more", or the one
            more = f"and {len(self.faults) - MAX_FAULTS:,} more"
            self.faults = [*self.faults[:MAX_FAULTS], more]
        super().__init__("\n".join(str(f) for f in self.faults))


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the known name closest to `name`, else ""."""
    if len(str(name)) > _LONGEST_NAME:
        return ""
    close = difflib.get_close_matches(str(name), [str(k) for k in known], n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


class AuditFailure(Exception):  # noqa: N818  it is the audit that failed
    """The two engines disagree: no result of this version may be trusted. Exit code 1."""

    exit_code = 1
