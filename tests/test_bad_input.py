"""What a user gets wrong: one clear message with place, key, expectation and nearest name; exit 2.

Nothing is run and nothing is written. Fixtures under ``hostile/`` try to be more than data.
"""

import copy
import errno
import os
import random
import shutil
from pathlib import Path

import pytest
import yaml

from sim.base import yaml_files
from sim.base.errors import UserError
from sim.cli import main
from sim.commands._words import regions_of
from sim.config.settings import load_settings
from sim.results import files

HERE = Path(__file__).parent
HOSTILE = sorted((HERE / "hostile").glob("*.yaml"))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a good scenario, network and policy, which is the working folder."""
    for name in ("tiny.yaml", "tiny_ban.yaml", "tiny_stock.yaml"):
        shutil.copy(HERE / "data" / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def faults_of(capsys, words, place):
    """Return the lines of a refused command's message; nothing may have been written."""
    before = sorted(place.rglob("*"))
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert sorted(place.rglob("*")) == before
    head, *lines = [text for text in err.splitlines() if text != "compiling kernels (once)"]
    assert head.startswith("shortfall: ")
    return [line.strip() for line in lines]


def spoil(file, old, new):
    """Replace text in a file; return the line at which it now stands."""
    path = Path(file)
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} must stand once in {file}"
    path.write_text(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


SPOILT = [
    # file, old, new, lines below the replaced one, key, words of the message
    ("tiny_ban.yaml", "severity:", "severty:", 0, "scenario.hazards.ban.severty",
     "no such setting; did you mean 'severity'?"),
    ("tiny.yaml", "capacity: 1200", "capacity: lots", 0, "network.sites.pit.capacity",
     "'lots', must be a number (t/year)"),
    ("tiny.yaml", "capacity: 1200", "capacity: -3", 0, "network.sites.pit.capacity",
     "-3, must be 0 or more (t/year)"),
    ("tiny.yaml", "capacity: 1200", "capacity: .nan", 0, "network.sites.pit.capacity", "must be"),
    ("tiny.yaml", "          pit: {share", "          pitt: {share", 0,
     "network.sites.works.feeds.ore.lanes.pitt", "did you mean 'pit'?"),
    ("tiny.yaml", "    product: ore\n", "    product: oar\n", 0, "network.sites.pit.product",
     "did you mean 'ore'?"),
    ("tiny.yaml", "pit: {share: 1,", "pit: {share: 0.9,", -1, "network.sites.works.feeds.ore.lanes",
     "must sum to 1"),
    ("tiny.yaml", "    country: CHN\n    capacity: 1200", "    country: NO\n    capacity: 1200", 0,
     "country", "quote"),
    ("tiny.yaml", "capacity: 1200", "capacity: 012", 0, "capacity", "10"),
    ("tiny.yaml", "capacity: 1200", "capacity: 12:30", 0, "capacity", "750"),
    ("tiny.yaml", "capacity: 1200", "capacity: true", 0, "network.sites.pit.capacity", "True"),
    ("tiny_ban.yaml", "horizon_days: 364", "horizon_days: 0", 0, "scenario.horizon_days",
     "0, must be above 0 (days)"),
    ("tiny_ban.yaml", "horizon_days: 364", "horizon_days: 1.5", 0, "scenario.horizon_days",
     "must be a whole number"),
    ("tiny_ban.yaml", "start: 2026-01-01", "start: January", 0, "scenario.start",
     "must be a date as in 2025-12-01"),
    ("tiny_ban.yaml", "kind: control", "kind: contrl", 0, "scenario.hazards.ban.effects.metal.kind",
     "did you mean 'control'?"),
    ("tiny_ban.yaml", "beta, alpha: 2, beta: 2", "beta, alpha: 2", 0,
     "scenario.hazards.ban.severity", "beta"),
    ("tiny_ban.yaml", "network: ./tiny.yaml", "network: rare_earhs", 0, "network",
     "no such network; did you mean 'rare_earths'?"),
    ("tiny_ban.yaml", "policy: none", "policy: nome", 0, "policy", "did you mean 'none'?"),
    ("tiny_ban.yaml", "title: A ban", "titel: A ban", 0, "scenario.titel", "did you mean 'title'?"),
    ("tiny_ban.yaml", "start: 2026-01-01", "start: 2026-01-01\nstart: 2026-01-02", 1, "start",
     "twice"),
    ("tiny_ban.yaml", "title: A ban", "title: [A ban", 0, "(YAML)", "cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "below", "key", "words"), SPOILT, ids=[s[2].strip() for s in SPOILT]
)
def test_a_spoilt_file_is_told_with_file_line_key_and_expectation(
    capsys, place, file, old, new, below, key, words
):
    line = spoil(place / file, old, new) + below
    lines = faults_of(capsys, ["run", "scenario=tiny_ban.yaml"], place)
    wanted = [text for text in lines if key in text and words in text]
    assert wanted, lines
    if key != "(YAML)":  # a parser finds out later than the mistake was made
        assert wanted[0].startswith(f"{file}:{line} "), wanted
    else:
        assert wanted[0].startswith(f"{file}:"), wanted


def test_all_mistakes_are_told_at_once(capsys, place):
    spoil("tiny_ban.yaml", "horizon_days: 364", "horizon_days: 0")
    spoil("tiny_ban.yaml", "severity:", "severty:")
    spoil("tiny.yaml", "capacity: 1200", "capacity: -3")
    words = ["run", "scenario=tiny_ban.yaml", "run.replications=0"]
    keys = [line.split("  ")[1].split(":")[0] for line in faults_of(capsys, words, place)]
    assert sorted(keys) == ["network.sites.pit.capacity", "run.replications",
                            "scenario.hazards.ban.severty", "scenario.horizon_days"]  # fmt: skip


def test_a_cycle_is_told_with_its_sites(capsys, place):
    old = "      ore:\n        cover_days: 14\n"
    loop = "      good:\n        lanes:\n          makers_japan: {share: 1, transit_days: 1}\n"
    spoil("tiny.yaml", old, loop + old)
    lines = faults_of(capsys, ["check", "tiny.yaml"], place)
    assert any("works" in line and "makers_japan" in line for line in lines)
    assert all(line.startswith("tiny.yaml:") for line in lines)


def test_a_ring_of_refiners_is_refused(capsys, place):
    spoil("tiny.yaml", "    capacity: 1200\n    sources: {capacity: made_up}\n",
          "    capacity: 1200\n    sources: {capacity: made_up}\n"
          "    feeds:\n      metal:\n        lanes:\n          works: {share: 1}\n")  # fmt: skip
    spoil("tiny.yaml", "    kind: mine\n", "    kind: refiner\n")
    lines = faults_of(capsys, ["check", "tiny.yaml"], place)
    assert any("pit" in line and "works" in line for line in lines), lines


@pytest.mark.parametrize("given", ["file", "command line"])
def test_a_reference_flow_above_capacity_is_told(capsys, place, given):
    words = ["run", "scenario=tiny_ban.yaml"]
    if given == "file":
        given = f"tiny.yaml:{spoil('tiny.yaml', 'capacity: 1200', 'capacity: 100')}"
    else:
        words.append("network.sites.pit.capacity=100")
    lines = faults_of(capsys, words, place)
    assert any(line.startswith(f"{given}  network.sites.pit.capacity: 100") for line in lines), (
        lines
    )


def test_a_hazard_that_meets_nothing_is_told(capsys, place):
    line = spoil("tiny_ban.yaml", "product: metal}", "product: mettal}")
    lines = faults_of(capsys, ["run", "scenario=tiny_ban.yaml"], place)
    assert any("'metal'" in text and text.startswith(f"tiny_ban.yaml:{line}") for text in lines), (
        lines
    )


@pytest.mark.parametrize("value", ["0", "-5", "1.5", "many"])
def test_a_senseless_number_of_replications_is_told(capsys, place, value):
    words = ["run", "scenario=tiny_ban.yaml", f"run.replications={value}"]
    (line,) = faults_of(capsys, words, place)
    assert line.startswith("command line  run.replications: ")


@pytest.mark.parametrize("group", ["scenario", "network", "policy"])
@pytest.mark.parametrize("file", HOSTILE, ids=[f.stem for f in HOSTILE])
def test_a_hostile_file_is_refused_and_does_nothing(capsys, place, file, group):
    shutil.copy(file, place / "hostile.yaml")
    base = [] if group == "scenario" else ["scenario=tiny_ban.yaml"]
    lines = faults_of(capsys, ["run", *base, f"{group}=hostile.yaml"], place)
    assert any("hostile.yaml" in line for line in lines), lines


@pytest.mark.parametrize("file", HOSTILE, ids=[f.stem for f in HOSTILE])
def test_check_and_show_do_not_act_on_a_hostile_file(capsys, place, file):
    shutil.copy(file, place / "hostile.yaml")
    faults_of(capsys, ["check", "hostile.yaml"], place)
    faults_of(capsys, ["show", "hostile.yaml"], place)


@pytest.mark.parametrize("file", HOSTILE, ids=[f.stem for f in HOSTILE])
def test_an_own_folder_is_no_way_round(capsys, place, file):
    (place / "own" / "scenario").mkdir(parents=True)
    shutil.copy(file, place / "own" / "scenario" / "mine.yaml")
    faults_of(capsys, ["run", "scenario=mine", "--config-dir", "own"], place)
    assert main(["list", "--config-dir", "own"]) == 0


@pytest.mark.parametrize(
    ("reference", "words"),
    [("nope.yaml", "no such file"), ("tiny_bam.yaml", "did you mean 'tiny_ban.yaml'?"),
     (".", "no such scenario"), ("./", "is a folder"), ("tiny_ban", "write scenario=./tiny_ban")],
)  # fmt: skip
def test_a_scenario_that_is_not_there_is_told(capsys, place, reference, words):
    (line,) = faults_of(capsys, ["run", f"scenario={reference}"], place)
    assert line.startswith("command line  scenario: ")
    assert words in line


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_what_is_no_regular_file_is_refused_unread(capsys, place, make):
    (place / "own" / "scenario").mkdir(parents=True)
    make(place / "own" / "scenario" / "odd.yaml")
    faults_of(capsys, ["run", "scenario=odd", "--config-dir", "own"], place)
    (line,) = faults_of(capsys, ["run", "scenario=own/scenario/odd.yaml"], place)
    assert "is not a regular file" in line or "is a folder" in line
    (line,) = faults_of(capsys, ["sweep", "scenario=tiny_ban.yaml", "--design", "/dev/zero"], place)
    assert "/dev/zero:" in line and "is not a regular file" in line


def test_a_large_file_is_refused_with_the_limit(capsys, place):
    with open("tiny.yaml", "ab") as stream:
        stream.truncate(yaml_files.MAX_BYTES + 1)
    (line,) = faults_of(capsys, ["run", "scenario=tiny_ban.yaml"], place)
    assert line.startswith("tiny.yaml: holds more than 20 MB")


def test_text_that_is_not_utf8_is_told_with_its_line(capsys, place):
    text = Path("tiny.yaml").read_bytes()
    Path("tiny.yaml").write_bytes(b"# one\n# two\n# \xff\n" + text)
    (line,) = faults_of(capsys, ["run", "scenario=tiny_ban.yaml"], place)
    assert line.startswith("tiny.yaml:3  tiny.yaml: is not a UTF-8 text file")


def test_a_name_that_begins_with_a_tilde_is_a_name(capsys, place):
    (line,) = faults_of(capsys, ["check", "~x.yaml"], place)
    assert "no such file" in line


def test_an_unreadable_file_is_told(capsys, place, monkeypatch):
    def refuse(path, *args, **kwargs):
        if Path(path).name == "tiny.yaml":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return open(path, *args, **kwargs)

    monkeypatch.setattr(yaml_files, "open", refuse, raising=False)
    (line,) = faults_of(capsys, ["run", "scenario=tiny_ban.yaml"], place)
    assert "tiny.yaml" in line
    assert "Permission denied" in line


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_file_without_permission_is_told(capsys, place):
    (place / "tiny.yaml").chmod(0)
    (line,) = faults_of(capsys, ["run", "scenario=tiny_ban.yaml"], place)
    assert "tiny.yaml" in line


def test_a_results_folder_that_cannot_be_made_is_told(capsys, place):
    (place / "results").write_text("a file in the way\n")
    (line,) = faults_of(capsys, ["run", "scenario=tiny_ban.yaml", "run.replications=2"], place)
    assert line.startswith("output.dir: results/tiny_ban")
    assert "output.dir=..." in line


JUNK = [None, [], {}, "", "x", -1, 0, True, float("nan"), float("inf"), 1e300, 10**30, [1, 2],
        {"a": 1}, {1: 2}, {"median": 1, "p90": 2}, {"mean": {"mean": 1}}, "12:30", "NO",
        "2026-13-01", ["x", {"y": 1}]]  # fmt: skip


def paths(data, path=()):
    yield path
    items = data.items() if isinstance(data, dict) else ()
    for key, value in enumerate(data) if isinstance(data, list) else items:
        yield from paths(value, (*path, key))


def put(data, path, value):
    if not path:
        return value
    new = copy.copy(data)
    new[path[0]] = put(data[path[0]], path[1:], value)
    return new


def test_whatever_stands_in_a_file_is_loaded_or_refused_with_a_place(place):
    rng = random.Random(20251009)
    good = {f: yaml.safe_load(Path(f).read_text()) for f in sorted(map(str, Path().glob("*.yaml")))}
    refused = []
    for _ in range(300):
        file = rng.choice(list(good))
        where = rng.choice(list(paths(good[file])))
        Path(file).write_text(yaml.safe_dump(put(good[file], where, rng.choice(JUNK))))
        try:
            load_settings("./tiny_ban.yaml", policy="./tiny_stock.yaml")
        except UserError as error:
            refused.append(error)
        Path(file).write_text(yaml.safe_dump(good[file]))
    assert 200 < len(refused) < 300
    assert [f for error in refused for f in error.faults if not f.where] == []


def test_a_full_disk_leaves_no_half_written_file(tmp_path):
    target = tmp_path / "summary.csv"
    target.write_text("old\n")

    def write(file):
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(UserError, match=r"No space left on device.*free space"):
        files.write_whole(target, write)
    assert [p.name for p in tmp_path.iterdir()] == ["summary.csv"]
    assert target.read_text() == "old\n"


def test_a_disk_that_fills_up_during_a_run_ends_it_with_a_message(capsys, place, monkeypatch):
    def fsync(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", fsync)
    words = ["run", "scenario=tiny_ban.yaml", "run.replications=4", "output.figures=false"]
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "No space left on device" in err
    assert "Traceback" not in err
    left = {p.name for p in (place / "results").rglob("*") if p.is_file()}
    assert left == {".lock", ".lock-gate"}


MEANT = [
    # words, what the message says
    (["run", "china_ree_embargo"], "did you mean scenario=china_ree_embargo?"),
    (["run", "china_ree_embrago"], "did you mean 'scenario=china_ree_embargo'?"),
    (["sweep", "rare_earths"], "did you mean network=rare_earths?"),
    (["rank-projects", "msp"], "did you mean policy=msp?"),
    (["run", "tiny_ban.yaml"], "did you mean scenario=./tiny_ban.yaml?"),
    (["run", "scenario=china_ree_embargo.yaml"], "did you mean scenario=china_ree_embargo?"),
    (["run", "scenario=background", "replications=10"], "did you mean run.replications=10?"),
    (["run", "dir=x"], "did you mean output.dir=x?"),
    (["run", "start=2026-01-01"], "did you mean scenario.start=2026-01-01?"),
    (["run", "scenario", "=", "background"], "without spaces"),
    (["run", "-m", "scenario=background"], "shortfall sweep"),
    (["run", "--multirun"], "shortfall sweep"),
    (["run", "--cfg", "job"], "shortfall show NAME --yaml"),
    (["run", "--info"], "shortfall show NAME"),
    (["run", "-cn", "x"], "scenario=NAME"),
    (["run", "--config-name=x"], "scenario=NAME"),
    (["sweep", "-cp", "x"], "--config-dir"),
    (["run", "hydra/launcher=joblib"], "run.dask"),
    (["sweep", "hydra/sweeper=optuna"], "--design"),
    (["run", "hydra.run.dir=x"], "output.dir"),
    (["show", "scenario=background"], "did you mean the name alone: background?"),
    (["run", "+experiment=x"], "experiment=FILE"),
]


@pytest.mark.parametrize(("words", "told"), MEANT, ids=[" ".join(w) for w, _ in MEANT])
def test_what_people_type_is_told_with_what_does_it_here(capsys, place, words, told):
    (line,) = faults_of(capsys, words, place)
    assert told in line and line.startswith("command line  ")


@pytest.mark.parametrize("name", ["missing.yaml", "zzz.yaml"])
def test_no_guess_is_made_without_likeness(capsys, place, name):
    (line,) = faults_of(capsys, ["check", name], place)
    assert "no such file" in line and "did you mean" not in line


def test_region_codes_may_be_small_letters():
    assert regions_of("jpn, Usa,EU,jpn") == ("JPN", "USA", "EU")
