"""The kernel cache follows the sources; the locks, the wheel and the ladder are as promised."""

from __future__ import annotations

import graphlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from sim.base import numba_cache
from sim.run.source_hash import hash_of

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ["requirements.lock", "requirements-dev.lock"]

# --- a tiny package with the cache of ours, run in processes of its own ---

TINY = {
    "__init__.py": "from tiny.base import numba_cache\nnumba_cache.prepare()\n",
    "constants.py": "RATE = 2.0\n",
    "helper.py": """
from numba import njit
from tiny.constants import RATE

@njit(cache=True)
def scaled(x):
    return RATE * x
""",
    "kernel.py": """
from numba import njit
from tiny.helper import scaled

@njit(cache=True)
def difference(pair):
    return scaled(pair.first) - scaled(pair.second)
""",
    "shapes.py": """
from typing import NamedTuple

class Pair(NamedTuple):
    first: float
    second: float
""",
    "text.py": "GREETING = 'hello'\n",
}
CALL = "from tiny import kernel, shapes; print(kernel.difference(shapes.Pair(first=3., second=1.)))"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    package = tmp_path / "code" / "tiny"
    (package / "base").mkdir(parents=True)
    for name, text in TINY.items():
        (package / name).write_text(text, encoding="utf-8")
    shutil.copy(numba_cache.__file__, package / "base" / "numba_cache.py")
    return package


def run_tiny(package: Path, code: str = CALL, **environment: str) -> str:
    """Run `code` beside the tiny package; HOME and temporary folder are the test's own."""
    scratch = package.parents[1] / "scratch"
    scratch.mkdir(exist_ok=True)
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("NUMBA_", "SHORTFALL_", "XDG_"))
    }
    kept |= {"PYTHONPATH": str(package.parent), "HOME": str(scratch), "TMPDIR": str(scratch)}
    kept |= {"PYTHONDONTWRITEBYTECODE": "1", **environment}
    done = subprocess.run(
        [sys.executable, "-c", code], env=kept, cwd=scratch, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_an_edit_in_another_file_never_gives_the_old_number(tiny: Path) -> None:
    assert run_tiny(tiny) == "4.0"
    edit(tiny / "helper.py", "RATE * x", "RATE * x + x")
    assert run_tiny(tiny) == "6.0"
    edit(tiny / "constants.py", "2.0", "5.0")
    assert run_tiny(tiny) == "12.0"
    fields = ["first: float", "second: float"]
    edit(tiny / "shapes.py", "\n    ".join(fields), "\n    ".join(reversed(fields)))
    assert run_tiny(tiny) == "12.0"  # a kernel of the old order would say -12.0


def test_an_unchanged_package_finds_its_kernels_again(tiny: Path) -> None:
    count = "; print(sum(kernel.difference.stats.cache_hits.values()))"
    run_tiny(tiny)
    assert run_tiny(tiny, CALL + count).split() == ["4.0", "1"]


@pytest.mark.parametrize(
    ("file", "is_kernel_source"),
    [("kernel.py", True), ("helper.py", True), ("constants.py", True), ("text.py", False)],
)
def test_the_key_follows_kernel_sources_only(tiny: Path, file: str, is_kernel_source: bool) -> None:
    before = numba_cache.source_key(tiny)
    (tiny / file).write_text((tiny / file).read_text() + "# edited\n")
    assert (numba_cache.source_key(tiny) != before) == is_kernel_source


def test_the_key_of_this_package_covers_every_jitted_file() -> None:
    jitted = {
        f for f in (ROOT / "sim").rglob("*.py") if re.search(r"^@njit", f.read_text("utf-8"), re.M)
    }
    names = {".".join(f.relative_to(ROOT).with_suffix("").parts) for f in jitted}
    assert len(names) > 3
    assert names <= numba_cache.kernel_sources(ROOT / "sim").keys()


def test_bounds_checked_kernels_are_kept_apart(monkeypatch: pytest.MonkeyPatch, tiny: Path) -> None:
    monkeypatch.delenv("NUMBA_BOUNDSCHECK", raising=False)
    plain = numba_cache.source_key(tiny)
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "1")
    assert numba_cache.source_key(tiny) != plain


