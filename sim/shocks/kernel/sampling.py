"""Compiled: how the draws of different replications belong together, to need fewer of them.

``plain`` draws each replication by itself. ``sobol`` spreads a block of ``STRATA`` replications
evenly and stays unbiased, for every single draw is uniform: the draws of one stream and event are a
scrambled Sobol net, by Joe and Kuo's direction numbers [1]_, nested uniform scrambling [2]_ and an
order of its own for each stream (padding, [3]_; a whole block is used, so any order will do; the
order is a keyed Feistel permutation [4]_). Blocks are independent of each other, so the scatter of
block means gives the interval.

Only leading draws (``index < 16``: a hazard's first event, factors, projects, parameters) are
spread; what comes later is drawn plainly.

References
----------
.. [1] Joe and Kuo (2008), SIAM J. Sci. Comput. 30, 2635-2654 (new-joe-kuo-6).
.. [2] Owen (1995), in Monte Carlo and Quasi-Monte Carlo Methods, LNS 106, 299-317.
.. [3] Burley (2020), J. Computer Graphics Techniques 9(4), 1-20.
.. [4] Luby and Rackoff (1988), SIAM J. Computing 17(2), 373-386.
"""

# mypy: disallow-untyped-defs=False

import numpy as np
from numba import njit

from sim.base.rng import philox4x64, uniform

PLAIN, SOBOL = np.uint64(0), np.uint64(3)
SCHEMES = {"plain": int(PLAIN), "sobol": int(SOBOL)}
"""Name -> code, which stands in the top bits of a replication's number on its way to the draws."""

CODE_BITS = np.uint64(60)
NUMBER = (np.uint64(1) << CODE_BITS) - np.uint64(1)
BITS = np.uint64(10)
STRATA = 2**10
"""Replications of a block: what is spread evenly."""

HALF = BITS // np.uint64(2)
LOW = np.uint64(2**5 - 1)
LEADING = np.uint64(16)
FIRST_BIT, NO_BIT = np.uint64(1), np.uint64(0)

# degree, coefficients and first direction numbers of dimensions 2 to 16 [1]_
_JOE_KUO = (
    (1, 0, (1,)), (2, 1, (1, 3)), (3, 1, (1, 3, 1)), (3, 2, (1, 1, 1)), (4, 1, (1, 1, 3, 3)),
    (4, 4, (1, 3, 5, 13)), (5, 2, (1, 1, 5, 5, 17)), (5, 4, (1, 1, 5, 5, 5)),
    (5, 7, (1, 1, 7, 11, 19)), (5, 11, (1, 1, 5, 1, 1)), (5, 13, (1, 1, 1, 3, 11)),
    (5, 14, (1, 3, 5, 5, 31)), (6, 1, (1, 3, 3, 9, 7, 49)), (6, 13, (1, 1, 1, 15, 21, 21)),
    (6, 16, (1, 3, 1, 13, 27, 49)),
)  # fmt: skip


def _directions() -> np.ndarray:
    """Return the direction numbers of 16 dimensions, each BITS wide, as whole numbers."""
    bits = int(BITS)
    out = np.zeros((16, bits), np.uint64)
    out[0] = [2 ** (bits - 1 - j) for j in range(bits)]
    for d, (degree, coefficients, first) in enumerate(_JOE_KUO, start=1):
        m = list(first)
        for j in range(degree, bits):
            new = m[j - degree] ^ (m[j - degree] << degree)
            for k in range(1, degree):
                if (coefficients >> (degree - 1 - k)) & 1:
                    new ^= m[j - k] << k
            m.append(new)
        out[d] = [m[j] << (bits - 1 - j) for j in range(bits)]
    return out


DIRECTIONS = _directions()


@njit(nogil=True, cache=True)
def mix(word):
    """Return a word whose bits all depend on all bits of `word` (SplitMix64's finaliser)."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@njit(nogil=True, cache=True)
def permuted(i, key):
    """Return the place of `i` in a keyed permutation of 0 .. STRATA - 1 (Feistel, six rounds)."""
    left, right = i >> HALF, i & LOW
    for turn in range(6):
        left, right = right, left ^ (mix(key + np.uint64(turn) + (right << np.uint64(8))) & LOW)
    return (left << HALF) | right


@njit(nogil=True, cache=True)
def scrambled(x, key):
    """Return `x` (BITS wide, first bit highest) after a keyed nested uniform scrambling."""
    out = NO_BIT
    for k in range(10):
        above = x >> (BITS - np.uint64(k))  # the k bits before this one decide its flip
        flip = mix(key ^ mix((above << np.uint64(4)) | np.uint64(k))) >> np.uint64(63)
        bit = (x >> (BITS - FIRST_BIT - np.uint64(k))) & FIRST_BIT
        out = (out << FIRST_BIT) | (bit ^ flip)
    return out


@njit(nogil=True, cache=True)
def sobol(i, dimension):
    """Return point `i` of a dimension of the Sobol sequence, BITS wide, in plain binary order."""
    out = NO_BIT
    for j in range(10):
        if (i >> np.uint64(j)) & FIRST_BIT:
            out = out ^ DIRECTIONS[dimension, j]
    return out


@njit(nogil=True, cache=True)
def secret(seed, stream, block, index, code):
    """Return the word that keys a permutation or scrambling; its counters are no draw's."""
    word, _, _, _ = philox4x64(index, np.uint64(stream), block, FIRST_BIT, np.uint64(seed), code)
    return word


@njit(nogil=True, cache=True)
def draw(seed, stream, replication, index):
    """Return draw `index` of a stream in a replication whose top bits hold a scheme's code.

    The same as ``sim.base.rng.uniform`` where the code is 0.
    """
    code = np.uint64(replication) >> CODE_BITS
    if code == PLAIN:
        return uniform(seed, stream, replication, index)
    number = np.uint64(replication) & NUMBER
    u = uniform(seed, stream, number, index)
    if np.uint64(index) >= LEADING:
        return u
    block, i = number >> BITS, number & np.uint64(STRATA - 1)
    own = secret(seed, stream, block, np.uint64(index), code)
    shuffle = secret(seed, stream, block, LEADING, code)  # one order for all of the stream
    stratum = scrambled(sobol(permuted(i, shuffle), np.int64(index)), own)
    return min((np.float64(stratum) + u) / STRATA, 1.0 - 2.0**-53)
