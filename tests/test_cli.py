"""The command line: help, exit codes, what goes where, light imports, completion."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim import __version__
from sim.cli import main
from sim.commands._command import all_declared

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data"
BAN = str(DATA / "tiny_ban.yaml")
COMMANDS = list(all_declared())
NETWORK = str(DATA / "tiny.yaml")
STOCK = str(DATA / "tiny_stock.yaml")
HEAVY = ("numba", "scipy", "matplotlib", "pandas", "pyarrow", "simpy")


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_help_begins_with_usage_and_three_examples(capsys, words):
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("usage: shortfall ")
    assert [line.startswith("  shortfall ") for line in lines[2:6]] == [True] * 3 + [False]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_commands_help_begins_with_usage_and_three_examples(capsys, command):
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert lines[0].startswith(f"usage: shortfall {command} ")
    assert [line.startswith(f"  shortfall {command}") for line in lines[2:6]] == [True] * 3 + [
        False
    ]
    assert "hydra" not in text.lower()


def test_help_offers_no_command_that_does_not_exist(capsys):
    main(["--help"])
    text = capsys.readouterr().out
    listed = text.partition("commands:")[2]
    assert set(re.findall(r"^  ([a-z-]+)  ", listed, re.MULTILINE)) <= set(COMMANDS)
    assert all(f"\n  {command} " in text for command in COMMANDS)


def test_a_new_command_is_one_file_as_the_recipe_says(tmp_path):
    package = tmp_path / "sim"
    shutil.copytree(
        Path(sim.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__")
    )
    recipes = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"```python\n(.*?)```", recipes, re.S)
    (package / "commands" / "say_hello.py").write_text(recipe)
    (package / "commands" / "_helper.py").write_text("raise SystemExit('is no command')\n")

    def said(*words):
        env = {**os.environ, "PYTHONPATH": str(tmp_path)}
        done = subprocess.run([sys.executable, "-m", "sim", *words], cwd=tmp_path, env=env,
                              capture_output=True, text=True)  # fmt: skip
        return done.stdout + done.stderr

    assert said("say-hello", "world") == "hello world\n"
    assert said("say-hello", "--help").startswith("usage: shortfall say-hello NAME\n")
    assert "\n  say-hello        a greeting\n" in said("--help")
    assert "did you mean 'say-hello'?" in said("say-helo")


def test_version_is_ours(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"shortfall {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [["--help"], ["run", "--help"], ["--version"], ["list"], ["list", "hazards"], ["lst"],
     ["show", "nosuchthing"]],
)  # fmt: skip
def test_quick_commands_import_nothing_heavy(words):
    code = (
        "import sys, json; from sim.cli import main; main(json.loads(sys.argv[1]));"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, json.dumps(words)], capture_output=True,
                          text=True, check=True)  # fmt: skip
    assert done.stderr.splitlines()[-1] == "[]"


def test_tab_imports_nothing_heavy():
    code = (
        "import sys; from sim.cli import main; main(['-sc', 'query=bash']);"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    line = f"shortfall run scenario={BAN} network.sites.wo"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env={**os.environ, "COMP_LINE": line})  # fmt: skip
    assert done.stdout == "network.sites.works.\n[]\n"


def test_list_names_every_group(capsys):
    assert main(["list"]) == 0
    text = capsys.readouterr().out
    assert "china_ree_embargo" in text
    assert "No policy" in text
    assert main(["list", "hazards"]) == 0
    assert "kachin_floods" in capsys.readouterr().out


def test_list_looks_into_an_own_folder(capsys, tmp_path):
    (tmp_path / "policy").mkdir()
    shutil.copy(STOCK, tmp_path / "policy" / "stock.yaml")
    assert main(["list", "policies", "--config-dir", str(tmp_path)]) == 0
    assert "Japan holds metal" in capsys.readouterr().out


def test_show_prints_numbers_with_units_and_sources(capsys):
    assert main(["show", BAN, "scenario.hazards.ban.onset.day=30"]) == 0
    text = capsys.readouterr().out
    assert "lognormal(median 60, p90 120)" in text
    row = next(line for line in text.splitlines() if line.startswith(" onset.day"))
    assert row.split() == ["onset.day", "30", "days", "invented", "for", "tests"]


def test_show_prints_which_draw_lies_on_which_dimension(capsys):
    assert main(["show", "china_ree_controls_2025_10", "--draws", "run.replications=1024"]) == 0
    out = capsys.readouterr().out
    assert "1,024 futures, in blocks of 64" in out
    lines = {tuple(line.split()[:2]): line.split() for line in out.splitlines() if line.strip()}
    whether = next(v for k, v in lines.items() if k == ("package_returns", "whether"))
    how_long = next(v for k, v in lines.items() if k == ("package_returns", "how"))
    assert whether[-2:] == ["2", "1"] and how_long[-2:] == ["3", "1"]
    assert main(["show", "china_ree_controls_2025_10", "--draws", "run.sampling=plain"]) == 0
    assert "each drawn alone" in capsys.readouterr().out


def test_show_prints_a_networks_flows_and_a_policy(capsys):
    assert main(["show", NETWORK]) == 0
    text = capsys.readouterr().out
    row = next(line for line in text.splitlines() if line.startswith(" works   makers_japan"))
    assert "365" in row
    assert "invented for tests" in text
    assert main(["show", STOCK]) == 0
    assert "reserve_japan.stock" in capsys.readouterr().out


def test_show_yaml_is_the_resolved_config(capsys):
    import yaml

    from sim.config.settings import Settings, load_settings

    assert main(["show", BAN, "run.seed=3", "--yaml"]) == 0
    data = yaml.safe_load(capsys.readouterr().out)
    assert Settings.model_validate(data) == load_settings(BAN, changes={"run.seed": 3})


def test_show_finds_a_hazard_by_name(capsys):
    assert main(["show", "kachin_floods"]) == 0
    assert "0.0075" in capsys.readouterr().out


def test_check_says_what_is_right_on_stderr(capsys):
    assert main(["check", NETWORK, STOCK, f"network={NETWORK}"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "right: network, 4 sites" in err
    assert "right: policy on" in err


def test_unknown_command_option_and_name_end_with_2(capsys):
    assert main(["lst"]) == 2
    assert "did you mean 'list'?" in capsys.readouterr().err
    assert main(["list", "scenario"]) == 2
    assert "did you mean 'scenarios'?" in capsys.readouterr().err
    assert main(["run", "--sed", "1"]) == 2
    assert "--sed" in capsys.readouterr().err
    assert main(["show", "rare_earhs"]) == 2
    assert "did you mean 'rare_earths'?" in capsys.readouterr().err
    assert main(["replay", str(DATA), "-r", "x"]) == 2
    assert "invalid int" in capsys.readouterr().err
    assert main(["plot", str(DATA)]) == 2
    assert "not a folder of results" in capsys.readouterr().err
    assert main(["compare", str(DATA)]) == 2


def test_ctrl_c_ends_with_130_and_tells_how_to_go_on(capsys, monkeypatch):
    from sim.commands import run as run_command

    def interrupted(args):
        raise KeyboardInterrupt

    declared = dataclasses.replace(run_command.COMMAND, function=interrupted)
    monkeypatch.setattr(run_command, "COMMAND", declared)
    assert main(["run", "scenario.title='a b'"]) == 130
    out, err = capsys.readouterr()
    assert out == ""
    assert """  shortfall run 'scenario.title='"'"'a b'"'"''""" in err


def test_every_point_of_a_sweep_is_checked_before_the_first_one_runs(capsys, monkeypatch, tmp_path):
    from sim.sweep import grid

    def run(*args, **options):
        raise AssertionError("ran")

    monkeypatch.setattr(grid, "run", run)
    monkeypatch.chdir(tmp_path)
    ban = f"scenario={BAN}"
    assert main(["sweep", ban, "run.seed=1,-1"]) == 2
    assert "run.seed: -1" in capsys.readouterr().err
    assert main(["sweep", ban, "network.sites.pit.capacity=1200,100"]) == 2  # only compiling tells
    assert "network.sites.pit.capacity" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_run_writes_its_folder_and_prints_only_that_on_stdout(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    shutil.copy(BAN, tmp_path / "mine.yaml")
    shutil.copy(NETWORK, tmp_path / "tiny.yaml")
    words = ["run", "scenario=mine.yaml", "run.replications=40", "run.audit=1", "run.workers=1",
             "output.figures=false"]  # fmt: skip
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert out == f"{Path('results/mine')}\n"
    assert "40 futures" in err
    assert (tmp_path / "results/mine/summary.csv").is_file()
    assert main([*words, "run.seed=1"]) == 2  # another run lies there
    assert "run.seed" in capsys.readouterr().err


def test_python_m_sim_is_the_same_command():
    done = subprocess.run([sys.executable, "-m", "sim", "lst"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "did you mean 'list'?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_told():
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "sim", "list"], stdout=full,
                              stderr=subprocess.PIPE, text=True)  # fmt: skip
    assert done.returncode == 2
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


COMPLETE = """
mkdir bin
printf '#!/bin/sh\\nexec "$PYTHON" -m sim "$@"\\n' > bin/shortfall
chmod +x bin/shortfall
PATH=$PWD/bin:$PATH
eval "$(shortfall -sc install=bash)"
while IFS= read -r LINE; do
  COMP_LINE=$LINE; COMP_POINT=${#LINE}; words=($LINE); COMP_CWORD=$(( ${#words[@]} - 1 ))
  COMPREPLY=()
  hydra_bash_completion < /dev/null
  echo "${COMPREPLY[*]}"
done
"""
OFFERS = {
    "shortfall sw": "sweep",
    "shortfall run scenario=china_ree_em": "scenario=china_ree_embargo",
    f"shortfall run scenario={BAN} scenario.hazards.ban.ons": "scenario.hazards.ban.onset.",
    "shortfall run hyd": "",
    "shortfall show china_ree_em": "china_ree_embargo",
}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_completion_in_bash(tmp_path):
    lines = "".join(f"{line}\n" for line in OFFERS)
    done = subprocess.run(["bash", "-c", COMPLETE], capture_output=True, text=True, cwd=tmp_path,
                          input=lines, env={**os.environ, "PYTHON": sys.executable})  # fmt: skip
    assert done.stdout.splitlines() == list(OFFERS.values()), done.stderr
