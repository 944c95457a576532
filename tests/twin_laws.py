"""What each way to write a distribution means, told again with scipy's laws and parameters."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

Keys = dict[str, Any]


def truth(family: str, keys: Keys) -> Any:
    """Return scipy's frozen law of a continuous family and the keys that a user wrote."""
    return LAWS[family](**keys)


def _lognormal(median=None, p90=None, sigma=None, mean=None, sd=None, cv=None):
    if p90 is not None:
        sigma = (math.log(p90) - math.log(median)) / stats.norm.ppf(0.9)
    if sigma is not None:
        return stats.lognorm(s=sigma, scale=median)
    spread = 1 + (cv if sd is None else sd / mean) ** 2
    return stats.lognorm(s=math.log(spread) ** 0.5, scale=mean / spread**0.5)


def _gamma(mean, shape=None, sd=None, cv=None):
    if shape is not None:
        return stats.gamma(shape, scale=mean / shape)
    variance = (mean * cv if sd is None else sd) ** 2
    return stats.gamma(mean**2 / variance, scale=variance / mean)


def _beta(alpha=None, beta=None, mean=None, sd=None, min=0.0, max=1.0):
    if mean is not None:
        # variance = mean (1 - mean) / (alpha + beta + 1)
        total = (mean * (1 - mean) - sd**2) / sd**2
        alpha, beta = total * mean, total * (1 - mean)
    return stats.beta(alpha, beta, loc=min, scale=max - min)


def _pert(min, mode, max):
    # its mean is (min + 4 mode + max) / 6 and its shapes sum to 6
    mean = (min + 4 * mode + max) / 6
    alpha = 6 * (mean - min) / (max - min)
    return stats.beta(alpha, 6 - alpha, loc=min, scale=max - min)


LAWS: dict[str, Callable[..., Any]] = {
    "uniform": lambda min, max: stats.uniform(loc=min, scale=max - min),
    "exponential": lambda mean: stats.gamma(1, scale=mean),
    "normal": lambda mean, sd: stats.norm(loc=mean, scale=sd),
    "lognormal": _lognormal,
    "gamma": _gamma,
    "weibull": lambda shape, scale: stats.weibull_min(shape, scale=scale),
    "pareto": lambda min, exponent: stats.pareto(exponent, scale=min),
    "beta": _beta,
    "pert": _pert,
    "triangular": lambda min, mode, max: stats.triang(
        (mode - min) / (max - min), loc=min, scale=max - min
    ),
}


def random_keys(family: str, form: frozenset[str], rng: np.random.Generator) -> Keys:
    """Return random values for the keys of a form, as wide as a user may be."""
    low, mode, high = (float(x) for x in np.sort(rng.uniform(0, 100, 3)))
    keys = {
        "min": low, "mode": mode, "max": high, "median": low + 0.1, "p90": high + 0.2,
        "mean": float(rng.uniform(0.1, 200)), "sd": float(rng.uniform(0.1, 200)),
        "cv": float(rng.uniform(0.05, 3)), "sigma": float(rng.uniform(0.05, 3)),
        "shape": float(10 ** rng.uniform(-1, 2)), "scale": float(10 ** rng.uniform(-2, 4)),
        "exponent": float(10 ** rng.uniform(-1, 1)), "alpha": float(10 ** rng.uniform(-1, 2)),
        "beta": float(10 ** rng.uniform(-1, 2)),
    }  # fmt: skip
    if family == "pareto":
        keys["min"] = low + 0.1
    if family == "beta":
        keys["mean"] = float(rng.uniform(0.05, 0.95))
        keys["sd"] = (keys["mean"] * (1 - keys["mean"])) ** 0.5 * float(rng.uniform(0.05, 0.95))
    return {k: keys[k] for k in form}
