"""The reference of keys, the schemas and the checks are one."""

import json
import re
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


# --- shipped files name their schema --------------------------------------------------------------

FOLDERS = {"scenario": ROOT / "scenarios"} | {
    kind: ROOT / "configs" / kind for kind in ("network", "policy", "demand", "supply")
}
SHIPPED = [(k, path) for k, folder in FOLDERS.items() for path in sorted(folder.rglob("*.yaml"))]


@pytest.mark.parametrize(("kind", "path"), SHIPPED, ids=lambda v: getattr(v, "stem", v))
def test_a_shipped_file_names_its_schema_and_keeps_to_it(kind, path):
    """By a path that holds in a checkout and in a wheel, where configs and scenarios are beside."""
    with open(path, encoding="utf-8") as stream:
        named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)\n", stream.readline())
    assert named, "the first line must name the schema"
    schema = (path.parent / named[1]).resolve()
    assert schema == ROOT / "configs" / "schema" / f"{kind}.json"
    data = json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8")), default=str))
    known = json.loads(schema.read_text(encoding="utf-8"))
    assert set(data) <= set(known["properties"])
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(known).validate(data)


def test_the_schema_of_shipped_files_refuses_what_is_no_key():
    jsonschema = pytest.importorskip("jsonschema")
    kind, path = next((k, p) for k, p in SHIPPED if p.stem == "china_ree_embargo")
    data = json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8")), default=str))
    validator = jsonschema.Draft202012Validator(json_schema(kind))
    next(iter(data["hazards"].values()))["onsett"] = 1
    with pytest.raises(jsonschema.ValidationError, match="onsett"):
        validator.validate(data)
