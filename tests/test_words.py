"""Words of every language: the same keys with the same values, all in use; numbers and dates."""

from __future__ import annotations

import datetime as dt
import functools
import re
from pathlib import Path

import pytest
import yaml

from sim.base.errors import UserError
from sim.base.paths import data_dir
from sim.plots.words import percent
from sim.words import say as words
from sim.words.dates import day_name, month_name, tick_name
from sim.words.numbers import NARROW, decimals, digits, per_cent, whole
from sim.words.places import REGION_ORDER, codes, place_name
from sim.words.say import LANGUAGES, placeholders, say, table
from sim.words.stories import language_of, stories, story
from sim.words.titles import title

SOURCES = sorted(Path(words.__file__).parents[1].rglob("*.py"))
OTHERS = [lang for lang in LANGUAGES if lang != "en"]


@pytest.mark.parametrize("lang", OTHERS)
def test_every_sentence_is_in_every_language_with_the_same_values(lang):
    english, other = table("en"), table(lang)
    assert sorted(other) == sorted(english)
    for key, told in english.items():
        assert placeholders(other[key]) == placeholders(told), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_that_counts_has_a_form_for_one_and_for_more(lang):
    for key, told in table(lang).items():
        if not isinstance(told, str):
            assert set(told) == {"one", "other"}, key
            assert "n" in placeholders(told), key


def test_no_sentence_is_unused():
    texts = [path.read_text("utf-8") for path in SOURCES]
    said = {key for text in texts for key in re.findall(r"[\"'](\w+\.\w+)[\"']", text)}
    parted = [(set(re.findall(r"f[\"'](\w+)\.\{", text)), text) for text in texts]

    def used(key: str) -> bool:
        section, _, name = key.partition(".")  # or its name alone, where a section is completed
        return key in said or any(
            section in sections and f'"{name}"' in text for sections, text in parted
        )

    assert [key for key in table("en") if not used(key)] == []


def test_every_key_that_is_said_is_there():
    text = "\n".join(path.read_text("utf-8") for path in SOURCES)
    said = set(re.findall(r'\bsay\(\s*"([\w.]+)"', text))
    assert len(said) > 20
    assert sorted(said - set(table("en"))) == []


def test_english_is_not_left_in_other_languages():
    for lang in OTHERS:
        same = [k for k, told in table(lang).items() if told == table("en")[k]]
        words = {k: re.sub(r"\{\w+\}", "", str(table("en")[k])) for k in same}
        assert [k for k in same if re.search("[a-z]{3,}.* [a-z]{2,}", words[k])] == [], lang


def test_a_number_is_counted_in_its_language():
    assert say("count.futures", n=1) == "1 future"
    assert say("count.futures", n=1000) == "1,000 futures"
    assert say("count.futures", "fr", n=0) == "0 futur"
    assert say("count.futures", "fr", n=1000) == f"1{NARROW}000 futurs"
    assert say("count.futures", "ja", n=1000) == "1,000通りの将来"


def test_a_number_with_decimals_is_the_callers_to_write():
    with pytest.raises(TypeError, match="text"):
        say("count.futures", n=1.5)


def test_an_unknown_language_is_refused():
    with pytest.raises(UserError, match="en, fr, ja"):
        say("count.futures", "de", n=1)


def test_numbers_as_each_language_writes_them():
    assert decimals(12345.678, 2) == "12,345.68"
    assert decimals(12345.678, 2, "fr") == f"12{NARROW}345,68"
    assert decimals(12345.678, 2, "ja") == "12,345.68"
    assert per_cent("3.5", "fr") == "3,5\N{NO-BREAK SPACE}%"
    assert percent(0.0001, "fr") == "moins de 0,1\N{NO-BREAK SPACE}%"
    assert (percent(0.123), percent(0.0345, "ja")) == ("12 %", "3.5%")
    assert [digits(v) for v in (1234.5, 12.34, 1.234, 0.0123, 0.0)] == [
        "1,234", "12.3", "1.23", "0.01", "0"]  # fmt: skip
    assert digits(float("nan")) == ""
    assert whole(-1234) == "-1,234"


def test_dates_as_each_language_writes_them():
    day = dt.date(2026, 2, 1)
    assert [day_name(day, lang) for lang in LANGUAGES] == [
        "1 Feb 2026", "1er février 2026", "2026年2月1日"]  # fmt: skip
    assert [month_name(day, lang) for lang in LANGUAGES] == [
        "February 2026", "février 2026", "2026年2月"]  # fmt: skip
    assert [tick_name(day, lang, of_day=True) for lang in LANGUAGES] == [
        "1 Feb", "1 févr.", "2月1日"]  # fmt: skip
    assert say("time.facts_until", "fr", day=day).endswith("au 1er février 2026")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_place_has_a_name(lang):
    assert set(REGION_ORDER) <= set(codes())
    names = [place_name(code, lang) for code in codes()]
    assert len(set(names)) == len(names)
    assert all(n and n != c for n, c in zip(names, codes(), strict=True))


