"""A block that several threads compute is the block of one, and wastes no vector."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sim.flow.kernel.vector import WIDTH
from sim.run.slices import LEAST_REPLICATIONS, sliced

GO_ON = np.zeros(1, np.uint8)


@pytest.mark.parametrize(("n", "threads"), [(1000, 2), (1000, 3), (1, 2), (47, 2), (130, 8)])
def test_slices_are_whole_vectors_in_order_and_together_the_block(n: int, threads: int) -> None:
    seen: list[np.ndarray] = []

    def compute(replications: np.ndarray, _stop: np.ndarray) -> dict[str, np.ndarray]:
        seen.append(replications)
        return {"twice": 2 * replications}

    numbers = np.arange(7, 7 + n)
    with ThreadPoolExecutor(threads) as helpers:
        found = sliced(compute, helpers, threads)(numbers, GO_ON)
    assert found is not None
    assert np.array_equal(found["twice"], 2 * numbers)
    sizes = [part.size for part in sorted(seen, key=lambda part: part[0])]
    assert len(sizes) <= threads
    assert all(size % WIDTH == 0 and size >= LEAST_REPLICATIONS for size in sizes[:-1])


def test_a_slice_that_was_stopped_stops_the_block() -> None:
    def compute(replications: np.ndarray, _stop: np.ndarray) -> dict[str, np.ndarray] | None:
        return None if replications[0] > 0 else {"x": replications}

    with ThreadPoolExecutor(2) as helpers:
        assert sliced(compute, helpers, 2)(np.arange(1000), GO_ON) is None
