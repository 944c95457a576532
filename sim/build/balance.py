"""Fill in unknown trade: the matrix closest to a prior that has all known sums (RAS).

Iterative proportional fitting scales rows (what each supplier makes), known blocks (trade
statistics) and columns (what each buyer needs) in turn. Its limit has, of all matrices with these
sums, the least relative entropy to the prior, so nothing is claimed beyond the prior and the sums.

References
----------
.. [1] Deming and Stephan (1940), Annals of Mathematical Statistics 11(4), 427-444.
.. [2] Stone (1961), Input-Output and National Accounts, OECD (the name RAS).
.. [3] Csiszar (1975), Annals of Probability 3(1), 146-158 (the limit and its entropy).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]


class Block(NamedTuple):
    """A known sum over some cells."""

    cells: NDArray[np.bool_]  # (supplier, buyer)
    total_t: float


def balance(
    prior: F8,
    made_t: F8,
    need_t: F8,
    blocks: list[Block],
    *,
    rounds: int = 20000,
    tol: float = 1e-9,
) -> F8:
    """Return the supplier by buyer matrix with the known sums that is closest to the prior.

    Parameters
    ----------
    prior : ndarray of float64, shape (n_supplier, n_buyer)
        Relative weights; 0 forbids a cell.
    made_t, need_t : ndarray of float64
        Row sums (t/year) and column sums, of equal total.
    blocks : list of Block
        Known trade.
    rounds : int
        Most rounds of scaling.
    tol : float
        Largest change of a cell, relative to the total, at which to stop.

    Returns
    -------
    ndarray of float64, shape (n_supplier, n_buyer)
        Flows in t/year; columns exact, rows and blocks as near as they are consistent.
    """
    flow = np.array(prior, np.float64, order="C")
    cells = [(np.flatnonzero(block.cells), block.total_t) for block in blocks]
    flat = flow.reshape(-1)
    limit = tol * need_t.sum()
    for _ in range(rounds):
        before = flow.copy()
        flow *= _ratio(made_t, flow.sum(axis=1))[:, None]
        for at, total_t in cells:
            some = flat[at]
            flat[at] = some * _ratio(total_t, some.sum())
        flow *= _ratio(need_t, flow.sum(axis=0))[None, :]
        if np.abs(flow - before).max() <= limit:
            break
    return flow


def _ratio(wanted: F8 | float, found: F8) -> F8:
    """Scale factors; what sums to 0 is 0 and stays so."""
    return wanted / np.where(found > 0, found, 1.0)


def sparse_balance(
    prior: F8, made_t: F8, need_t: F8, blocks: list[Block], least_share: float
) -> F8:
    """Balance, drop the lanes that carry less than `least_share` of a feed, and balance again.

    A supplier and a known block keep their largest lane, however small.
    """
    allowed = prior > 0
    while True:
        flow = balance(np.where(allowed, prior, 0.0), made_t, need_t, blocks)
        weak = allowed & (flow < least_share * need_t[None, :]) & ~_kept(flow, allowed, blocks)
        if not weak.any():
            return flow
        # the weakest first, a few at a time: dropping one strengthens its neighbours
        share = np.where(weak, flow / np.maximum(need_t[None, :], 1e-300), np.inf)
        cut = np.sort(share[weak])[min(weak.sum() - 1, 4)]
        allowed &= ~(weak & (share <= cut))


def _kept(flow: F8, allowed: NDArray[np.bool_], blocks: list[Block]) -> NDArray[np.bool_]:
    keep = np.zeros(flow.shape, bool)
    keep[np.arange(len(flow)), flow.argmax(axis=1)] = True
    for block in blocks:
        if block.total_t > 0:
            keep.flat[np.where(block.cells & allowed, flow, -1.0).argmax()] = True
    return keep


def rounded_shares(flow: F8, digits: int = 4) -> F8:
    """Return each column as shares of its sum, rounded; what is left over goes to the largest.

    Parameters
    ----------
    flow : ndarray of float64, shape (n_supplier, n_buyer)
        Columns that sum to more than 0.
    digits : int
        Decimals that are kept.
    """
    unit = 10**digits
    whole = np.rint(flow / flow.sum(axis=0) * unit).astype(np.int64)
    largest = whole.argmax(axis=0)
    whole[largest, np.arange(flow.shape[1])] += unit - whole.sum(axis=0)
    shares: F8 = whole / unit
    return shares
