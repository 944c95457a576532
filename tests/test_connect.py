"""Connectors: points of the unit cube are numbers of the laws; a product has known indices."""

from __future__ import annotations

import by_hand as hand
import numpy as np
import pytest
from test_size import chain, study

from sim.connect.parameters import losses, problem_of, values_of


def linear():
    """A ban of 40 days, 10 days of stock: 3,000 t are short, less what the reserve holds.

    It holds 1,000 t times a, and the reserve's second draw b counts on top: a x b.
    """
    mapping = chain()
    mapping["sites"]["vault"] = hand.reserve(1000, {"user": None}, trigger_days=5)

    def stock(low: float, high: float) -> object:
        return {"key": "stock", "sites": {"site": "vault"},
                "distribution": {"min": low, "max": high}}  # fmt: skip

    return study(mapping, days=40.0, a=stock(0.0, 2.0), b=stock(1.0, 1.4))


def test_points_of_the_unit_cube_are_numbers_of_the_laws():
    one = linear()
    problem = problem_of(one)
    assert problem == {"num_vars": 2, "names": ["a", "b"], "bounds": [[0.0, 1.0]] * 2}
    found = values_of(one, np.array([[0.0, 0.5], [0.25, 1.0]]))
    assert found == pytest.approx(np.array([[0.0, 0.5], [1.2, 1.4]]), abs=1e-6)
    with pytest.raises(ValueError, match="expected"):
        values_of(one, np.zeros((3, 1)))
    with pytest.raises(ValueError, match="from 0 to 1"):
        values_of(one, np.full((1, 2), 1.5))


def test_the_loss_at_a_point_is_that_of_its_numbers():
    one = linear()
    u = np.random.default_rng(1).uniform(size=(40, 2))
    a, b = values_of(one, u)
    assert losses(one, u) == pytest.approx(3000 - 1000 * a * b, abs=110)  # a day
    assert losses(one, u[:3], futures=(0, 5)) == pytest.approx(losses(one, u[:3]))
    with pytest.raises(KeyError, match="no view"):
        losses(one, u, view=("region", "MARS"))


def test_salib_finds_the_indices_of_a_product():
    sobol = pytest.importorskip("SALib.analyze.sobol")
    from SALib.sample.sobol import sample

    one = linear()
    problem = problem_of(one)
    found = sobol.analyze(problem, losses(one, sample(problem, 256, seed=1)), seed=1)
    # of a x b with means 1 and 1.2, variances 1/3 and 0.4²/12: closed form
    va, vb = 1 / 3, 0.16 / 12
    whole = 1.44 * va + vb + va * vb
    assert found["S1"] == pytest.approx([1.44 * va / whole, vb / whole], abs=0.05)


def test_the_workbench_plays_a_study():
    ema = pytest.importorskip("ema_workbench")
    from sim.connect.ema import model_of

    experiments, outcomes = ema.perform_experiments(
        model_of(linear(), views=[("region", "JPN")]), 6, uncertainty_sampling=ema.Samplers.LHS
    )
    u = experiments[["x0", "x1"]].to_numpy(float)
    assert outcomes["region_JPN"] == pytest.approx(losses(linear(), u), rel=1e-9)
