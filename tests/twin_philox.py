"""Philox4x64-10 and our uniforms told again in Python's whole numbers (Salmon et al. 2011)."""

from __future__ import annotations

WORD = 2**64
MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
INCREMENTS = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)


def words(counter: list[int], key: list[int]) -> list[int]:
    """Return the four words of a block, least significant first."""
    c, k = list(counter), list(key)
    for _ in range(10):
        high_0, low_0 = divmod(c[0] * MULTIPLIERS[0], WORD)
        high_1, low_1 = divmod(c[2] * MULTIPLIERS[1], WORD)
        c = [high_1 ^ c[1] ^ k[0], low_1, high_0 ^ c[3] ^ k[1], low_0]
        k = [(k[j] + INCREMENTS[j]) % WORD for j in range(2)]
    return c


def uniform(seed: int, stream: int, replication: int, index: int) -> float:
    word = words([index // 4, stream, replication, 0], [seed, 0])[index % 4]
    return min((word // 2**11 + 0.5) / 2**53, 1 - 2**-53)
