"""The commands that advise: what goes where, bad input, light imports, figures."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from shipped import LIBRARY, network_of

from sim.cli import main
from sim.plots import combination, n_minus_one, ranking, vulnerabilities
from sim.plots.style import style

DATA = Path(__file__).parent / "data"
BAN, NETWORK, STOCK = (str(DATA / f"{n}.yaml") for n in ("tiny_ban", "tiny", "tiny_stock"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_vulnerabilities_prints_its_folder_on_stdout_and_the_tables_on_stderr(capsys, tmp_path):
    words = ["vulnerabilities", NETWORK, "--for", "JPN", "--pairs", "--days", "90", "--output"]
    assert main([*words, str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path}\n"
    assert "pit" in err
    assert "N-1 cover" in err
    found = rows(tmp_path / "vulnerabilities.csv")
    assert found[0]["kind"] == "site"
    assert float(found[0]["loss"]) > 0
    question = json.loads((tmp_path / "question.json").read_text())
    assert (question["days"], question["for"], question["all_pairs"]) == (90, "JPN", True)
    assert (tmp_path / "figures" / "vulnerabilities.png").is_file()
    assert (tmp_path / "figures" / "n_minus_1.svg").is_file()


def test_vulnerabilities_looks_at_a_network_under_a_policy(capsys, tmp_path):
    for name, more in (("plain", []), ("stock", ["--policy", STOCK])):
        folder = str(tmp_path / name)
        assert main(["vulnerabilities", NETWORK, "--for", "JPN", "--output", folder, *more]) == 0
    capsys.readouterr()
    plain, stock = (float(rows(tmp_path / n / "vulnerabilities.csv")[0]["loss"])
                    for n in ("plain", "stock"))  # fmt: skip
    assert stock < plain


def test_rank_projects_prints_its_folder_and_notes_what_a_stock_is_worth(capsys, tmp_path):
    words = ["rank-projects", f"scenario={BAN}", "--for", "JPN", "run.replications=60"]
    words += ["--candidates", "reserves", "--greedy", "1", "--output", str(tmp_path)]
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path}\n"
    assert "reserve_jpn_metal" in err
    (row,) = rows(tmp_path / "ranking.csv")
    assert float(row["avoided_mean_low"]) > 0
    assert row["avoided_cvar95"] == ""  # refused: too few futures
    (step,) = rows(tmp_path / "combination.csv")
    assert step["taken"] == "yes"
    assert (tmp_path / "figures" / "ranking.png").is_file()


def test_rank_projects_adds_a_policy_to_the_one_in_force(capsys, tmp_path):
    words = ["rank-projects", f"scenario={BAN}", "run.replications=20", f"policy={STOCK}"]
    assert main([*words, "--candidates", "msp", "--greedy", "0", "--output", str(tmp_path)]) == 0
    capsys.readouterr()
    (row,) = rows(tmp_path / "ranking.csv")
    assert row["name"] == "msp"
    assert float(row["p_harms"]) == 0.0  # it has nothing to do here, and the stock stays


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["vulnerabilities", "rare_earhs"], "did you mean 'rare_earths'"),
        (["vulnerabilities", NETWORK, "--for", "JPM"], "did you mean 'JPN'"),
        (["vulnerabilities", NETWORK, "--severity", "1.5"], "above 0 and at most 1"),
        (["vulnerabilities", NETWORK, "--days", "0"], "--days: 0, must be from 1"),
        (["vulnerabilities", NETWORK, "--top", "0"], "--top: 0, must be from 1 to 60"),
        (["vulnerabilities", NETWORK, "--policy", "nonne"], "no such policy"),
        (["vulnerabilities"], "network"),
        (
            ["rank-projects", f"scenario={BAN}", "--candidates", "project"],
            "did you mean 'projects'",
        ),
        (["rank-projects", f"scenario={BAN}", "--by", "cvr"], "did you mean 'cvar'"),
        (
            ["rank-projects", f"scenario={BAN}", "--measure", "value_addd"],
            "is none of tonnes, share, value_added, gdp; did you mean 'value_added'",
        ),
        (
            ["rank-projects", f"scenario={BAN}", "--measure", "gdp"],
            "states no value added of all end users; judge by tonnes or share",
        ),
        (["compare", "a", "b", "--measure", "tones"], "did you mean 'tonnes'"),
        (["rank-projects", f"scenario={BAN}", "--greedy", "-1"], "--greedy: -1, must be from 0"),
        (["rank-projects", f"scenario={BAN}", "--reserve-days", "0"], "--reserve-days: 0, must be"),
        (["rank-projects", f"scenario={BAN}", "--for", "Mars"], "no end user in such a region"),
        (["rank-projects", "scenario=nosuch"], "no such scenario"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(words, told, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert "Traceback" not in err
    assert not list(tmp_path.rglob("*.csv"))


def test_help_and_mistakes_of_the_advisers_import_nothing_heavy():
    code = (
        "import sys; from sim.cli import main\n"
        "for words in (['rank-projects', '--help'], ['vulnerabilities', 'x', '--days', '0']):\n"
        "    main(words)\n"
        "heavy = ('numba', 'scipy', 'matplotlib', 'pyarrow', 'simpy', 'numpy')\n"
        "print([m for m in heavy if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


def test_every_cost_of_the_shipped_pipelines_has_a_source():
    for chain in LIBRARY.files("network"):
        network = network_of(chain)
        for name, project in network.projects.items():
            assert (project.cost_usd is None) == ("cost_usd" not in project.sources), name
    rare_earths = network_of("rare_earths")
    assert sum(p.cost_usd is not None for p in rare_earths.projects.values()) >= 10


# --- figures -------------------------------------------------------------------------------------

NAN3 = (math.nan,) * 3


def figures() -> dict:
    broken = [vulnerabilities.Broken("site", "a_pit", 0.2, 40.0, 500.0),
              vulnerabilities.Broken("route", "malacca", 0.1, 400.0, math.nan)]  # fmt: skip
    bars = [n_minus_one.CoverBar("ndpr_oxide", "CHN", 0.1, 0.3, 0.7, 0.35, 0.4),
            n_minus_one.CoverBar("ore", "MMR", 0.4, math.inf, 2.0, math.nan, math.nan)]  # fmt: skip
    ranked = [ranking.Ranked("Dig", "project", (5, 4, 6), (9, 7, 11), (8, 7, 9), (12, 9, 15)),
              ranking.Ranked("Stock", "reserve", (2, -1, 5), NAN3, NAN3, NAN3)]  # fmt: skip
    stairs = [combination.Stair("Dig", "project", (5, 4, 6), True),
              combination.Stair("Stock", "reserve", (5.5, 4, 7), False)]  # fmt: skip
    return {
        "vulnerabilities": vulnerabilities.figure(broken, "Chain", "JPN", 365, 1095, "note"),
        "nothing": vulnerabilities.figure([], "Chain", "JPN", 365, 1095, "note"),
        "n_minus_one": n_minus_one.figure(bars, "Chain", "note"),
        "ranking": ranking.figure(ranked, "A ban", "JPN", "t", "note"),
        "combination": combination.figure(stairs, 50.0, "A ban", "JPN", "t", "note"),
    }


def test_figures_say_what_they_show_and_stay_inside_their_paper():
    from matplotlib.text import Text

    told = {}
    for name, fig in figures().items():
        with style():
            fig.draw_without_rendering()
        box = fig.get_tightbbox(fig.canvas.get_renderer())
        assert min(box.x0, box.y0) > -0.01, name
        assert box.x1 < fig.get_figwidth() + 0.01, name
        assert box.y1 < fig.get_figheight() + 0.01, name
        found = [t.get_text() for t in fig.findobj(Text) if t.get_visible()]
        told[name] = " ".join(" ".join(found).split())
    assert "Worst for Japan: a pit (site), 20 % short" in told["vulnerabilities"]
    assert "Nothing that stops alone makes Japan run short" in told["nothing"]
    assert "Without China the others meet 30 % of demand elsewhere" in told["n_minus_one"]
    assert "Worth most for Japan: Dig" in told["ranking"]
    assert "For Japan one step avoids 10 % of the loss" in told["combination"]
    assert "cannot be told from nothing" in told["combination"]
    for name in ("ranking", "combination"):
        assert "95 % interval" in told[name]


def test_figures_draw_one_mark_a_number():
    made = figures()
    left, right = made["vulnerabilities"].axes
    assert len(left.patches) == 2
    assert [p.get_width() for p in left.patches] == [20.0, 10.0]
    assert any(line.get_marker() == ">" for line in right.lines)  # not over
    ends = [[*line.get_xdata()] for line in made["ranking"].axes[0].lines]
    assert [4, 6] in ends  # the interval of Dig
    assert [7, 9] in ends  # against not having it
