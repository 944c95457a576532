"""Counter-based random numbers: Philox4x64-10, addressed by (seed, stream, replication, index).

A draw is a function of its address, so nothing depends on order, batch or worker, and a stream is
named by the stable hash of its owner's name (docs/model.md; MODEL: Chance).

References
----------
.. [1] Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3. SC'11.
"""

import hashlib

import numpy as np
from numba import njit

MASK32 = np.uint64(0xFFFFFFFF)
SHIFT32 = np.uint64(32)
MULTIPLIER_0 = np.uint64(0xD2E7470EE14C6C93)
MULTIPLIER_1 = np.uint64(0xCA5A826395121157)
WEYL_0 = np.uint64(0x9E3779B97F4A7C15)
WEYL_1 = np.uint64(0xBB67AE8584CAA73B)


def stream_id(name: str) -> int:
    """Return the stream that belongs to a name: a 64-bit hash that is the same everywhere.

    Parameters
    ----------
    name : str
        Such as ``"hazard:embargo"``.

    Returns
    -------
    int
        First 8 bytes, least significant first, of BLAKE2b-64 of the name in UTF-8.

    Examples
    --------
    >>> hex(stream_id("hazard:embargo"))
    '0x2b3f52c8ce552d44'
    """
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


@njit(nogil=True, cache=True)
def multiply_128(a, b):
    """Return the high and the low word of a 64 x 64 bit product, by 32-bit halves."""
    a0, a1 = a & MASK32, a >> SHIFT32
    b0, b1 = b & MASK32, b >> SHIFT32
    low, cross_1, cross_2 = a0 * b0, a1 * b0, a0 * b1
    middle = (low >> SHIFT32) + (cross_1 & MASK32) + (cross_2 & MASK32)
    high = a1 * b1 + (cross_1 >> SHIFT32) + (cross_2 >> SHIFT32) + (middle >> SHIFT32)
    return high, a * b


@njit(nogil=True, cache=True)
def philox4x64(c0, c1, c2, c3, k0, k1):
    """Return the four words of Philox4x64-10 for a counter and a key (all uint64)."""
    for _ in range(10):
        high_0, low_0 = multiply_128(MULTIPLIER_0, c0)
        high_1, low_1 = multiply_128(MULTIPLIER_1, c2)
        c0, c1, c2, c3 = high_1 ^ c1 ^ k0, low_1, high_0 ^ c3 ^ k1, low_0
        k0 = k0 + WEYL_0
        k1 = k1 + WEYL_1
    return c0, c1, c2, c3


@njit(nogil=True, cache=True)
def unit_interval(word):
    """Return ``((word >> 11) + 0.5) * 2**-53`` of a 64-bit word: never 0, and kept from being 1.

    The sum is rounded to a double, and for the very last of the 2**53 values that would be 1.
    """
    return min((np.float64(word >> np.uint64(11)) + 0.5) * 2.0**-53, 1.0 - 2.0**-53)


@njit(nogil=True, cache=True)
def uniform(seed, stream, replication, index):
    """Return draw `index` of a stream in a replication: a double in the open interval (0, 1).

    Word ``index % 4`` of the block with counter (index // 4, stream, replication, 0) and key
    (seed, 0), mapped into (0, 1) by ``unit_interval``, so that it may go into a logarithm.

    Parameters
    ----------
    seed, stream, replication, index : int
        The address, each part in 0 .. 2**64 - 1; a stream is the ``stream_id`` of a name. From
        Python pass ``np.uint64`` for what may be 2**63 or more: a plain int overflows there.

    Returns
    -------
    float
        Uniform number in the open interval (0, 1).
    """
    at = np.uint64(index)
    w0, w1, w2, w3 = philox4x64(
        at >> np.uint64(2),
        np.uint64(stream),
        np.uint64(replication),
        np.uint64(0),
        np.uint64(seed),
        np.uint64(0),
    )
    which = at & np.uint64(3)
    word = w0
    if which == np.uint64(1):
        word = w1
    elif which == np.uint64(2):
        word = w2
    elif which == np.uint64(3):
        word = w3
    return unit_interval(word)