def test_a_read_only_package_and_no_home_use_a_private_temporary_folder(tiny: Path) -> None:
    code = CALL + "; import os; print(os.environ['NUMBA_CACHE_DIR'])"
    tiny.chmod(0o555)
    try:
        value, folder = run_tiny(tiny, code, HOME=os.devnull).split()
    finally:
        tiny.chmod(0o755)
    assert value == "4.0"
    assert Path(folder).is_relative_to(tiny.parents[1] / "scratch")
    assert Path(folder).parent.stat().st_mode & 0o077 == 0
    assert list(Path(folder).rglob("*.nbi"))
    assert sorted(p.name for p in tiny.iterdir()) == sorted([*TINY, "base"])


def test_a_user_without_a_home_gets_a_temporary_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # no passwd entry
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert [base.parent for base in numba_cache._bases()] == [tmp_path]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners and modes are POSIX")
def test_a_folder_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    assert not numba_cache._is_private(shared)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    assert not numba_cache._is_private(link)
    assert numba_cache._is_private(tmp_path / "own")


def test_a_folder_the_user_chose_gets_one_folder_for_these_sources(
    tiny: Path, tmp_path: Path
) -> None:
    code = "import tiny, os; print(os.environ['NUMBA_CACHE_DIR'])"
    first = run_tiny(tiny, code, NUMBA_CACHE_DIR=str(tmp_path))
    assert Path(first).parent == tmp_path
    assert run_tiny(tiny, code, NUMBA_CACHE_DIR=first) == first  # a child process
    edit(tiny / "helper.py", "RATE * x", "RATE + x")
    second = run_tiny(tiny, code, NUMBA_CACHE_DIR=first)
    assert Path(second).parent == tmp_path
    assert second != first


def test_a_child_of_an_older_process_does_not_inherit_its_folder(tiny: Path) -> None:
    code = "import tiny, os; print(os.environ['NUMBA_CACHE_DIR'])"
    old = run_tiny(tiny, code)
    edit(tiny / "helper.py", "RATE * x", "RATE + x")
    new = run_tiny(tiny, code, NUMBA_CACHE_DIR=old, **{numba_cache.MARK: old})
    assert Path(new).parent == Path(old).parent
    assert new != old


