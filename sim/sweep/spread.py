"""Designs that SALib makes over a study's uncertain parameters (extra ``shortfall[importance]``).

An input is the probability up to which the law of a parameter is taken, so all inputs are uniform
and independent. Sobol's design takes whole laws [1]_; that of Morris [2]_ keeps within their 5 %
and 95 % quantiles, since its outermost levels are ends, and many laws have none.

References
----------
.. [1] Saltelli et al. (2010), Computer Physics Communications 181, 259-270.
.. [2] Morris (1991), Technometrics 33, 161-174; Campolongo et al. (2007), Environmental Modelling
   and Software 22, 1509-1518.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from sim.base.errors import Fault, UserError, nearest
from sim.network.arrays import F8
from sim.run.case import Study
from sim.run.uncertain import numbers_at, uncertain
from sim.sweep.design import Row
from sim.sweep.pinned import PREFIX

KINDS = ("sobol", "morris")
MOST = 16_384
LEVELS = 4
"""Of a design of Morris's."""
TAIL = 0.05
"""What Morris's design leaves out at each end of a law."""

_WORD = re.compile(r"(\w+):([^/\\]*)")


class Wish(NamedTuple):
    """A design that is to be made: its kind and the number it is given, such as sobol:64."""

    kind: str
    n: int


class Spread(NamedTuple):
    """A design that was made.

    Parameters
    ----------
    wish : Wish
        What it was asked for by.
    problem : dict
        As SALib describes it: names and bounds of the inputs.
    u : ndarray, shape (n_row, n_input)
        Probabilities.
    rows : list of Row
        The rows, each with the numbers of its parameters.
    """

    wish: Wish
    problem: dict[str, Any]
    u: F8
    rows: list[Row]


def wish_of(text: str) -> Wish | None:
    """Return the design that a word asks for; None where it is to be a file's name.

    Raises
    ------
    UserError
        If no such design is known, or its number is wrong.
    """
    match = _WORD.fullmatch(text)
    if match is None:
        if text in KINDS:
            raise UserError(Fault("--design", text, f"give its number as well: {text}:64"))
        return None
    kind, number = match.groups()
    if kind not in KINDS:
        told = f"no such design{nearest(kind, KINDS)}; known: sobol:N, morris:N or a CSV file"
        raise UserError(Fault("--design", text, told))
    n = int(number) if number.isascii() and number.isdecimal() and len(number) < 7 else 0
    if not 2 <= n <= MOST:
        raise UserError(Fault("--design", text, f"N must be a whole number from 2 to {MOST:,}"))
    if kind == "sobol" and n & (n - 1):
        below = 1 << (n.bit_length() - 1)
        told = f"N must be a power of two, such as {below} or {2 * below}"
        raise UserError(Fault("--design", text, told))
    return Wish(kind, n)


def spread(study: Study, wish: Wish) -> Spread:
    """Return a design over the uncertain parameters of a study.

    Raises
    ------
    UserError
        If SALib is not installed, or nothing is uncertain.
    """
    text = f"{wish.kind}:{wish.n}"
    if find_spec("SALib") is None:
        told = "needs an extra that is not installed: pip install 'shortfall[importance]'"
        raise UserError(Fault("--design", text, told))
    draws = uncertain(study)
    names = [study.hazards.draw_names[d] for d in draws]
    if not names:
        told = "no uncertain parameter in scenario.parameters, network.parameters or home_weight"
        raise UserError(Fault("--design", text, told))
    ends = [0.0, 1.0] if wish.kind == "sobol" else [TAIL, 1.0 - TAIL]
    problem = {"num_vars": len(names), "names": names, "bounds": [ends] * len(names)}
    u = _sampler(wish)(problem, study.settings.run.seed % 2**32)
    numbers = numbers_at(study, draws, u)
    keys = [PREFIX + name for name in names]
    rows = [
        Row(number, str(number), dict(zip(keys, values, strict=True)), f"row {number} of {text}")
        for number, values in enumerate(numbers.T.tolist(), 1)
    ]
    return Spread(wish, problem, u, rows)


def _sampler(wish: Wish) -> Callable[[dict[str, Any], int], F8]:
    def sampled(problem: dict[str, Any], seed: int) -> F8:
        if wish.kind == "sobol":
            from SALib.sample import sobol

            u = sobol.sample(problem, wish.n, calc_second_order=False, seed=seed)
        else:
            from SALib.sample import morris

            u = morris.sample(problem, wish.n, LEVELS, seed=seed)
        return np.asarray(u, dtype=np.float64)

    return sampled
