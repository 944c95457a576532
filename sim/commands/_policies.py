"""Settings with more policies than were asked for, as advice tries them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def with_policies(words: Sequence[str], settings: Any, policies: Sequence[str]) -> list[str]:
    """Return overrides that choose policies beside those in force."""
    given = [w.split("=", 1)[1] for w in words if w.startswith("policy=")]
    text = given[-1].strip("[]'\"") if given else (settings.policy.name or "none")
    own = [p.strip() for p in text.replace("+", ",").split(",")]
    names = [*(p for p in own if p not in ("", "none")), *policies]
    rest = [w for w in words if not w.startswith("policy=")]
    return [*rest, f"policy={names[0]}" if len(names) == 1 else f"policy=[{','.join(names)}]"]
