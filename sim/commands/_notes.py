"""Notes on stderr: what rules found nothing to do, and what no next stage can use."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.config.settings import Settings


def print_notes(all_settings: Sequence[Settings]) -> None:
    """Print on stderr what rules found nothing to do, and what no next stage can use, once each."""
    from sim.policy.whole_chain import chain_warnings

    notes = [note for s in all_settings for note in [*s.notes, *chain_warnings(s.network)]]
    for note in dict.fromkeys(notes):
        print(f"note: {note}", file=sys.stderr)