def test_pruning_removes_what_has_rested_and_keeps_the_rest(tmp_path: Path) -> None:
    for name, age_days in [("old", 30.0), ("recent", 3.0), ("ours", 30.0)]:
        (tmp_path / name / "deep").mkdir(parents=True)
        last_used_s = (tmp_path / name).stat().st_mtime - age_days * 86400.0
        os.utime(tmp_path / name, (last_used_s, last_used_s))
    numba_cache.prune(tmp_path, keep="ours")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ours", "recent"]


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, sim; print({'numba', 'numpy', 'scipy', 'pyarrow'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


# --- locks ---


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    pins = re.findall(r"^([\w.-]+)==", text, re.M)
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:]
    assert len(pins) == len(blocks) > 20
    assert [p for p, b in zip(pins, blocks, strict=True) if "--hash=sha256:" not in b] == []


def test_the_locks_agree() -> None:
    small, large = ({line.split(" \\")[0] for line in pins(name)} for name in LOCKS)
    assert small <= large


def pins(name: str) -> list[str]:
    return [x for x in (ROOT / name).read_text("utf-8").splitlines() if re.match(r"[\w.-]+==", x)]


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    run = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    dev = [*run, *extras["notebook"], *extras["dev"]]
    for wanted, lock in zip((run, dev), LOCKS, strict=True):
        locked = {line.split("==")[0] for line in pins(lock)}
        names = {re.match(r"[\w-]+", w).group().lower() for w in wanted}  # type: ignore[union-attr]
        assert names - {"shortfall"} <= locked


# --- what is tracked ---


def tracked_files() -> list[Path]:
    """Return the files of the repository: tracked and to be tracked, without the ignored."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = listed.stdout.decode().split("\0")
    return [ROOT / n for n in names if n and (ROOT / n).is_file()]


def test_no_file_names_a_package_registry_or_a_place_on_a_machine() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted.org", "conda" + ".org", "index" + "-url"]
    places = [
        re.escape(str(ROOT)),
        "/ho" + r"me/\w+/",
        "/Us" + r"ers/\w+/",
        "/wo" + "rk/(main|shared)",
    ]
    pattern = re.compile("|".join([*map(re.escape, hosts), *places]))
    found = [
        f"{file.relative_to(ROOT)}:{number}: {match.group()}"
        for file in tracked_files()
        for number, line in enumerate(file.read_text("utf-8", errors="replace").splitlines(), 1)
        if (match := pattern.search(line))
    ]
    assert found == []


def test_no_lock_format_that_holds_addresses_is_tracked() -> None:
    names = {file.name for file in tracked_files()}
    assert not names & {"uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock"}
    constraints = [f for f in tracked_files() if re.search(r"(requirements|constraints)", f.name)]
    assert sorted(f.name for f in constraints if "://" in f.read_text("utf-8")) == []


def test_no_source_is_ignored_by_git() -> None:
    """A pattern such as "results/" without its leading slash also hides sim/results."""
    kept = set(tracked_files())
    folders = ("sim", "configs", "scenarios", "data", "tests", "benchmarks", "docs", "notebooks")
    kinds = (".py", ".yaml", ".csv", ".md")
    sources = {f for d in folders for f in (ROOT / d).rglob("*") if f.suffix in kinds}
    hidden = {f for f in sources - kept if not any(p.startswith(".") for p in f.parts)}
    assert hidden == set()


# --- wheel and ladder ---


def test_the_wheel_carries_all_sources_configs_and_scenarios_and_no_tests(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("configs", "scenarios"):
        for file in (ROOT / folder).rglob("*.yaml"):
            assert f"sim/_data/{file.relative_to(ROOT).as_posix()}" in names
    for file in (*(ROOT / "docs").glob("*.md"), *(ROOT / "configs" / "schema").glob("*.json")):
        assert f"sim/_data/{file.relative_to(ROOT).as_posix()}" in names
    for file in (ROOT / "sim").rglob("*.py"):
        assert file.relative_to(ROOT).as_posix() in names
    for file in (ROOT / "sim/plots/world").iterdir():
        assert file.relative_to(ROOT).as_posix() in names
    tops = {name.split("/")[0] for name in names}
    assert tops == {"sim", "shortfall", next(t for t in tops if t.endswith(".dist-info"))}
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    assert same_objects(tmp_path / "installed").startswith(str(tmp_path / "installed"))
    for words in ([], ["own_chain"]):
        shown = docs_of(tmp_path / "installed", *words)
        assert "From two tables to a figure" in shown if words else "own_chain" in shown
    first = (tmp_path / "installed" / "sim/_data/scenarios/background.yaml").open().readline()
    schema = tmp_path / "installed" / "sim/_data/scenarios" / first.split("$schema=")[1].strip()
    assert schema.resolve().is_file()


def docs_of(place: Path, *words: str) -> str:
    """Return what `shortfall docs` of an unpacked wheel prints."""
    command = [sys.executable, "-m", "shortfall", "docs", *words]
    env = {**os.environ, "PYTHONPATH": str(place)}
    return subprocess.run(
        command, cwd=place, env=env, capture_output=True, text=True, check=True
    ).stdout


BOTH_NAMES = """
import pickle, sys
import shortfall, shortfall.api, shortfall.base.errors as errors
from shortfall import Study, load
from shortfall.metrics import loss
import sim, sim.api, sim.base.errors, sim.metrics.loss
assert shortfall is sim and shortfall.api is sim.api and sim.api.__spec__.name == "sim.api"
assert (load, Study, errors, loss) == (
    sim.api.load, sim.api.Study, sim.base.errors, sim.metrics.loss)
fault = pickle.loads(pickle.dumps(errors.Fault("a", "b", "c")))
assert type(fault) is sim.base.errors.Fault
ours = [m for n, m in sys.modules.items() if n.split(".")[0] in ("sim", "shortfall")]
files = [f for f in {id(m): getattr(m, "__file__", None) for m in ours}.values() if f]
assert len(files) == len(set(files))
print(sim.__file__)
"""


def same_objects(place: Path) -> str:
    """Return where `sim` was found, by a process in which it has two names."""
    env = {**os.environ, "PYTHONPATH": str(place)}
    code = [sys.executable, "-c", BOTH_NAMES]
    done = subprocess.run(code, cwd=place, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    version = [sys.executable, "-m", "shortfall", "--version"]
    told = subprocess.run(version, cwd=place, env=env, capture_output=True, text=True, check=True)
    assert told.stdout.startswith("shortfall ")
    return done.stdout


def contract_of_the_ladder() -> dict[str, Any]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (ladder,) = (c for c in contracts if c["type"] == "layers")
    return ladder


def ladder() -> set[str]:
    layers = contract_of_the_ladder()["layers"]
    return {name.strip() for layer in layers for name in re.split(r"[|:]", layer)}


def test_the_ladder_has_ten_rungs_and_no_way_round_it_but_that_of_notebooks() -> None:
    contract = contract_of_the_ladder()
    assert len(contract["layers"]) <= 10
    assert contract["exhaustive"] is True
    for around in contract["ignore_imports"]:
        assert re.fullmatch(r"sim -> sim\.(api|sweep(\.\w+)?)", around), around


def test_no_modules_import_one_another_in_a_circle() -> None:
    """Not even inside functions or for types; the package itself asks its api on first use."""
    grimp = pytest.importorskip("grimp")
    graph = grimp.build_graph("sim", cache_dir=None)
    edges = {
        module: graph.find_modules_directly_imported_by(module) - {"sim"}
        for module in graph.modules - {"sim"}
    }
    assert len(edges) > 200
    graphlib.TopologicalSorter(edges).prepare()  # raises CycleError, which names the circle


def test_a_compiled_file_that_imports_another_is_refused(tmp_path: Path) -> None:
    """The contract bites: in a copy of the sources with one import too many."""
    linter = shutil.which("lint-imports", path=os.path.dirname(sys.executable))
    if linter is None:
        pytest.skip("no import-linter here")
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    compiled = next((tmp_path / "sim" / "metrics" / "kernel").glob("[a-z]*.py"))
    with open(compiled, "a", encoding="utf-8") as file:
        file.write("import sim.base.units\n")
    done = subprocess.run([linter, "--no-cache"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "sim.metrics.kernel is not allowed to import sim.base.units" in done.stdout
    assert " 1 broken." in done.stdout


def test_every_part_of_the_package_stands_on_the_ladder() -> None:
    parts = {
        p.stem
        for p in (ROOT / "sim").iterdir()
        if (p.suffix == ".py" or (p / "__init__.py").exists()) and p.stem != "__init__"
    }
    assert parts - ladder() == set()


def kernel_files() -> list[Path]:
    return sorted((ROOT / "sim").glob("*/kernel/*.py"))


def test_compiled_code_lies_in_kernel_rooms_and_imports_nothing_but_its_like() -> None:
    """The import linter holds what is ours; this holds what is not."""
    assert len(kernel_files()) > 15
    allowed = {"numpy", "numba", "llvmlite", "sim"} | sys.stdlib_module_names
    for file in kernel_files():
        found = re.findall(r"^[ \t]*(?:from|import)[ \t]+(\w+)", file.read_text("utf-8"), re.M)
        assert set(found) <= allowed, file


@pytest.mark.parametrize("room", ["flow/kernel", "shocks/kernel", "metrics/kernel"])
def test_source_hash_and_cache_key_see_every_compiled_file(tmp_path: Path, room: str) -> None:
    """One that is added in any room changes both."""
    package = tmp_path / "sim"
    shutil.copytree(ROOT / "sim", package, ignore=shutil.ignore_patterns("__pycache__", "_data"))
    before = hash_of(package), numba_cache.source_key(package)
    text = "from numba import njit\n\n\n@njit(cache=True)\ndef f(x):\n    return x\n"
    (package / room / "added.py").write_text(text, encoding="utf-8")
    after = hash_of(package), numba_cache.source_key(package)
    assert before[0] != after[0] and before[1] != after[1]


def test_imports_are_absolute_so_that_kernel_sources_can_be_followed() -> None:
    relative = [
        str(f.relative_to(ROOT))
        for f in (ROOT / "sim").rglob("*.py")
        if re.search(r"^[ \t]*from[ \t]+\.", f.read_text("utf-8"), re.M)
    ]
    assert relative == []


def test_the_versions_agree() -> None:
    import sim

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert sim.__version__ == project["project"]["version"]
    assert re.search(rf"^## \[{re.escape(sim.__version__)}\]", changes, re.M)


def test_the_table_of_known_answers_names_tests_that_exist() -> None:
    table = (ROOT / "tests" / "README.md").read_text("utf-8")
    cases = re.findall(r"^\| V(\d)\.\d+ \|", table, re.M)
    assert [cases.count(family) for family in "12348"] == [6, 8, 5, 17, 5]
    for file, test in re.findall(r"`(test_\w+\.py)(?:::(\w+))?`", table):
        text = (ROOT / "tests" / file).read_text("utf-8")
        assert test == "" or f"def {test}(" in text, f"{file}::{test}"
