"""Compiled: how the draws of different replications belong together, to need fewer of them.

By itself each replication is drawn plainly. In blocks of 2**k replications the leading draws are
spread evenly, and stay unbiased, for every single draw is uniform. The draws of one event of a
stream are a Sobol net, by Joe and Kuo's direction numbers [1]_, under nested uniform scrambling
[2]_, in an order of its own (padding [3]_: a whole block is used, so any order will do; it is a
keyed Feistel permutation [4]_). So whether a hazard comes, when, how long and how hard lie on the
first dimensions of one net, and no draw depends on what else is in a scenario. From the fifth event
of a stream on, each is drawn plainly.

Blocks are independent of each other, so their scatter gives the interval.

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

from sim.base.rng import uniform

CODE_BITS = np.uint64(60)
"""A replication's number has the k of its blocks of 2**k in the bits above, on its way to draws."""

KIND_BITS = np.uint64(58)
"""The two bits below say of which kind a future must be: any (0), `QUIET` or `STRUCK`."""

THREE = np.uint64(3)
QUIET, STRUCK = np.uint64(1), np.uint64(2)
"""No rare shock comes; at least one does."""

NUMBER = (np.uint64(1) << KIND_BITS) - np.uint64(1)
MOST_BITS = 15
"""A block is at most 2**15 replications."""

SLOT_BITS = np.uint64(4)
SLOTS = np.uint64(16)
EVENTS = np.uint64(4)
"""Events of a stream whose draws are spread."""

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST_BIT, NO_BIT, TWO = np.uint64(1), np.uint64(0), np.uint64(2)

DIMENSION_OF = np.array([0, 1, 4, 8, 5, 2, 6, 7, 3, 9, 10, 11, 12, 13, 14, 15])
"""Dimension of each slot: of a hazard's own draws (``shocks.py``) those that decide most first."""

# degree, coefficients and first direction numbers of dimensions 2 to 16 [1]_
_JOE_KUO = (
    (1, 0, (1,)), (2, 1, (1, 3)), (3, 1, (1, 3, 1)), (3, 2, (1, 1, 1)), (4, 1, (1, 1, 3, 3)),
    (4, 4, (1, 3, 5, 13)), (5, 2, (1, 1, 5, 5, 17)), (5, 4, (1, 1, 5, 5, 5)),
    (5, 7, (1, 1, 7, 11, 19)), (5, 11, (1, 1, 5, 1, 1)), (5, 13, (1, 1, 1, 3, 11)),
    (5, 14, (1, 3, 5, 5, 31)), (6, 1, (1, 3, 3, 9, 7, 49)), (6, 13, (1, 1, 1, 15, 21, 21)),
    (6, 16, (1, 3, 1, 13, 27, 49)),
)  # fmt: skip

DIMENSIONS = len(_JOE_KUO) + 1


def _directions() -> np.ndarray:
    """Return the direction numbers of all dimensions, each MOST_BITS wide, as whole numbers."""
    bits = MOST_BITS
    out = np.zeros((DIMENSIONS, bits), np.uint64)
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
def permuted(i, key, bits):
    """Return the place of `i` in a keyed permutation of 0 .. 2**bits - 1 (Feistel)."""
    narrow = bits >> FIRST_BIT
    wide = bits - narrow
    high_mask = (FIRST_BIT << narrow) - FIRST_BIT
    low_mask = (FIRST_BIT << wide) - FIRST_BIT
    high, low = i >> wide, i & low_mask
    for turn in range(3):
        at = key + TWO * np.uint64(turn)
        high = high ^ (mix(at + (low << np.uint64(8))) & high_mask)
        low = low ^ (mix(at + FIRST_BIT + (high << np.uint64(8))) & low_mask)
    return (high << wide) | low


@njit(nogil=True, cache=True)
def scrambled(x, key, bits):
    """Return `x` (so many bits, first one highest) after a keyed nested uniform scrambling."""
    out = NO_BIT
    for k in range(np.int64(bits)):
        above = x >> (bits - np.uint64(k))  # the k bits before this one decide its flip
        flip = mix(key ^ mix((above << np.uint64(4)) | np.uint64(k))) >> np.uint64(63)
        bit = (x >> (bits - FIRST_BIT - np.uint64(k))) & FIRST_BIT
        out = (out << FIRST_BIT) | (bit ^ flip)
    return out


@njit(nogil=True, cache=True)
def sobol(i, dimension, bits):
    """Return point `i` of a dimension of the Sobol sequence, so many bits, in binary order."""
    out = NO_BIT
    for j in range(np.int64(bits)):
        if (i >> np.uint64(j)) & FIRST_BIT:
            out = out ^ DIRECTIONS[dimension, j]
    return out >> (np.uint64(MOST_BITS) - bits)


@njit(nogil=True, cache=True)
def secret(seed, stream, block, index, bits):
    """Return the word that keys a permutation, a shift or a scrambling of a block."""
    word = mix(np.uint64(seed) + GOLDEN * (index + FIRST_BIT))
    word = mix(word ^ np.uint64(stream))
    return mix(word + GOLDEN * ((block << np.uint64(4)) | bits))


@njit(nogil=True, cache=True)
def kind_of(replication):
    """Return of which kind a future must be: 0 for any, `QUIET` or `STRUCK`."""
    return (np.uint64(replication) >> KIND_BITS) & THREE


@njit(nogil=True, cache=True)
def conditioned(v, chance, given):
    """Return a uniform number under which an event of some chance comes with the chance `given`.

    It comes where the number is below `chance`: what of `v` lies below `given` is spread over
    (0, chance), the rest over what is left.
    """
    if v < given:
        return v / given * chance
    return min(chance + (v - given) / (1.0 - given) * (1.0 - chance), 1.0 - 2.0**-53)


@njit(nogil=True, cache=True)
def draw(seed, stream, replication, index):
    """Return draw `index` of a stream in a replication whose top bits hold its block's k.

    The same as ``sim.base.rng.uniform`` where k is 0.
    """
    bits = np.uint64(replication) >> CODE_BITS
    if bits == NO_BIT:
        return uniform(seed, stream, replication, index)
    number, index = np.uint64(replication) & NUMBER, np.uint64(index)
    u = uniform(seed, stream, number, index)
    event, slot = index >> SLOT_BITS, index & (SLOTS - FIRST_BIT)
    if event >= EVENTS:
        return u
    block, i = number >> bits, number & ((FIRST_BIT << bits) - FIRST_BIT)
    order = secret(seed, stream, block, EVENTS * SLOTS + event, bits)  # one for all of the event
    own = secret(seed, stream, block, index, bits)
    point = sobol(permuted(i, order, bits), DIMENSION_OF[slot], bits)
    stratum = scrambled(point, own, bits)
    return min((np.float64(stratum) + u) / np.float64(FIRST_BIT << bits), 1.0 - 2.0**-53)
