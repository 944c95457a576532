"""Briefings: every sentence follows from the runs' numbers; the page is safe, small, complete."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import hashlib
import html
import json
import re
import zlib

import briefing_case as case
import numpy as np
import pytest

from sim.api import load
from sim.base.errors import UserError
from sim.brief import drawing, explorer, write
from sim.brief.content import brief_of
from sim.brief.own import marked
from sim.brief.page import page, printed
from sim.brief.read import read, regions_asked
from sim.brief.said import sentences
from sim.cli import main
from sim.plots.headlines import Headlines
from sim.words.numbers import NARROW
from sim.words.places import place_name
from sim.words.say import LANGUAGES

HOSTILE = "</script><img src=x onerror=alert(1)> =1+1"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return case.two_runs(tmp_path_factory.mktemp("brief"))


@pytest.fixture(scope="module")
def runs(folders):
    return read(folders, "en")


@pytest.fixture(scope="module")
def told(runs):
    return brief_of(runs[:1], (), "en")


def share_of(run, region):
    """Mean short over mean wanted of a region, and each future's own share."""
    short, wanted = (run.data.of(m, "region", region) for m in ("shortfall_t", "wanted_t"))
    return short.mean() / wanted.mean(), short / wanted


def numbers_in(text):
    """Return the numbers of a sentence, however its language writes them."""
    text = re.sub(f"(?<=\\d)[{NARROW},](?=\\d{{3}}(?!\\d))", "", text)
    return [float(n.replace(",", ".")) for n in re.findall(r"\d+(?:[.,]\d+)?", text)]


# --- sentences -----------------------------------------------------------------------------------


def test_the_three_sentences_follow_from_the_numbers(runs):
    who, how_bad, how_likely = sentences(runs[:1], (), "en")
    name, percent = re.fullmatch(
        r"Hardest hit: (.*), ([\d.]+) % short on average over the year\.", who
    ).groups()
    region = {"Japan": "JPN", "the European Union": "EU"}[name]
    mean, share = share_of(runs[0], region)
    assert float(percent) == pytest.approx(100 * mean, abs=0.5 if mean >= 0.1 else 0.05)
    others = [v.name for v in runs[0].data.views if v.kind == "region" and v.name != region]
    assert all(share_of(runs[0], other)[0] < mean for other in others)
    above = float(re.search(r"more than ([\d.]+) % short", how_bad)[1]) / 100
    assert how_bad.startswith("One chance in ten")
    assert np.mean(share > above) >= 0.1 > np.mean(share > above + 0.011)
    chance = float(re.search(r": ([\d.]+) % \(95 %", how_likely)[1])
    regions = [v.name for v in runs[0].data.views if v.kind == "region"]
    joint = np.max([share_of(runs[0], r)[1] for r in regions], axis=0)
    assert chance == pytest.approx(100 * np.mean(joint > 0.05), abs=0.5)


def test_against_another_run_the_paired_difference_decides(runs):
    told = sentences(runs, (), "en")[1]
    found = re.fullmatch(
        r"With “(.*)” instead of “(.*)”, (.*) is ([\d.]+) % short on average rather than "
        r"([\d.]+) %: ([\d.]+) percentage points less \(95 %: ([\d.]+) to ([\d.]+)\)\.",
        told,
    )
    assert found, told
    assert (found[1], found[2]) == (runs[1].label, runs[0].label)
    region = {"Japan": "JPN", "the European Union": "EU"}[found[3]]
    here, there = (100 * share_of(run, region)[0] for run in (runs[1], runs[0]))
    assert float(found[4]) == pytest.approx(here, abs=0.5)
    assert float(found[5]) == pytest.approx(there, abs=0.5)
    points, low, high = (float(found[n]) for n in (6, 7, 8))
    assert points == pytest.approx(there - here, rel=0.01)
    each = 100 * (share_of(runs[0], region)[1] - share_of(runs[1], region)[1])
    error = each.std(ddof=1) / np.sqrt(each.size)
    assert low < points < high
    assert (high - low) / 2 == pytest.approx(1.98 * error, rel=0.25)


