"""Which futures were drawn together: so that only whole blocks of them are independent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]


@dataclass(frozen=True)
class Sections:
    """How the futures of a run belong together.

    Parameters
    ----------
    size : int, optional
        Consecutive futures that were drawn together; by default each was drawn by itself.
    struck : float, optional
        Chance that any shock comes, where one comes in every second future of a block (the odd
        ones) and none in the others: each then counts by its weight.
    """

    size: int | None = None
    struck: float | None = None

    @property
    def weighted(self) -> bool:
        """Whether futures are not equally likely."""
        return self.struck is not None

    def weights(self, n: int) -> F8:
        """Return what each of the first n futures counts; 1 on average over a block.

        Examples
        --------
        >>> Sections(32, 0.25).weights(4).tolist()
        [1.5, 0.5, 1.5, 0.5]
        """
        found: F8 = np.ones(n)
        if self.struck is not None:
            found[0::2], found[1::2] = 2.0 * (1.0 - self.struck), 2.0 * self.struck
        return found

    @property
    def are_blocks(self) -> bool:
        """Whether futures belong together at all."""
        return self.size is not None and self.size > 1

    @property
    def bits(self) -> int:
        """Logarithm of the size to base 2; 0 where each future was drawn by itself."""
        return (self.size or 1).bit_length() - 1

    def mean(self, values: NDArray[np.floating]) -> float:
        """Return the mean of a number of each of the first futures."""
        if self.weighted:
            values = values * self.weights(values.size)
        return float(np.mean(values))

    def share(self, happened: NDArray[np.bool_]) -> float:
        """Return the chance of what happened in some of the first futures."""
        if self.weighted:
            return self.mean(happened.astype(float))
        return int(np.count_nonzero(happened)) / happened.size

    def count(self, n: int) -> int:
        """Return how many whole blocks n futures are; 0 if they are none."""
        size = self.size or 1
        return n // size if n % size == 0 else 0

    def counts(self, happened: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return how often it happened in each block of rows, shape (n_row, n_block)."""
        n_row, n = happened.shape
        size = self.size or 1
        found: NDArray[np.int64] = np.count_nonzero(
            happened.reshape(n_row, n // size, size), axis=2
        )
        return found

    def means(self, values: F8) -> F8:
        """Return the means over blocks of rows, shape (n_row, n_block)."""
        size = self.size or 1
        n_row, n = values.shape
        found: F8 = values.reshape(n_row, n // size, size).sum(axis=2) / size
        return found


INDEPENDENT = Sections()
"""Futures of which each was drawn by itself."""
