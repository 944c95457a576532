"""How a distribution is written down: as people know it, checked at the door."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Family = Literal[
    "fixed",
    "uniform",
    "exponential",
    "normal",
    "lognormal",
    "gamma",
    "weibull",
    "pareto",
    "beta",
    "pert",
    "triangular",
    "empirical",
]

# Which sets of keys define each family; the first names the family when it is omitted.
FORMS: dict[str, tuple[frozenset[str], ...]] = {
    "fixed": (frozenset({"value"}),),
    "uniform": (frozenset({"min", "max"}),),
    "exponential": (frozenset({"mean"}),),
    "normal": (frozenset({"mean", "sd"}),),
    "lognormal": (
        frozenset({"median", "p90"}),
        frozenset({"median", "sigma"}),
        frozenset({"mean", "sd"}),
        frozenset({"mean", "cv"}),
    ),
    "gamma": (frozenset({"shape", "mean"}), frozenset({"mean", "sd"}), frozenset({"mean", "cv"})),
    "weibull": (frozenset({"shape", "scale"}),),
    "pareto": (frozenset({"min", "exponent"}),),
    "beta": (
        frozenset({"alpha", "beta"}),
        frozenset({"mean", "sd"}),
        frozenset({"min", "max", "alpha", "beta"}),
    ),
    "pert": (frozenset({"min", "mode", "max"}),),
    "triangular": (frozenset({"min", "mode", "max"}),),
    "empirical": (frozenset({"values"}), frozenset({"values", "weights"})),
}

# What a set of keys means when no family is named.
DEFAULT_FAMILY: dict[frozenset[str], str] = {
    frozenset({"value"}): "fixed",
    frozenset({"min", "max"}): "uniform",
    frozenset({"median", "p90"}): "lognormal",
    frozenset({"median", "sigma"}): "lognormal",
    frozenset({"min", "mode", "max"}): "pert",
    frozenset({"values"}): "empirical",
    frozenset({"values", "weights"}): "empirical",
}


class Distribution(BaseModel):
    """A random number as people know it.

    The family may be left out where the keys tell it: ``{median, p90}`` is lognormal,
    ``{min, mode, max}`` PERT, ``{min, max}`` uniform, ``{values, weights}`` an empirical list.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

    family: Family | None = Field(None, description="name of the law; see the keys")
    value: float | None = Field(None, description="fixed: the value")
    min: float | None = Field(None, description="lowest value")
    mode: float | None = Field(None, description="most likely value")
    max: float | None = Field(None, description="highest value")
    mean: float | None = Field(None, description="expectation")
    sd: float | None = Field(None, description="standard deviation", ge=0)
    cv: float | None = Field(None, description="coefficient of variation", ge=0)
    median: float | None = Field(None, description="50 % quantile", gt=0)
    p90: float | None = Field(None, description="90 % quantile", gt=0)
    sigma: float | None = Field(None, description="lognormal: sd of the logarithm", ge=0)
    shape: float | None = Field(None, description="gamma, Weibull: shape", gt=0)
    scale: float | None = Field(None, description="Weibull: scale", gt=0)
    exponent: float | None = Field(None, description="Pareto I: exponent", gt=0)
    alpha: float | None = Field(None, description="beta: first shape", gt=0)
    beta: float | None = Field(None, description="beta: second shape", gt=0)
    values: list[float] | None = Field(None, description="empirical: the values")
    weights: list[float] | None = Field(None, description="empirical: their weights")

    @model_validator(mode="after")
    def _known_form(self) -> Distribution:
        keys = _given(self)
        family = self.family or DEFAULT_FAMILY.get(keys)
        if family is None:
            raise ValueError(
                f"the keys {sorted(keys)} do not tell which distribution; name a 'family', "
                f"one of {sorted(FORMS)}"
            )
        if keys not in FORMS[family]:
            forms = " or ".join("{" + ", ".join(sorted(f)) + "}" for f in FORMS[family])
            raise ValueError(f"a {family} distribution takes {forms}, got {sorted(keys)}")
        _check_order(self, family)
        return self

    @property
    def law(self) -> str:
        """The family, named or told by the keys."""
        return self.family or DEFAULT_FAMILY[_given(self)]


def _given(d: Distribution) -> frozenset[str]:
    """Return the keys that hold a value: one that is null was not given."""
    return frozenset(k for k in d.model_fields_set - {"family"} if getattr(d, k) is not None)


def _check_order(d: Distribution, family: str) -> None:
    if d.min is not None and d.max is not None and d.min > d.max:
        raise ValueError(f"min {d.min:g} must not exceed max {d.max:g}")
    ends = d.min is not None and d.max is not None and d.mode is not None
    if ends and not d.min <= d.mode <= d.max:  # type: ignore[operator]
        raise ValueError(f"mode {d.mode:g} must lie between min {d.min:g} and max {d.max:g}")
    if d.median is not None and d.p90 is not None and d.p90 < d.median:
        raise ValueError(f"p90 {d.p90:g} must not lie below the median {d.median:g}")
    if family in ("lognormal", "gamma", "exponential") and d.mean is not None and d.mean <= 0:
        raise ValueError(f"the mean of a {family} distribution must be above 0, got {d.mean:g}")
    if family == "pareto" and d.min is not None and d.min <= 0:
        raise ValueError(f"the min of a pareto distribution must be above 0, got {d.min:g}")
    moments = family == "beta" and d.sd is not None and d.mean is not None
    if moments and not 0 < d.sd**2 < d.mean * (1 - d.mean):  # type: ignore[operator]
        raise ValueError("a beta distribution needs 0 < mean < 1 and 0 < sd^2 < mean*(1-mean)")
    if d.values is not None:
        if not d.values:
            raise ValueError("values must hold at least one number")
        if d.weights is not None and (
            len(d.weights) != len(d.values) or min(d.weights) < 0 or sum(d.weights) <= 0
        ):
            raise ValueError("weights must match values one by one, be 0 or more, sum above 0")
