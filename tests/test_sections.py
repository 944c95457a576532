"""Intervals of futures that were drawn in blocks: how often they hold, and when they are plain's.

Blocks are stratified: of `size` futures one lies in each of as many equal parts of (0, 1), so that
the mean of a loss hardly varies between blocks, and plain's interval is far too wide.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.coverage_blocks import BROAD, SCENARIOS, SIZES, parts, pool, studies
from sim.metrics import precision, sectioned
from sim.metrics.answer import WIDE, Estimate, Refused
from sim.metrics.compare import cvar_difference, paired
from sim.metrics.sections import INDEPENDENT, Sections
from sim.metrics.statistics import answers, batches

SIZE, N = 256, 4096
SECTIONS = Sections(SIZE)
STUDIES = 300
LEAST = 0.95 - 4 * np.sqrt(0.95 * 0.05 / STUDIES)  # four standard errors below what is claimed


def strata(rng: np.random.Generator, n_row: int, n: int = N, size: int = SIZE) -> np.ndarray:
    """Return uniform numbers, shape (n_row, n): each block of `size` is stratified."""
    order = rng.permuted(np.tile(np.arange(size), (n_row * n // size, 1)), axis=1)
    return ((order + rng.random(order.shape)) / size).reshape(n_row, n)


def rare(u: np.ndarray) -> np.ndarray:
    """Return losses of which a tenth is above 0, exponential."""
    return np.maximum(0.0, -np.log(np.minimum(1.0, u / 0.1)))


EXACT = {
    "mean": 0.1,
    "sd": np.sqrt(0.1 * 2 - 0.01),
    "q95": np.log(2),
    "cvar95": np.log(2) + 1,
    "P(>0.1)": 0.1 * np.exp(-0.1),
}


@pytest.mark.parametrize("statistic", EXACT)
def test_intervals_over_blocks_hold_and_are_narrower(statistic):
    noise = np.random.default_rng(7)
    loss = rare(strata(noise, STUDIES))
    (batch,) = batches(loss.T, sections=SECTIONS)
    (plain,) = batches(loss.T)
    found, wide = answers(batch, statistic), answers(plain, statistic)
    assert all(isinstance(a, Estimate) for a in found)
    assert statistic == "sd" or not any(a.mark for a in found)  # squares are the most uneven
    held = np.mean([a.low <= EXACT[statistic] <= a.high for a in found])
    assert held >= LEAST
    width = [np.mean([a.high - a.low for a in of]) for of in (found, wide)]
    assert width[0] <= (1.0 if statistic == "sd" else 0.9) * width[1]
    assert [a.value for a in found] == [a.value for a in wide]


def test_ratio_and_paired_intervals_over_blocks_hold_and_are_narrower():
    rng = np.random.default_rng(8)
    u, v = strata(rng, STUDIES), strata(rng, STUDIES)
    wanted, held, narrow = 10.0 + u, np.zeros(4), []
    for x, w, y in zip(rare(u), wanted, rare(v), strict=True):
        ratio = precision.ratio(x, w, sections=SECTIONS)
        mean = precision.mean(x - y, sections=SECTIONS)
        tail = cvar_difference(x, 2 * y, sections=SECTIONS)
        better = precision.chance(x > y, sections=SECTIONS)
        exact = 0.1 / 10.5, 0.0, -(np.log(2) + 1), 0.095
        told = zip((ratio, mean, tail, better), exact, strict=True)
        held += [a.low <= e <= a.high for a, e in told]
        narrow.append(ratio.high - ratio.low)
    assert (held / STUDIES >= LEAST).all()
    plain = precision.ratio(rare(u)[0], wanted[0])
    assert np.mean(narrow) < 0.9 * (plain.high - plain.low)


def test_what_happened_in_some_futures_only_has_an_interval_that_holds():
    rng = np.random.default_rng(9)
    u = strata(rng, STUDIES)
    days = np.where(u < 0.4, 100.0 * u, np.nan)
    held, n = 0, 0
    for row in days:
        (batch,) = batches(row[:, None], sections=SECTIONS)
        mean, q95 = answers(batch, "mean")[0], answers(batch, "q95")[0]
        held += np.array([mean.low <= 20.0 <= mean.high, q95.low <= 38.0 <= q95.high])
        n += mean.n
    assert (held / STUDIES >= LEAST).all()
    assert n == np.count_nonzero(u < 0.4)


def test_a_block_is_taken_whole_or_not_at_all():
    # independent losses: one number a block, repeated; plain's interval would be far too narrow
    rng = np.random.default_rng(10)
    loss = np.repeat(rng.exponential(size=(STUDIES, N // SIZE)), SIZE, axis=1)
    for sections, holds in ((SECTIONS, True), (INDEPENDENT, False)):
        found = [precision.mean(x, sections=sections) for x in loss]
        assert (np.mean([a.low <= 1.0 <= a.high for a in found]) > 0.85) == holds


@pytest.mark.parametrize(
    ("n", "size", "why"),
    [(960, 64, "blocks"), (1000, 64, "blocks"), (1024, 64, ""), (1024, None, ""), (64, 1, "")],
)
def test_fewer_than_sixteen_whole_blocks_have_plains_interval_and_a_mark(n, size, why):
    x = np.random.default_rng(11).normal(5.0, 1.0, n)
    answer, plain = precision.mean(x, sections=Sections(size)), precision.mean(x)
    assert (answer.mark == WIDE) == bool(why)
    if why or size in (None, 1):
        assert answer[:3] == plain[:3]
    assert why in answer.note


def test_fewer_than_five_of_the_kind_in_a_block_have_plains_interval_and_a_mark():
    n, size = 1600, 100
    for each, few in ((4, True), (5, False)):
        x = np.zeros((16, size))
        x[:, :each] = 1.0
        answer = precision.mean(x.ravel() + np.arange(n) * 1e-9, sections=Sections(size))
        assert (answer.mark == WIDE) == few
        chance = precision.chance(x.ravel() > 0.5, sections=Sections(size))
        assert (chance.mark == WIDE) == few
        assert ("futures a block" in chance.note) == few
        assert chance.value == each / size


def test_blocks_that_count_alike_leave_room_for_the_chance_of_one_more():
    x = np.tile(np.arange(100) < 31, 16)
    answer = precision.chance(x, sections=Sections(100))
    assert answer.low < 0.309
    assert answer.high > 0.311


def test_marks_that_say_worse_and_refusals_stay():
    nothing = np.zeros(1024)
    assert precision.mean(nothing, sections=Sections(64)).mark == precision.mean(nothing).mark
    assert isinstance(precision.cvar(nothing[:30], 0.95, sections=Sections(2)), Refused)


def test_pairs_of_equal_runs_differ_by_nothing():
    x = rare(strata(np.random.default_rng(12), 1))[0]
    told = paired(x, x.copy(), sections=SECTIONS)
    assert told.difference[:3] == (0.0, 0.0, 0.0)
    assert told.equal.value == 1.0
    assert told.cvar_difference[:3] == (0.0, 0.0, 0.0)


def test_a_gap_at_the_cut_is_within_the_interval_of_the_cvar():
    # 4.8 % lose 35, the others nothing: VaR 95 is 0, CVaR 95 33.6 (docs/intervals.md)
    rng, held = np.random.default_rng(13), 0
    for u in strata(rng, STUDIES):
        loss = np.where(u < 0.048, 35.0, 0.0)
        answer = precision.cvar(loss, 0.95, sections=SECTIONS)
        held += answer.low <= 33.6 <= answer.high
    assert held / STUDIES >= LEAST


def test_many_rows_at_once_are_the_rows_alone():
    x = rare(strata(np.random.default_rng(14), 3))
    together, _ = sectioned.cvars(x, np.sort(x, axis=1), 0.95, SECTIONS)
    alone = [precision.cvar(row, 0.95, sections=SECTIONS) for row in x]
    np.testing.assert_allclose([a[:3] for a in together], [a[:3] for a in alone], rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", [s for s in SCENARIOS if s not in (*BROAD, "demand_surge")])
def test_intervals_of_blocks_hold_on_shipped_scenarios(name, tmp_path):
    of = pool(name, tmp_path, blocks=20)
    for size in SIZES:
        for title, cell in studies(parts(of, size), size, 400).items():
            assert cell.held >= LEAST or cell.marked > 0.5, (size, title, cell)