def test_alike_runs_are_not_told_apart(runs):
    twin = dataclasses.replace(runs[0], label="twin")
    assert "does not surely change" in sentences([runs[0], twin], (), "en")[1]


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != "en"])
def test_other_languages_tell_the_same_numbers(runs, lang):
    for chosen in (runs[:1], runs):
        english, other = (sentences(chosen, (), told) for told in ("en", lang))
        for one, two in zip(english, other, strict=True):
            words = {"ten": 10.0, "twenty": 20.0}
            spelled = [n for w, n in words.items() if f"chance in {w}" in one]
            known = sorted(numbers_in(one) + spelled)
            rest = sorted(numbers_in(two))
            for number in known:  # "une chance sur dix" is spelled, "10分の1" is not
                assert number in rest or (number in spelled and lang == "fr"), (one, two)
            assert not re.search("[a-z]{4}", two.replace("ban", "").replace("leak", "")) or (
                lang == "fr"
            )


def test_a_briefing_for_some_is_about_them_only(runs):
    only = regions_asked("japan", runs)
    assert only == ("JPN",)
    told = brief_of(runs[:1], only, "en")
    assert told.sentences[0].startswith("Japan: ")  # others may be hit harder: not "hardest hit"
    assert [name for name, _ in told.table.rows] == ["Japan"]
    mean, share = share_of(runs[0], "JPN")
    chance = float(re.search(r"Japan is more than 5 % short.*: ([\d.]+) %", told.sentences[2])[1])
    assert chance == pytest.approx(100 * np.mean(share > 0.05), abs=0.5)
    assert mean > 0
    assert numbers_in(told.sentences[0])[0] == pytest.approx(100 * mean, abs=0.5)


def test_the_hardest_hit_of_some_is_told_as_that(runs):
    every = runs[0].data.columns("region")
    names = [place_name(runs[0].data.views[x].name) for x in every]
    assert len(names) == 2
    said = Headlines(runs[0].data, "en", every, ", ".join(names)).main
    assert said.startswith(f"{', '.join(names)} alone: Hardest hit")


def test_without_a_name_sentences_are_the_headlines_of_the_run(runs):
    said = Headlines(runs[0].data)
    expected = [said.main, said.how_bad, said.how_likely]
    assert sentences(runs[:1], (), "en") == [f"{text}." for text in expected]


# --- table, assumptions, provenance --------------------------------------------------------------


def test_every_number_of_the_table_stands_in_the_summary(runs, told):
    rows = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in runs[0].data.summary}
    cells = dict(told.table.rows)["Japan"]
    row = rows["region", "JPN", "shortfall_share", "ratio"]
    assert float(cells[0].text) == pytest.approx(100 * float(row["value"]), rel=0.005)
    low, high = (float(part) for part in cells[0].interval.split(" to "))
    assert low == pytest.approx(100 * float(row["low"]), rel=0.01)
    assert high == pytest.approx(100 * float(row["high"]), rel=0.01)


def test_assumptions_have_values_and_provenance_has_all(runs, told):
    hazard = told.assumed[0].hazards[0]
    assert hazard[0] == "Export ban"
    assert "2 Mar 2026" in hazard[1]
    assert "median 60, p90 120, in days" in hazard[2]
    text = page(told)
    for fact in (runs[0].manifest["replications_digest"], str(runs[0].data.seed), "120",
                 "run.replications=120", "tiny_ban"):  # fmt: skip
        assert fact in text
    assert len(told.limits) >= 6


def test_the_day_is_fixed_for_who_asks(runs, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764547200")
    one, two = (page(brief_of(runs, (), "fr")) for _ in range(2))
    assert one == two
    assert "1er décembre 2025" in one


# --- the page ------------------------------------------------------------------------------------


def policy_of(text):
    return re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]


def test_only_our_own_script_and_style_may_act(told):
    text = page(told)
    policy = policy_of(text)
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        inside = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not re.search(r'\s(?:style|on\w+)="', text)
    assert not re.search(r'(?:src|href)="', text)
    assert "url(" not in text and "@import" not in text


def test_no_text_of_a_scenario_becomes_part_of_the_page(runs):
    data = dataclasses.replace(runs[0].data, title=HOSTILE)
    hostile = dataclasses.replace(runs[0], data=data, label=HOSTILE)
    text = page(brief_of([hostile, runs[1]], (), "en"))
    assert "<img" not in text
    assert text.count("</script>") == 2
    assert html.escape("<img src=x") in text


def test_the_story_stands_among_what_is_assumed_and_own_words_say_their_language(folders):
    text = page(brief_of(read(folders[:1], "fr"), (), "fr"))
    own = "The refiner&#x27;s country stops its exports for about two months."
    assert f'<p><span lang="en">{own}</span></p>' in text
    assert '<h1><span lang="en">A ban on metal, for tests</span></h1>' in text
    assert '<th scope="row"><span lang="en">Export ban</span></th>' in text
    assert "<span lang=" not in page(brief_of(read(folders[:1], "en"), (), "en"))


