# mypy: disallow-untyped-defs=False
"""Compiled special functions behind the distributions: normal and incomplete gamma, inverted.

scipy has them, but not for compiled code that numba can cache; tests compare every one with scipy.
The inverses solve for the smaller tail, so that neither end of a distribution loses digits.
"""

import math

from numba import njit

TINY = 1e-300
EPSILON = 3e-16
LARGE_SHAPE = 1e5
"""From here the expansion of ``gamma_expansion`` is exact to rounding (its error: a**-3)."""

# Wichura's coefficients, highest power first: in the middle, in the tails, far out.
NUM_MIDDLE = (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853,
              45921.953931549871457, 13731.693765509461125, 1971.5909503065514427,
              133.14166789178437745, 3.387132872796366608)  # fmt: skip
DEN_MIDDLE = (5226.495278852854561, 28729.085735721942674, 39307.89580009271061,
              21213.794301586595867, 5394.1960214247511077, 687.1870074920579083,
              42.313330701600911252, 1.0)  # fmt: skip
NUM_TAIL = (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
            1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055,
            4.6303378461565452959, 1.42343711074968357734)  # fmt: skip
DEN_TAIL = (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
            0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
            2.05319162663775882187, 1.0)  # fmt: skip
NUM_FAR = (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
           0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
           5.4637849111641143699, 6.6579046435011037772)  # fmt: skip
DEN_FAR = (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
           7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
           0.59983220655588793769, 1.0)  # fmt: skip


@njit(nogil=True, cache=True)
def horner(coefficients, x):
    """Return a polynomial of degree 7 at x, its coefficients from the highest power down."""
    total = coefficients[0]
    for j in range(1, 8):
        total = total * x + coefficients[j]
    return total


@njit(nogil=True, cache=True)
def ndtr(x):
    """Return the standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@njit(nogil=True, cache=True)
def ndtri(p):
    """Return the standard normal quantile at p in (0, 1).

    References
    ----------
    .. [1] Wichura (1988), algorithm AS 241 (PPND16), Applied Statistics 37(3), 477-484.
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * horner(NUM_MIDDLE, r) / horner(DEN_MIDDLE, r)
    r = math.sqrt(-math.log(p if q < 0.0 else 1.0 - p))
    if r <= 5.0:
        z = horner(NUM_TAIL, r - 1.6) / horner(DEN_TAIL, r - 1.6)
    else:
        z = horner(NUM_FAR, r - 5.0) / horner(DEN_FAR, r - 5.0)
    return -z if q < 0.0 else z


@njit(nogil=True, cache=True)
def gamma_tails(a, x):
    """Return the regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 8.7.1 (series), 8.9.2 (fraction).
    """
    if x <= 0.0:
        return 0.0, 1.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1.0:
        term = 1.0 / a
        total = term
        n = a
        while term > total * EPSILON:
            n += 1.0
            term *= x / n
            total += term
        return front * total, 1.0 - front * total
    upper = front * gamma_fraction(a, x)
    return 1.0 - upper, upper


@njit(nogil=True, cache=True)
def gamma_fraction(a, x):
    """Return the continued fraction of the upper incomplete gamma function (modified Lentz)."""
    b = x + 1.0 - a
    c = 1.0 / TINY
    d = 1.0 / b
    h = d
    for i in range(1, 10000):
        an = -i * (i - a)
        b += 2.0
        d = an * d + b
        d = 1.0 / (d if abs(d) > TINY else TINY)
        c = b + an / c
        c = c if abs(c) > TINY else TINY
        h *= d * c
        if abs(d * c - 1.0) < EPSILON:
            break
    return h


@njit(nogil=True, cache=True)
def newton(x, step, low, high):
    """Return the next x after a Newton step in log x, or a point inside the bounds instead."""
    new = x * math.exp(-step) if abs(step) < 2.0 else -1.0
    if low < new < high:
        return new
    if high == math.inf:
        return 2.0 * x + 1.0
    return 0.1 * high if low == 0.0 else math.sqrt(low) * math.sqrt(high)


@njit(nogil=True, cache=True)
def gammaincinv(a, p):
    """Return x with P(a, x) = p: Newton in log x, kept between bounds that close in.

    Parameters
    ----------
    a : float
        Shape, above 0.
    p : float
        Probability in (0, 1).

    Returns
    -------
    float
        Quantile of the gamma law of scale 1; 0 where it is below 1e-300.
    """
    if a >= LARGE_SHAPE:
        return gamma_expansion(a, ndtri(p))
    log_gamma = math.lgamma(a)
    # p <= x**a / Gamma(a + 1), so the start is at or below the answer (and close if it is small)
    x = max(math.exp((math.log(p) + math.log(a) + log_gamma) / a), TINY)
    if a > 1.0:
        guess = 1.0 - 1.0 / (9.0 * a) + ndtri(p) / (3.0 * math.sqrt(a))  # Wilson and Hilferty 1931
        x = max(x, a * guess**3)
    low, high = 0.0, math.inf
    for _ in range(200):
        lower, upper = gamma_tails(a, x)
        error = lower - p if p < 0.5 else (1.0 - p) - upper
        if error > 0.0:
            high = x
        else:
            low = x
        slope = math.exp(a * math.log(x) - x - log_gamma)  # dP / dlog x
        step = error / slope if slope > 0.0 else math.copysign(math.inf, error)
        if abs(step) < 1e-9:  # the next step would be its square
            return x * math.exp(-step)
        x = newton(x, step, low, high)
        if x < TINY:
            return 0.0
    return x


@njit(nogil=True, cache=True)
def gamma_expansion(a, z):
    """Return the gamma quantile of a large shape at the normal quantile z.

    References
    ----------
    .. [1] Cornish and Fisher (1960), Technometrics 2(2), 209-225, for chi-square with 2 a degrees
       of freedom.
    """
    root = math.sqrt(a)
    z2 = z * z
    total = a + root * z + (z2 - 1.0) / 3.0 + z * (z2 - 7.0) / (36.0 * root)
    total -= (3.0 * z2 * z2 + 7.0 * z2 - 16.0) / (810.0 * a)
    return total + z * (9.0 * z2 * z2 + 256.0 * z2 - 433.0) / (38880.0 * a * root)
