"""Risk measures of a loss: value at risk, its mean beyond, exceedance and return periods."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]


def rank(n: int, level: float) -> int:
    """Return the smallest k with k / n >= level: the 1-based rank of the empirical quantile."""
    k = min(n, max(1, math.ceil(n * level)))
    while k > 1 and (k - 1) / n >= level:  # n * level may be rounded up past a whole number
        k -= 1
    return k


def var(loss_t: F8, level: float) -> float:
    """Return the smallest loss that is not exceeded in a share `level` of the replications.

    Parameters
    ----------
    loss_t : ndarray of float64, shape (n_replication,)
        Loss of each replication in tonnes, in any order.
    level : float
        Confidence level in (0, 1).

    Returns
    -------
    float
        VaR in tonnes: the smallest x with P(loss <= x) >= level; always one of the losses.

    Raises
    ------
    ValueError
        If `loss_t` is empty or holds a NaN, or `level` is outside (0, 1).

    Examples
    --------
    >>> var(np.array([30.0, 0.0, 0.0, 10.0]), level=0.75)
    10.0
    """
    ordered = checked(loss_t, level)
    return float(ordered[rank(ordered.size, level) - 1])


def cvar(loss_t: F8, level: float) -> float:
    """Return the mean of the worst ``1 - level`` share of losses.

    Where the cut falls inside one replication, only the part beyond it counts.

    Parameters
    ----------
    loss_t : ndarray of float64, shape (n_replication,)
        Loss of each replication in tonnes, in any order.
    level : float
        Confidence level in (0, 1); 0.95 looks at the worst twentieth.

    Returns
    -------
    float
        CVaR in tonnes: VaR + E(loss - VaR)+ / (1 - level) [1]_.

    Raises
    ------
    ValueError
        If `loss_t` is empty or holds a NaN, or `level` is outside (0, 1).

    References
    ----------
    .. [1] Rockafellar and Uryasev (2002), J. Banking & Finance 26(7), 1443-1471.

    Examples
    --------
    >>> cvar(np.array([30.0, 0.0, 0.0, 10.0]), level=0.5)
    20.0
    """
    return cvar_ordered(checked(loss_t, level), level)


def cvar_ordered(ordered_t: F8, level: float) -> float:
    """Return the CVaR of losses that are already ascending."""
    n, k = ordered_t.size, rank(ordered_t.size, level)
    cut = float(ordered_t[k - 1])
    return cut + float(np.sum(ordered_t[k:] - cut)) / n / (1.0 - level)


def exceedance(loss_t: F8) -> tuple[F8, F8]:
    """Return the exceedance curve: losses and how likely more than each is.

    Parameters
    ----------
    loss_t : ndarray of float64, shape (n_replication,)
        Loss of each replication in tonnes, in any order.

    Returns
    -------
    x : ndarray, shape (m,)
        The different losses, ascending, in tonnes.
    p : ndarray, shape (m,)
        P(loss > x): a right-continuous step; the last one is 0.

    Raises
    ------
    ValueError
        If `loss_t` is empty or holds a NaN.

    Examples
    --------
    >>> x, p = exceedance(np.array([30.0, 0.0, 0.0, 10.0]))
    >>> x.tolist(), p.tolist()
    ([0.0, 10.0, 30.0], [0.5, 0.25, 0.0])
    """
    ordered = checked(loss_t, 0.5)
    x = np.unique(ordered)
    beyond = ordered.size - np.searchsorted(ordered, x, side="right")
    return x, beyond / ordered.size


def return_period_years(p_exceed: F8 | float, horizon_days: float, *, all_yearly: bool) -> F8:
    """Return the mean number of years between losses beyond some x.

    A horizon of T years that exceeds x with chance P does so as a Poisson process of rate
    -ln(1 - P) / T would: the return period does not depend on the horizon [1]_.

    Parameters
    ----------
    p_exceed : float or ndarray
        P(loss > x) over one horizon.
    horizon_days : float
        Length of the horizon in days.
    all_yearly : bool
        Whether every hazard has a yearly rate. A hazard with a date happens once: "once in n
        years" would mean nothing.

    Returns
    -------
    ndarray
        -T / ln(1 - P) in years; inf where P is 0, and 0 where it is 1.

    Raises
    ------
    ValueError
        If not all hazards have yearly rates.

    References
    ----------
    .. [1] Chow, Maidment and Mays (1988), Applied Hydrology, sec. 12.1.

    Examples
    --------
    >>> round(float(return_period_years(0.02, 365.0, all_yearly=True)), 3)
    49.498
    """
    if not all_yearly:
        raise ValueError("a return period needs a yearly rate for every hazard; one has a date")
    with np.errstate(divide="ignore"):
        yearly = -np.log1p(-np.asarray(p_exceed, dtype=float)) * 365.0 / horizon_days
        return np.asarray(1.0 / yearly)


def checked(loss_t: F8, level: float) -> F8:
    """Return the losses ascending, after checking them and the level."""
    loss = np.asarray(loss_t, dtype=np.float64)
    if loss.ndim != 1 or loss.size == 0:
        raise ValueError(f"losses of shape {loss.shape}, expected (n,) with n of 1 or more")
    if not 0.0 < level < 1.0:
        raise ValueError(f"level {level}, expected a number between 0 and 1")
    ordered = np.sort(loss)
    if np.isnan(ordered[-1]):
        raise ValueError("a loss is NaN")
    return ordered
