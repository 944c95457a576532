"""Draws in blocks: they are spread evenly, each draw stays uniform, means stay unbiased."""

from __future__ import annotations

import hashlib
import math
from itertools import pairwise

import numpy as np
import pytest
from known import compiled_case, exponential, hazard, site_outage
from numba import njit
from sampler_case import outage, plan_of
from scipy.stats import kstest, qmc

from sim.base.rng import stream_id, uniform
from sim.base.sections import INDEPENDENT, Sections
from sim.flow.engine import simulate
from sim.shocks.kernel.sampling import CODE_BITS, DIMENSION_OF, draw, permuted, scrambled, sobol
from sim.shocks.sampler import sample

SIZE = 1024
BLOCKS = Sections(SIZE)


@njit
def _draws(seed, stream, first, n, bits, index):
    out = np.empty(n)
    for i in range(n):
        number = np.uint64(first + i) | (np.uint64(bits) << CODE_BITS)
        out[i] = draw(np.uint64(seed), np.uint64(stream), number, np.uint64(index))
    return out


def draws(sections=BLOCKS, index=0, first=0, n=None, stream="hazard:h", seed=1):
    n = sections.size or SIZE if n is None else n
    return _draws(seed, np.uint64(stream_id(stream)), first, n, sections.bits, index)


def test_plain_draws_are_those_of_the_generator():
    own = [uniform(1, np.uint64(stream_id("hazard:h")), r, 5) for r in range(100)]
    assert draws(INDEPENDENT, 5, n=100).tolist() == own


def test_draws_are_the_same_bits_in_every_version():
    bits = hashlib.sha256()
    for sections in (INDEPENDENT, Sections(2), Sections(64), BLOCKS, Sections(2**15)):
        for index in (0, 7, 15, 16, 63, 64):
            for first in (0, 3 * 2**15):
                bits.update(draws(sections, index, first, 200).tobytes())
    assert bits.hexdigest() == "11523d8c359112b7e59c15b35f9b937f2eddc7246d31f9a3eb2cabf5d7147ab0"


@pytest.mark.parametrize("size", [2, 4, 8, 32, 256, 1024])
@pytest.mark.parametrize("index", [0, 7, 15, 16 + 3, 48])
def test_each_stratum_holds_one_draw_of_a_block(size, index):
    for block in (0, 3):
        strata = np.floor(draws(Sections(size), index, block * size) * size).astype(int)
        assert sorted(strata) == list(range(size))


def test_from_the_fifth_event_on_draws_are_plain():
    assert (draws(BLOCKS, 64) == draws(INDEPENDENT, 64)).all()
    assert (draws(BLOCKS, 63) != draws(INDEPENDENT, 63)).any()


@pytest.mark.parametrize("slots", [(0, 1), (1, 5), (0, 5), (5, 8)])
def test_whether_and_how_long_and_how_hard_are_pairs_of_a_net(slots):
    u, v = (draws(BLOCKS, slot) for slot in slots)
    exact = sorted(DIMENSION_OF[list(slots)]) == [0, 1]
    for a in range(11):  # every way to cut the square into 1,024 equal boxes
        boxes = np.floor(u * 2**a) * 2 ** (10 - a) + np.floor(v * 2 ** (10 - a))
        found = np.bincount(boxes.astype(int), minlength=SIZE)
        assert found.max() <= (1 if exact else 4)  # plain draws have 5 or more in some


def test_every_slot_has_a_dimension_of_its_own():
    assert sorted(DIMENSION_OF) == list(range(16))


def test_directions_are_those_of_joe_and_kuo():
    ten = np.uint64(10)
    ours = [[int(sobol(np.uint64(i), d, ten)) for d in range(16)] for i in range(SIZE)]
    with np.errstate(all="ignore"):
        theirs = qmc.Sobol(16, scramble=False).random(SIZE)
    # scipy walks in Gray code order: the same points in another order
    assert sorted(map(tuple, ours)) == sorted(map(tuple, (theirs * SIZE).astype(int).tolist()))


