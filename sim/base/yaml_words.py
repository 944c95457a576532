"""Single words of YAML: those that quietly become something else, and those that are nothing."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import yaml

_BOOLEAN = "tag:yaml.org,2002:bool"
_INTEGER = "tag:yaml.org,2002:int"
_TIME = "tag:yaml.org,2002:timestamp"
_FLOAT = "tag:yaml.org,2002:float"
_AS = {_TIME: "a date as in 2025-12-01", _INTEGER: "a plain number"}

MAX_DIGITS = 40
"""Longest number: nobody measures more, and from 4,300 digits on Python does not read it."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def trap(node: yaml.ScalarNode) -> str:
    """Return what to say of a plain word that YAML 1.1 reads as something else."""
    if node.style or node.tag not in (_BOOLEAN, _INTEGER, _FLOAT):
        return ""
    word = node.value
    if node.tag == _BOOLEAN and word.lower() not in ("true", "false"):
        return f"YAML reads this as true or false; quote it ('{word}') or write true or false"
    if node.tag != _BOOLEAN and len(word) > MAX_DIGITS:
        return f"is a number of more than {MAX_DIGITS} digits"
    if ":" in word or (node.tag == _INTEGER and re.match(r"[-+]?0[0-9_]", word)):
        return (
            f"YAML reads this as {yaml.safe_load(word)}; quote it ('{word}') if it is a name, or "
            "write a plain number"
        )
    return ""


def not_read(node: yaml.ScalarNode) -> str:
    """Return what to say of a word that looks like a number or date and is none."""
    if found := _CONTROL.search(node.value):
        return f"holds the control character U+{ord(found[0]):04X}, which would act on a terminal"
    if node.tag != _TIME and (node.tag != _INTEGER or node.value.lstrip("+-").isdigit()):
        return ""
    try:
        value: Any = yaml.safe_load(node.value)
    except (ValueError, OverflowError) as error:
        told = "is no date" if node.tag == _TIME else "is no number"
        return f"{told} ({error}); must be {_AS[node.tag]}"
    return f"must be {_AS[_TIME]}, without a time" if isinstance(value, dt.datetime) else ""
