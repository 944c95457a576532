"""The generator: published answers, numpy's stream of the same name, independence of streams."""

from __future__ import annotations

import numpy as np
import pytest
import twin_philox
from numba import njit
from scipy import stats

from sim.base.rng import philox4x64, stream_id, uniform, unit_interval

ONES = 2**64 - 1
PI = [0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89,
      0x452821E638D01377, 0xBE5466CF34E90C6C]  # fmt: skip
# counter and key, then the four words: known answers of Random123
KNOWN = {
    "zeros": ([0] * 6, "16554d9eca36314c db20fe9d672d0fdc d7e772cee186176b 7e68b68aec7ba23b"),
    "ones": ([ONES] * 6, "87b092c3013fe90b 438c3c67be8d0224 9cc7d7c69cd777b6 a09caebf594f0ba0"),
    "pi": (PI, "a528f45403e61d95 38c72dbd566e9788 a5a1610e72fd18b5 57bd43b5e52b7fe6"),
}
SEED = 20250404


def block(*words: int) -> list[int]:
    return [int(w) for w in philox4x64(*[np.uint64(w) for w in words])]


@njit
def first_words(seed, stream, n):
    """Return the first word of a stream in replications 0 .. n - 1."""
    out = np.empty(n, np.uint64)
    zero = np.uint64(0)
    for r in range(n):
        out[r] = philox4x64(zero, stream, np.uint64(r), zero, seed, zero)[0]
    return out


@njit
def first_draws(seed, stream, n):
    """Return draw 0 of a stream in replications 0 .. n - 1."""
    out = np.empty(n)
    for r in range(n):
        out[r] = uniform(seed, stream, r, 0)
    return out


@njit
def run_of_draws(seed, stream, replication, n):
    """Return draws 0 .. n - 1 of a stream in one replication."""
    out = np.empty(n)
    for j in range(n):
        out[j] = uniform(seed, stream, replication, j)
    return out


@pytest.fixture(scope="module")
def million():
    return first_draws(np.uint64(SEED), np.uint64(stream_id("hazard:embargo")), 1_000_000)


@pytest.mark.parametrize("name", KNOWN)
def test_philox_gives_the_published_words(name):
    words, answer = KNOWN[name]
    assert block(*words) == [int(w, 16) for w in answer.split()]
    assert twin_philox.words(words[:4], words[4:]) == block(*words)


