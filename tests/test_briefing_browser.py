"""The page of a briefing in a browser: no complaint, by keyboard, by eye, on a phone."""

from __future__ import annotations

import itertools

import briefing_case as case
import pytest
from chromium import BROWSER, WHY_NOT, Page

from sim.brief.content import brief_of
from sim.brief.page import page as page_of
from sim.brief.read import read

pytestmark = pytest.mark.skipif(BROWSER is None, reason=WHY_NOT)

CHOOSE = """((id, value) => {{ const select = document.getElementById(id);
  select.value = value; select.dispatchEvent(new Event("change", {{bubbles: true}}));
  return select.value; }})("{0}", "{1}")"""
READ = "document.getElementById('read').innerText"

NAMELESS = """[...document.querySelectorAll("select, input, button, [role=slider], [role=region],"
  + "svg[role=img], fieldset, table")].filter((node) => {
  const label = node.labels && node.labels.length && node.labels[0].innerText.trim();
  const own = {BUTTON: node.innerText, FIELDSET: node.querySelector("legend")?.innerText,
               TABLE: node.querySelector("th")?.innerText || node.id}[node.tagName];
  return !(label || own || node.getAttribute("aria-label"));
}).map((node) => node.outerHTML.slice(0, 80))"""

FAINT = """(() => {
  const parts = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
  const light = (color) => parts(color).slice(0, 3).map((c) => c / 255).map((c) =>
    c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
  const ground = (node) => {
    for (let n = node; n; n = n.parentElement) {
      const color = getComputedStyle(n).backgroundColor;
      if (parts(color).length === 3 || parts(color)[3] > 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const ratio = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const found = [];
  for (const node of document.querySelectorAll("body *")) {
    const style = getComputedStyle(node), svg = node instanceof SVGElement;
    if (["SCRIPT", "STYLE", "NOSCRIPT", "OPTION"].includes(node.tagName)) continue;
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (own && !(svg && !["text"].includes(node.tagName))) {
      const color = svg ? style.fill : style.color;
      if (ratio(color, ground(node)) < 4.5) found.push(node.outerHTML.slice(0, 80));
    }
    const line = svg && style.stroke !== "none" && !node.classList.contains("s-grid");
    if (line && ratio(style.stroke, ground(node)) < 3) found.push(node.outerHTML.slice(0, 80));
    if (["SELECT", "BUTTON"].includes(node.tagName)
      && ratio(style.borderTopColor, ground(node)) < 3) found.push(node.outerHTML.slice(0, 80));
  }
  return found;
})()"""


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    runs = read(case.two_runs(folder), "en")
    (folder / "brief.html").write_text(page_of(brief_of(runs, (), "en")), encoding="utf-8")
    return folder / "brief.html"


