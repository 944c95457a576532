"""From distributions as people know them to the arrays that the compiled sampler inverts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from sim.network.distribution import Distribution
from sim.shocks.kernel import quantile as q
from sim.shocks.kernel.quantile import Laws
from sim.shocks.kernel.special_beta import beta_constants

Z90 = 1.2815515655446004
"""90 % quantile of the standard normal distribution."""

Coded = tuple[int, tuple[float, ...]]


def encode_all(distributions: Sequence[Distribution]) -> Laws:
    """Return distributions as arrays, in their order.

    Parameters
    ----------
    distributions : sequence of Distribution
        Any of the forms in ``sim.network.distribution.FORMS``.

    Returns
    -------
    Laws
        Codes and parameters for ``sim.shocks.kernel.quantile.quantile``.
    """
    n = len(distributions)
    code, param = np.zeros(n, np.int32), np.zeros((n, 7))
    values: list[float] = []
    weights: list[float] = []
    pointer = [0]
    for i, distribution in enumerate(distributions):
        if distribution.law == "empirical":
            code[i] = q.EMPIRICAL
            v, w = _empirical(distribution)
            values += v
            weights += w
        else:
            code[i], numbers = _coded(distribution)
            param[i, : len(numbers)] = numbers
            if code[i] == q.BETA:
                param[i, 4:] = beta_constants(*numbers[:2])
        pointer.append(len(values))
    return Laws(
        code, param, np.array(pointer, np.int32), np.array(values, float), np.array(weights, float)
    )


def _number(value: float | None) -> float:
    assert value is not None  # the form was checked when the distribution was read
    return float(value)


def _coded(d: Distribution) -> Coded:
    """Return code and parameters; a spread of nothing is a fixed value."""
    law = d.law
    if law == "fixed":
        return q.FIXED, (_number(d.value),)
    if law == "uniform":
        low, high = _number(d.min), _number(d.max)
        return (q.UNIFORM, (low, high - low)) if high > low else (q.FIXED, (low,))
    if law == "exponential":
        return q.EXPONENTIAL, (_number(d.mean),)
    if law == "normal":
        mean, sd = _number(d.mean), _number(d.sd)
        return (q.NORMAL, (mean, sd)) if sd > 0 else (q.FIXED, (mean,))
    if law == "lognormal":
        return _lognormal(d)
    if law == "gamma":
        return _gamma(d)
    if law == "weibull":
        return q.WEIBULL, (_number(d.shape), _number(d.scale))
    if law == "pareto":
        return q.PARETO, (_number(d.min), _number(d.exponent))
    if law == "beta":
        return _beta(d)
    return _three_points(d)


def _lognormal(d: Distribution) -> Coded:
    """Return the lognormal law: sigma^2 = log(1 + cv^2), mean = median * exp(sigma^2 / 2)."""
    if d.median is not None:
        if d.sigma is not None:
            sigma = d.sigma
        else:
            sigma = math.log(_number(d.p90) / d.median) / Z90
        return (q.LOGNORMAL, (math.log(d.median), sigma)) if sigma > 0 else (q.FIXED, (d.median,))
    mean = _number(d.mean)
    cv = _number(d.cv) if d.cv is not None else _number(d.sd) / mean
    if cv == 0:
        return q.FIXED, (mean,)
    sigma = math.sqrt(math.log1p(cv * cv))
    return q.LOGNORMAL, (math.log(mean) - sigma * sigma / 2, sigma)


def _gamma(d: Distribution) -> Coded:
    """Return the gamma law: cv = 1 / sqrt(shape), scale = mean / shape."""
    mean = _number(d.mean)
    if d.shape is not None:
        return q.GAMMA, (d.shape, mean / d.shape)
    cv = _number(d.cv) if d.cv is not None else _number(d.sd) / mean
    if cv == 0:
        return q.FIXED, (mean,)
    return q.GAMMA, (1 / cv**2, mean * cv**2)


def _beta(d: Distribution) -> Coded:
    """Return the beta law, its shapes from mean and variance: alpha + beta = m (1 - m) / v - 1."""
    low, high = (0.0, 1.0) if d.min is None else (d.min, _number(d.max))
    if d.mean is not None:
        common = d.mean * (1 - d.mean) / _number(d.sd) ** 2 - 1
        return q.BETA, (d.mean * common, (1 - d.mean) * common, low, high - low)
    if high == low:
        return q.FIXED, (low,)
    return q.BETA, (_number(d.alpha), _number(d.beta), low, high - low)


def _three_points(d: Distribution) -> Coded:
    """Return the triangular or the PERT law (Malcolm et al. 1959, Operations Research 7(5))."""
    low, mode, high = _number(d.min), _number(d.mode), _number(d.max)
    if high == low:
        return q.FIXED, (low,)
    if d.law == "triangular":
        return q.TRIANGULAR, (low, mode, high)
    width = high - low
    return q.BETA, (1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width, low, width)


def _empirical(d: Distribution) -> tuple[list[float], list[float]]:
    """Return ascending values and cumulated weights, those without weight left out."""
    values = d.values or []
    weights = d.weights or [1.0] * len(values)
    pairs = sorted((v, w) for v, w in zip(values, weights, strict=True) if w > 0)
    total = math.fsum(w for _, w in pairs)
    cumulated = [w / total for w in accumulate(w for _, w in pairs)]
    cumulated[-1] = 1.0
    return [v for v, _ in pairs], cumulated


def mean(d: Distribution) -> float:
    """Return the exact expectation of a distribution.

    Parameters
    ----------
    d : Distribution
        Any form, in any unit.

    Returns
    -------
    float
        Expectation in the same unit; infinite for a Pareto law of exponent 1 or less.

    Examples
    --------
    >>> mean(Distribution(min=10, mode=20, max=60))
    25.0
    """
    if d.law == "empirical":
        values, cumulated = _empirical(d)
        weights = np.diff([0.0, *cumulated])
        return float(np.dot(values, weights))
    code, p = _coded(d)
    if code in (q.FIXED, q.EXPONENTIAL, q.NORMAL):
        return p[0]
    if code == q.UNIFORM:
        return p[0] + p[1] / 2
    if code == q.LOGNORMAL:
        return math.exp(p[0] + p[1] ** 2 / 2)
    if code == q.GAMMA:
        return p[0] * p[1]
    if code == q.WEIBULL:
        return p[1] * math.gamma(1 + 1 / p[0])
    if code == q.PARETO:
        return p[0] * p[1] / (p[1] - 1) if p[1] > 1 else math.inf
    if code == q.BETA:
        return p[2] + p[3] * p[0] / (p[0] + p[1])
    return sum(p) / 3
