"""Where each value was written: beside the data, and put into messages in one step.

Checks tell a mistake by its dotted key alone. Where a mistake leaves the files, the settings or a
command, `Written` adds the place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.base.errors import TOP, Fault, UserError

if TYPE_CHECKING:  # a name of a type is no reason to load the reader
    from sim.base.yaml_files import Document, Keys


@dataclass(frozen=True)
class Written:
    """Where the values of a group, or of all settings, were written.

    Parameters
    ----------
    files : mapping
        Group, or the dotted key under which a file's data lies ("" for all of the settings) -> the
        files that it was merged from, lowest first.
    rules : mapping
        Path in the network -> path of the rule that made it.
    changes : mapping
        Dotted key -> what changed it, such as "command line". The last word.
    """

    files: Mapping[str, Sequence[Document]] = field(default_factory=dict)
    rules: Mapping[Keys, Keys] = field(default_factory=dict)
    changes: Mapping[str, str] = field(default_factory=dict)

    def made_by(self, rules: Mapping[Keys, Keys]) -> Written:
        """Return the same, with what rules made of a network."""
        return replace(self, rules=rules)

    def changed_by(self, origins: Mapping[str, str]) -> Written:
        """Return the same, with changes by key laid over it."""
        return replace(self, changes=origins)

    def place(self, key: str) -> str:
        """Return ``file:line`` of a value, or of the nearest thing around it; "" if unknown.

        Also what changed it; that comes first. Of several files, the last that holds it.
        """
        key = "" if key == TOP else key
        origin = _nearest(self.changes, key)
        if origin is None:
            below = (o for made, o in self.changes.items() if made.startswith(f"{key}."))
            origin = next(below, None) if key.count(".") > 1 else None
        return self._in_files(key) if origin is None else origin

    def placed(self, error: UserError, groups: Sequence[str] | None = None) -> UserError:
        """Return an error with the place of each fault that has none.

        Parameters
        ----------
        error : UserError
            Its faults tell keys.
        groups : sequence of str, optional
            Only keys of these.
        """
        return UserError([self._told(f, groups) for f in error.faults])

    @contextmanager
    def placing(self, groups: Sequence[str] | None = None) -> Iterator[None]:
        """Add their places to the mistakes that are found inside, see `placed`."""
        try:
            yield
        except UserError as error:
            raise self.placed(error, groups) from None

    def _told(self, fault: Fault | str, groups: Sequence[str] | None) -> Fault | str:
        if isinstance(fault, str) or fault.where:
            return fault
        if groups is not None and fault.key.partition(".")[0] not in groups:
            return fault
        return Fault(fault.key, fault.found, fault.expected, self.place(fault.key))

    def _in_files(self, key: str) -> str:
        """Return the place in a file: the policy's, where it changed or made part of a network."""
        group, _, below = key.partition(".")
        if group == "network" and "policy" in self.files:
            laid_over = self._lines.get(f"policy.changes.{below}")
            if laid_over is not None:
                return laid_over
        return _nearest(self._lines, _nearest(self._rules, key) or key) or ""

    @cached_property  # none of it is looked up while all is right
    def _lines(self) -> dict[str, str]:
        return {
            _dotted(at, path): f"{document.file}:{line}"
            for at, documents in self.files.items()
            for document in documents
            for path, line in document.lines.items()
        }

    @cached_property
    def _rules(self) -> dict[str, str]:
        """Rules by what they made: entries of a group and what is in them, not the group."""
        return {
            _dotted("network", made): _dotted("", rule)
            for made, rule in self.rules.items()
            if len(made) > 1
        }


NOWHERE = Written()
"""Of plain data that no file holds."""


def _dotted(at: str, path: Sequence[Any]) -> str:
    return ".".join([*([at] if at else []), *map(str, path)])


def _nearest(known: Mapping[str, str], key: str) -> str | None:
    """Return what is known of a key, or of the nearest one around it."""
    while key and key not in known:
        key = key.rpartition(".")[0]
    return known.get(key)
