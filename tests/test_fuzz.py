"""Whatever stands in an input: one message and exit code 2, or a result without NaN.

Each case runs in process, in the way of ``check``; what is right is computed as well, four futures.
"""

from __future__ import annotations

import csv
import resource
import time
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from fuzz_case import JUNK, N_BASE, OPERATIONS, Slip, base, spoilt, text_of, torn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.base.errors import Fault, UserError
from sim.base.paths import data_dir
from sim.base.plain_text import plain
from sim.config.command_line import compose, expand
from sim.run.case import Study
from sim.sweep.design import read_design
from sim.sweep.points import Points

GROUPS = ("scenario", "network", "policy", "demand", "supply")
MAX_CPU_S = 20
MAX_MEMORY_KB = 2_000_000

slips = st.lists(
    st.builds(
        Slip,
        st.sampled_from(OPERATIONS),
        st.integers(0, 5_000),
        st.integers(0, 5_000),
    ),
    min_size=1,
    max_size=3,
)
numbers = st.integers(0, N_BASE - 1)
groups = st.sampled_from(GROUPS)
values = st.one_of(
    st.sampled_from([str(j) for j in JUNK if "\x1b" not in str(j)]),
    st.sampled_from(["{a: 1}", "[1, {b: 2}", "'", '"', "null", "1e400", "range(0,1)", "~/x",
                     "interval(0,1)", "1,2", "glob(*)", "choice(1,2)", "9" * 5000, "=",
                     "[" * 300, "a=b", "{median: 1, p90: 2}", "{mean: 1, sd: 0}", "sort(3,1)",
                     "shuffle(1,2)"]),
    st.floats(width=32).map(str),
    st.text(max_size=6),
)  # fmt: skip


def cases(count):
    """Return hypothesis's settings: the same cases every time."""
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module", autouse=True)
def _folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("fuzz"))
        written(0)  # compile the kernels apart from any case's time
        study = Study(compose(["scenario=./scenario.yaml"]).settings)
        study.compute(np.arange(4), np.zeros(1, np.uint8))
        yield


def written(n, **spoils):
    """Write the files of a base, some in another form."""
    for group, data in base(n).items():
        text = spoils.get(group)
        Path(f"{group}.yaml").write_text(text if text is not None else text_of(data), "utf-8")


def may_be_unknown(name):
    """Days of what did not happen, firms of users that are one, a bill of goods without value."""
    return name.endswith(("_day", "firms_stopped_share", "bill_usd", "reserve_left_days"))


def told_or_computed(get):
    """Return whether settings were right: then they compute; if not, each fault says something."""
    before, start = sorted(Path().rglob("*")), time.process_time()
    try:
        study = Study(get())
        study.hazards, study.views  # noqa: B018  as `check` does
        right = True
    except UserError as error:
        right = False
        say_something(error)
    if right and study.n_period <= 60 and len(study.settings.network.sites) < 60:
        arrays = study.compute(np.arange(4), np.zeros(1, np.uint8))
        assert all(np.isfinite(a).all() for name, a in arrays.items() if not may_be_unknown(name))
    assert time.process_time() - start < MAX_CPU_S
    assert sorted(Path().rglob("*")) == before
    return right


def say_something(error):
    """Check a message: a key, what was expected, one line that does not act on a terminal."""
    assert error.faults
    printed = [plain(str(f)) for f in error.faults]
    assert all(len(text.splitlines()) == 1 and len(text) < 10_000 for text in printed)
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for text in printed for c in text)
    assert all(f.key and f.expected for f in error.faults if isinstance(f, Fault))


def files(n, group, changes):
    written(n, **{group: text_of(spoilt(base(n)[group], changes))})
    told_or_computed(lambda: compose(["scenario=./scenario.yaml"]).settings)


def texts(n, group, place, how):
    written(n, **{group: torn(text_of(base(n)[group]), place, how)})
    told_or_computed(lambda: compose(["scenario=./scenario.yaml"]).settings)


def overrides(n, node, value, sign):
    written(n)
    keys = list(_keys(base(n)))
    text = f"{sign}{keys[node % len(keys)]}={value}"
    told_or_computed(lambda: compose(["scenario=./scenario.yaml", text]).settings)
    with_points(["scenario=./scenario.yaml", text])


def with_points(words):
    """Expand a sweep of few points, or see it refused."""
    if any(many in words[-1] for many in ("glob", "range")):
        return
    try:
        expand(words)
    except UserError as error:
        say_something(error)


def _keys(data, path=()):
    if path:
        yield ".".join(map(str, path))
    items = data.items() if isinstance(data, dict) else ()
    for key, value in enumerate(data) if isinstance(data, list) else items:
        yield from _keys(value, (*path, key))


def designs(n, node, cells, tear):
    written(n)
    keys = [k for k in _keys(base(n)) if "," not in k]
    with open("design.csv", "w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([[keys[node % len(keys)], "run.seed"], cells, cells[:2]])
    if tear:
        path = Path("design.csv")
        path.write_text(torn(path.read_text("utf-8"), *tear), "utf-8")
    base_study = Study(compose(["scenario=./scenario.yaml", "policy=none"]).settings)
    points = Points(lambda choices: base_study)

    def get():
        return points.study(read_design("design.csv")[0]).settings

    told_or_computed(get)


def shipped(name, changes):
    data = Path(data_dir("scenarios") / f"{name}.yaml").read_text("utf-8")
    import yaml

    Path("shipped.yaml").write_text(text_of(spoilt(yaml.safe_load(data), changes)), "utf-8")
    told_or_computed(lambda: compose(["scenario=./shipped.yaml"]).settings)


DOORS = {
    "files": (files, 300, 13_000, {"n": numbers, "group": groups, "changes": slips}),
    "texts": (texts, 90, 3_000, {"n": numbers, "group": groups, "place": st.integers(0, 9_999),
                                 "how": st.integers(0, 99)}),
    "overrides": (overrides, 80, 3_000, {"n": numbers, "node": st.integers(0, 5_000),
                                         "value": values,
                                         "sign": st.sampled_from(["", "", "", "+", "++", "~"])}),
    "designs": (designs, 40, 1_500, {"n": numbers, "node": st.integers(0, 5_000),
                                     "cells": st.tuples(values, values),
                                     "tear": st.none() | st.tuples(st.integers(0, 200),
                                                                   st.integers(0, 99))}),
    "shipped": (shipped, 6, 200, {"name": st.sampled_from(["china_ree_embargo", "myanmar_kachin"]),
                                  "changes": slips}),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_what_comes_in_is_told_in_one_message_or_computed(door):
    case, few, _, strategies = DOORS[door]
    cases(few)(given(**strategies)(case))()


@pytest.mark.slow
@pytest.mark.parametrize("door", DOORS)
def test_twenty_thousand_inputs_are_told_or_computed(door):
    case, _, many, strategies = DOORS[door]
    cases(many)(given(**strategies)(case))()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < MAX_MEMORY_KB


def test_the_doors_hold_enough_cases():
    assert sum(few for _, few, _, _ in DOORS.values()) >= 500
    assert sum(many for _, _, many, _ in DOORS.values()) >= 20_000


def test_every_base_is_right_as_it_is():
    for n in range(N_BASE):
        written(n)
        assert told_or_computed(lambda: compose(["scenario=./scenario.yaml"]).settings)
