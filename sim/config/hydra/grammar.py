"""Overrides and sweeps as they are written on the command line, in Hydra's grammar."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override, RangeSweep

from sim.base.errors import Fault, UserError, nearest
from sim.config.hydra.plain_words import HERE, Given
from sim.config.library import GROUPS, Library, plain
from sim.policy.joint import JOINED, joined

_GRAMMAR = "is not key=value; quote text with commas or brackets, as in \"key='a, b'\""
_OPTIMIZED = "cannot be read: Hydra's grammar needs Python without -O; unset PYTHONOPTIMIZE"
MAX_VALUES = 10_000
"""Most values of one setting in a sweep; more are for --design, which holds no settings a point."""


def given_of(override: Override, value: Any) -> Given:
    """Return an override with one of its values."""
    if override.key_or_group in JOINED:  # [a, b] is read as a+b
        value = joined(plain(value))
    text = value if isinstance(value, str) else str(plain(value))
    return Given(override.key_or_group, value, text, override.is_delete())


def parse(overrides: Sequence[str]) -> list[Override]:
    """Return overrides parsed by Hydra's grammar; refuse what could reach Hydra's settings."""
    parser, parsed, faults = OverridesParser.create(), [], []
    for text in overrides:
        try:
            (override,) = _parsed(parser, text)
        except Exception:  # Hydra's own, and what its parser meets unprepared, such as 5,000 digits
            faults.append(Fault(text, "", _OPTIMIZED if sys.flags.optimize else _GRAMMAR, HERE))
            continue
        fault = _forbidden(override, text)
        faults += [fault] if fault else []
        parsed.append(override)
    if faults:
        raise UserError(faults)
    return parsed


_TEXT = re.compile(r"(?P<key>\+{0,2}\w[\w.]*)=(?P<value>[^\s\[\]{}()'\",$\\=]+)")
"""A value that no grammar is needed for: it is what stands there."""


def _parsed(parser: OverridesParser, text: str) -> list[Override]:
    """Return an override; text that Hydra's grammar has no letters for, such as über, as text."""
    plain_text = _TEXT.fullmatch(text)
    if (plain_text and not plain_text["value"].isascii()) or ("=~" in text and plain_text):
        text = f"{plain_text['key']}='{plain_text['value']}'"
    return parser.parse_overrides([text])


def _forbidden(override: Override, text: str) -> Fault | None:
    key = override.key_or_group
    if key == "hydra" or key.startswith(("hydra.", "hydra/")):
        return Fault(key, "", "Hydra's own settings have no effect here", HERE)
    if override.package is not None or "@" in key:
        return Fault(key, "", "packages (@) are not used here", HERE)
    if "${" in text:
        return Fault(key, "", "interpolation (${...}) is not allowed", HERE)
    if "." not in key and key not in GROUPS:
        meant = _leaf(key) or nearest(key, GROUPS)
        return Fault(key, "", f"no such setting{meant}; groups are {', '.join(GROUPS)}", HERE)
    if key in GROUPS and override.is_delete():
        return Fault(key, "", "cannot be removed; choose another, as in policy=none", HERE)
    return None


def _leaf(key: str) -> str:
    """Return "did you mean ...?" for the last part of a setting's key, such as replications."""
    from sim.config.settings import Output, Run, Scenario

    for group, model in (("run", Run), ("scenario", Scenario), ("output", Output)):
        if key in model.model_fields:
            return f"; did you mean '{group}.{key}'?"
    return ""


def _listed(override: Override) -> list[Any]:
    """Return the values of a sweep that lists them."""
    key, text = override.key_or_group, str(override.input_line)
    try:
        found = list(itertools.islice(override.sweep_iterator(), MAX_VALUES + 1))
    except Exception as error:  # an interval, or a range without a step
        expected = f"is no list of values ({error}); write a=1,2,3 or a=range(1,4)"
        raise UserError(Fault(key, text, expected, HERE)) from None
    if not found:
        raise UserError(Fault(key, text, "counts no value; range(1,4) gives 1, 2, 3", HERE))
    if len(found) > MAX_VALUES:
        expected = f"has more than {MAX_VALUES:,} values; see --design"
        raise UserError(Fault(key, text, expected, HERE))
    return found


def values(override: Override, library: Library) -> Iterator[Given]:
    """Yield an override once for each of its values; what is counted up is 0.7, not 0.7 + 1e-16."""
    if not override.is_sweep_override():
        yield given_of(override, override.value())
        return
    value, key = override.value(), override.key_or_group
    if not isinstance(value, Glob):
        counted = isinstance(value, RangeSweep)
        for one in _listed(override):
            clean = counted and isinstance(one, float)
            yield given_of(override, float(f"{one:.12g}") if clean else one)
        return
    names = value.filter(list(library.files(key))) if key in GROUPS else []
    if not names:
        raise UserError(Fault(key, override.input_line or "", "matches no name of a group", HERE))
    for name in names:
        yield given_of(override, name)