def test_the_10000th_word_is_that_of_the_cpp_standard():
    assert block(9999 // 4, 0, 0, 0, 20111115, 0)[9999 % 4] == 3409172418970261260


def test_first_words_of_numpys_stream_are_the_stored_ones():
    words = block(1, 0, 0, 0, 12345, 0)  # numpy counts up before its first block
    stored = "a5792c0a0ed6a560 c63666ba8b756514 c953e311f634209d 28db5404d83fac91"
    assert words == [int(w, 16) for w in stored.split()]
    doubles = [0.6463801884227345, 0.7742675977164786, 0.7864362639285933, 0.1595966827228482]
    ours = [(w >> 11) * 2.0**-53 for w in words]
    assert ours == pytest.approx(doubles, rel=1e-15)  # the stored ones have 16 digits
    theirs = np.random.Generator(np.random.Philox(counter=0, key=12345)).random(4)
    assert ours == list(theirs)


def test_philox_equals_numpy_and_the_twin_for_random_counters_and_keys():
    rng = np.random.default_rng(1)
    for _ in range(300):
        c = [int(x) for x in rng.integers(0, ONES, 4, np.uint64, endpoint=True)]
        k = [int(x) for x in rng.integers(0, ONES, 2, np.uint64, endpoint=True)]
        if rng.random() < 0.3:  # a carry through the lower words of the counter
            c[: rng.integers(1, 4)] = [0] * 3
            c = c[:4]
        before = (sum(w << 64 * j for j, w in enumerate(c)) - 1) % 2**256
        counter = [before >> 64 * j & ONES for j in range(4)]
        theirs = np.random.Philox(
            counter=np.array(counter, np.uint64), key=np.array(k, np.uint64)
        ).random_raw(4)
        assert block(*c, *k) == [int(w) for w in theirs] == twin_philox.words(c, k)


def test_a_draw_is_the_word_at_its_address():
    rng = np.random.default_rng(2)
    for _ in range(300):
        seed, stream = (int(x) for x in rng.integers(0, ONES, 2, np.uint64))
        replication, index = int(rng.integers(0, 10**9)), int(rng.integers(0, 10**5))
        draw = uniform(np.uint64(seed), np.uint64(stream), replication, index)
        assert draw == twin_philox.uniform(seed, stream, replication, index)


def test_a_draw_does_not_depend_on_the_type_of_its_address():
    for kind in (int, np.int64, np.uint64, np.int32):
        assert uniform(kind(7), kind(8), kind(9), kind(10)) == twin_philox.uniform(7, 8, 9, 10)
    large = stream_id("")
    assert large > 2**63
    assert uniform(1, np.uint64(large), 2, 3) == twin_philox.uniform(1, large, 2, 3)


def test_each_part_of_the_address_counts():
    base = (1, 2, 3, 4)
    draws = {uniform(*base)}
    for part in range(4):
        for step in (1, 4, 2**32):
            draws.add(uniform(*[x + step * (j == part) for j, x in enumerate(base)]))
    assert len(draws) == 13


def test_draws_lie_in_the_open_interval():
    assert unit_interval(np.uint64(0)) == 2.0**-54
    assert unit_interval(np.uint64(ONES)) == 1 - 2.0**-53  # (2**53 - 1 + 0.5) rounds to 2**53
    assert unit_interval(np.uint64(2**63)) == pytest.approx(0.5, abs=1e-15)


def test_stream_of_a_name_is_pinned():
    # the sums are those of `printf NAME | b2sum -l 64`, least significant byte first
    sums = {"": "e4a6a0577479b2b4", "hazard:embargo": "442d55cec8523f2b",
            "parameter:Größe": "0afc415db9a13717"}  # fmt: skip
    for name, hexes in sums.items():
        assert stream_id(name) == int.from_bytes(bytes.fromhex(hexes), "little")


def test_names_of_streams_do_not_collide():
    names = [f"{kind}:{j}" for kind in ("hazard", "project", "parameter") for j in range(20_000)]
    assert len({stream_id(n) for n in names}) == len(names)


def test_first_words_of_many_replications_are_as_different_as_chance_has_it():
    # 131072 words of 32 bits: the number of equal pairs is Poisson of mean 2
    words = np.sort(first_words(np.uint64(SEED), np.uint64(stream_id("x")), 131_072) >> 32)
    assert np.count_nonzero(np.diff(words) == 0) <= 10
    assert np.unique(words).size > 131_000


def test_neighbouring_streams_and_replications_are_uncorrelated():
    limit = 0.017243037  # largest of 2016 correlations of 100 000 draws (VERIFICATION V8.4 b)
    n = 100_000
    streams = [(j, 5) for j in range(32)] + [(77, j) for j in range(32)]
    draws = np.array([run_of_draws(SEED, np.uint64(s), r, n) for s, r in streams])
    off_diagonal = np.corrcoef(draws) - np.eye(64)
    assert np.abs(off_diagonal).max() < limit


def test_successive_draws_are_uncorrelated():
    x = run_of_draws(SEED, np.uint64(3), 4, 100_000)
    for lag in range(1, 9):
        assert abs(np.corrcoef(x[:-lag], x[lag:])[0, 1]) < 4 / np.sqrt(len(x))


def test_first_draws_of_a_million_replications_are_uniform(million):
    distance = stats.kstest(million, "uniform").statistic
    assert distance < 0.0022250838  # probability 1e-4


def test_top_bits_of_a_million_replications_are_equally_frequent(million):
    counts = np.bincount((million * 256).astype(int), minlength=256)
    chi2 = ((counts - 1e6 / 256) ** 2).sum() / (1e6 / 256)
    assert 176.39095 < chi2 < 352.42785  # 255 degrees of freedom, 1e-4 two-sided