def test_a_shipped_story_is_told_in_the_language_of_the_page(runs):
    study = runs[0].study
    shipped = load("china_ree_embargo").settings.scenario
    settings = study.settings.model_copy(update={"scenario": shipped})
    run = dataclasses.replace(runs[0], study=dataclasses.replace(study, settings=settings))
    for lang, words in (("fr", "La Chine arrête les exportations"), ("ja", "予告なく一斉に停止")):
        told = brief_of([run], (), lang)
        assert words in told.assumed[0].story
        assert told.assumed[0].story not in told.own


def test_only_texts_are_marked_and_whole_words_only():
    own = {"My pit": "en", "pit": "en"}
    told = marked('<p title="My pit">My pit, pits<svg><text>pit</text></svg></p>', own)
    span = '<span lang="en">My pit</span>'
    assert told == f'<p title="My pit">{span}, pits<svg><text>pit</text></svg></p>'


def test_ten_runs_stay_below_a_megabyte(runs):
    ten = [dataclasses.replace(runs[n % 2], label=f"run {n}") for n in range(10)]
    text = page(brief_of(ten, (), "ja"))
    assert len(text.encode()) <= 1_000_000


def test_what_finds_no_room_is_told_and_totals_stay(runs, monkeypatch):
    monkeypatch.setattr(explorer, "MOST_BYTES", 2500)
    run = explorer.packed(runs[:1], "en")["runs"][0]
    assert "|" in run["series"]["share"]
    assert re.match(r"\d+ small series are left out", run["left"])


def test_what_the_explorer_holds_are_the_numbers_of_the_run(runs):
    pack = explorer.packed(runs, "en")
    run, fan = pack["runs"][0], runs[0].data.fan
    column = runs[0].data.index("region", "JPN")
    top, letters = run["series"]["share"]["JPN|"]
    values = [explorer.LETTERS.index(a) * 90 + explorer.LETTERS.index(b)
              for a, b in zip(letters[::2], letters[1::2], strict=True)]  # fmt: skip
    mean = np.array(values[: run["n"]]) * top / explorer.STEPS
    np.testing.assert_allclose(mean, 100 * fan.mean[:, column], atol=top / explorer.STEPS)
    row = next(r for r in runs[0].data.summary if (r["kind"], r["view"], r["measure"],
               r["statistic"]) == ("region", "JPN", "shortfall_t", "mean"))  # fmt: skip
    assert run["series"]["tonnes"]["JPN|"][0] == pytest.approx(float(row["value"]), rel=1e-3)
    json.dumps(pack, allow_nan=False)


def test_letters_mean_nothing_to_the_page():
    assert len(set(explorer.LETTERS)) == 90
    assert not set(explorer.LETTERS) & set('"\\<')


def test_the_print_holds_what_the_page_says_and_nothing_that_acts(told):
    text = printed(told, "A4")
    assert "<script" not in text and "explorer" not in text.partition("</style>")[2]
    assert all(html.escape(s.partition(" %")[0]) in text for s in told.sentences)
    assert "size: A4" in text


# --- the command ---------------------------------------------------------------------------------


