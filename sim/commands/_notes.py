"""Notes on stderr: what rules found nothing to do, and what no next stage can use."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.config.settings import Settings


def print_notes(all_settings: Sequence[Settings]) -> None:
    """Print on stderr, once each, what rules found nothing to do and what a policy adds in vain.

    Output that no next stage can use is told where a policy adds to it. That of the network's own
    pipeline is told by ``show`` and ``check`` of the network, and by every report.
    """
    from sim.policy.whole_chain import chain_warnings

    notes = [note for s in all_settings for note in s.notes]
    acting = [s for s in all_settings if s.policy.name not in ("", "none")]
    notes += [note for s in acting for note in chain_warnings(s.network)]
    for note in dict.fromkeys(notes):
        print(f"note: {note}", file=sys.stderr)
