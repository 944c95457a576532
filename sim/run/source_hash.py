"""Which sources made a result: the version, and a hash of all that shapes a result's bits."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from sim import __version__


@lru_cache(maxsize=1)
def source_revision() -> str:
    """Return a hash of all sources that shape a result's bits, wherever they are installed."""
    return hash_of(Path(__file__).resolve().parents[1])


def hash_of(package: Path) -> str:
    """Return the hash of a package's sources that shape bits, sub-folders and all."""
    files = [package / "base" / "rng.py", package / "base" / "units.py"]
    files.append(package / "run" / "case.py")
    for part in ("network", "shocks", "flow", "metrics"):
        files += sorted((package / part).rglob("*.py"))
    h = hashlib.sha256()
    for path in files:
        h.update(f"{path.relative_to(package).as_posix()}\0".encode() + path.read_bytes())
    return h.hexdigest()[:12]


def revision() -> str:
    """Return version and hash, as plans and manifests have them."""
    return f"{__version__}+{source_revision()}"
