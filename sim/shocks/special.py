"""Compiled special functions behind the distributions: inverse normal, incomplete gamma and beta.

scipy has them, but not for compiled code that numba can cache; tests compare every one with scipy.
"""

import math

from numba import njit

TINY = 1e-300
EPSILON = 1e-16


@njit(nogil=True, cache=True)
def ndtr(x):
    """Return the standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@njit(nogil=True, cache=True)
def ndtri(p):
    """Return the standard normal quantile (Wichura 1988, algorithm AS 241, PPND16)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        num = (((((((2509.0809287301226727 * r + 33430.575583588128105) * r
                    + 67265.770927008700853) * r + 45921.953931549871457) * r
                  + 13731.693765509461125) * r + 1971.5909503065514427) * r
                + 133.14166789178437745) * r + 3.387132872796366608)
        den = (((((((5226.495278852854561 * r + 28729.085735721942674) * r
                    + 39307.89580009271061) * r + 21213.794301586595867) * r
                  + 5394.1960214247511077) * r + 687.1870074920579083) * r
                + 42.313330701600911252) * r + 1.0)
        return q * num / den
    r = math.sqrt(-math.log(p if q < 0.0 else 1.0 - p))
    if r <= 5.0:
        r -= 1.6
        num = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r
                    + 0.24178072517745061177) * r + 1.27045825245236838258) * r
                  + 3.64784832476320460504) * r + 5.7694972214606914055) * r
                + 4.6303378461565452959) * r + 1.42343711074968357734)
        den = (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r
                    + 0.0151986665636164571966) * r + 0.14810397642748007459) * r
                  + 0.68976733498510000455) * r + 1.6763848301838038494) * r
                + 2.05319162663775882187) * r + 1.0)
    else:
        r -= 5.0
        num = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
                    + 0.0012426609473880784386) * r + 0.026532189526576123093) * r
                  + 0.29656057182850489123) * r + 1.7848265399172913358) * r
                + 5.4637849111641143699) * r + 6.6579046435011037772)
        den = (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r
                    + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r
                  + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
                + 0.59983220655588793769) * r + 1.0)
    return -num / den if q < 0.0 else num / den


@njit(nogil=True, cache=True)
def gamma_tails(a, x):
    """Return the regularised lower and upper incomplete gamma functions P(a, x), Q(a, x)."""
    if x <= 0.0:
        return 0.0, 1.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1.0:  # series
        term = 1.0 / a
        total = term
        n = a
        while term > total * EPSILON:
            n += 1.0
            term *= x / n
            total += term
        lower = front * total
        return lower, 1.0 - lower
    b = x + 1.0 - a  # continued fraction, modified Lentz
    c = 1.0 / TINY
    d = 1.0 / b
    h = d
    for i in range(1, 2000):
        an = -i * (i - a)
        b += 2.0
        d = an * d + b
        d = 1.0 / (d if abs(d) > TINY else TINY)
        c = b + an / c
        c = c if abs(c) > TINY else TINY
        h *= d * c
        if abs(d * c - 1.0) < EPSILON:
            break
    upper = front * h
    return 1.0 - upper, upper


@njit(nogil=True, cache=True)
def gammaincinv(a, p):
    """Return x with P(a, x) = p: Newton in log x, kept between bounds that close in."""
    start = a - 1.0 / 3.0 + ndtri(p) * math.sqrt(a) if a > 1.0 else 0.0
    small = math.exp((math.log(p) + math.lgamma(a + 1.0)) / a)
    x = max(start, min(small, a + 1.0), TINY)
    low, high = 0.0, math.inf
    for _ in range(200):
        lower, upper = gamma_tails(a, x)
        error = lower - p if p < 0.5 else (1.0 - p) - upper
        if error > 0.0:
            high = x
        else:
            low = x
        slope = math.exp(a * math.log(x) - x - math.lgamma(a))  # dP / dlog x
        step = error / slope if slope > 0.0 else math.inf
        new = x * math.exp(-step) if abs(step) < 2.0 else -1.0
        if not low < new < high:
            new = 0.5 * (low + high) if high < math.inf else 2.0 * x + 1.0
            if low == 0.0 and high < math.inf:
                new = high * 0.1
        if new < TINY:
            return 0.0
        if abs(new - x) <= 4e-16 * x:
            return new
        x = new
    return x


@njit(nogil=True, cache=True)
def beta_fraction(a, b, x):
    """Return the continued fraction of the incomplete beta function (modified Lentz)."""
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > TINY else TINY)
    h = d
    for m in range(1, 2000):
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
def beta_lower(a, b, x, y):
    """Return the regularised incomplete beta function I_x(a, b), where y = 1 - x."""
    if x <= 0.0:
        return 0.0
    if y <= 0.0:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x)
                     + b * math.log(y))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * beta_fraction(a, b, x) / a
    return 1.0 - front * beta_fraction(b, a, y) / b


@njit(nogil=True, cache=True)
def betaincinv_low(a, b, p):
    """Return x with I_x(a, b) = p, best for x below one half: Newton in log x, kept in bounds."""
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    x = min(math.exp((math.log(p) + math.log(a) + log_beta) / a), a / (a + b))
    x = max(x, TINY)
    low, high = 0.0, 1.0
    for _ in range(300):
        error = beta_lower(a, b, x, 1.0 - x) - p
        if error > 0.0:
            high = x
        else:
            low = x
        slope = math.exp(a * math.log(x) + (b - 1.0) * math.log1p(-x) - log_beta)  # dI / dlog x
        step = error / slope if slope > 0.0 else math.inf
        new = x * math.exp(-step) if abs(step) < 2.0 else -1.0
        if not low < new < high:
            new = high * 0.1 if low == 0.0 else 0.5 * (low + high)
        if new < TINY:
            return 0.0
        if abs(new - x) <= 4e-16 * x:
            return new
        x = new
    return x


@njit(nogil=True, cache=True)
def betaincinv(a, b, p):
    """Return x with I_x(a, b) = p, by the tail that keeps its digits."""
    if p <= 0.5 or p <= beta_lower(a, b, 0.5, 0.5):
        return betaincinv_low(a, b, p)
    return 1.0 - betaincinv_low(b, a, 1.0 - p)
