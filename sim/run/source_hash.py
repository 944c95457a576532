"""Which sources made a result: the version, and a hash of all that shapes a result's bits."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from sim import __version__


@lru_cache(maxsize=1)
def source_revision() -> str:
    """Return a hash of all sources that shape a result's bits, wherever they are installed."""
    root = Path(__file__).resolve().parents[1]
    files = [root / "base" / "rng.py", root / "base" / "units.py", root / "run" / "case.py"]
    for part in ("network", "shocks", "flow", "metrics"):
        files += sorted((root / part).rglob("*.py"))
    h = hashlib.sha256()
    for path in files:
        h.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    return h.hexdigest()[:12]


def revision() -> str:
    """Return version and hash, as plans and manifests have them."""
    return f"{__version__}+{source_revision()}"
