"""Where numba keeps compiled kernels: a private folder that belongs to exactly these sources.

numba's ``cache=True`` compares a function with its own file only. A helper edited in another file,
or a NamedTuple whose fields change places, would go on giving the old numbers without a word. So
the folder's name holds a hash of everything that can shape a kernel, and an edit opens a new one.
It lies in the user's cache folder, so a read-only package and a machine without HOME work too.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

#: Set beside NUMBA_CACHE_DIR, so that a child process knows the folder for ours and not the user's.
MARK = "SHORTFALL_NUMBA_CACHE_DIR"
#: A folder is pruned when it has rested this long: another checkout or process may be using it.
PRUNE_DAYS = 14.0

#: numba's settings that change the code, which numba's own index leaves out.
_SETTINGS = ("BOUNDSCHECK", "OPT", "DEBUGINFO", "LOOP_VECTORIZE", "SLP_VECTORIZE")

_PACKAGE = Path(__file__).resolve().parents[1]
_JIT = re.compile(rb"^[ \t]*@(?:\w+\.)?(?:n?jit|vectorize|guvectorize|cfunc)\b|\bn?jit\(", re.M)
_KEY = re.compile(r"[0-9a-f]{16}")
_TUPLE = re.compile(rb"^class \w+\(NamedTuple\):\n(?:(?:[ \t].*)?\n)*", re.M)
_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n#]*)|import[ \t]+([^\n#]+))",
    re.M,
)


def prepare() -> None:
    """Point NUMBA_CACHE_DIR at the folder of these sources, before numba is first imported.

    In a folder that the user has set, a sub-folder is used, so that old kernels are not taken for
    new ones there either. Does nothing where numba is imported already. Never fails: without any
    folder to write to, numba is left to its own ways.
    """
    if "numba" in sys.modules:
        return
    chosen, key = os.environ.get("NUMBA_CACHE_DIR"), source_key(_PACKAGE)
    if chosen and chosen != os.environ.get(MARK):
        base = Path(chosen)
        if _KEY.fullmatch(base.name):  # set by a parent process of ours, inside the user's folder
            base = base.parent
        os.environ["NUMBA_CACHE_DIR"] = str(base / key)
        return
    folder = _open_folder(key)
    if folder is not None:
        os.environ["NUMBA_CACHE_DIR"] = os.environ[MARK] = str(folder)


def source_key(package: Path) -> str:
    """Return a name for all that can shape a compiled kernel of `package`.

    Parameters
    ----------
    package : pathlib.Path
        Folder of the package's sources.

    Returns
    -------
    str
        16 hexadecimal digits: hash of the kernel sources (see `kernel_sources`), of the package's
        place, of numba's settings that change the code, and of the versions of Python, numpy,
        llvmlite and numba. Not of the processor: numba keeps those apart itself.
    """
    digest = hashlib.blake2b(digest_size=8)
    digest.update(f"{package}\0{sys.implementation.cache_tag}\0".encode())
    digest.update("\0".join(os.environ.get(f"NUMBA_{name}", "") for name in _SETTINGS).encode())
    for name, text in sorted(kernel_sources(package).items()):
        digest.update(f"{name}\0{len(text)}\0".encode() + text)
    for library, file in (
        ("numpy", "version.py"),
        ("llvmlite", "_version.py"),
        ("numba", "_version.py"),
    ):
        digest.update(_version_text(library, file))
    return digest.hexdigest()


def kernel_sources(package: Path) -> dict[str, bytes]:
    """Return what can shape a kernel, by dotted module name.

    Every file with a jitted function; what these import from the package, and so on (numba freezes
    imported constants into the code); and of the other files the classes that are a NamedTuple
    (numba knows an argument's class by its name, not by the order of its fields).
    """
    sources = _read_sources(package)
    wanted = {name for name, text in sources.items() if b"jit" in text and _JIT.search(text)}
    queue = sorted(wanted)
    while queue:
        new = _imports(sources[queue.pop()], package.name) & sources.keys() - wanted
        wanted |= new
        queue += sorted(new)
    tuples = {name: text for name, text in sources.items() if b"(NamedTuple)" in text}
    shapes = {name: b"".join(_TUPLE.findall(text)) for name, text in tuples.items()}
    return shapes | {name: sources[name] for name in wanted}


def _read_sources(package: Path) -> dict[str, bytes]:
    """Return the text of every Python file of the package, by dotted module name."""
    sources = {}
    for file in package.rglob("*.py"):
        parts = [package.name, *file.relative_to(package).with_suffix("").parts]
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        try:
            sources[name] = file.read_bytes()
        except OSError:
            continue  # an editor's lock file, a dangling link
    return sources


def _imports(text: bytes, root: str) -> set[str]:
    """Return the dotted names under `root` that a source imports (also names that are no module).

    Imports are absolute in this repository; tests/test_packaging.py says so.
    """
    found = set()
    for module, names, plain in _IMPORT.findall(text):
        inside = re.findall(r"[\w.]+", names.decode())
        found |= {module.decode(), *(f"{module.decode()}.{name}" for name in inside)}
        found |= set(re.findall(r"[\w.]+", plain.decode()))
    return {name for name in found if name == root or name.startswith(f"{root}.")}


def _version_text(library: str, file: str) -> bytes:
    """Return the text of a library's version file, without importing the library."""
    spec = find_spec(library)
    if spec is None or spec.origin is None:
        return b""
    try:
        return Path(spec.origin).with_name(file).read_bytes()
    except OSError:
        return b""


def _open_folder(key: str) -> Path | None:
    """Return the private folder of `key`, made where it can be; prune old ones on the way."""
    for base in _bases():
        folder = base / key
        try:
            if not _is_private(base):
                continue
            is_new = not folder.is_dir()
            folder.mkdir(mode=0o700, exist_ok=True)
            os.utime(folder)  # the time of its last use
        except OSError:
            continue
        if os.access(folder, os.W_OK | os.X_OK):
            if is_new:
                prune(base, keep=key)
            return folder
    return None


def _bases() -> Iterator[Path]:
    """Yield folders to try, best first: the user's cache folder, then one of theirs under /tmp."""
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        home = os.path.expanduser("~/Library/Caches")
    else:
        home = os.environ.get("XDG_CACHE_HOME", "")
        home = home if os.path.isabs(home) else os.path.expanduser("~/.cache")
    if os.path.isabs(home):  # "~" stays as it is for a user without a home
        yield Path(home) / "shortfall" / "numba"
    import tempfile

    user = os.getuid() if hasattr(os, "getuid") else "user"
    yield Path(tempfile.gettempdir()) / f"shortfall-{user}"


def _is_private(base: Path) -> bool:
    """Make `base` if need be; return whether no other user can put files there.

    numba's cache is unpickled, so whoever can write there can run code as us.
    """
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not hasattr(os, "getuid"):
        return True
    status = base.lstat()
    return base.is_dir() and status.st_uid == os.getuid() and not status.st_mode & 0o022


def prune(base: Path, keep: str) -> None:
    """Remove the folders of other sources under `base` that nobody has used for a while.

    Parameters
    ----------
    base : pathlib.Path
        Folder of key folders, whose times are those of their last use.
    keep : str
        Key that stays in any case.
    """
    import shutil

    limit_s = time.time() - PRUNE_DAYS * 86400.0
    for folder in base.iterdir():
        try:
            if folder.name != keep and folder.stat().st_mtime < limit_s:
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # pruned by another process meanwhile
