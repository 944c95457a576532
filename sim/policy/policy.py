"""A policy: rules for any network, and plain changes of one network."""

from __future__ import annotations

import re
from typing import Any

from pydantic import field_validator

from sim.network.dictionary import Strict, setting
from sim.policy.joint import JOINT
from sim.policy.rules import Rule, Tagged

_NAME = re.compile(r"\w[\w-]*")


class Policy(Strict):
    """An overlay on a network: reserves, projects, offtake, sharing, substitution, recycling."""

    name: str = setting("", help="filled in: the file's name; several joined by '+'")
    title: str = setting(help="one line")
    description: str = setting("", help="a paragraph: who does what, at what cost")
    cost_usd: float | None = setting(
        None, "USD", "what it costs in all, for `choose`; omit if unknown", gt=0
    )
    rules: dict[str, Rule] = setting({}, help="what it does to any network, by name")
    changes: dict[str, Any] = setting({}, help="part of one network, laid over the scenario's")
    sources: dict[str, str] = setting({}, help="key -> citation")
    note: str = setting("", help="what to know")

    @field_validator("rules")
    @classmethod
    def _named(cls, value: Any) -> Any:
        for name in value:
            if not _NAME.fullmatch(name):
                raise ValueError(f"a rule's name has letters, digits and _, not '{name}'")
        return value

    def tagged(self) -> list[Tagged]:
        """Return the rules with the names under which their traces stand in a network.

        A rule has one and the same tag alone and in a combination, so that what it makes has the
        same name, and meets the same chance, in both.
        """
        joint = JOINT in self.name
        return [
            Tagged((name if joint else f"{self.name}-{name}").replace("-", "_"),
                   ("policy", "rules", name), rule)
            for name, rule in self.rules.items()
        ]  # fmt: skip
