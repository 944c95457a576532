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
    """

    size: int | None = None

    @property
    def are_blocks(self) -> bool:
        """Whether futures belong together at all."""
        return self.size is not None and self.size > 1

    @property
    def bits(self) -> int:
        """Logarithm of the size to base 2; 0 where each future was drawn by itself."""
        return (self.size or 1).bit_length() - 1

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