@pytest.fixture(scope="module")
def wide(html, tmp_path_factory):
    with Page(html, tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture(scope="module")
def phone(html, tmp_path_factory):
    with Page(html, tmp_path_factory.mktemp("browser"), 390, 844, dark=True) as page:
        yield page


def test_the_page_opens_without_a_complaint_and_asks_for_nothing(wide):
    assert wide.run("document.querySelectorAll('#chart svg').length") == 2
    sizes = (
        "[...document.querySelectorAll('#chart svg')].map((n) => n.clientWidth + n.clientHeight)"
    )
    assert len(set(wide.run(sizes))) == 1  # one scale, one size
    assert wide.complaints == []


def test_all_is_reached_and_the_course_is_read_by_keyboard(wide):
    wide.run("document.getElementById('region').blur(), document.body.focus()")
    seen = []
    for _ in range(12):
        wide.press("Tab")
        seen.append(wide.run("document.activeElement.id || document.activeElement.tagName"))
        if seen[-1] == "chart":
            break
    assert {"measure", "region", "good", "chart"} <= set(seen) | {"region", "good"}
    width = wide.run("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
    assert width >= 2  # the focus is seen
    wide.press("Home")
    first = wide.run(READ)
    wide.press("ArrowRight")
    second = wide.run(READ)
    wide.press("End")
    last = wide.run(READ)
    assert first.startswith("1 Jan 2026") and second.startswith("8 Jan 2026")
    assert last.startswith("24 Dec 2026")
    assert "mean" in first and "nine futures of ten" in first
    told = wide.run("document.getElementById('chart').getAttribute('aria-valuetext')")
    assert told.startswith("24 Dec 2026")


def test_pointing_reads_the_course(wide):
    wide.run("document.getElementById('chart').scrollIntoView()")
    left, top, width, tall = wide.run("""(() => {
      const box = document.querySelector("#chart svg").getBoundingClientRect();
      return [box.left, box.top, box.width, box.height]; })()""")
    wide.hover(left + width * 0.5, top + tall * 0.5)
    half = wide.run(READ)
    wide.hover(left + width * 0.8, top + tall * 0.5)
    assert half != wide.run(READ)
    assert "2026" in half


def test_every_measure_region_and_good_is_drawn(wide):
    for measure in wide.run("[...document.getElementById('measure').options].map((o) => o.value)"):
        assert wide.run(CHOOSE.format("measure", measure)) == measure
        for region in wide.run("[...document.getElementById('region').options].map(o => o.value)"):
            assert wide.run(CHOOSE.format("region", region)) == region
            assert wide.run("document.querySelectorAll('#chart svg path, #chart circle').length")
    wide.run(CHOOSE.format("measure", "share"))
    wide.run(CHOOSE.format("region", ""))
    assert wide.complaints == []


def test_table_csv_and_svg_hold_the_same(wide):
    saved = wide.run("""(async () => {
      const blobs = [], real = URL.createObjectURL;
      URL.createObjectURL = (blob) => { blobs.push(blob); return real(blob); };
      HTMLAnchorElement.prototype.click = () => {};
      document.getElementById("csv").click();
      document.getElementById("svg").click();
      document.querySelector("details").open = true;
      await new Promise((done) => setTimeout(done, 100));
      return [await blobs[0].text(), await blobs[1].text(),
              document.querySelectorAll("#numbers tbody tr").length];
    })()""")
    lines = saved[0].strip().splitlines()
    heads = "measure,place,run,date,mean,mean_low,mean_high,q05,q25,q50,q75,q95"
    assert lines[0].replace('"', "").endswith(heads)
    assert len(lines) - 1 == saved[2] == 2 * 52
    assert saved[1].startswith("<svg") and "<title>" in saved[1] and "<text" in saved[1]


def test_everything_has_a_name_once(wide):
    assert wide.run(NAMELESS) == []
    ids = wide.run("[...document.querySelectorAll('[id]')].map((n) => n.id)")
    assert len(ids) == len(set(ids))
    heads = wide.run("[...document.querySelectorAll('h1, h2, h3')].map((n) => +n.tagName[1])")
    assert heads[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(heads))
    assert wide.run("[...document.querySelectorAll('thead th')].every((n) => n.scope)")
    assert wide.run("document.documentElement.lang") == "en"


def test_letters_and_lines_stand_out_by_day_and_by_night(wide, phone):
    assert wide.run(FAINT) == []
    assert phone.run("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert phone.run(FAINT) == []


def test_a_phone_shows_all_without_scrolling_sideways(phone):
    assert phone.run("document.documentElement.scrollWidth") <= 390
    sizes = phone.run("""[...document.querySelectorAll("select, button")].map((n) =>
      n.getBoundingClientRect().height)""")
    assert min(sizes) >= 40  # a finger finds it
    drawn = phone.run("""[...document.querySelectorAll("svg[role=img]")].map((n) =>
      12 * n.getBoundingClientRect().width / n.viewBox.baseVal.width)""")
    assert min(drawn) >= 9  # px of letters
    assert phone.complaints == []
