"""Compiled inversion of every distribution: one uniform in, one number out."""

import math
from typing import NamedTuple

import numpy as np

from sim.base.njit_uncounted import njit_uncounted
from sim.shocks.kernel.special import gammaincinv, ndtri
from sim.shocks.kernel.special_beta import beta_quantile

(FIXED, UNIFORM, EXPONENTIAL, NORMAL, LOGNORMAL, GAMMA, WEIBULL, PARETO, BETA, TRIANGULAR,
 EMPIRICAL) = range(11)  # fmt: skip


class Laws(NamedTuple):
    """Distributions as arrays; what `param` holds depends on the code (see ``quantile``)."""

    code: np.ndarray  # (n,) int32
    param: np.ndarray  # (n, 7)
    value_ptr: np.ndarray  # (n + 1,) int32, CSR into value and cumweight
    value: np.ndarray  # ascending values of empirical lists
    cumweight: np.ndarray  # their cumulated weights, the last one 1


@njit_uncounted
def quantile(laws, i, u):
    """Return the quantile of law `i` at `u` in (0, 1): the smallest x with P(X <= x) >= u.

    ============ ==================================================
    code         param
    ============ ==================================================
    FIXED        value
    UNIFORM      lowest, range
    EXPONENTIAL  mean
    NORMAL       mean, sd
    LOGNORMAL    mean and sd of the logarithm
    GAMMA        shape, scale
    WEIBULL      shape, scale
    PARETO       lowest, exponent
    BETA         alpha, beta, lowest, range, beta_constants
    TRIANGULAR   lowest, mode, highest
    EMPIRICAL    none: see value_ptr, value and cumweight
    ============ ==================================================

    References
    ----------
    .. [1] Johnson, Kotz and Balakrishnan (1994-95), Continuous Univariate Distributions, 2nd ed.
    """
    code = laws.code[i]
    a = laws.param[i, 0]
    b = laws.param[i, 1]
    c = laws.param[i, 2]
    if code == FIXED:
        return a
    if code == UNIFORM:
        return a + b * u
    if code == EXPONENTIAL:
        return -a * math.log1p(-u)
    if code == NORMAL:
        return a + b * ndtri(u)
    if code == LOGNORMAL:
        return math.exp(a + b * ndtri(u))
    if code == GAMMA:
        return b * gammaincinv(a, u)
    if code == WEIBULL:
        return b * (-math.log1p(-u)) ** (1.0 / a)
    if code == PARETO:
        return a * math.exp(-math.log1p(-u) / b)
    if code == BETA:
        own = laws.param[i]
        return c + own[3] * beta_quantile(a, b, u, own[4], own[5], own[6])
    if code == TRIANGULAR:
        cut = (b - a) / (c - a)
        if u <= cut:
            return a + math.sqrt(u * (c - a) * (b - a))
        return c - math.sqrt((1.0 - u) * (c - a) * (c - b))
    low, high = laws.value_ptr[i], laws.value_ptr[i + 1] - 1
    while low < high:  # the first value whose cumulated weight reaches u
        middle = (low + high) // 2
        if u > laws.cumweight[middle]:
            low = middle + 1
        else:
            high = middle
    return laws.value[low]
