"""Sampling schemes: blocks are spread evenly, every draw stays uniform, means stay unbiased."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from known import compiled_case, exponential, hazard, site_outage
from numba import njit
from sampler_case import outage, plan_of
from scipy.stats import kstest, qmc

from sim.base.errors import UserError
from sim.base.rng import stream_id, uniform
from sim.flow.engine import simulate
from sim.shocks.kernel.sampling import CODE_BITS, SCHEMES, STRATA, draw, permuted, scrambled, sobol
from sim.shocks.sampler import sample


@njit
def _draws(seed, stream, first, n, code, index):
    out = np.empty(n)
    for i in range(n):
        number = np.uint64(first + i) | (np.uint64(code) << CODE_BITS)
        out[i] = draw(np.uint64(seed), np.uint64(stream), number, np.uint64(index))
    return out


def draws(scheme, index=0, first=0, n=STRATA, stream="hazard:h", seed=1):
    return _draws(seed, np.uint64(stream_id(stream)), first, n, SCHEMES[scheme], index)


def test_plain_draws_are_those_of_the_generator():
    own = [uniform(1, np.uint64(stream_id("hazard:h")), r, 5) for r in range(100)]
    assert draws("plain", 5, n=100).tolist() == own


def test_draws_are_the_same_bits_in_every_version():
    bits = hashlib.sha256()
    for scheme in SCHEMES:
        for index in (0, 7, 15, 16):
            for first in (0, 3 * STRATA):
                bits.update(draws(scheme, index, first).tobytes())
    assert bits.hexdigest() == "c4914cd9952539c74b3a832666fafea1d18e5ef292577228b85fea007b9111f0"


@pytest.mark.parametrize("index", [0, 7, 15])
def test_each_stratum_holds_one_draw_of_a_block(index):
    for block in (0, 3):
        strata = np.floor(draws("sobol", index, block * STRATA) * STRATA).astype(int)
        assert sorted(strata) == list(range(STRATA))


def test_later_events_are_drawn_plainly():
    assert (draws("sobol", 16) == draws("plain", 16)).all()


def test_a_pair_of_sobol_draws_of_one_event_is_a_net():
    u, v = draws("sobol", 0), draws("sobol", 1)
    for a in range(11):  # every way to cut the square into 1,024 equal boxes: one point in each
        boxes = np.floor(u * 2**a) * 2 ** (10 - a) + np.floor(v * 2 ** (10 - a))
        assert sorted(boxes.astype(int)) == list(range(STRATA))


def test_directions_are_those_of_joe_and_kuo():
    ours = [[int(sobol(np.uint64(i), d)) for d in range(16)] for i in range(STRATA)]
    with np.errstate(all="ignore"):
        theirs = qmc.Sobol(16, scramble=False).random(STRATA)
    # scipy walks in Gray code order: the same points in another order
    assert sorted(map(tuple, ours)) == sorted(map(tuple, (theirs * STRATA).astype(int).tolist()))


@pytest.mark.parametrize("work", [permuted, scrambled])
def test_permutations_are_one_to_one_and_depend_on_the_key(work):
    found = [[int(work(np.uint64(i), np.uint64(key))) for i in range(STRATA)] for key in (1, 2)]
    assert sorted(found[0]) == sorted(found[1]) == list(range(STRATA))
    assert 0 <= sum(a == b for a, b in zip(*found, strict=True)) < 12  # one in the mean


def test_one_draw_is_uniform_over_seeds():
    u = np.array([draws("sobol", 2, first=37, n=1, seed=s)[0] for s in range(4000)])
    assert kstest(u, "uniform").pvalue > 1e-3


def test_blocks_and_streams_are_independent():
    a, b = draws("sobol"), draws("sobol", first=STRATA)
    c = draws("sobol", stream="hazard:other")
    limit = 4 / math.sqrt(STRATA)
    assert abs(np.corrcoef(a, b)[0, 1]) < limit
    assert abs(np.corrcoef(a, c)[0, 1]) < limit


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_replication_is_the_same_alone(scheme):
    plan = plan_of({"h": outage({"rate_per_year": 3.0}, days=exponential(20.0))})
    all_of_them = sample(plan, 7, np.arange(64), scheme)
    alone = sample(plan, 7, np.array([41]), scheme)
    part = slice(all_of_them.shock_ptr[41], all_of_them.shock_ptr[42])
    assert (alone.onset_days == all_of_them.onset_days[part]).all()
    assert alone.replication.tolist() == [41]


def test_an_unknown_scheme_is_told_with_the_nearest_name():
    with pytest.raises(UserError, match="did you mean 'sobol'"):
        sample(plan_of({}), 1, np.arange(1), "sobbol")


# --- against a known answer: one exponential outage against a stock -------------------------------

MEAN_DAYS, COVER_DAYS, DEMAND = 30.0, 20.0, 10.0
KNOWN = DEMAND * MEAN_DAYS * math.exp(-COVER_DAYS / MEAN_DAYS)
"""Expected loss: what an outage of exponential length outlasts the stock by (memoryless)."""


def _block_means(scheme: str, n_block: int) -> np.ndarray:
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
    tape = sample(case.plan, 3, np.arange(n_block * STRATA), scheme)
    flow = simulate(case.play, tape)
    return flow.shortfall.sum(axis=(0, 1)).reshape(n_block, STRATA).mean(axis=1)


def test_both_schemes_are_unbiased_and_sobol_scatters_less():
    scatter = {}
    for scheme in SCHEMES:
        means = _block_means(scheme, 30)
        scatter[scheme] = means.std(ddof=1)
        assert abs(means.mean() - KNOWN) < 4 * scatter[scheme] / math.sqrt(30), scheme
    assert scatter["sobol"] < scatter["plain"] / 4
