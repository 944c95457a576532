"""A value knows where it was written: files laid over files, rules, and changes by key."""

from __future__ import annotations

import pytest

from sim.base.errors import MAX_FAULTS, Fault, UserError
from sim.base.written import NOWHERE, Written
from sim.base.yaml_files import read_yaml

BELOW = read_yaml(
    "below.yaml", "sites:\n  a:\n    capacity: 1\n    lanes: [x, y]\n  a.b:\n    k: 1\n"
)
ABOVE = read_yaml("above.yaml", "title: t\nsites:\n  a:\n    capacity: 2\n")
POLICY = read_yaml(
    "policy.yaml", "changes:\n  sites:\n    a:\n      cover: 3\nrules:\n  r: {kind: k}\n"
)
WRITTEN = Written({"network": (BELOW, ABOVE), "policy": (POLICY,)})


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("network", "above.yaml:1"),
        ("network.sites.a.capacity", "above.yaml:4"),  # the last file that holds it
        ("network.sites.a.lanes.1", "below.yaml:4"),
        ("network.sites.a.b.k", "below.yaml:6"),  # a name that holds a dot
        ("network.sites.a.b.lacks", "below.yaml:5"),  # the nearest thing around it
        ("network.sites.a.cover", "policy.yaml:4"),
        ("network.nothing", "above.yaml:1"),
        ("policy.rules.r.kind", "policy.yaml:6"),
        ("scenario.title", ""),
        ("(top)", ""),
    ],
)
def test_a_value_is_placed_in_the_last_file_that_holds_it_or_what_is_around_it(key, place):
    assert WRITTEN.place(key) == place


def test_what_a_rule_made_is_placed_at_the_rule_and_a_group_that_holds_it_is_not():
    made = {("products",): ("policy", "rules", "r"), ("sites", "new"): ("policy", "rules", "r")}
    written = WRITTEN.made_by(made)
    assert written.place("network.sites.new.capacity") == "policy.yaml:6"
    assert written.place("network.products") == "above.yaml:1"
    assert written.place("network.sites.a.cover") == "policy.yaml:4"


def test_a_change_has_the_last_word_on_what_it_made_and_on_the_entry_around_it():
    written = WRITTEN.changed_by({"network.sites.a.lanes": "command line"})
    assert written.place("network.sites.a.lanes.0") == "command line"
    assert written.place("network.sites.a") == "command line"
    assert written.place("network.products") == "above.yaml:1"
    assert written.place("network.sites.a.capacity") == "above.yaml:4"


def test_a_file_that_holds_all_settings_is_one_file():
    whole = Written({"": (read_yaml("w.yaml", "network:\n  title: t\nrun:\n  seed: 1\n"),)})
    assert [whole.place(k) for k in ("network.title", "run.seed", "(top)", "else.where")] == [
        "w.yaml:2", "w.yaml:4", "w.yaml:1", "w.yaml:1"]  # fmt: skip


def test_a_mistake_that_has_a_place_keeps_it_and_others_get_theirs():
    found = [Fault("network.title", "", "a"), Fault("network.title", "", "b", "here"), "words",
             Fault("policy.title", "", "c")]  # fmt: skip
    with pytest.raises(UserError) as caught, WRITTEN.placing(("network",)):
        raise UserError(found)
    assert [str(f) for f in caught.value.faults] == [
        "above.yaml:1  network.title: a", "here  network.title: b", "words", "policy.title: c"
    ]  # fmt: skip


def test_data_that_no_file_holds_has_no_places():
    with pytest.raises(UserError, match=r"^network\.title: a$"), NOWHERE.placing():
        raise UserError(Fault("network.title", "", "a"))


def test_mistakes_beyond_those_told_are_counted_once():
    error = UserError([Fault(f"network.{n}", "", "no") for n in range(MAX_FAULTS + 50)])
    assert WRITTEN.placed(WRITTEN.placed(error)).faults[-1] == "and 50 more"