def test_the_command_prints_its_file(folders, tmp_path, capsys):
    words = ["brief", *map(str, folders), "--lang", "fr", "--to", str(tmp_path / "b")]
    assert main(words) == 0
    (file,) = capsys.readouterr().out.split()
    text = (tmp_path / "b" / "brief.html").read_text("utf-8")
    assert file.endswith("brief.html")
    assert '<html lang="fr">' in text and "Ce que cette note ne dit pas" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--for", "JPM"], "did you mean"),
        (["--lang", "de"], "en, fr, ja"),
        (["--to", "brief.docx"], ".html, .pdf, .pptx"),
    ],
)
def test_slips_are_told_in_one_message(folders, tmp_path, capsys, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    assert main(["brief", str(folders[0]), *words]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_installed_is_told_before_any_work(folders, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'shortfall\[brief\]'"):
        write.brief(folders, tmp_path / "b", pdf=True)
    assert not (tmp_path / "b").exists()


def test_somebody_elses_folder_is_left_alone(folders, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="holds files"):
        write.brief(folders, tmp_path)


# --- print and slides ----------------------------------------------------------------------------


def unpacked(content):
    """Return a PDF with what is packed in it behind."""
    packed = re.findall(rb"stream\n(.*?)\nendstream", content, re.DOTALL)
    parts = [content]
    for part in packed:
        with contextlib.suppress(zlib.error):
            parts.append(zlib.decompress(part))
    return b"\n".join(parts)


@pytest.mark.parametrize(("paper", "width", "height"), [("a4", 595, 842), ("letter", 612, 792)])
def test_the_pdf_is_tagged_and_of_its_paper(told, tmp_path, paper, width, height):
    pytest.importorskip("weasyprint", reason="needs shortfall[brief]")
    from sim.brief.pdf import write_pdf

    write_pdf(told, tmp_path / "b.pdf", write.PAPERS[paper])
    content = unpacked((tmp_path / "b.pdf").read_bytes())
    assert content.startswith(b"%PDF")
    for part in (b"/StructTreeRoot", b"/Marked true", b"/Lang", b"pdfuaid"):
        assert part in content, part
    assert b"/Subtype /Image" not in content
    box = re.search(rb"/MediaBox \[\s*0 0 ([\d.]+) ([\d.]+)", content)
    assert [round(float(n)) for n in box.groups()] == [width, height]


@pytest.fixture(scope="module")
def slides(runs, tmp_path_factory):
    pytest.importorskip("pptx", reason="needs shortfall[brief]")
    from sim.brief.slides import write_slides

    folder = tmp_path_factory.mktemp("slides")
    for name, chosen in (("one", runs[:1]), ("two", runs), ("again", runs)):
        write_slides(brief_of(chosen, (), "en"), folder / f"{name}.pptx")
    return folder


@pytest.mark.parametrize("name", ["one", "two"])
def test_each_slide_says_one_thing_with_words_for_who_listens(slides, runs, name):
    from pptx import Presentation

    show = Presentation(str(slides / f"{name}.pptx"))
    titles = [slide.shapes.title.text_frame.text for slide in show.slides]
    assert titles[:3] == sentences(runs[: 1 if name == "one" else 2], (), "en")
    charts = 0
    for slide in show.slides:
        notes = slide.notes_slide.notes_text_frame.text
        assert str(runs[0].data.seed) in notes
        assert runs[0].manifest["replications_digest"] in notes
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table:
                assert shape._element.nvGraphicFramePr.cNvPr.get("descr")
            if shape.has_chart:
                charts += 1
                assert shape.chart.part.chart_workbook.xlsx_part is not None
    assert charts >= 3


def test_the_bars_of_the_slides_are_the_means_of_the_runs(slides, runs):
    from pptx import Presentation

    show = Presentation(str(slides / "two.pptx"))
    base, chart = (
        next(s.chart for s in slide.shapes if s.has_chart) for slide in list(show.slides)[:2]
    )
    assert base.plots[0].series[0].values[0] == pytest.approx(
        100 * max(share_of(runs[0], name)[0] for name in ("JPN", "CHN")), rel=1e-3)  # fmt: skip
    places = list(chart.plots[0].categories)
    for series, run in zip(chart.plots[0].series, runs, strict=True):
        assert series.name == run.label
        at = places.index("Japan")
        assert series.values[at] == pytest.approx(100 * share_of(run, "JPN")[0], rel=1e-3)


@pytest.mark.parametrize(("lang", "form"), [("en", "0.0"), ("fr", "[$-40C]0.0")])
def test_numbers_beside_bars_ask_for_the_mark_of_the_language(folders, tmp_path, lang, form):
    pptx = pytest.importorskip("pptx", reason="needs shortfall[brief]")
    from sim.brief.slides import write_slides

    write_slides(brief_of(read(folders, lang), (), lang), tmp_path / "b.pptx")
    show = pptx.Presentation(str(tmp_path / "b.pptx"))
    charts = [s.chart for slide in show.slides for s in slide.shapes if s.has_chart]
    assert {c.plots[0].data_labels.number_format for c in charts} == {form}


def test_the_same_slides_are_the_same_bytes(slides):
    assert (slides / "two.pptx").read_bytes() == (slides / "again.pptx").read_bytes()


def test_a_long_title_of_a_panel_goes_on_in_the_next_line():
    long = "Rest of the world, PET catalysts, solar, electronics and other (germanium)"
    assert [len(line) <= drawing.LETTERS for line in drawing.broken(long, drawing.LETTERS)] == [
        True, True]  # fmt: skip
    assert drawing.broken("長い題名" * 10, 48) == ["長い題名" * 6, "長い題名" * 4]