@pytest.mark.parametrize("work", [permuted, scrambled])
@pytest.mark.parametrize("bits", [1, 2, 3, 6, 10])
def test_permutations_are_one_to_one_and_depend_on_the_key(work, bits):
    n, width = 2**bits, np.uint64(bits)
    found = [
        [int(work(np.uint64(i), np.uint64(key), width)) for i in range(n)] for key in range(1, 40)
    ]
    assert all(sorted(one) == list(range(n)) for one in found)
    alike = np.mean([a == b for one, other in pairwise(found) for a, b in zip(one, other)])  # noqa: B905
    assert abs(alike - 1 / n) < 4 * math.sqrt(1 / n / 38 / n) + (0.35 if bits == 1 else 0)


def test_one_draw_is_uniform_over_seeds():
    for sections in (Sections(4), BLOCKS):
        u = np.array([draws(sections, 2, first=37, n=1, seed=s)[0] for s in range(4000)])
        assert kstest(u, "uniform").pvalue > 1e-3


def test_blocks_streams_and_events_are_independent():
    a, b = draws(), draws(first=SIZE)
    c, d = draws(stream="hazard:other"), draws(index=16)
    for other in (b, c, d):
        assert abs(np.corrcoef(a, other)[0, 1]) < 4 / math.sqrt(SIZE)


def test_two_streams_meet_in_all_ways_over_small_blocks():
    # of blocks of 2: the halves of two streams are alike in half of them
    one = draws(Sections(2), n=4000) < 0.5
    other = draws(Sections(2), n=4000, stream="hazard:other") < 0.5
    assert abs(np.mean(one[::2] == other[::2]) - 0.5) < 4 * 0.5 / math.sqrt(2000)


@pytest.mark.parametrize("sections", [INDEPENDENT, Sections(16)])
def test_a_replication_is_the_same_alone(sections):
    plan = plan_of({"h": outage({"rate_per_year": 3.0}, days=exponential(20.0))})
    all_of_them = sample(plan, 7, np.arange(64), sections)
    alone = sample(plan, 7, np.array([41]), sections)
    part = slice(all_of_them.shock_ptr[41], all_of_them.shock_ptr[42])
    assert (alone.onset_days == all_of_them.onset_days[part]).all()
    assert alone.replication.tolist() == [41]


def test_another_hazard_leaves_the_draws_of_a_hazard_as_they_were():
    mine = outage({"rate_per_year": 3.0}, days=exponential(20.0))
    alone = sample(plan_of({"h": mine}), 7, np.arange(64), Sections(16))
    beside = sample(plan_of({"h": mine, "a": mine}), 7, np.arange(64), Sections(16))
    of_mine = beside.shock_hazard == 1
    assert (beside.onset_days[of_mine] == alone.onset_days).all()
    assert (beside.end_days[of_mine] == alone.end_days).all()


# --- against a known answer: one exponential outage against a stock -------------------------------

MEAN_DAYS, COVER_DAYS, DEMAND = 30.0, 20.0, 10.0
KNOWN = DEMAND * MEAN_DAYS * math.exp(-COVER_DAYS / MEAN_DAYS)
"""Expected loss: what an outage of exponential length outlasts the stock by (memoryless)."""


def _block_means(sections: Sections, n_block: int) -> np.ndarray:
    mine = {"kind": "mine", "product": "ore", "country": "OTH", "capacity": DEMAND}
    feed = {"cover_days": COVER_DAYS, "lanes": {"mine": {"share": 1.0}}}
    user = {
        "kind": "end_user", "product": "good", "country": "OTH", "demand": DEMAND,
        "feeds": {"ore": feed},
    }  # fmt: skip
    network = {
        "title": "one mine", "rates_per": "day",
        "products": {p: {"title": p} for p in ("ore", "good")},
        "sites": {"mine": mine, "user": user},
    }  # fmt: skip
    stop = hazard({"day": 5.0}, exponential(MEAN_DAYS), site_outage("mine", 1.0))
    case = compiled_case(network, {"stop": stop}, 60, step_days=7)
    tape = sample(case.plan, 3, np.arange(n_block * SIZE), sections)
    flow = simulate(case.play, tape)
    return flow.shortfall.sum(axis=(0, 1)).reshape(n_block, SIZE).mean(axis=1)


def test_both_ways_are_unbiased_and_blocks_scatter_less():
    scatter = {}
    for sections in (INDEPENDENT, BLOCKS):
        means = _block_means(sections, 30)
        scatter[sections] = means.std(ddof=1)
        assert abs(means.mean() - KNOWN) < 4 * scatter[sections] / math.sqrt(30), sections
    assert scatter[BLOCKS] < scatter[INDEPENDENT] / 4