@functools.cache
def titles_of_the_data() -> set[str]:
    """Every title that is shipped: goods, end users, networks, scenarios, hazards, policies."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    told: set[str] = set()
    for path in sorted(data_dir("configs").glob("network/*.yaml")):
        text = path.read_text("utf-8")  # written by us: parts begin at the margin, sites are most
        told.add(re.search(r"^title: (.*)$", text, re.MULTILINE)[1])
        products = re.search(r"^products:\n(?: .*\n)+", text, re.MULTILINE)[0]
        told |= {p["title"] for p in yaml.load(products, loader)["products"].values()}
        for site in re.split(r"^  (?=\w+:$)", text, flags=re.MULTILINE):
            if "\n    kind: end_user\n" in site:
                told |= set(re.findall(r"^    title: (.*)$", site, re.MULTILINE))
    for path in sorted(data_dir("scenarios").rglob("*.yaml")):
        scenario = yaml.load(path.read_text("utf-8"), loader)
        hazards = (scenario.get("hazards") or {}).values()
        told |= {scenario["title"], *(h["title"] for h in hazards if h.get("title"))}
    for group in ("policy", "demand", "supply"):
        for path in sorted(data_dir("configs").glob(f"{group}/*.yaml")):
            told.add(yaml.load(path.read_text("utf-8"), loader)["title"])
    return told


@pytest.mark.parametrize("lang", OTHERS)
def test_every_title_that_is_shipped_is_translated(lang):
    alike = {"Forum on Resource Geostrategic Engagement (FORGE)"} if lang == "fr" else set()
    for english in titles_of_the_data():
        assert title(english, lang) != english or english in alike, english
        told = title(english, lang).replace("RESourceEU", "")
        left = re.findall("[a-z]{3,}", told) if lang == "ja" else []
        assert left == [], (english, left)


def test_a_title_made_of_parts_is_put_together():
    assert title("Rest of the world, wind (rare earths)", "fr") == (
        "Reste du monde, éolien (terres rares)")  # fmt: skip
    assert title("Korea, other automotive", "ja") == "韓国、自動車（駆動用以外）"
    assert title("NdPr oxide outside China", "fr") == "Oxyde de NdPr (hors Chine)"
    assert title("Sintered NdFeB magnets in the United States", "ja") == "NdFeB焼結磁石（米国）"
    assert title("Somebody's own good", "fr") == "Somebody's own good"


# --- stories -------------------------------------------------------------------------------------


@functools.cache
def stories_of_the_data() -> dict[str, str]:
    """Every story that is shipped, by scenario."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    files = sorted(data_dir("scenarios").rglob("*.yaml"))
    told = {path.stem: yaml.load(path.read_text("utf-8"), loader).get("story") for path in files}
    return {name: " ".join(text.split()) for name, text in told.items() if text}


def test_every_story_that_is_shipped_is_translated_and_no_other():
    assert sorted(stories()) == sorted(stories_of_the_data().values())


@pytest.mark.parametrize("lang", OTHERS)
def test_a_translated_story_has_the_numbers_of_its_own_words(lang):
    """Years, tonnes and shares are the same; words for small numbers and units are not counted."""
    for name, own in stories_of_the_data().items():
        told = story(own, lang)
        assert told != own and not re.search(r"\bthe\b", told), name
        left = re.findall(r"[a-z]{3,}", re.sub(r"「\w+」|docs/\w+\.md", "", told))
        assert lang != "ja" or left == [], (name, left)
        years = sorted(set(re.findall(r"\b20\d\d\b", own)))
        assert [y for y in years if y not in told] == [], name
        assert shares_in(told) == shares_in(own), name


def shares_in(text: str) -> list[float]:
    """Every number before a sign of per cent."""
    return sorted(float(n.replace(",", ".")) for n in re.findall(r"([\d.,]+)\s?%", text))


def test_two_stories_at_once_are_told_one_after_the_other():
    one, two = list(stories_of_the_data().values())[:2]
    assert story(f"{one} {two}", "fr") == f"{story(one, 'fr')} {story(two, 'fr')}"
    assert story(f"{one} Own words.", "ja") == f"{story(one, 'ja')}Own words."


def test_own_words_stay_and_their_letters_show_their_language():
    assert story("My mine stops.", "fr") == "My mine stops."
    assert [language_of(t) for t in ("My mine stops.", "La mine s'arrête.", "鉱山が止まる。")] == [
        "en", "fr", "ja"]  # fmt: skip
