# mypy: disallow-untyped-defs=False
"""Compiled incomplete beta function and its inverse (see ``sim.shocks.kernel.special``)."""

import math

from numba import njit

from sim.shocks.kernel.special import EPSILON, TINY, newton


@njit(nogil=True, cache=True)
def stirling_rest(x):
    """Return what Stirling's formula leaves of log Gamma(x), x of 10 or more."""
    w = 1.0 / (x * x)
    rest = ((691.0 / 360360.0 * -w + 1.0 / 1188.0) * w - 1.0 / 1680.0) * w + 1.0 / 1260.0
    return ((rest * w - 1.0 / 360.0) * w + 1.0 / 12.0) / x


@njit(nogil=True, cache=True)
def log_beta_function(a, b):
    """Return log B(a, b) without the cancellation of three large log-gammas.

    References
    ----------
    .. [1] Didonato and Morris (1992), TOMS 708, ACM Trans. Math. Softw. 18(3), 360-373.
    """
    small, large = min(a, b), max(a, b)
    if large < 10.0:
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    share = small / (a + b)
    rest = stirling_rest(large) - stirling_rest(a + b)
    if small < 10.0:
        rest += math.lgamma(small) + small - small * math.log(a + b)
        return rest + (large - 0.5) * math.log1p(-share)
    rest += stirling_rest(small) + 0.5 * math.log(2.0 * math.pi / large)
    return rest + (small - 0.5) * math.log(share) + large * math.log1p(-share)


@njit(nogil=True, cache=True)
def beta_fraction(a, b, x):
    """Return the continued fraction of the incomplete beta function (modified Lentz).

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 8.17.22.
    """
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > TINY else TINY)
    h = d
    for m in range(1, 10000):
        num = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        d = 1.0 + num * d
        d = 1.0 / (d if abs(d) > TINY else TINY)
        c = 1.0 + num / c
        c = c if abs(c) > TINY else TINY
        h *= d * c
        num = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        d = 1.0 + num * d
        d = 1.0 / (d if abs(d) > TINY else TINY)
        c = 1.0 + num / c
        c = c if abs(c) > TINY else TINY
        h *= d * c
        if abs(d * c - 1.0) < EPSILON:
            break
    return h


@njit(nogil=True, cache=True)
def beta_tails(a, b, x, log_beta):
    """Return the regularised incomplete beta function I_x(a, b), 0 < x < 1, and 1 - I_x(a, b)."""
    front = math.exp(a * math.log(x) + b * math.log1p(-x) - log_beta)
    if x < (a + 1.0) / (a + b + 2.0):
        lower = front * beta_fraction(a, b, x) / a
        return lower, 1.0 - lower
    upper = front * beta_fraction(b, a, 1.0 - x) / b
    return 1.0 - upper, upper


@njit(nogil=True, cache=True)
def beta_constants(a, b):
    """Return what all quantiles of a law share: log B(a, b), I_1/2(a, b) and 1 - I_1/2(a, b)."""
    log_beta = log_beta_function(a, b)
    lower, upper = beta_tails(a, b, 0.5, log_beta)
    return log_beta, lower, upper


@njit(nogil=True, cache=True)
def beta_quantile(a, b, p, log_beta, lower, upper):
    """Return x with I_x(a, b) = p, sought from the end of [0, 1] that is nearer to it.

    Parameters
    ----------
    a, b : float
        Shapes, above 0.
    p : float
        Probability in (0, 1).
    log_beta, lower, upper : float
        The ``beta_constants`` of a and b.

    Returns
    -------
    float
        Quantile of the beta law on [0, 1]; exactly 0 or 1 where it is nearer than 1e-300 or 1e-16.
    """
    q = 1.0 - p
    left = p <= lower if p < 0.5 else q >= upper
    if left:
        return beta_quantile_left(a, b, p, q, log_beta)
    return 1.0 - beta_quantile_left(b, a, q, p, log_beta)


@njit(nogil=True, cache=True)
def beta_quantile_left(a, b, p, q, log_beta):
    """Return x in (0, 1/2] with I_x(a, b) = p = 1 - q: Newton in log x, kept in bounds."""
    x = math.exp((math.log(p) + math.log(a) + log_beta) / a)  # I_x(a, b) is about x**a / (a B)
    x = max(min(x, a / (a + b), 0.5), TINY)
    low, high = 0.0, 1.0
    for _ in range(200):
        lower, upper = beta_tails(a, b, x, log_beta)
        error = lower - p if p < q else q - upper
        if error > 0.0:
            high = x
        else:
            low = x
        slope = math.exp(a * math.log(x) + (b - 1.0) * math.log1p(-x) - log_beta)  # dI / dlog x
        step = error / slope if slope > 0.0 else math.copysign(math.inf, error)
        if abs(step) < 1e-9:  # the next step would be its square
            return x * math.exp(-step)
        x = newton(x, step, low, high)
        if x < TINY:
            return 0.0
    return x
