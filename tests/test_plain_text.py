"""Text stays text: on the terminal, in tables, in CSV files, in messages."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.base.errors import Fault, UserError
from sim.base.plain_text import PlainStream, cell_text, in_digits, is_lost_by_readers, plain
from sim.cli import main
from sim.commands._tables import n_fitting, print_columns, print_table
from sim.network.load import read_network
from sim.results.write import write_rows
from sim.run.progress import progress
from sim.run.shard import Shard, commands_for, note

DATA = Path(__file__).parent / "data"
STEER = "a\x1b[31mb\x07\x9b\u202ec\u2028"
WRITTEN = "a\\x1b[31mb\\x07\\x9b\\u202ec\\u2028"
MARKUP = ["[red]x", "[/]", "Ban [/red] closes", "a\\[b]", ":smile:", "x\\"]
QUICK = ["run.replications=8", "run.audit=0", "output.figures=false"]


def test_what_steers_a_terminal_is_written_out():
    assert plain(STEER) == WRITTEN
    assert plain("a\nb\tc") == "a\\nb\\tc" and plain("a\nb", keep="\n") == "a\nb"
    assert plain("Überschuß 中文 \ud800") == "Überschuß 中文 \\ud800"


def test_a_stream_writes_out_what_its_encoding_lacks():
    raw = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    print("é\x1b", file=PlainStream(raw))
    raw.seek(0)
    assert raw.read() == "\\xe9\\x1b\n"


@pytest.mark.parametrize("title", [STEER, *MARKUP])
def test_a_title_is_printed_as_it_is_written(capsys, tmp_path, title):
    for name in ("tiny.yaml", "tiny_ban.yaml"):
        text = (DATA / name).read_text()
        old = next(line for line in text.splitlines() if line.startswith("title:"))
        (tmp_path / name).write_text(text.replace(old, f"title: {json.dumps(title)}"))
    ban = str(tmp_path / "tiny_ban.yaml")
    out = f"output.dir={tmp_path}/out"
    network = str(tmp_path / "tiny.yaml")
    run = ["run", f"scenario={ban}", *QUICK, out]
    for words in (run, ["show", ban], ["check", ban], ["show", network], ["list"]):
        refused = title == STEER and words[0] != "list"  # the reader of files takes no such text
        assert main(words) == (2 if refused else 0)
        told = "".join(capsys.readouterr())
        assert "\x1b" not in told and "\u202e" not in told
        if words[0] in ("run", "show") and not refused:
            assert plain(title) in told


def test_a_key_and_a_long_value_are_told_in_one_plain_short_line(capsys):
    assert main(["run", "scenario=background", f"run.seed={'9' * 300_000}"]) == 2
    assert main(["run", f"scenario={'x' * 300_000}"]) == 2
    assert main(["x" * 300_000]) == 2
    assert main(["show", "background", f"run.{STEER}=1"]) == 2
    told = capsys.readouterr().err
    assert len(told) < 12_000 and "\x1b" not in told
    assert "300,000 characters" in told
    fault = Fault("a\x1b.b", "c\nd", "expected", "e\x1bf.yaml:1")
    assert str(fault) == "e\\x1bf.yaml:1  a\\x1b.b: c\\nd, expected"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("text", [STEER, *MARKUP])
def test_cells_headers_and_bars_are_no_markup(monkeypatch, text):
    out = io.StringIO()
    print_table(text, [text], [[text]], out)
    assert out.getvalue().count(plain(text)) == 3
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with progress(text, 4) as tick:
        tick(4)
    assert plain(text) in screen.getvalue()
    assert "\x1b[31m" not in screen.getvalue() and "\u202e" not in screen.getvalue()


@pytest.mark.parametrize("width", [24, 40, 60, 80, 200])
def test_a_narrow_terminal_shows_fewer_columns_and_all_digits(monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    columns = ["end users in", *(f"number\nof {n}" for n in range(8))]
    rows = [["a long name of a user"] + [f"{n}1,234,567\n[{n}0.25, {n}9.75]" for n in range(8)]]
    screen = Terminal()
    print_columns("title", columns, rows, [False, *[True] * 8], screen)
    shown = n_fitting(columns, rows, [False, *[True] * 8], width)
    told = re.sub(r"\x1b\[\d+m", "", screen.getvalue())
    table = [line for line in told.splitlines() if "too narrow" not in line]
    assert max(map(len, table)) <= width
    for n in range(8):
        assert (f"{n}1,234,567" in told and f"[{n}0.25, {n}9.75]" in told) == (n + 1 < shown)
        assert (f"of {n}" in told) and (shown == 9 or "too narrow for" in told)
    assert shown == {24: 1, 40: 2, 60: 4, 80: 5, 200: 9}[width]


def test_a_small_number_has_digits_and_no_exponent():
    assert [in_digits(x) for x in (4e-06, 0.25, 15230.4, 1490.0, 0.0, 1e-9, -1e-9)] == [
        "0.000004", "0.25", "15,230", "1,490", "0", "<0.000001", "-<0.000001"]  # fmt: skip
    from sim.commands._run_table import _number

    assert [_number(x, 2) for x in (4e-06, -4e-6, 0.006, 0.0, 7.123, 12.34, 1234.5)] == [
        "<0.01", ">-0.01", "0.01", "0.00", "7.12", "12.3", "1,234"]  # fmt: skip
    assert [_number(x, 0) for x in (0.4, -0.4, 7.123, 12.6)] == ["<1", ">-1", "7", "13"]


def test_a_csv_cell_is_text_to_spreadsheets_and_readers(tmp_path):
    texts = ["=1+1", "+cmd", "-cmd", "@sum", "\tx", "NA", "nan", "null", "N/A", "None"]
    kept = ["-0.5", "+2", "none", "name", "us_japan+msp", "", "1e-3"]
    write_rows(tmp_path / "t.csv", [{"a": t, "b": -1.5} for t in [*texts, *kept]])
    with open(tmp_path / "t.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["a"] for r in rows] == [f"'{plain(t)}" for t in texts] + kept
    assert {r["b"] for r in rows} == {"-1.5"}
    assert cell_text("a\x1bb") == "a\\x1bb"


def test_a_name_that_readers_lose_is_refused():
    assert is_lost_by_readers("NA") and is_lost_by_readers("NaN") and not is_lost_by_readers("none")
    data = (DATA / "tiny.yaml").read_text()
    import yaml

    network = yaml.safe_load(data.replace("makers_japan", "nan_x"))
    text = yaml.safe_dump(network).replace("nan_x", "'NA'")
    with pytest.raises(UserError, match="empty cell"):
        read_network(yaml.safe_load(text))


@pytest.mark.parametrize(
    "words",
    [["run", "--config-dir", "elsewhere"], ["run", "x=\x1b[31m"], ["run", "a=1; rm -rf b"],
     ["run", "output.overwrite=true", "output.dir=results"], ["merge", "a"], []],
)  # fmt: skip
def test_a_received_command_line_is_not_repeated(tmp_path, words):
    note(tmp_path, Shard(1, 2), words)
    assert commands_for(tmp_path, [range(1, 2)]) == []
    note(tmp_path, Shard(2, 2), ["run", "scenario=./a/b.yaml", "policy=[a,b]"])
    assert commands_for(tmp_path, [range(1, 2)]) == [
        "shortfall run scenario=./a/b.yaml 'policy=[a,b]' run.shard=2/2"
    ]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("n", [0, 1, 3])
def test_a_reader_that_has_seen_enough_is_no_mistake(n):
    line = f'"$PYTHON" -m sim show rare_earths 2>&1 | head -{n}; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True,
                          env={**os.environ, "PYTHON": sys.executable})  # fmt: skip
    assert done.stdout.splitlines()[-1] == "0", done
    assert len(done.stdout.splitlines()) == n + 1


def test_letters_without_a_glyph_are_told_and_dollars_are_no_formula(capsys, tmp_path):
    from matplotlib.figure import Figure

    from sim.plots.glyphs import missing_glyphs
    from sim.plots.style import save, style

    def drawn(title: str) -> Figure:
        with style():
            figure = Figure()
            figure.suptitle(title)
        return figure

    assert missing_glyphs(drawn("Überschuß, naïve, café: ±1 %")) == ""
    assert missing_glyphs(drawn("稀土 ban, 土")) == "土稀"
    save(drawn("稀土"), tmp_path / "fan")
    assert capsys.readouterr().err == "note: figure fan: no glyph for 土稀, drawn as boxes\n"
    (text,) = drawn("$5 and $6").findobj(lambda t: getattr(t, "get_text", str)() == "$5 and $6")
    assert not text.get_parse_math()


def test_hydras_options_are_told_without_a_command_too(capsys):
    assert main(["--cfg", "job"]) == 2
    assert "shortfall show NAME --yaml" in capsys.readouterr().err


def test_the_table_of_a_design_is_text_to_spreadsheets_too(tmp_path):
    (tmp_path / "d.csv").write_text("name,run.seed\n=1+1,1\nplain,2\n")
    words = [f"scenario={DATA / 'tiny_ban.yaml'}", *QUICK, f"output.dir={tmp_path}/out"]
    assert main(["sweep", "--design", str(tmp_path / "d.csv"), "--table", "csv", *words]) == 0
    with open(tmp_path / "out" / "sweep.csv", newline="") as file:
        assert {row["name"] for row in csv.DictReader(file)} == {"'=1+1", "plain"}
