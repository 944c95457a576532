"""The reference of keys, the schemas and the checks are one."""

import json
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from sim.base.paths import data_dir
from sim.commands import schema as schema_command
from sim.config.keys import KINDS, PARTS, json_schema, page, sections, type_words

ROOT = Path(__file__).resolve().parents[1]
KEYS = [(s.model, k) for kind in PARTS for s in sections(kind) for k in s.keys]


def test_the_page_is_what_the_classes_say():
    assert (ROOT / "docs" / "keys.md").read_text(encoding="utf-8") == page(), (
        "run: python -m sim.config.keys"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_schema_is_what_the_classes_say(kind):
    path = data_dir("configs") / "schema" / f"{kind}.json"
    assert json.loads(path.read_text(encoding="utf-8")) == json_schema(kind)


def test_the_command_knows_every_kind():
    assert set(schema_command.KINDS) == set(KINDS)


@pytest.mark.parametrize(("model", "key"), KEYS, ids=lambda v: getattr(v, "__name__", None))
def test_every_key_has_an_example_that_is_read(model, key):
    assert key.example, f"add {model.__name__}.{key.name} to sim/config/key_examples.py"
    value = yaml.safe_load(key.example)
    field = model.model_fields[key.name]
    TypeAdapter(field.rebuild_annotation()).validate_python(value)


@pytest.mark.parametrize(("model", "key"), KEYS, ids=lambda v: getattr(v, "__name__", None))
def test_every_key_says_what_it_means(model, key):
    assert key.meaning


def test_bounds_of_the_page_are_those_that_are_checked():
    """What lies outside the bounds that the page shows is refused."""
    told = 0
    for model, key in KEYS:
        field = model.model_fields[key.name]
        adapter = TypeAdapter(field.rebuild_annotation())
        for word in filter(None, key.bounds.split(", ")):
            sign, _, limit = word.partition(" ")
            if sign not in "≥>≤<" or "^" in limit:
                continue
            value = float(limit.replace(",", ""))
            outside = {"≥": value - 1, ">": value, "≤": value + 1, "<": value}[sign]
            with pytest.raises(ValidationError):
                adapter.validate_python(int(outside) if key.kind == "whole number" else outside)
            told += 1
    assert told > 60


def test_words_of_types():
    assert type_words(dict[str, list[str]]) == "names to list of text"
